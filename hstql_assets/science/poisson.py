"""Say what a count of events tells of the mean that it was drawn from."""

import numpy as np
from scipy.special import gammaincinv

from hstql_assets.science.steady_blocks import expect, find_steady_blocks

ONE_SIGMA = 0.8413447460685429  # of a normal distribution is below the mean + 1 sigma


def find_poisson_limits(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper 1-sigma limits of the mean of a Poisson distribution.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,)
        Counts drawn from it.

    Notes
    -----
    Exact, each limit at 84.13 % confidence: Gehrels 1986, ApJ 303, 336, equations 1 and 2.
    """
    distinct, place = np.unique(counts, return_inverse=True)
    lower = np.where(distinct > 0, gammaincinv(np.maximum(distinct, 1e-9), 1 - ONE_SIGMA), 0.0)
    upper = gammaincinv(distinct + 1, ONE_SIGMA)
    return lower[place], upper[place]


def expect_error(counts: np.ndarray, live_s: np.ndarray) -> np.ndarray:
    """Return the 1-sigma errors that are to be expected of a series of counts, shape (n,).

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,), n > 0
        Events of each bin.
    live_s : numpy.ndarray, shape (n,)
        Live time of each, s; where there is none the error is 0.
    """
    return np.asarray(np.sqrt(expect(counts, 1.0, live_s, find_steady_blocks(counts, live_s))))
