"""Compute medians, spreads and lines that a few odd exposures do not move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.science.quantisation import find_quantisation

# Of a Gaussian: its deviation over its median absolute deviation, 1 / Phi^-1(3/4).
SIGMA_PER_DEVIATION = 1.4826022185056018
# Errors over sigma / sqrt(n) for large n: of the median sqrt(pi / 2); of the deviation above
# sqrt(0.5 / 0.3675), its efficiency (Rousseeuw & Croux 1993, J. Am. Stat. Assoc. 88, 1273).
ERROR_OF_MEDIAN = 1.2533141373155001
ERROR_OF_SIGMA = 1.1664

Floats = NDArray[np.float64]

MOST_PAIRED = 600  # a line through more would be of more than 180,000 pairs


def find_sigma(values: Floats) -> float:
    """Return the standard deviation of Gaussian values, shape (n,), by their median deviation."""
    from astropy.stats import mad_std  # a tenth of a second that only those who compute wait for

    return float(mad_std(values))


def find_sigmas(values: Floats) -> Floats:
    """Return those of each row of values, shape (n, m), as `find_sigma` does; shape (n,)."""
    from astropy.stats import mad_std  # as above

    return np.asarray(mad_std(values, axis=1))


@dataclass(frozen=True)
class RobustLine:
    """A line through points, and how far they lie from it.

    Attributes
    ----------
    slope : float
        Per day.
    middle_mjd, middle : float
        A point on it: median time and value.
    sigma : float
        1.4826 times the median absolute deviation from it.
    span_days : float
        From the first to the last point.
    number : int
        Of points.
    """

    slope: float
    middle_mjd: float
    middle: float
    sigma: float
    span_days: float
    number: int

    def at(self, mjd: float) -> float:
        """Return the value at a time."""
        return self.middle + self.slope * (mjd - self.middle_mjd)

    def error_at(self, mjd: float) -> float:
        """Return the 1-sigma error of it: that of a median, and of a slope through even points."""
        lever = (mjd - self.middle_mjd) / self.span_days if self.span_days else 0.0
        spread = ERROR_OF_MEDIAN * self.sigma / np.sqrt(self.number)
        return float(spread * np.sqrt(1.0 + 12.0 * lever**2))


def fit_line(mjd: Floats, values: Floats) -> RobustLine:
    """Fit a line whose slope is the median of those of all pairs (Theil-Sen; Sen 1968, JASA 63).

    Parameters
    ----------
    mjd, values : ndarray, shape (n,), n > 0
        In order of time. Of more than 600 points, evenly chosen ones make the slope.
    """
    chosen = np.unique(np.linspace(0, len(mjd) - 1, min(len(mjd), MOST_PAIRED)).astype(np.int64))
    first, second = np.triu_indices(len(chosen), 1)
    time_d, value = mjd[chosen], values[chosen]
    apart_d = time_d[second] - time_d[first]
    is_apart = apart_d > 0.0
    rises = (value[second] - value[first])[is_apart] / apart_d[is_apart]
    slope = float(np.median(rises)) if rises.size else 0.0
    middle_mjd = float(np.median(mjd))
    level = values - slope * (mjd - middle_mjd)
    middle = float(np.median(level))
    sigma = find_sigma(level)
    return RobustLine(slope, middle_mjd, middle, sigma, float(mjd[-1] - mjd[0]), len(mjd))


def running_median(
    mjd: Floats,
    values: Floats,
    places: Floats,
    window_days: float,
    fewest: int,
    *,
    is_filled: bool = False,
) -> Floats:
    """Return the median of the values within half a window of each place.

    Parameters
    ----------
    mjd, values : ndarray, shape (n,)
        In order of time, d.
    places : ndarray, shape (m,)
        Times, d.
    window_days : float
        Its whole length.
    fewest : int
        Values in a window that make a median.
    is_filled : bool
        Whether a window with fewer gets the median of the nearest so many values.

    Returns
    -------
    ndarray, shape (m,)
        NaN where there are too few values.
    """
    first = np.searchsorted(mjd, places - window_days / 2.0)
    stop = np.searchsorted(mjd, places + window_days / 2.0, side="right")
    medians = np.full(len(places), np.nan)
    for number, place in enumerate(places):
        own = values[first[number] : stop[number]]
        if len(own) < fewest and is_filled:
            own = values[np.argsort(np.abs(mjd - place), kind="stable")[:fewest]]
        if len(own) >= fewest:
            medians[number] = np.median(own)
    return medians


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


@np.errstate(over="ignore", invalid="ignore")  # infinite is an answer, too
def measure_spread(values: np.ndarray, *, has_noise: bool = True) -> Spread | None:
    """Measure where pixels lie; None if there is none.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite.
    has_noise : bool
        Whether they were rounded after noise was added to them, as those of CCDs are; the counts of
        a photon counter are whole numbers of themselves.
    """
    if not values.size:
        return None
    mean = float(values.mean(dtype=np.float64))
    steps = find_quantisation(values) if has_noise else None
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
    """Return the pixels within so many deviations of the median.

    Parameters
    ----------
    values : ndarray, shape (n,)
    spread : Spread
        Theirs.
    sigmas : float
        How many deviations.
    """
    reach = sigmas * spread.sigma
    return values[(values >= spread.median - reach) & (values <= spread.median + reach)]


def find_median(values: np.ndarray) -> float:
    """Return the median of an array of shape (n,), n > 0; ten times faster than numpy's own."""
    half = values.size // 2
    parts = np.partition(values, half)
    upper = float(parts[half])
    return upper if values.size % 2 else 0.5 * (upper + float(parts[:half].max()))
