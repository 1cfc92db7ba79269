"""Compute the first seven statistics of hstlc: numbers that describe a lightcurve.

Periods are not looked for here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

INTERESTING = 1.2  # Poisson factor, in the tables of hstlc's web pages


@dataclass(frozen=True)
class LightcurveStatistics:
    """Statistics of the counts per bin; None where they are not defined.

    Parameters
    ----------
    total : int
        Sum of the counts, cut to a whole number.
    mean : float or None
        Mean counts per bin.
    mu : float or None
        Square root of the mean: the spread that Poisson noise alone would have.
    stdev : float or None
        Standard deviation of the bins as a population.
    poisson_factor : float or None
        stdev / mu: 1 for a constant source without background.
    pearson_r, pearson_p : float or None
        Correlation of counts with time, and the probability of one as strong by chance.
    """

    total: int
    mean: float | None = None
    mu: float | None = None
    stdev: float | None = None
    poisson_factor: float | None = None
    pearson_r: float | None = None
    pearson_p: float | None = None


def measure(counts: np.ndarray, mjd: np.ndarray) -> LightcurveStatistics:
    """Describe a lightcurve by numbers.

    Parameters
    ----------
    counts : numpy.ndarray, shape (n,)
        Counts per bin. Bins that are NaN are left out.
    mjd : numpy.ndarray, shape (n,)
        Their times in days.

    Returns
    -------
    LightcurveStatistics
        Only `total`, if it is 0 or less.

    Raises
    ------
    ValueError
        If the two differ in length.
    """
    if len(counts) != len(mjd):
        raise ValueError(f"There are {len(counts)} counts, but {len(mjd)} times.")
    is_known = np.isfinite(counts) & np.isfinite(mjd)
    counts, mjd = counts[is_known].astype(np.float64), mjd[is_known].astype(np.float64)
    sum_of_counts = float(counts.sum())
    mean = sum_of_counts / max(len(counts), 1)
    if mean <= 0:
        return LightcurveStatistics(int(sum_of_counts))
    mu, stdev = float(np.sqrt(mean)), float(counts.std())
    r, p = _pearson(mjd, counts)
    return LightcurveStatistics(
        total=int(sum_of_counts),
        mean=mean,
        mu=mu,
        stdev=stdev,
        poisson_factor=stdev / mu,
        pearson_r=r,
        pearson_p=p,
    )


def is_interesting(statistics: LightcurveStatistics) -> bool | None:
    """Tell whether the Poisson factor is 1.2 or more, hstlc's rule; None if there is none."""
    factor = statistics.poisson_factor
    return None if factor is None else factor >= INTERESTING


def _pearson(mjd: np.ndarray, counts: np.ndarray) -> tuple[float | None, float | None]:
    """Return correlation and p-value of bins, shape (n,); None if n < 3 or they are constant.

    Student's test, by the incomplete beta function that it comes down to.
    """
    if len(counts) < 3 or np.ptp(counts) == 0 or np.ptp(mjd) == 0:
        return None, None
    # From the first bin on: differences of 1e-5 d drown in an MJD of 58000.
    x, y = mjd - mjd[0], counts - counts.mean()
    x -= x.mean()
    r = float(np.clip(x @ y / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))
    return r, float(betainc(0.5 * len(counts) - 1, 0.5, 1 - r**2))
