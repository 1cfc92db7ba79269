"""From counts to rates, with an error for each; in Python and in words, once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

UNIT = "counts/s/pixel"
# Axes are in millionths, for numbers that can be read.
MILLIONTHS = 1e6
AXIS_LABEL = f"dark rate (10^-6 {UNIT})"


def rate(counts: ArrayLike, live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    """Return counts over live time and pixels [counts/s/pixel]; NaN without live time."""
    exposure = _exposure(live_s, pixels)
    return np.asarray(counts, np.float64) / exposure


def rate_error(counts: ArrayLike, live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    """Return the 1-sigma error of `rate` [counts/s/pixel]; NaN without live time.

    Notes
    -----
    sqrt(n + 1) counts of n: the standard deviation of what the expected number can be, if all were
    equally likely before (Kraft, Burrows & Nousek 1991, ApJ 374, 344, without background). It is 1
    for no count, where sqrt(n) would be 0, and sqrt(n) for many. Of Poisson counts with mean m the
    mean of (n - m)^2 / (n + 1) is 1 + 1/m, m above a few; with sqrt(n) it would not even exist.
    """
    exposure = _exposure(live_s, pixels)
    return np.sqrt(np.asarray(counts, np.float64) + 1.0) / exposure


def _exposure(live_s: ArrayLike, pixels: ArrayLike) -> NDArray[np.float64]:
    exposure = np.asarray(live_s, np.float64) * np.asarray(pixels, np.float64)
    return np.where(exposure > 0.0, exposure, np.nan)
