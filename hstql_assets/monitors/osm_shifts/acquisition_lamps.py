"""Find where the lamp was in an acquisition image: the only shift that there is of the mirrors."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hstql_resources.filenames import stored_name
from hstql_resources.fits.header_values import finite, whole, words

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
    detector = words(rawacq.find("DETECTOR")) or "NUV"
    return {
        "filename": stored_name(rawacq.filename),
        "segment": detector,
        "flash": 1,
        "rootname": key,
        "filetype": FILETYPE,
        "detector": detector,
        "opt_elem": words(rawacq.find("OPT_ELEM")),
        "cenwave": whole(rawacq.find("CENWAVE")),
        "fppos": whole(rawacq.find("FPPOS")),
        "life_adj": whole(rawacq.find("LIFE_ADJ")),
        "proposal_id": whole(rawacq.find("PROPOSID")),
        "exp_start_mjd": finite(rawacq.find("EXPSTART")),
        "time_s": None,
        "shift_disp": LAST_PIXEL - along,
        "shift_xdisp": None if across is None else LAST_PIXEL - across,
        "fp_pixel_shift": None,
        "shift_without_fppos": None,
        "is_found": None,
        "lamptab": words(rawacq.find("LAMPTAB")),
        "search_offset": None,
        "search_range": None,
        "ingest_date": datetime.now(UTC),
    }


def _find_lamp(spt: "FileHeaders | None", keyword: str) -> float | None:
    """Return a pixel of the first extension; later ones repeat its name with other values."""
    headers = () if spt is None else spt.headers
    values = [header.values.get(keyword) for header in headers if header.number == SUPPORT]
    return finite(values[0]) if values else None
