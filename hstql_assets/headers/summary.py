"""One observation from the headers of its files: which file is believed in what.

The rules were read off real files. Support files (asn, jit, wav, wsp) say other things about
an exposure than it does itself: a wavecal's TARGNAME is WAVEHITM, a jitter file's INSTRUME FGS.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hstql_assets.headers.reading import FileHeaders
from hstql_resources.filenames import EVENT_TYPES, RAW_TYPES, instrument_of

NEVER_BELIEVED = frozenset({"asn", "jif", "jit", "wav", "wsp"})
LAST_BELIEVED = ("rawacq", "spt")

LARGEST_INTEGER = 2**31 - 1  # of a column of the database

NO_SCIENCE_TARGETS = frozenset({"DARK", "BIAS", "DEUTERIUM", "ANY", "NONE"})

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

    Returns
    -------
    Summary
    """
    believed = sorted((file for file in files if file.filetype not in NEVER_BELIEVED), key=_trust)
    columns: dict[str, object] = {
        "rootname": rootname,
        "instrument": instrument_of(rootname),
        "detector": find_detector(files),
    }
    for column, (keyword, kind) in KEYWORDS.items():
        values = (file.find(keyword) for file in believed)
        columns[column] = next(
            (v for raw in values if (v := _convert(raw, kind)) is not None), None
        )
    columns["is_moving_target"] = _is_moving_target(believed)
    return Summary(rootname, columns, _is_timetag_science(files))


def _is_moving_target(believed: Sequence[FileHeaders]) -> bool | None:
    """Return MTFLAG of the first file that has the keyword; None if none has.

    It is a logical in some files and a text in others; blank in those of fixed targets.
    """
    for file in believed:
        for header in file.headers:
            if "MTFLAG" in header:
                return file.find("MTFLAG") in (True, "T")
    return None


def find_detector(files: Sequence[FileHeaders]) -> str:
    """Return DETECTOR of any HDU of any file, else what CONFIG says after the slash."""
    for file in sorted(files, key=_trust):
        if (detector := file.find("DETECTOR")) is not None:
            return str(detector)
    for file in sorted(files, key=_trust):
        match = re.fullmatch(r"[A-Z0-9]+/([A-Z0-9-]+)", str(file.find("CONFIG")))
        if match is not None:
            return match[1]
    return "unknown"


def _is_timetag_science(files: Sequence[FileHeaders]) -> bool:
    """Tell whether an observation has TIME-TAG events of a target on the sky.

    An association's x1dsum says OBSMODE = TIME-TAG too, but has no events. Where an event file
    has lost its headers the exposure's other files speak for it, so that it is not passed over.
    """
    events = [file for file in files if file.filetype in EVENT_TYPES]
    witnesses = events if all(file.headers for file in events) else files
    return bool(events) and any(_says_timetag_science(file) for file in witnesses)


def _says_timetag_science(file: FileHeaders) -> bool:
    """Tell whether the headers of one file say so; STIS has no EXPTYPE."""
    target = str(file.find("TARGNAME") or "").upper()
    exposure_type = file.find("EXPTYPE")
    return (
        file.find("OBSMODE") == "TIME-TAG"
        and target not in NO_SCIENCE_TARGETS
        and not target.startswith("WAVE")
        and exposure_type in (None, "EXTERNAL/SCI")
    )


def _trust(file: FileHeaders) -> tuple[int, str]:
    """Order files: calibrated, then events or raw, then acquisition, then telemetry."""
    if file.filetype in NEVER_BELIEVED:
        return 9, file.filename
    if file.filetype in LAST_BELIEVED:
        return 2 + LAST_BELIEVED.index(file.filetype), file.filename
    return int(file.filetype in RAW_TYPES), file.filename


def _convert(value: object, kind: type) -> object | None:
    """Return a header value as the type of its column; None if it is no such thing."""
    try:
        if kind is str:
            return None if value is None else str(value)
        if value is None or isinstance(value, bool):
            return None
        number = float(str(value))
        if not math.isfinite(number):
            return None
        if kind is float:
            return number
        return int(number) if abs(number) <= LARGEST_INTEGER else None
    except ValueError:
        return None
