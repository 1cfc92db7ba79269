"""Find which event files of an exposure belong to which weekly image, from headers alone."""

import logging
from collections.abc import Sequence

from hstql_assets.cumulative_images.names import SEGMENTS, choose_week
from hstql_resources.filenames import stored_name
from hstql_resources.fits.file_headers import FileHeaders, find_value
from hstql_resources.fits.header_values import finite

# The corrected events of a segment are better than its raw ones, whatever the order of files.
EVENT_FILES = {"FUVA": ("corrtag_a", "rawtag_a"), "FUVB": ("corrtag_b", "rawtag_b")}

_log = logging.getLogger(__name__)


def find_members(rootname: str, files: Sequence[FileHeaders]) -> list[dict[str, object]]:
    """Return the rows of `cumulative_image_members` of an exposure, one for each segment at most.

    All exposures with FUV events count, also those of lamps and darks: each photon takes charge
    from the plate. Left out are ACCUM exposures, whose events have no pulse height, and files that
    cannot be read or do not say when and at which voltage.
    """
    by_type = {file.filetype: file for file in files if file.fault is None}
    rows = []
    for segment in SEGMENTS:
        present = [by_type[kind] for kind in EVENT_FILES[segment] if kind in by_type]
        members = (_describe(rootname, segment, file) for file in present)
        first = next((member for member in members if member is not None), None)
        if first is not None:
            rows.append(first)
    return rows


def _describe(rootname: str, segment: str, file: FileHeaders) -> dict[str, object] | None:
    if file.find_word("DETECTOR") != "FUV" or file.find_word("OBSMODE") == "ACCUM":
        return None
    extensions = file.headers[1:]
    level = find_value(extensions, f"HVLEVEL{segment[-1]}")
    start_mjd = finite(find_value(extensions, "EXPSTART"))
    time_s = finite(find_value(extensions, "EXPTIME"))
    if type(level) is not int or start_mjd is None:
        _log.info("%s says no high-voltage level or no start", file.filename)
        return None
    try:
        image = choose_week(segment, level, start_mjd)
    except ValueError as error:
        _log.info("%s belongs to no cumulative image: %s", file.filename, error)
        return None
    return {
        "filename": stored_name(file.filename),
        "rootname": rootname,
        "image": image.key,
        "segment": segment,
        "high_voltage": level,
        "exp_start_mjd": start_mjd,
        "exp_time_s": 0.0 if time_s is None else time_s,
    }
