"""Tell unstable pixels, whose dark current differs between darks by more than noise.

Cosmic rays only add charge, and hit few of the darks of a pixel. So two of its darks are compared,
by order of their charge: one of the lowest, and one that has as many above it as rays hardly hit.
Of noise alone the difference of the two has a known distribution (order statistics of a normal
distribution: David and Nagaraja 2003, 2.2).
"""

from functools import cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import bdtr, betaincinv, ndtr, ndtri

LOWEST = 0.1  # of the darks that are below the one that is taken for the lowest
MOST_HIT = 0.3  # of the darks that a pixel is hit in
NODES = 400  # of the integral over the lower dark


def find_unstable(
    frames: NDArray[np.float32],
    is_out: NDArray[np.bool_],
    times: NDArray[np.float32],
    variances: NDArray[np.float32],
    chance: float,
    share: float,
) -> NDArray[np.bool_]:
    """Return which pixels vary, shape (rows, columns).

    Parameters
    ----------
    frames : ndarray, shape (frames, rows, columns)
        Electrons, without bias and post-flash.
    is_out : ndarray of bool, same shape
        What is left out before: saturated pixels.
    times, variances : ndarray, shape (frames,)
        Exposure times, s; variances of a pixel without dark current, electrons squared.
    chance : float
        That a steady pixel is taken for an unstable one by noise.
    share : float
        Of its dark current that a pixel may vary by beside its noise.
    """
    low, high = choose_ranks(len(frames))
    middle = (len(frames) - 1) // 2
    rates = frames / times[:, None, None]
    rates[is_out] = np.inf
    rates.partition(sorted({low, middle, high}), axis=0)
    level = np.maximum(rates[middle], 0.0)
    with np.errstate(invalid="ignore"):
        noise = np.sqrt((variances / times**2).mean() + (1.0 / times).mean() * level)
        change = rates[high] - rates[low]
        found = change > find_limit(len(frames), chance) * noise + share * level
    return np.asarray(found & np.isfinite(change))


def choose_ranks(number: int) -> tuple[int, int]:
    """Return which of so many darks are compared, from 0 for the lowest charge."""
    return int(LOWEST * number), max(number - 1 - ceil(MOST_HIT * number), 0)


@cache
def find_limit(number: int, chance: float) -> float:
    """Return what the difference of these darks of a steady pixel exceeds by this chance, sigma.

    Above the lower dark the others are independent; the difference is above w where fewer of them
    than lie between the two are within w of it.
    """
    low, high = choose_ranks(number)
    if high <= low:
        return float("inf")
    steps = (np.arange(NODES) + 0.5) / NODES
    weights = 4.0 * steps**3 / NODES  # closer where the lower dark is lowest
    lower = betaincinv(low + 1, number - low, steps**4)  # probability below the lower dark
    at = ndtri(lower)

    def exceed(width: float) -> float:
        within = np.clip((ndtr(at + width) - lower) / (1.0 - lower), 0.0, 1.0)
        return float(bdtr(high - low - 1, number - low - 1, within) @ weights) - chance

    return float(brentq(exceed, 0.0, 20.0))
