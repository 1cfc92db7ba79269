"""Compute the Lomb-Scargle periodogram of a series on a grid that resolves its baseline.

VanderPlas 2018, ApJS 236, 16: frequencies are equally spaced, closer than the width of a peak, 1 /
baseline. Times are plain seconds and frequencies hertz throughout: astropy takes any mixture of
units, and quietly makes a grid of one point of days and hertz.
"""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from hstql_assets.statistics.series import Series

SAMPLES_PER_PEAK = 10
FEWEST_SAMPLES_PER_PEAK = 5
# 0.02 s of a core with nifty_ls. A baseline of 2 days reaches bins of 2 s with it, one of 8 days
# periods of 17 s, one of a year those of 13 minutes.
MOST_FREQUENCIES = 200_000


@dataclass(frozen=True)
class Grid:
    """Equally spaced frequencies in Hz: lowest, distance, number."""

    lowest_hz: float
    step_hz: float
    count: int

    @property
    def highest_hz(self) -> float:
        """The last frequency."""
        return self.lowest_hz + (self.count - 1) * self.step_hz

    @property
    def frequency_hz(self) -> np.ndarray:
        """All frequencies, shape (count,)."""
        return self.lowest_hz + np.arange(self.count) * self.step_hz

    def around(self, index: int, samples: int) -> "Grid":
        """Return a finer grid between the neighbours of a frequency, `samples` times as fine."""
        centre = self.lowest_hz + index * self.step_hz
        step = self.step_hz / samples
        return Grid(centre - samples * step, step, 2 * samples + 1)


def make_grid(series: Series) -> Grid:
    """Choose the frequencies for a series.

    From 1 / baseline to 1 / (2 bins), ten in the width of a peak, so that all are multiples of
    their distance. Where these are more than `MOST_FREQUENCIES`, there are fewer, down to five;
    where that is not enough, the highest frequency falls: the short periods of a composite of years
    are those of its individual lightcurves.

    Parameters
    ----------
    series : Series
        At least two bins.
    """
    lowest_hz, highest_hz = 1 / series.baseline_s, 1 / (2 * series.bin_s)
    peaks = max((highest_hz - lowest_hz) * series.baseline_s, 0.0)
    affordable = max(MOST_FREQUENCIES / max(peaks, 1.0), FEWEST_SAMPLES_PER_PEAK)
    samples = min(int(affordable), SAMPLES_PER_PEAK)
    count = min(int(peaks * samples) + 1, MOST_FREQUENCIES)
    return Grid(lowest_hz, 1 / (samples * series.baseline_s), count)


def compute_power(series: Series, values: np.ndarray, grid: Grid, **options: bool) -> np.ndarray:
    """Return the power of values at the times of a series, 0 to 1, shape (grid.count,).

    The mean floats: power is the share of the weighted variance that a sinusoid and a constant
    take away (Zechmeister & Kuerster 2009, A&A 496, 577).

    Parameters
    ----------
    series : Series
        Times and errors.
    values : numpy.ndarray, shape (n,)
        What to look for periods in.
    grid : Grid
        Where to.
    **options
        Of astropy's LombScargle; without any the mean floats.
    """
    method, settings = _method(grid.count)
    search = _lomb_scargle()(series.times_s, values, series.errors, **options)
    power = search.power(
        grid.frequency_hz, method=method, assume_regular_frequency=True, method_kwds=settings
    )
    if np.shape(power) != (grid.count,):
        raise AssertionError(f"{grid.count} frequencies gave {np.shape(power)} powers.")
    # Rounding may leave them by 1e-9.
    return np.clip(np.asarray(power, dtype=np.float64), 0.0, 1.0)


def compute_window(series: Series, grid: Grid) -> np.ndarray:
    """Return the window function: the power of the sampling itself, 0 to 1, shape (grid.count,).

    It is the power of a constant that is not taken off first (VanderPlas 2018, section 7.3.1): high
    where the times alone make a sinusoid look like a constant.

    Parameters
    ----------
    series : Series
        Times and errors.
    grid : Grid
        Where to.
    """
    ones = np.ones(len(series.times_s))
    return compute_power(series, ones, grid, fit_mean=False, center_data=False)


def find_maxima(power: np.ndarray, number: int) -> np.ndarray:
    """Return the indices of the highest local maxima, of the two ends too, highest first.

    Parameters
    ----------
    power : numpy.ndarray, shape (n,)
        Powers, n > 0.
    number : int
        How many; fewer if there are not as many.
    """
    padded = np.concatenate([[-1.0], power, [-1.0]])
    is_maximum = (power >= padded[:-2]) & (power >= padded[2:])
    maxima = np.flatnonzero(is_maximum)
    return np.asarray(maxima[np.argsort(-power[maxima], kind="stable")[:number]])


def climb(power: np.ndarray, index: int, reach: int) -> int:
    """Return the index of the highest power, of shape (n,), within a reach; of one that is inside.

    What is highest over a steep level stands beside the peak itself.
    """
    low = max(index - reach, 0)
    top = low + int(np.argmax(power[low : index + reach + 1]))
    is_inside = low < top < min(index + reach, len(power) - 1)
    return top if is_inside else index


def _method(count: int) -> tuple[str, dict[str, object]]:
    """Choose the method; one thread each, for the workers are as many as the cores already."""
    if has_finufft():
        return "fastnifty", {"nthreads": 1}
    # astropy's own fast method interpolates, and needs many frequencies for that.
    return ("fast" if count > 1000 else "cython"), {}


@cache
def has_finufft() -> bool:
    """Tell whether the fast non-uniform Fourier transform is installed."""
    return find_spec("nifty_ls") is not None and find_spec("finufft") is not None


@cache
def _lomb_scargle() -> Any:
    # Half a second that only those who search should wait for.
    from astropy.timeseries import LombScargle

    if has_finufft():
        import nifty_ls  # noqa: F401 - adds its method to astropy's
    return LombScargle
