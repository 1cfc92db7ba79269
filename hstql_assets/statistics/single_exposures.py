"""Ask the exposures of a composite about a period one by one, each with its own phase.

Visits far apart leave a comb of peaks, and where a baseline of years has more frequencies than can
be searched, the right tooth may not even be among them. A source that is bright enough shows its
period within each exposure. There the mean of the exposure floats with the sinusoid, so that a
period of a few cycles is not pulled aside, and the frequency has an error of its own, in which the
teeth have to lie.
"""

from dataclasses import dataclass, replace

import numpy as np

from hstql_assets.statistics.false_alarms import SIGNIFICANT
from hstql_assets.statistics.periodogram import (
    FEWEST_SAMPLES_PER_PEAK,
    SAMPLES_PER_PEAK,
    Grid,
    climb,
    compute_power,
)
from hstql_assets.statistics.red_noise import Levels
from hstql_assets.statistics.series import Series

FEWEST_BINS = 10
REACH = 4.0  # standard deviations


@dataclass(frozen=True)
class Interval:
    """Frequencies that agree with the single exposures, Hz."""

    lowest_hz: float
    highest_hz: float

    def make_grid(self, series: Series) -> Grid:
        """Return a grid over the interval that resolves the baseline of the whole."""
        step_hz = 1 / (SAMPLES_PER_PEAK * series.baseline_s)
        count = int((self.highest_hz - self.lowest_hz) / step_hz) + 1
        return Grid(self.lowest_hz, step_hz, max(count, 3))


def find_interval(
    series: Series, values: np.ndarray, levels: Levels | None = None
) -> Interval | None:
    """Find the frequency that the exposures of a series share, whatever their phases.

    The sum over the exposures of what a sinusoid takes from their chi-square has, in noise, a
    chi-square distribution with two degrees of freedom for each. The error of its highest peak is
    that of `periods`, with the information of all exposures added up.

    Parameters
    ----------
    series : Series
        Of two exposures or more.
    values : numpy.ndarray, shape (n,)
        What is searched in it.
    levels : Levels or None
        What is expected of noise; None for white noise as strong as the series is.

    Returns
    -------
    Interval or None
        Four standard deviations to both sides; None if no peak is too high for noise.
    """
    exposures = [
        part for part in _cut(replace(series, rates=values)) if len(part.times_s) >= FEWEST_BINS
    ]
    if len(exposures) < 2:
        return None
    grid = _make_grid(exposures)
    powers = np.array([compute_power(part, part.rates, grid) for part in exposures])
    freedom = np.array([len(part.times_s) - 3 for part in exposures])
    gains = freedom[:, None] * powers / np.maximum(1 - powers, 1e-9)
    total = gains.sum(axis=0)
    over_noise = total
    if levels is not None:
        strength = np.array([np.sum((part.rates / part.errors) ** 2) for part in exposures])
        over_noise = strength @ powers / levels.at(grid.frequency_hz)
        over_noise[grid.frequency_hz < levels.lowest_hz] = 0.0
    top = int(np.argmax(over_noise))
    if not _is_significant(float(over_noise[top]), len(exposures), grid.count):
        return None
    top = climb(total, top, FEWEST_SAMPLES_PER_PEAK // 2)
    variance_s2 = np.array([part.variance_of_times_s2 for part in exposures])
    error_hz = 1 / np.sqrt(4 * np.pi**2 * np.sum(gains[:, top] * variance_s2))
    centre_hz = float(grid.frequency_hz[top])
    # The grid itself is no finer than its steps.
    reach_hz = REACH * float(error_hz) + grid.step_hz
    return Interval(max(centre_hz - reach_hz, grid.lowest_hz), centre_hz + reach_hz)


def _cut(series: Series) -> list[Series]:
    parts = [series.take(number) for number in range(series.exposures)]
    return [part for part in parts if np.ptp(part.rates) > 0]


def _make_grid(exposures: list[Series]) -> Grid:
    longest_s = max(part.baseline_s for part in exposures)
    step_hz = 1 / (FEWEST_SAMPLES_PER_PEAK * longest_s)
    highest_hz = 1 / (2 * exposures[0].bin_s)
    return Grid(1 / longest_s, step_hz, max(int((highest_hz - 1 / longest_s) / step_hz), 1))


def _is_significant(gain: float, exposures: int, frequencies: int) -> bool:
    from scipy.stats import chi2  # half a second that only those who search should wait for

    return bool(frequencies * chi2.sf(gain, 2 * exposures) < SIGNIFICANT)
