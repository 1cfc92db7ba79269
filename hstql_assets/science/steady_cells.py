"""Say what is to be expected of each cell of counts in time and wavelength.

A cell has so few counts that its neighbours must tell: the source as a whole how the light went on,
its spectrum over all time what there is at a wavelength. Only a cell that stands out speaks for
itself, such as one of a line that flares alone.
"""

import numpy as np
from scipy.special import xlogy

from hstql_assets.science.steady_blocks import PRIOR, SIGNIFICANT, expect, find_steady_blocks

BRIGHTER = 2.5  # standard deviations from which a wavelength is brighter than those beside it


def expect_cells(
    counts: np.ndarray, live_s: np.ndarray, columns: np.ndarray, leads: np.ndarray
) -> np.ndarray:
    """Return the counts that are to be expected of each cell.

    Parameters
    ----------
    counts : numpy.ndarray, shape (intervals, cells)
        Poisson counts.
    live_s : numpy.ndarray, shape (intervals,)
        Live time, s.
    columns : numpy.ndarray, shape (cells,)
        How much of the detector each cell is of; neighbours in wavelength stand side by side.
    leads : numpy.ndarray of bool, shape (cells,)
        Cells whose sum tells how the light of all went on; if there is none, all do.

    Returns
    -------
    numpy.ndarray, shape (intervals, cells)
        More than 0 where there was live time and a column.

    Notes
    -----
    Time and wavelength are taken apart: spectrum x course, the course being that of stretches of
    steady rate (`steady_blocks`), the spectrum that of stretches along the wavelength, or its own
    where that is brighter by `BRIGHTER` standard deviations. A cell off that by `SIGNIFICANT` is
    what it is.
    """
    spectrum = counts.sum(axis=0)
    pooled = expect(spectrum, 1.0, columns, find_steady_blocks(spectrum, columns))
    is_brighter = (spectrum > pooled) & (_tell_apart(spectrum, pooled) > BRIGHTER**2)
    mean = np.where(is_brighter, spectrum + PRIOR, pooled)
    leading = counts[:, leads] if leads.any() else counts
    expected = np.outer(_find_course(leading.sum(axis=1), live_s), mean)
    stands_out = _tell_apart(counts, expected) > SIGNIFICANT**2
    return np.where(stands_out, counts + PRIOR, expected)


def _find_course(total: np.ndarray, live_s: np.ndarray) -> np.ndarray:
    """Return the share of each interval, shape (n,), of what comes in all, by steady rates."""
    blocks = find_steady_blocks(total, live_s)
    count, live = np.bincount(blocks, total) + PRIOR, np.bincount(blocks, live_s)
    rate = np.divide(count, live, out=np.zeros(len(live)), where=live > 0)
    share = live_s * rate[blocks]
    return np.asarray(share / share.sum())


def _tell_apart(counts: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return twice the logarithm of the likelihood ratio of counts to what is expected."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = 2.0 * (xlogy(counts, counts / expected) - (counts - expected))
    return np.asarray(np.nan_to_num(ratio))
