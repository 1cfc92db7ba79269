"""Describe one observation from the headers of its files: which file is believed in what.

The rules were read off real files. Support files (asn, jit, wav, wsp) say other things about
an exposure than it does itself: a wavecal's TARGNAME is WAVEHITM, a jitter file's INSTRUME FGS.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hstql_assets.headers.light_path import (
    configured_detector,
    describe_light_path,
    name_detector,
)
from hstql_resources.filenames import instrument_of
from hstql_resources.filetypes import EVENT_TYPES, KNOWING_ASSOCIATION, SPEAKING, rank_of
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header_values import LARGEST_INTEGER
from hstql_resources.header_tables.names import UNKNOWN
from hstql_resources.sky_index import index_place
from hstql_resources.target_names import is_science_target

EXTERNAL = "EXTERNAL/"
LONGEST_TEXT = 1000  # bytes; two of them share an index, whose rows take up to 2,704 bytes

KEYWORDS = {
    "proposal_id": ("PROPOSID", int),
    "proposal_type": ("PROP_TYP", str),
    "target_name": ("TARGNAME", str),
    "ra_deg": ("RA_TARG", float),
    "dec_deg": ("DEC_TARG", float),
    "pm_ra_arcsec_per_yr": ("MU_RA", float),
    "pm_dec_arcsec_per_yr": ("MU_DEC", float),
    "obs_mode": ("OBSMODE", str),
    "obs_type": ("OBSTYPE", str),
    "image_type": ("IMAGETYP", str),
    "exposure_type": ("EXPTYPE", str),
    "exp_flag": ("EXPFLAG", str),
    "exp_start_mjd": ("EXPSTART", float),
    "exp_time_s": ("EXPTIME", float),
    "opt_elem": ("OPT_ELEM", str),
    "cenwave": ("CENWAVE", int),
    "aperture": ("APERTURE", str),
    "fppos": ("FPPOS", int),
    "filter1": ("FILTER1", str),
    "filter2": ("FILTER2", str),
    "ccd_gain": ("CCDGAIN", float),
    "ccd_amp": ("CCDAMP", str),
}


@dataclass(frozen=True)
class Summary:
    """What is known of an observation.

    Attributes
    ----------
    rootname : str
        The observation.
    columns : dict
        The values of its row of `observations`.
    is_timetag_science : bool
        Whether a lightcurve can be made of it: it has events of its own in TIME-TAG mode, of a
        target on the sky.
    """

    rootname: str
    columns: dict[str, object]
    is_timetag_science: bool


def summarize(rootname: str, files: Sequence[FileHeaders]) -> Summary:
    """Make one observation out of the headers of its files.

    Parameters
    ----------
    rootname : str
        From the file names: the header's ROOTNAME is often a member's, or empty.
    files : sequence of FileHeaders
        All that there are; those that could not be read say nothing, but their names do.
    """
    ordered = sort_by_trust(files)
    believed = [file for file in ordered if file.filetype in SPEAKING]
    columns: dict[str, Any] = {
        "rootname": rootname,
        "instrument": instrument_of(rootname),
        "detector": find_detector(files),
    }
    for column, (keyword, kind) in KEYWORDS.items():
        columns[column] = _find(believed, keyword, kind)
    columns |= {
        "sky_cell": index_place(columns["ra_deg"], columns["dec_deg"]),
        "is_moving_target": _find_flag(believed, "MTFLAG"),
        "is_subarray": _find_flag(believed, "SUBARRAY"),
        "exp_end_mjd": _find_end(believed),
        "date_obs": _find_day(believed),
        "association": _find_association(ordered),
        "visit": _find(believed, "OBSET_ID", str) or rootname[4:6].upper(),
        "filter": describe_light_path(
            *(_find(believed, keyword, str) for keyword in ("FILTER", "FILTER1", "FILTER2"))
        ),
    }
    return Summary(rootname, columns, _is_timetag_science(files))


def sort_by_trust(files: Sequence[FileHeaders]) -> list[FileHeaders]:
    """Sort files in the order in which their types speak, then by name; `other` come last."""
    return sorted(files, key=lambda file: (rank_of(file.filetype), file.filename))


def _find(files: Sequence[FileHeaders], keyword: str, kind: type) -> Any:
    """Return the first value of a keyword that can be of the type of its column."""
    values = (_convert(file.find(keyword), kind) for file in files)
    return next((value for value in values if value is not None), None)


def _find_flag(believed: Sequence[FileHeaders], keyword: str) -> bool | None:
    """Return whether a flag is set in the first file that has the keyword; None if none has.

    MTFLAG is a logical in some files and a text in others; blank in those of fixed targets.
    """
    for file in believed:
        if any(keyword in header for header in file.headers):
            return file.find(keyword) in (True, "T", "t")
    return None


def _find_end(believed: Sequence[FileHeaders]) -> float | None:
    """Return the latest EXPEND of the first file that has one [MJD UTC].

    A file with several exposures has one in each extension.
    """
    for file in believed:
        values = (_convert(header.values.get("EXPEND"), float) for header in file.headers)
        ends = [value for value in values if isinstance(value, float)]
        if ends:
            return max(ends)
    return None


def _find_day(believed: Sequence[FileHeaders]) -> str | None:
    """Return DATE-OBS of the first file that has it; STIS has TDATEOBS in some files instead."""
    days = (_find([file], "DATE-OBS", str) or _find([file], "TDATEOBS", str) for file in believed)
    return next((day for day in days if day is not None), None)


def _find_association(ordered: Sequence[FileHeaders]) -> str | None:
    """Return the association by ASN_ID of the first file that has it; NONE is an answer too."""
    for file in ordered:
        association: str | None = _find([file], "ASN_ID", str)
        if association is not None and file.filetype in KNOWING_ASSOCIATION:
            return None if association.upper() == "NONE" else association.lower()
    return None


def find_detector(files: Sequence[FileHeaders]) -> str:
    """Return DETECTOR of any HDU of any file, else what CONFIG says after the slash."""
    ordered = sort_by_trust(files)
    for file in ordered:
        if (detector := _convert(file.find("DETECTOR"), str)) is not None:
            return name_detector(str(detector))
    return next(filter(None, map(configured_detector, ordered)), UNKNOWN)


def _is_timetag_science(files: Sequence[FileHeaders]) -> bool:
    """Tell whether an observation has TIME-TAG events of a target on the sky.

    An association's x1dsum says OBSMODE = TIME-TAG too, but has no events. Where an event file
    has lost its headers the exposure's other files speak for it, so that it is not passed over.
    """
    events = [file for file in files if file.filetype in EVENT_TYPES]
    witnesses = events if all(file.headers for file in events) else files
    return bool(events) and any(_says_timetag_science(file) for file in witnesses)


def _says_timetag_science(file: FileHeaders) -> bool:
    """Tell whether the headers of one file say so.

    Only COS has EXPTYPE, for which CalCOS takes EXTERNAL/CAL as it takes EXTERNAL/SCI; only STIS
    has SCLAMP, the lamp that was on.
    """
    return (
        file.find_word("OBSMODE") == "TIME-TAG"
        and is_science_target(file.find_word("TARGNAME"))
        and (file.find_word("EXPTYPE") or EXTERNAL).startswith(EXTERNAL)
        and file.find_word("SCLAMP") in ("", "NONE")
    )


def _convert(value: object, kind: type) -> object | None:
    """Return a header value as the type of its column; None if it is no such thing."""
    try:
        if kind is str:
            return None if value is None else _fit_text(str(value))
        if value is None or isinstance(value, bool):
            return None
        number = float(str(value))
        if not math.isfinite(number):
            return None
        if kind is float:
            return number
        is_whole = number.is_integer() and abs(number) <= LARGEST_INTEGER
        return int(number) if is_whole else None
    except ValueError:
        return None


def _fit_text(text: str) -> str | None:
    """Return a text; None if it has no place in a table: with NUL, or too long for an index."""
    return None if "\0" in text or len(text.encode()) > LONGEST_TEXT else text
