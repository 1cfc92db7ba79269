"""Make a row of `acquisitions` of what the headers of an acquisition say."""

import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hstql_resources.filenames import stored_name
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header_values import LARGEST_INTEGER

if TYPE_CHECKING:
    from hstql_resources.fits.file_headers import FileHeaders
    from hstql_resources.fits.header import Header

# Angle between the axes of an aperture of COS and V2 and V3 (HOSAPOR and HOSIMPAR of spt files).
COS_45, SIN_45 = math.cos(math.radians(45.0)), math.sin(math.radians(45.0))
BAD_HEADER = "Bad header"
UNDEFINED = -999.0  # what the flight software leaves where a parameter does not apply
_SENSOR = re.compile("F[123]")


def acquisition_row(
    key: str, rawacq: "FileHeaders", spt: "FileHeaders | None"
) -> dict[str, object]:
    """Return the row of an acquisition.

    Parameters
    ----------
    key : str
        The rootname.
    rawacq : FileHeaders
        Its headers; the exposure is described in the first two.
    spt : FileHeaders or None
        Those of the spt file, which names the guide stars.

    Returns
    -------
    dict
        All columns. What a header does not have is None: an ACQ/PEAKD has no ACQSLEWY, an
        ACQ/PEAKXD no ACQSLEWX, and neither is zero.

    Raises
    ------
    FitsError
        If a keyword that should be a number is none, or the other way round, or if the rawacq
        file has only one header.
    """
    primary, exposure = _header(rawacq, 0), _header(rawacq, 1)
    if primary is None or exposure is None:
        raise FitsError("has no extension, which would say when it began", BAD_HEADER)
    plan = None if spt is None else _header(spt, 0)
    slew_x, slew_y = _slew(primary, "ACQSLEWX"), _slew(primary, "ACQSLEWY")
    v2, v3 = rotate_slew(slew_x, slew_y)
    guide_star = _text(plan, "DGESTAR")
    return {
        "filename": stored_name(rawacq.filename),
        "rootname": key,
        "exposure_type": _text(primary, "EXPTYPE"),
        "exp_start_mjd": _number(exposure, "EXPSTART"),
        "proposal_id": _whole(primary, "PROPOSID"),
        # Headers of ACQ/IMAGE have none.
        "obset_id": _text(primary, "OBSET_ID") or _text(plan, "OBSET_ID"),
        "line_number": _text(primary, "LINENUM"),
        "target_name": _text(primary, "TARGNAME"),
        "detector": _text(primary, "DETECTOR"),
        "opt_elem": _text(primary, "OPT_ELEM"),
        "cenwave": _whole(primary, "CENWAVE"),
        "aperture": _text(primary, "APERTURE"),
        "life_adj": _whole(primary, "LIFE_ADJ"),
        "obs_type": _text(primary, "OBSTYPE"),
        "shutter": _text(primary, "SHUTTER"),
        "status": _text(primary, "ACQSTAT"),
        "extended": _text(primary, "EXTENDED"),
        "events": _count(exposure, "NEVENTS"),
        "lamp_events": _count(primary, "LAMPEVNT"),
        "slew_x_arcsec": slew_x,
        "slew_y_arcsec": slew_y,
        "v2_arcsec": v2,
        "v3_arcsec": v3,
        "guide_star": guide_star,
        "fgs": find_sensor(guide_star),
        "second_guide_star": _text(plan, "SGESTAR"),
        "ingest_date": datetime.now(UTC),
    }


def rotate_slew(x: float | None, y: float | None) -> tuple[float | None, float | None]:
    """Return a slew along V2 and V3 [arcsec]; None for both if either is unknown.

    Parameters
    ----------
    x, y : float or None
        Along and across the dispersion, ACQSLEWX and ACQSLEWY [arcsec].

    Notes
    -----
    V2 = x cos 45 + y sin 45 and V3 = x cos 45 - y sin 45, as COSMO has it: the axes of the COS
    apertures are turned by 45 degrees against V2 and V3, and of the other handedness.
    """
    if x is None or y is None:
        return None, None
    return x * COS_45 + y * SIN_45, x * COS_45 - y * SIN_45


def find_sensor(guide_star: str | None) -> str | None:
    """Return the fine guidance sensor that a guide star was in, F1, F2 or F3; None if unknown.

    It is the last two characters of its name, such as N4YJ000260F1.
    """
    ending = (guide_star or "")[-2:]
    return ending if _SENSOR.fullmatch(ending) else None


def _header(file: "FileHeaders", number: int) -> "Header | None":
    return next((header for header in file.headers if header.number == number), None)


def _value(header: "Header | None", keyword: str) -> object:
    """Return a value; None if it is missing, undefined or blank."""
    if header is None or keyword not in header:
        return None
    try:
        value = header[keyword]
    except ValueError as error:
        raise FitsError(str(error), BAD_HEADER) from None
    if isinstance(value, str):
        return value.strip() or None
    return value


def _text(header: "Header | None", keyword: str) -> str | None:
    value = _value(header, keyword)
    if value is None or isinstance(value, str):
        return value
    raise FitsError(f"has {keyword} = {value!r}, which is no text", BAD_HEADER)


def _number(header: "Header | None", keyword: str) -> float | None:
    value = _value(header, keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FitsError(f"has {keyword} = {value!r}, which is no number", BAD_HEADER)
    return float(value)


def _whole(header: "Header | None", keyword: str) -> int | None:
    value = _number(header, keyword)
    if value is None:
        return None
    if value.is_integer() and abs(value) <= LARGEST_INTEGER:
        return int(value)
    raise FitsError(
        f"has {keyword} = {value!r}, which is no whole number, or too large a one", BAD_HEADER
    )


def _slew(header: "Header | None", keyword: str) -> float | None:
    value = _number(header, keyword)
    return None if value == UNDEFINED else value


def _count(header: "Header | None", keyword: str) -> float | None:
    value = _number(header, keyword)
    return None if value is None or value < 0.0 else value
