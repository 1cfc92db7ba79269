"""Search the strongest period that neither noise nor the telescope explains.

The highest peak is compared with white noise first (`false_alarms`). If it is too high for that,
the series is looked at as noise that flickers (`red_noise`): the highest peak over what is expected
at its frequency is folded (`folding`), the period that comes out is taken off, and the noise fitted
anew without it. If that, too, would not reach the peak, and nothing else explains it
(`explanations`), it is the best period. What the orbit or the window explains is taken off, a
parabola from each exposure and the sinusoid, and the rest is searched again, twice at most.
Otherwise the highest peak is reported as it is, with its note.

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

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hstql_assets.statistics.explanations import Note, explain, fit_wave, is_passing
from hstql_assets.statistics.false_alarms import SIGNIFICANT, Noise
from hstql_assets.statistics.folding import Fold, Shape, find_fold, sum_harmonics
from hstql_assets.statistics.periodogram import (
    Grid,
    compute_power,
    find_maxima,
    make_grid,
)
from hstql_assets.statistics.red_noise import (
    CLIP,
    Levels,
    Powers,
    fit_noise,
    measure_powers,
    take_powers,
)
from hstql_assets.statistics.series import Series
from hstql_assets.statistics.single_exposures import FEWEST_BINS, find_interval

Label = Shape | Literal["flicker", "orbit", "none"]

MOST_SEARCHES = 3
FINER = 16
MOST_ALIASES, MOST_RIVALS = 12, 2  # maxima that are refined, of many exposures and of one
MOST_OTHERS = 3  # first harmonics that are tried
NEAR = 0.75  # of 1 / longest exposure: frequencies that a period has power at


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
        That white noise alone would reach it, 0 to 1.
    note : str or None
        What else than the source may make it.
    noise_probability : float
        That noise that flickers as the series does would reach it, 0 to 1; 1 if not even white
        noise would not.
    shape : str or None
        Of the profile; None if it was not folded.
    """

    period_s: float
    error_s: float
    power: float
    false_alarm_probability: float
    note: Note | None
    noise_probability: float = 1.0
    shape: Shape | None = None

    @property
    def is_significant(self) -> bool:
        """Whether it is too high for white noise."""
        return self.false_alarm_probability < SIGNIFICANT

    @property
    def is_above_noise(self) -> bool:
        """Whether it is too high for noise, white or red."""
        return self.is_significant and self.noise_probability < SIGNIFICANT

    @property
    def is_periodic(self) -> bool:
        """Whether it is too high for noise, and nothing else explains it."""
        return self.is_above_noise and self.note is None

    @property
    def label(self) -> Label:
        """What was found, in a word."""
        if self.is_periodic:
            return self.shape or "sinusoid"
        if not self.is_significant or self.note in ("window", "event"):
            return "none"
        return "orbit" if self.note == "orbit" else "flicker"


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
    tip = _find_tip(series, values, grid, power, noise)
    wave = fit_wave(series, values, tip.frequency_hz)
    best = first = _judge(series, wave, tip.period_s, tip, noise)
    if first.is_significant:
        best = _search_noise(series, values, grid, power, first, tip)
    return PeriodSearch(series, grid, power, noise, best)


@dataclass(frozen=True)
class Tip:
    """Where a peak is, Hz, with its 1-sigma error, and how high, 0 to 1."""

    frequency_hz: float
    error_hz: float
    height: float

    @property
    def period_s(self) -> tuple[float, float]:
        """The period and its error, s."""
        return 1 / self.frequency_hz, self.error_hz / self.frequency_hz**2


def _search_noise(
    series: Series, values: np.ndarray, grid: Grid, power: np.ndarray, first: Peak, highest: Tip
) -> Peak:
    """Return the best period over red noise, or the first peak, the highest, if there is none."""
    fitted = 0
    tip: Tip | None = highest
    for _ in range(MOST_SEARCHES):
        peak = _test_highest(series, values, grid, power, fitted, tip)
        if peak is None or peak.is_periodic:
            return peak or first
        if fitted == 0:
            first = replace(first, noise_probability=peak.noise_probability)
        if not (peak.is_above_noise and peak.note in ("orbit", "window")):
            break
        fitted += 2 * series.exposures * (fitted == 0) + 2
        values = _take_off(series, values, 1 / peak.period_s)
        if np.ptp(values) <= 1e-9 * np.max(np.abs(series.rates)):
            break
        power = compute_power(series, values, grid)
        tip = None
    return first


