"""Search the strongest period that is not explained by other things than the source.

The highest peak is reported as it is unless it is significant and explained (`explanations`). Then
what explains it is taken off, a parabola from each exposure and the sinusoid, and the rest is
searched again, twice at most. A significant peak without an explanation that comes up so is the
best period; if none does, it is the first, with its note.

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

from hstql_assets.statistics.explanations import Note, explain, is_passing
from hstql_assets.statistics.false_alarms import SIGNIFICANT, Noise
from hstql_assets.statistics.periodogram import Grid, compute_power, find_maxima, make_grid
from hstql_assets.statistics.series import Series
from hstql_assets.statistics.single_exposures import FEWEST_BINS, find_interval

MOST_SEARCHES = 3
FINER = 16
MOST_ALIASES = 12


@dataclass(frozen=True)
class Peak:
    """The highest peak of a periodogram.

    Parameters
    ----------
    period_s, error_s : float
        Where it is, and its 1-sigma error, s.
    power : float
        Its height, 0 to 1.
    false_alarm_probability : float
        That noise alone would reach it, 0 to 1.
    note : str or None
        What else than the source may make it.
    """

    period_s: float
    error_s: float
    power: float
    false_alarm_probability: float
    note: Note | None

    @property
    def is_significant(self) -> bool:
        """Whether it is too high for noise."""
        return self.false_alarm_probability < SIGNIFICANT

    @property
    def is_periodic(self) -> bool:
        """Whether it is too high for noise, and nothing else explains it."""
        return self.is_significant and self.note is None


@dataclass(frozen=True)
class PeriodSearch:
    """A periodogram and what it says.

    Parameters
    ----------
    series : Series
        What was searched.
    grid : Grid
        The frequencies.
    power : numpy.ndarray, shape (grid.count,)
        Of the series less the mean of each exposure, nothing else taken off.
    noise : Noise
        Of that; it gives the power of any false alarm probability.
    best : Peak
        The best period. If others were taken off before, its power is not in `power`.
    """

    series: Series
    grid: Grid
    power: np.ndarray
    noise: Noise
    best: Peak


def search_period(series: Series) -> PeriodSearch | None:
    """Look for a period.

    Parameters
    ----------
    series : Series
        Fully live bins.

    Returns
    -------
    PeriodSearch or None
        None if there are fewer than ten bins, or their values do not differ.
    """
    if len(series.times_s) < FEWEST_BINS or series.baseline_s <= 3 * series.bin_s:
        return None
    values = series.centred
    if np.ptp(values) <= 1e-9 * np.max(np.abs(series.rates)):
        return None
    grid = make_grid(series)
    noise = Noise.of(series)
    power = compute_power(series, values, grid)
    first = _highest_peak(series, values, grid, power, noise)
    best = _search_rest(series, values, grid, first)
    return PeriodSearch(series, grid, power, noise, best)


def _search_rest(series: Series, values: np.ndarray, grid: Grid, first: Peak) -> Peak:
    """Take off what is explained until a significant peak is not; return that one or the first."""
    peak, fitted = first, 0
    for _ in range(MOST_SEARCHES - 1):
        if not peak.is_significant or peak.note in (None, "event"):
            break
        fitted += 2 * series.exposures * (fitted == 0) + 2
        values = _take_off(series, values, 1 / peak.period_s)
        if np.ptp(values) <= 1e-9 * np.max(np.abs(series.rates)):
            break
        noise = Noise.of(series, fitted)
        peak = _highest_peak(series, values, grid, compute_power(series, values, grid), noise)
    return peak if peak.is_periodic else first


def _highest_peak(
    series: Series, values: np.ndarray, grid: Grid, power: np.ndarray, noise: Noise
) -> Peak:
    """Return the highest peak of the power, shape (grid.count,), of values, count/s, shape (n,)."""
    interval = find_interval(series, values) if series.exposures > 1 else None
    if interval is not None:
        grid = interval.make_grid(series)
        power = compute_power(series, values, grid)
    is_clear = noise.probability(float(power.max())) < SIGNIFICANT
    maxima = find_maxima(power, MOST_ALIASES if is_clear else 1)
    refined = np.array([_refine(series, values, grid, index) for index in maxima])
    best = int(np.argmax(refined[:, 1] * _undo_centring(series, refined[:, 0])))
    frequency_hz, height = (float(number) for number in refined[best])
    teeth = np.vstack([refined, _interpolate_maxima(grid, power)]) if is_clear else refined
    teeth[:, 1] *= _undo_centring(series, teeth[:, 0])
    alias_error_hz = _alias_error_hz(frequency_hz, teeth, noise)
    error_hz = np.hypot(_sampling_error_hz(series, height, noise), alias_error_hz)
    probability = noise.probability(height)
    note = explain(frequency_hz, series)
    if note is None and probability < SIGNIFICANT and is_passing(series, values, frequency_hz):
        note = "event"
    return Peak(1 / frequency_hz, float(error_hz) / frequency_hz**2, height, probability, note)


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


def _interpolate_maxima(grid: Grid, power: np.ndarray) -> np.ndarray:
    """Find frequency, Hz, and height of all inner maxima, by a parabola each; shape (maxima, 2)."""
    left, middle, right = power[:-2], power[1:-1], power[2:]
    index = np.flatnonzero((middle > left) & (middle >= right))
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


def _take_off(series: Series, values: np.ndarray, frequency_hz: float) -> np.ndarray:
    """Return values, shape (n,), less a parabola per exposure and a sinusoid, fitted together."""
    angle = 2 * np.pi * frequency_hz * series.times_s
    columns = np.column_stack([values, np.cos(angle), np.sin(angle)])
    for number in range(series.exposures):
        mine = series.dataset == number
        x = series.times_s[mine] - series.times_s[mine].mean()
        basis = np.linalg.qr(np.vander(x / max(np.ptp(x), series.bin_s), 3))[0]
        columns[mine] -= basis @ (basis.T @ columns[mine])
    rest, waves = columns[:, 0], columns[:, 1:]
    root = np.sqrt(series.weights)
    amplitudes = np.linalg.lstsq(waves * root[:, None], rest * root, rcond=1e-6)[0]
    return np.asarray(rest - waves @ amplitudes)
