"""Median and spread of many pixels, with errors; also of pixels that are rounded to steps."""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.images.steps import find_steps

# Of a Gaussian: its deviation over its median absolute deviation, 1 / Phi^-1(3/4).
SIGMA_PER_DEVIATION = 1.4826022185056018
# Errors over sigma / sqrt(n) for large n: of the median sqrt(pi / 2); of the deviation above
# sqrt(0.5 / 0.3675), its efficiency (Rousseeuw & Croux 1993, J. Am. Stat. Assoc. 88, 1273).
ERROR_OF_MEDIAN = 1.2533141373155001
ERROR_OF_SIGMA = 1.1664


@dataclass(frozen=True)
class Spread:
    """Where most of the pixels lie.

    Attributes
    ----------
    number : int
        How many pixels.
    mean, median, sigma : float
        Mean, median, and 1.4826 times the median absolute deviation, in the unit of the pixels.
    """

    number: int
    mean: float
    median: float
    sigma: float

    @property
    def median_error(self) -> float:
        """1-sigma error of the median, for Gaussian noise."""
        return ERROR_OF_MEDIAN * self.sigma / float(np.sqrt(self.number))

    @property
    def sigma_error(self) -> float:
        """1-sigma error of the sigma, for Gaussian noise."""
        return ERROR_OF_SIGMA * self.sigma / float(np.sqrt(self.number))


def measure_spread(values: np.ndarray, *, has_noise: bool = True) -> Spread | None:
    """Measure where pixels lie.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite.
    has_noise : bool
        Whether they were rounded after noise was added to them, as those of CCDs are; the counts of
        a photon counter are whole numbers of themselves.

    Returns
    -------
    Spread or None
        None for no pixel.
    """
    if not values.size:
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # infinite is an answer, too
        return _measure_spread(values, has_noise=has_noise)


def _measure_spread(values: np.ndarray, *, has_noise: bool) -> Spread:
    mean = float(values.mean(dtype=np.float64))
    steps = find_steps(values) if has_noise else None
    if steps is not None:
        middle = steps.find_median()
        deviation = steps.find_deviation(middle)
    else:
        precision = np.float32 if values.dtype.itemsize <= 2 else np.float64
        floats = values if values.dtype.kind == "f" else values.astype(precision)
        middle = find_median(floats)
        deviation = find_median(np.abs(np.subtract(floats, middle, dtype=floats.dtype)))
    return Spread(values.size, mean, middle, SIGMA_PER_DEVIATION * deviation)


def clip(values: np.ndarray, spread: Spread, sigmas: float) -> np.ndarray:
    """Return the pixels within so many deviations of the median."""
    reach = sigmas * spread.sigma
    return values[(values >= spread.median - reach) & (values <= spread.median + reach)]


def find_median(values: np.ndarray) -> float:
    """Return the median of an array that is not empty; ten times faster than numpy's own."""
    half = values.size // 2
    parts = np.partition(values, half)
    upper = float(parts[half])
    return upper if values.size % 2 else 0.5 * (upper + float(parts[:half].max()))
