"""Tell where the detector sees light, and where it has hot spots, in superpixels.

The active area is in the table BRFTAB, hot spots are in SPOTTAB. Which files these are, the headers
of the events say.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.fitting.cubes import COLUMNS, ROWS, SHAPE, X_BINNING, Y_BINNING
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.stream import FitsStream
from hstql_resources.fits.tables import TableLayout

# A_LEFT, A_RIGHT, A_LOW, A_HIGH: first and last column, first and last row.
USUAL_TABLE = "x1u1459il_brf.fits"
USUAL_AREAS = {"FUVA": (1060, 15250, 296, 734), "FUVB": (809, 15182, 360, 785)}
EDGES = ("A_LEFT", "A_RIGHT", "A_LOW", "A_HIGH")
SPOT = ("LX", "LY", "DX", "DY")
SPOT_MARGIN = 1  # superpixels

Area = tuple[int, int, int, int]
Mask = NDArray[np.bool_]
Find = Callable[[str], Path | None]


def read_active_area(path: Path, segment: str) -> Area:
    """Return the first and last column, and the first and last row, of a BRFTAB.

    Raises
    ------
    FitsError
        If it is no such table, has no row of the segment, or edges that are none.
    """
    layout, rows = _read_table(path, ("SEGMENT", *EDGES))
    is_own = _texts(layout, rows, "SEGMENT") == segment
    if not is_own.any():
        raise FitsError(f"has no row of {segment}")
    edges = [float(layout.column(rows, name)[is_own][0]) for name in EDGES]
    left, right, low, high = (int(edge) if np.isfinite(edge) else -1 for edge in edges)
    if not (0 <= left < right < COLUMNS and 0 <= low < high < ROWS):
        raise FitsError(f"has the active area {edges} of {segment}")
    return left, right, low, high


def mask_area(area: Area) -> Mask:
    """Return which superpixels lie in an active area as a whole, shape (512, 2048)."""
    left, right, low, high = area
    mask = np.zeros(SHAPE[1:], bool)
    rows = slice(-(-low // Y_BINNING), (high + 1) // Y_BINNING)
    mask[rows, -(-left // X_BINNING) : (right + 1) // X_BINNING] = True
    return mask


def read_spots(
    path: Path, segment: str, start_mjd: float, end_mjd: float
) -> list[tuple[int, int, int, int]]:
    """Return the hot spots of a SPOTTAB that were there between two times, MJD UTC.

    As LX, LY, DX, DY: first column and row, number of columns and rows [pixel].

    Raises
    ------
    FitsError
        If it is no such table.
    """
    layout, rows = _read_table(path, ("SEGMENT", "START", "STOP", *SPOT))
    is_seen = _texts(layout, rows, "SEGMENT") == segment
    is_seen &= layout.column(rows, "START") < end_mjd
    is_seen &= layout.column(rows, "STOP") > start_mjd
    found = np.stack([layout.column(rows, name)[is_seen] for name in SPOT], axis=-1)
    return [(int(lx), int(ly), int(dx), int(dy)) for lx, ly, dx, dy in found]


def mask_spots(spots: Sequence[tuple[int, int, int, int]]) -> Mask:
    """Return which superpixels touch a hot spot or are next to one, shape (512, 2048)."""
    mask = np.zeros(SHAPE[1:], bool)
    for lx, ly, dx, dy in spots:
        rows = _widen(ly, dy, Y_BINNING)
        mask[rows, _widen(lx, dx, X_BINNING)] = True
    return mask


def _widen(first: int, size: int, binning: int) -> slice:
    low = first // binning - SPOT_MARGIN
    high = (first + max(size, 1) - 1) // binning + SPOT_MARGIN
    return slice(max(low, 0), max(high + 1, 0))


def _read_table(path: Path, columns: Sequence[str]) -> tuple[TableLayout, np.ndarray]:
    with FitsStream(path) as stream:
        for extension in stream.extensions():
            if extension.header.get("XTENSION") == "BINTABLE":
                return stream.rows(extension, *columns)
    raise FitsError("has no table")


def _texts(layout: TableLayout, rows: np.ndarray, name: str) -> np.ndarray:
    """Return a column of texts of a table; both of shape (rows,)."""
    return np.char.strip(layout.column(rows, name).astype("U"))


def find_wanted(
    segment: str, span_mjd: tuple[float, float], brftab: str, spottab: str, find: Find
) -> tuple[Mask, tuple[str, str]]:
    """Return the superpixels whose gain is wanted, and where that was taken from.

    A table that cannot be had or used is no reason not to measure: the edges of the newest BRFTAB
    stand for it, and no hot spots.

    Parameters
    ----------
    segment : str
        FUVA or FUVB.
    span_mjd : tuple of float
        Start and end of the image, MJD UTC.
    brftab, spottab : str
        The tables as headers name them, or empty.
    find : callable
        Returns the path of a reference file, None if it is nowhere.

    Returns
    -------
    ndarray of bool, shape (512, 2048)
    tuple of str
        A sentence about each of the two tables.
    """
    try:
        path = _locate(brftab, find)
        area = read_active_area(path, segment)
        about_area = f"Active area of {path.name}."
    except (FitsError, OSError) as error:
        area = USUAL_AREAS[segment]
        about_area = f"Active area of {USUAL_TABLE}: {_say('BRFTAB', brftab, error)}."
    try:
        path = _locate(spottab, find)
        spots = read_spots(path, segment, *span_mjd)
        about_spots = f"Hot spots of {path.name} left out: {len(spots)}."
    except (FitsError, OSError) as error:
        spots = []
        about_spots = f"No hot spots left out: {_say('SPOTTAB', spottab, error)}."
    return mask_area(area) & ~mask_spots(spots), (about_area, about_spots)


def _locate(name: str, find: Find) -> Path:
    path = find(name) if name else None
    if path is None:
        raise FitsError("is nowhere" if name else "is not named by any header")
    return path


def _say(keyword: str, name: str, error: Exception) -> str:
    if isinstance(error, OSError):
        error = OSError(f"cannot be read: {error.strerror or error}")
    return f"{keyword} {name} {error}" if name else f"{keyword} {error}"
