"""Find stretches of a series of counts in which the rate is steady, as far as the counts can tell.

An error that is taken from a bin's own count is too small where the count happens to be small: a
weighted mean comes out too low, and a bin without counts has no error at all. The mean of a steady
stretch knows what is to be expected of each of its bins.
"""

import numpy as np
from scipy.special import xlogy

SIGNIFICANT = 4.0  # standard deviations from which two halves have rates of their own
PRIOR = 0.5  # counts, Jeffreys' prior of a Poisson mean: a stretch without counts has a variance


def find_steady_blocks(counts: np.ndarray, live_s: np.ndarray) -> np.ndarray:
    """Cut a series into stretches of steady rate.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,), n > 0
        Poisson counts; need not be whole numbers.
    live_s : numpy.ndarray, shape (n,)
        Live time of each, s.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        Number of the stretch of each bin, from 0, ascending.

    Notes
    -----
    A tree of halves is climbed from single bins up. Two neighbours of equal length are joined where
    each is steady within, and their rates agree: the root of twice the logarithm of the likelihood
    ratio of two rates to one is below `SIGNIFICANT` (Wilks 1938, Ann. Math. Stat. 9, 60). It costs
    O(n).
    """
    number = len(counts)
    levels = int(np.ceil(np.log2(number))) if number > 1 else 0
    count, live = (np.zeros(2**levels) for _ in range(2))
    count[:number], live[:number] = counts, live_s
    steady = [np.ones(2**levels, bool)]
    for _ in range(levels):
        joined = _agree(count[::2], live[::2], count[1::2], live[1::2])
        steady.append(joined & steady[-1][::2] & steady[-1][1::2])
        count, live = count[::2] + count[1::2], live[::2] + live[1::2]
    begins = np.ones(2**levels, bool)
    for level, is_steady in enumerate(steady):
        inside = np.repeat(is_steady, 2**level)
        inside[:: 2**level] = False  # where a block of this length begins
        begins[inside] = False
    return np.cumsum(begins[:number]) - 1


def _agree(
    count1: np.ndarray, live1: np.ndarray, count2: np.ndarray, live2: np.ndarray
) -> np.ndarray:
    """Tell, bool, where two counts in two live times (s), shape (m,), may have one rate."""
    count, live = count1 + count2, live1 + live2
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = count / live
        ratio = xlogy(count1, count1 / (rate * live1)) + xlogy(count2, count2 / (rate * live2))
    return np.asarray(
        ~(2 * ratio > SIGNIFICANT**2)
    )  # without counts or live time there is no number


def expect(values: np.ndarray, each: float, live_s: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return what is to be expected of each bin, by the rate of the others of its stretch.

    Parameters
    ----------
    values : numpy.ndarray, shape (n,)
        A sum over the events of each bin.
    each : float
        What one event adds on average: half of it is added to each stretch.
    live_s : numpy.ndarray, shape (n,)
        Live time, s.
    blocks : numpy.ndarray of int, shape (n,)
        From `find_steady_blocks`.

    Returns
    -------
    numpy.ndarray, shape (n,)
        More than 0 where a bin was live, if `each` is. A bin does not vote on itself unless it is
        alone, so that what is expected of it goes neither up nor down with its own count.
    """
    weights = np.asarray([values, live_s], np.float64)
    total, live = (np.bincount(blocks, row)[blocks].astype(np.float64) for row in weights)
    is_alone = ~(live - live_s > 0)
    total -= np.where(is_alone, 0.0, values)
    live -= np.where(is_alone, 0.0, live_s)
    rate = np.divide(total + PRIOR * each, live, out=np.zeros(len(live)), where=live > 0)
    return np.asarray(rate * live_s)
