"""Tell which pixels of an extracted spectrum count: in use, and without a serious flag."""

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import integer
from hstql_resources.fits.tables import TableLayout

ALL_FLAGS = 0x7FFF
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
    header: fits.Header, layout: TableLayout, table: np.ndarray, width: int
) -> NDArray[np.bool_]:
    """Tell which pixels have no serious flag.

    By DQ_WGT (the weight that the extraction of COS gave) if there is one, else by DQ and
    SDQFLAGS, where every flag is serious if the header does not say; all, if there is neither.

    Parameters
    ----------
    header : astropy.io.fits.Header
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
    if "DQ_WGT" in names:
        return np.asarray(layout.numbers(table, "DQ_WGT", width) > 0)
    if "DQ" not in names:
        return np.ones((len(table), width), bool)
    flags = layout.numbers(table, "DQ", width)
    if flags.dtype.kind == "f":
        raise FitsError(f"{layout.name} has no whole numbers in the column DQ")
    serious = integer(header, "SDQFLAGS", ALL_FLAGS) & ~HARMLESS
    return np.asarray((flags.astype(np.int64) & serious) == 0)
