"""Compute how much a lightcurve varies beyond its errors, and how often it is interrupted.

Whether it varies at all is for `dispersion` to say: a size and its error are no test at few counts.
"""

from dataclasses import dataclass

import numpy as np

FEWEST_BINS = 2


@dataclass(frozen=True)
class Excess:
    """Normalised excess variance and its 1-sigma error, dimensionless."""

    variance: float
    error: float


def measure_excess(counts: np.ndarray, errors: np.ndarray) -> Excess | None:
    """Measure the variance beyond that of the errors, over the mean squared.

    Parameters
    ----------
    counts, errors : numpy.ndarray, shape (n,)
        Counts per bin and their errors; NaN are left out.

    Returns
    -------
    Excess or None
        None for fewer than two bins, or a mean of 0 or less.

    Notes
    -----
    Vaughan et al. 2003, MNRAS 345, 1271, equations 8 and 11: with the sample variance S^2, the mean
    square error e^2 and the mean x::

        v     = (S^2 - e^2) / x^2
        F     = sqrt(v), or 0 if v < 0
        error = sqrt((sqrt(2 / n) e^2 / x^2)^2 + (sqrt(e^2 / n) 2 F / x)^2)

    It is the error of measuring; that another stretch of a flickering source varies otherwise is
    not in it.
    """
    known = np.isfinite(counts) & np.isfinite(errors)
    counts, errors = counts[known].astype(np.float64), errors[known].astype(np.float64)
    n = len(counts)
    mean = float(counts.mean()) if n >= FEWEST_BINS else 0.0
    if mean <= 0:
        return None
    square_error = float(np.mean(errors**2)) / mean**2
    variance = float(counts.var(ddof=1)) / mean**2 - square_error
    from_errors = np.sqrt(2 / n) * square_error
    from_signal = 2 * np.sqrt(max(variance, 0.0) * square_error / n)
    error = float(np.hypot(from_errors, from_signal))
    return Excess(variance, error) if np.isfinite(variance) and np.isfinite(error) else None


def compare_errors(counts: np.ndarray, errors: np.ndarray) -> float | None:
    """Return the standard deviation of counts over the root mean square of their errors.

    Parameters
    ----------
    counts, errors : numpy.ndarray, shape (n,)
        Counts per bin and their errors; NaN are left out.

    Returns
    -------
    float or None
        About 1 for a constant source; None for fewer than two bins or without an error.
    """
    known = np.isfinite(counts) & np.isfinite(errors)
    if np.count_nonzero(known) < FEWEST_BINS or not errors[known].any():
        return None
    return float(counts[known].std() / np.sqrt(np.mean(errors[known] ** 2)))


def count_gaps(times_s: np.ndarray, bin_s: float) -> int:
    """Count the places where a bin does not follow the one before.

    Parameters
    ----------
    times_s : numpy.ndarray, shape (n,)
        Centres or edges of fully live bins, s, ascending.
    bin_s : float
        Width of a bin, s.

    Returns
    -------
    int
        Interruptions within exposures and between them, of half a bin or longer.
    """
    return int(np.count_nonzero(np.diff(times_s) > 1.5 * bin_s))
