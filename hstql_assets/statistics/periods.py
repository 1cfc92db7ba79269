"""Search the strongest period that neither noise nor the telescope explains.

The highest peak (`tips`) is compared with white noise first (`false_alarms`). If it is too high for
that, the series is looked at as noise that flickers (`red_noise`): the highest peak over what is
expected at its frequency is folded (`folding`), the period that comes out is taken off, and the
noise fitted anew without it. If that, too, would not reach the peak, and nothing else explains it
(`explanations`), it is the best period. What the orbit or the window explains is taken off, a
parabola from each exposure and the sinusoid, and the rest is searched again, twice at most.
Otherwise the highest peak is reported as it is, with its note.
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
from hstql_assets.statistics.single_exposures import FEWEST_BINS
from hstql_assets.statistics.tips import Tip, find_tip, is_over_noise

Label = Shape | Literal["flicker", "orbit", "none"]

MOST_SEARCHES = 3
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


def search_period(series: Series, known: Peak | None = None) -> PeriodSearch | None:
    """Look for a period.

    Parameters
    ----------
    series : Series
        Fully live bins.
    known : Peak or None
        The best period, where somebody has looked for it before.

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
    if known is not None:
        return PeriodSearch(series, grid, power, noise, known)
    tip = find_tip(series, values, grid, power, noise)
    wave = fit_wave(series, values, tip.frequency_hz)
    best = first = _judge(series, wave, tip.period_s, tip, noise)
    if first.is_significant:
        best = _search_noise(series, values, grid, power, first, tip)
    return PeriodSearch(series, grid, power, noise, best)


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
    if tip is None or not is_over_noise(series, grid, power, levels, tip):
        tip = find_tip(series, values, grid, power, noise, levels, highest)
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
