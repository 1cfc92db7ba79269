"""Fit the photon transfer curve of an amplifier: a straight line whose slope is 1 / gain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_LEVELS = 2
LEAST_RANGE = 2.0  # highest mean over lowest: of one level alone the slope is not known
ROUNDS = 5


@dataclass(frozen=True)
class GainFit:
    """The line through the levels of an amplifier.

    Attributes
    ----------
    gain, gain_error : float
        Electrons per count.
    intercept, intercept_error : float
        Variance without light, counts squared: that of the read noise.
    chi_square, freedom : float, int
        Of the levels about the line.
    lowest, highest : float
        Means between which it is, counts.
    """

    gain: float
    gain_error: float
    intercept: float
    intercept_error: float
    chi_square: float
    freedom: int
    lowest: float
    highest: float


def fit_gain(
    means: Sequence[float], variances: Sequence[float], errors: Sequence[float]
) -> GainFit | str:
    """Fit a weighted straight line, or say in a sentence why there is none.

    Parameters
    ----------
    means, variances, errors : sequence of float
        Of each level, counts and counts squared.

    Notes
    -----
    A variance that is low by chance has a low error, too. Weights are therefore those of the line,
    not of the levels: without, gains would be too high by 1 / pixels of a level.
    """
    mean, variance, error = (np.asarray(one, float) for one in (means, variances, errors))
    if len(mean) < FEWEST_LEVELS:
        return f"There are {len(mean)} levels, and a slope takes {FEWEST_LEVELS}."
    if mean.max() < LEAST_RANGE * mean.min():
        return (
            f"All levels are between {mean.min():.0f} and {mean.max():.0f} counts: "
            f"a slope takes a range of {LEAST_RANGE:g}."
        )
    relative, expected = error / variance, variance
    for _ in range(ROUNDS):
        slope, intercept, covariance = _fit_line(mean, variance, relative * expected)
        if slope <= 0.0:
            return "The variance does not grow with the mean."
        expected = np.maximum(slope * mean + intercept, 0.1 * variance)
    chi_square = float(np.sum(((variance - slope * mean - intercept) / (relative * expected)) ** 2))
    return GainFit(
        gain=1.0 / slope,
        gain_error=float(np.sqrt(covariance[0, 0])) / slope**2,
        intercept=intercept,
        intercept_error=float(np.sqrt(covariance[1, 1])),
        chi_square=chi_square,
        freedom=len(mean) - 2,
        lowest=float(mean.min()),
        highest=float(mean.max()),
    )


def _fit_line(
    x: NDArray[np.float64], y: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[float, float, NDArray[np.float64]]:
    """Return slope, intercept and their covariance; all of shape (n,), n > 1."""
    design = np.stack([x / error, 1.0 / error], axis=1)
    covariance: NDArray[np.float64] = np.linalg.inv(design.T @ design).astype(np.float64)
    slope, intercept = covariance @ design.T @ (y / error)
    return float(slope), float(intercept), covariance