def _test_highest(
    series: Series,
    values: np.ndarray,
    grid: Grid,
    power: np.ndarray,
    fitted: int,
    highest: Tip | None,
) -> Peak | None:
    """Return the peak of the power, shape (grid.count,), that is highest over red noise.

    None if no exposure is long enough to tell red noise. So many parameters were fitted before; the
    highest peak itself may be known.
    """
    model = fit_noise(take_powers(series, values, grid, power), CLIP)
    if model is None:
        return None
    levels, noise = Levels.of(model, series), Noise.of(series, fitted)
    tip = highest
    if tip is None or not _is_over_noise(series, grid, power, levels, tip):
        tip = _find_tip(series, values, grid, power, noise, levels)
    strength = 0.5 * np.sum((values / series.errors) ** 2)
    others = _find_others(series, grid, strength * power, levels)
    fold = find_fold(series, values, tip.frequency_hz, others, levels)
    model = fit_noise(_leave_out(series, values, fold)) or model
    chance = noise.spread(model.chance(strength * tip.height, tip.frequency_hz))
    peak = _judge(series, fold.model(series), _take_period(series, tip, fold), tip, noise)
    return replace(peak, noise_probability=chance, shape=fold.shape)


def _find_others(series: Series, grid: Grid, power: np.ndarray, levels: Levels) -> list[float]:
    """Return frequencies, Hz, whose harmonics add up well, by a power in units of white noise."""
    if series.exposures > 1:
        return []
    frequency_hz = grid.frequency_hz
    score = sum_harmonics(
        power / levels.at(frequency_hz), round(grid.lowest_hz / grid.step_hz), len(series.times_s)
    )
    score[frequency_hz < levels.lowest_hz] = -np.inf
    found = find_maxima(score, MOST_OTHERS)
    return [float(one) for one in frequency_hz[found][score[found] > 0.5 * max(score.max(), 0.0)]]


def _leave_out(series: Series, values: np.ndarray, fold: Fold) -> Powers:
    """Return the powers of values, shape (n,), less a period, without those at its harmonics."""
    powers = measure_powers(series, values - fold.model(series))
    harmonic = powers.frequency_hz / fold.frequency_hz
    number = np.clip(np.rint(harmonic), 1, len(fold.powers))
    is_far = np.abs(harmonic - number) * fold.frequency_hz * series.longest_exposure_s > NEAR
    return Powers(powers.frequency_hz[is_far], powers.power[is_far], powers.weight[is_far])


def _take_period(series: Series, tip: Tip, fold: Fold) -> tuple[float, float]:
    """Return the period of a fold and its error, s."""
    multiple = round(tip.frequency_hz / fold.frequency_hz)
    if series.exposures > 1 or (multiple == 1 and len(fold.powers) == 1):
        period_s, error_s = tip.period_s
        return multiple * period_s, multiple * error_s
    return 1 / fold.frequency_hz, fold.error_hz(series) / fold.frequency_hz**2


def _judge(
    series: Series, wave: np.ndarray, period_s: tuple[float, float], tip: Tip, noise: Noise
) -> Peak:
    """Return a peak with what white noise and other things have to do with it.

    The wave, shape (n,), is what repeats with the period and error, s.
    """
    probability = noise.probability(tip.height)
    note = explain(tip.frequency_hz, series)
    if note is None and period_s != tip.period_s:
        note = explain(1 / period_s[0], series)
    if note is None and probability < SIGNIFICANT and is_passing(series, wave):
        note = "event"
    return Peak(*period_s, tip.height, probability, note)


def _find_tip(
    series: Series,
    values: np.ndarray,
    grid: Grid,
    power: np.ndarray,
    noise: Noise,
    levels: Levels | None = None,
) -> Tip:
    """Return the highest peak of the power, shape (grid.count,), of values, count/s, shape (n,).

    It is the highest over the levels of red noise, if they are given.
    """
    interval = find_interval(series, values, levels) if series.exposures > 1 else None
    if interval is not None:
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
    return Tip(frequency_hz, float(error_hz), height)


def _find_top(grid: Grid, power: np.ndarray, levels: Levels) -> int:
    """Return where the power, shape (grid.count,), is highest over the levels."""
    allowed = grid.frequency_hz >= levels.lowest_hz
    return int(np.argmax(np.where(allowed, power / levels.at(grid.frequency_hz), 0.0)))


def _is_over_noise(series: Series, grid: Grid, power: np.ndarray, levels: Levels, tip: Tip) -> bool:
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
