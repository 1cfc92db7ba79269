"""Compute mean, spread and range of the pointing along one axis, from averages over seconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FILL = 1e30  # from here on a value stands for no value; real files have 1.6e38


@dataclass(frozen=True)
class AxisStatistics:
    """The pointing along V2 or V3 in one exposure [arcsec]; None without samples.

    Attributes
    ----------
    mean : float or None
        Mean of the averages.
    rms : float or None
        Root of the mean square of the pointing about that mean.
    range : float or None
        From the lowest to the highest pointing.
    """

    mean: float | None
    rms: float | None
    range: float | None


def is_measured(*columns: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell in which rows all columns, shape (n,), have a value: finite, and no fill."""
    measured: NDArray[np.bool_] = np.all([np.abs(one) < FILL for one in columns], axis=0)
    return measured


def combine_axis(
    average: NDArray[np.float64], rms: NDArray[np.float64], peak_to_peak: NDArray[np.float64]
) -> AxisStatistics:
    """Combine the averages, RMS and ranges of short stretches to those of the exposure.

    Parameters
    ----------
    average, rms, peak_to_peak : ndarray, shape (n,)
        SI_V2_AVG, SI_V2_RMS and SI_V2_P2P, or those of V3, of stretches of 3 s, all measured
        [arcsec]. The RMS of a stretch is about its own average.

    Notes
    -----
    The variance of the whole is the mean of the variances within the stretches plus the variance
    of their averages: rms^2 = mean(RMS_i^2) + mean((AVG_i - mean(AVG))^2). The mean of RMS_i
    alone leaves out drifts, the spread of AVG_i alone what is faster than 3 s.

    The range is from the lowest AVG_i - P2P_i / 2 to the highest AVG_i + P2P_i / 2: where in a
    stretch its peaks lie is not known, and they are taken to be as far to either side.
    """
    if not average.size:
        return AxisStatistics(None, None, None)
    mean = float(average.mean())
    variance = float(np.mean(rms**2) + np.mean((average - mean) ** 2))
    highest, lowest = average + peak_to_peak / 2.0, average - peak_to_peak / 2.0
    return AxisStatistics(mean, variance**0.5, float(highest.max() - lowest.min()))


def covered_time(seconds: NDArray[np.float64]) -> float | None:
    """Return how long the rows of a table last [s]; None without rows.

    Parameters
    ----------
    seconds : ndarray, shape (n,)
        Ends of the stretches since the start of the exposure; each is as long as the usual step.
    """
    known = np.sort(seconds[is_measured(seconds)])
    if not known.size:
        return None
    step = float(np.median(np.diff(known))) if known.size > 1 else float(known[0])
    return float(known[-1] - known[0]) + step
