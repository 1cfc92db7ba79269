"""Find the highest peak of a periodogram: where it is, how well that is known, how high it is.

The error of a frequency is that of Montgomery & O'Donoghue 1999 (Delta Scuti Star Newsletter 13,
28), sigma_f = sqrt(6 / N) sigma / (pi T a), in its form for any sampling: the information on f in a
sinusoid of amplitude a with free phase and noise sigma is 2 pi^2 a^2 N var(t) / sigma^2, which for
equal bins, var(t) = T^2 / 12, is theirs. With the power p and nu degrees of freedom, a^2 N / (2
sigma^2) = nu p / (1 - p), and so::

    sigma_f = sqrt((1 - p) / (p nu)) / (2 pi sqrt(var(t)))        sigma_P = P^2 sigma_f

Visits far apart give a comb of peaks, nearly as high as each other. Where the single exposures show
a period, only the teeth that agree with them count (`single_exposures`), also those beyond the
highest frequency of the grid. Which of them is right is a part of the error: all maxima have the
likelihood (1 - p)^(-nu / 2), and their spread by that about the highest one is added in square.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.statistics.false_alarms import SIGNIFICANT, Noise
from hstql_assets.statistics.periodogram import Grid, compute_power, find_maxima
from hstql_assets.statistics.red_noise import Levels
from hstql_assets.statistics.series import Series
from hstql_assets.statistics.single_exposures import Interval, find_interval

FINER = 16
MOST_ALIASES, MOST_RIVALS = 12, 2  # maxima that are refined, of many exposures and of one


@dataclass(frozen=True)
class Tip:
    """Where a peak is, Hz, with its 1-sigma error, and how high, 0 to 1.

    And the frequencies that agree with the single exposures, if these show a period.
    """

    frequency_hz: float
    error_hz: float
    height: float
    interval: Interval | None = None

    @property
    def period_s(self) -> tuple[float, float]:
        """The period and its error, s."""
        return 1 / self.frequency_hz, self.error_hz / self.frequency_hz**2


def find_tip(
    series: Series,
    values: np.ndarray,
    grid: Grid,
    power: np.ndarray,
    noise: Noise,
    levels: Levels | None = None,
    known: Tip | None = None,
) -> Tip:
    """Find the highest peak, and the error of its frequency.

    Parameters
    ----------
    series : Series
        Times and errors.
    values : numpy.ndarray, shape (n,)
        What was searched, count/s.
    grid : Grid
        The frequencies.
    power : numpy.ndarray, shape (grid.count,)
        Of the values there, 0 to 1.
    noise : Noise
        White noise of the series.
    levels : Levels or None
        If given, the peak is the highest over these, what is expected of red noise.
    known : Tip or None
        The highest peak of these values without levels. Where the single exposures show the same
        frequencies with them, it is the one.
    """
    interval = find_interval(series, values, levels) if series.exposures > 1 else None
    if interval is not None:
        if known is not None and interval == known.interval:
            return known
        grid = interval.make_grid(series)
        power = compute_power(series, values, grid)
    is_clear = noise.probability(float(power.max())) < SIGNIFICANT
    most = MOST_ALIASES if series.exposures > 1 else MOST_RIVALS
    is_near = np.ones(grid.count, bool)
    if levels is not None and interval is None:
        is_near = _find_near(series, grid, power, levels)
    maxima = find_maxima(np.where(is_near, power, 0.0), most if is_clear else 1)
    refined = np.array([_refine(series, values, grid, index) for index in maxima])
    best = int(np.argmax(refined[:, 1] * _undo_centring(series, refined[:, 0])))
    frequency_hz, height = (float(number) for number in refined[best])
    others = _interpolate_maxima(grid, power, is_near & is_clear)
    teeth = np.vstack([refined, others])
    teeth[:, 1] *= _undo_centring(series, teeth[:, 0])
    alias_error_hz = _alias_error_hz(frequency_hz, teeth, noise)
    error_hz = np.hypot(_sampling_error_hz(series, height, noise), alias_error_hz)
    return Tip(frequency_hz, float(error_hz), height, interval)


def _find_top(grid: Grid, power: np.ndarray, levels: Levels) -> int:
    """Return where the power, shape (grid.count,), is highest over the levels."""
    allowed = grid.frequency_hz >= levels.lowest_hz
    return int(np.argmax(np.where(allowed, power / levels.at(grid.frequency_hz), 0.0)))


def is_over_noise(series: Series, grid: Grid, power: np.ndarray, levels: Levels, tip: Tip) -> bool:
    """Tell whether the power, shape (grid.count,), is highest over the levels at a peak, too."""
    top_hz = grid.lowest_hz + _find_top(grid, power, levels) * grid.step_hz
    return abs(top_hz - tip.frequency_hz) < 0.5 / series.longest_exposure_s


def _find_near(series: Series, grid: Grid, power: np.ndarray, levels: Levels) -> np.ndarray:
    """Tell, shape (grid.count,), which maxima are near where the power is highest over the levels.

    On the slope of the levels what is highest over them stands beside the peak itself.
    """
    top = _find_top(grid, power, levels)
    reach = max(int(0.5 / series.longest_exposure_s / grid.step_hz), 1)
    low, high = max(top - reach, 0), min(top + reach + 1, grid.count)
    inside = find_maxima(power[low:high], high - low) + low
    inside = inside[(inside > low) & (inside < high - 1)]
    is_near = np.zeros(grid.count, bool)
    is_near[inside if len(inside) else top] = True
    return is_near


def _refine(series: Series, values: np.ndarray, grid: Grid, index: int) -> tuple[float, float]:
    """Find frequency, Hz, and height of the maximum near a point of the grid."""
    fine = grid.around(index, FINER)
    power = compute_power(series, values, fine)
    # No longer than the baseline, and no shorter than the grid says.
    allowed = (fine.frequency_hz >= grid.lowest_hz) & (fine.frequency_hz <= grid.highest_hz)
    top = int(np.argmax(np.where(allowed, power, -1.0)))
    shift = 0.0
    if 0 < top < fine.count - 1 and allowed[top - 1] and allowed[top + 1]:
        left, middle, right = power[top - 1 : top + 2]
        bend = left - 2 * middle + right
        shift = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    return float(fine.frequency_hz[top] + shift * fine.step_hz), float(power[top])


def _interpolate_maxima(grid: Grid, power: np.ndarray, is_wanted: np.ndarray) -> np.ndarray:
    """Find frequency, Hz, and height of inner maxima, by a parabola each; shape (maxima, 2).

    Of those, out of all of shape (grid.count,), that are wanted.
    """
    left, middle, right = power[:-2], power[1:-1], power[2:]
    index = np.flatnonzero((middle > left) & (middle >= right) & is_wanted[1:-1])
    slope, bend = (right - left)[index], (left - 2 * middle + right)[index]
    shift = -0.5 * slope / bend
    height = middle[index] - slope**2 / (8 * bend)
    frequency_hz = grid.lowest_hz + (index + 1 + shift) * grid.step_hz
    return np.column_stack([frequency_hz, np.clip(height, 0.0, 1.0)])


def _sampling_error_hz(series: Series, power: float, noise: Noise) -> float:
    freedom = max(noise.freedom - 2, 1)
    ratio = (1.0 - power) / (max(power, 1e-12) * freedom)
    return float(np.sqrt(ratio / series.variance_of_times_s2) / (2 * np.pi))


def _undo_centring(series: Series, frequency_hz: np.ndarray) -> np.ndarray:
    """Return by how much, shape (m,), a sinusoid had more power before the means were taken off.

    The mean in an exposure of length T is sinc(f T) of the amplitude. One exposure loses nothing:
    there the mean floats in the fit.
    """
    if series.exposures < 2:
        return np.ones(len(frequency_hz))
    share = np.bincount(series.dataset, series.weights)
    lost = np.sinc(frequency_hz[:, None] * series.lengths_s) ** 2 @ share
    return np.asarray(1 / np.maximum(1 - lost, 0.5))


def _alias_error_hz(best_hz: float, teeth: np.ndarray, noise: Noise) -> float:
    """Return the spread, Hz, of maxima (frequency, power), shape (m, 2), by their likelihood."""
    frequency_hz, power = teeth.T
    likelihood = -0.5 * noise.freedom * np.log1p(-np.minimum(power, 1 - 1e-15))
    weight = np.exp(likelihood - likelihood.max())
    return float(np.sqrt(np.average((frequency_hz - best_hz) ** 2, weights=weight)))
