"""Tell which pixels of an extracted spectrum count: in use, and without a serious flag."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer
from hstql_resources.fits.tables import TableLayout

ALL_FLAGS = 0x7FFF
MEASURED = ("GROSS", "NET", "ERROR")
# Flags of STIS that SDQFLAGS counts as serious and that say nothing against the flux (STIS Data
# Handbook, section 2.5.2). 2048: more than 30 percent of the pixels for the background were
# rejected, which every pixel of many CCD spectra has. 16384: no correction for charge transfer,
# because the gross is not positive; without these, only the high ones of faint pixels are left.
HARMLESS = 2048 | 16384


def find_used_pixels(layout: TableLayout, table: np.ndarray, width: int) -> NDArray[np.bool_]:
    """Tell which elements of the rows are in use: the first NELEM of each, else all.

    Parameters
    ----------
    layout : TableLayout
    table : ndarray, shape (spectra,)
        A row for each segment, stripe or order.
    width : int
        Number of elements of a row.

    Returns
    -------
    ndarray of bool, shape (spectra, width)
    """
    used = np.full(len(table), width)
    if "NELEM" in (layout.record.names or ()):
        used = layout.numbers(table, "NELEM", 1)[:, 0]
    return np.arange(width) < used[:, np.newaxis]


def find_unflagged_pixels(
    header: Header, layout: TableLayout, table: np.ndarray, width: int
) -> NDArray[np.bool_]:
    """Tell which pixels were extracted and have no serious flag.

    By DQ_WGT (the weight that the extraction of COS gave) if there is one, else by DQ and
    SDQFLAGS, where every flag is serious if the header does not say; all, if there is neither.

    Parameters
    ----------
    header : Header
        Of the table.
    layout, table, width
        As of `find_used_pixels`.

    Returns
    -------
    ndarray of bool, shape (spectra, width)

    Raises
    ------
    FitsError
        If the table has not one flag for each pixel.
    """
    names = layout.record.names or ()
    is_extracted = read_extracted_pixels(layout, table, width)
    if "DQ_WGT" in names:
        return np.asarray(is_extracted & (layout.numbers(table, "DQ_WGT", width) > 0))
    if "DQ" not in names:
        return is_extracted
    flags = layout.numbers(table, "DQ", width)
    if flags.dtype.kind == "f":
        raise FitsError(f"{layout.name} has no whole numbers in the column DQ")
    serious = integer(header, "SDQFLAGS", ALL_FLAGS) & ~HARMLESS
    return np.asarray(is_extracted & ((flags.astype(np.int64) & serious) == 0))


def read_extracted_pixels(layout: TableLayout, table: np.ndarray, width: int) -> NDArray[np.bool_]:
    """Return what `find_extracted_pixels` does; parameters are those of `find_used_pixels`."""
    names = set(layout.record.names or ()).intersection(MEASURED)
    columns = {name: layout.numbers(table, name, width) for name in names}
    return find_extracted_pixels(columns, (len(table), width))


def find_extracted_pixels(
    columns: Mapping[str, np.ndarray], shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Tell where not all of GROSS, NET and ERROR are 0, which nothing that was measured has.

    Parameters
    ----------
    columns : mapping of str to ndarray
        Those of `MEASURED` that there are, each of the shape; without one all pixels count.
    shape : tuple of int
    """
    if not all(name in columns for name in MEASURED):
        return np.ones(shape, bool)
    return np.asarray(np.logical_or.reduce([columns[name] != 0 for name in MEASURED]))
