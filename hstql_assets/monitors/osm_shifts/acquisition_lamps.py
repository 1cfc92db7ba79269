"""Where the lamp was in an acquisition image: the only shift that there is of the mirrors."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hstql_resources.fits.cards import Value
from hstql_resources.postgres.copy_text import LARGEST_INTEGER

if TYPE_CHECKING:  # importing it would import astropy
    from hstql_resources.fits.file_headers import FileHeaders

FILETYPE = "rawacq"
LAST_PIXEL = 1023.0  # of the NUV detector, whose axes the flight software counts backwards
SUPPORT = 1  # number of the HDU of an spt file that has the results of the acquisition


def shift_of_acquisition(
    key: str, rawacq: "FileHeaders", spt: "FileHeaders | None"
) -> dict[str, object] | None:
    """Return the row of `osm_shifts` of an acquisition; None if no lamp was measured in it.

    Parameters
    ----------
    key : str
        The rootname.
    rawacq : FileHeaders
        Headers of the rawacq file.
    spt : FileHeaders or None
        Headers of the spt file of the same exposure, whose first extension has LQTAXCOR and
        LQTAYCOR, the pixel that the flight software found the lamp at.

    Returns
    -------
    dict or None
        All columns, or None if there is no spt file, or its LQTAYCOR is not above 0: no lamp, or
        a lamp measured across the dispersion only (ACQ/PEAKXD).

    Notes
    -----
    The flight software's axes are those of the detector, swapped and counted backwards:
    shift_disp = 1023 - LQTAYCOR and shift_xdisp = 1023 - LQTAXCOR. It is a position, not a
    distance from a template; only changes of it mean something. There is no SPEC_FOUND, so
    `is_found` is None.
    """
    along, across = (_find_lamp(spt, keyword) for keyword in ("LQTAYCOR", "LQTAXCOR"))
    if along is None or along <= 0.0:
        return None
    detector = _text(rawacq.find("DETECTOR")) or "NUV"
    return {
        "filename": rawacq.filename.removesuffix(".gz"),
        "segment": detector,
        "flash": 1,
        "rootname": key,
        "filetype": FILETYPE,
        "detector": detector,
        "opt_elem": _text(rawacq.find("OPT_ELEM")),
        "cenwave": _whole(rawacq.find("CENWAVE")),
        "fppos": _whole(rawacq.find("FPPOS")),
        "life_adj": _whole(rawacq.find("LIFE_ADJ")),
        "proposal_id": _whole(rawacq.find("PROPOSID")),
        "exp_start_mjd": _number(rawacq.find("EXPSTART")),
        "time_s": None,
        "shift_disp": LAST_PIXEL - along,
        "shift_xdisp": None if across is None else LAST_PIXEL - across,
        "fp_pixel_shift": None,
        "shift_without_fppos": None,
        "is_found": None,
        "lamptab": _text(rawacq.find("LAMPTAB")),
        "search_offset": None,
        "search_range": None,
        "ingest_date": datetime.now(UTC),
    }


def _find_lamp(spt: "FileHeaders | None", keyword: str) -> float | None:
    """Return a pixel of the first extension; later ones repeat its name with other values."""
    headers = () if spt is None else spt.headers
    values = [header.values.get(keyword) for header in headers if header.number == SUPPORT]
    return _number(values[0]) if values else None


def _number(value: Value) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def _whole(value: Value) -> int | None:
    number = _number(value)
    is_whole = number is not None and number.is_integer() and abs(number) <= LARGEST_INTEGER
    return int(number) if is_whole else None  # type: ignore[arg-type]


def _text(value: Value) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
