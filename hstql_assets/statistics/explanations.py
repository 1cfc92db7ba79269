"""Explain peaks without a period: the orbit, the sampling, slow changes, single events."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from hstql_assets.statistics.periodogram import Grid, compute_window
from hstql_assets.statistics.series import Series

Note = Literal["orbit", "window", "trend", "event"]

# The orbit fell from 610 to 480 km since 1990, with some lifts; its period is between these.
ORBIT_S = (94.6 * 60, 96.7 * 60)
HARMONICS = 5
ORBITS_TO_RESOLVE = 2.0
STRONG_WINDOW = 0.1
FEWEST_CYCLES = 2.0
PARTS = 3
LEAST_SHARE = 0.3


def explain(frequency_hz: float, series: Series) -> Note | None:
    """Return what a peak at a frequency may come from beside the source.

    - `orbit`: the period of the telescope's orbit, or a half to a fifth of it, within 1 / baseline.
      A series that covers less than two orbits cannot tell it from others.
    - `window`: the window function there, within 1 / baseline, is 0.1 or more.
    - `trend`: less than two cycles in the longest exposure. Drifts and steps between
      exposures look the same.

    Parameters
    ----------
    frequency_hz : float
        Of the peak, Hz.
    series : Series
        Which it is a peak of.

    Returns
    -------
    str or None
        None if nothing of this does.
    """
    rules: tuple[tuple[Note, Callable[[float, Series], bool]], ...] = (
        ("orbit", _is_orbit),
        ("trend", _is_shorter_than_a_cycle),
        ("window", _is_in_window),
        ("trend", _is_slow),
    )
    return next((note for note, holds in rules if holds(frequency_hz, series)), None)


def _is_orbit(frequency_hz: float, series: Series) -> bool:
    if series.baseline_s < ORBITS_TO_RESOLVE * ORBIT_S[1]:
        return False
    reach_hz = 1 / series.baseline_s
    harmonic = np.arange(1, HARMONICS + 1)
    above = frequency_hz >= harmonic / ORBIT_S[1] - reach_hz
    return bool(np.any(above & (frequency_hz <= harmonic / ORBIT_S[0] + reach_hz)))


def _is_shorter_than_a_cycle(frequency_hz: float, series: Series) -> bool:
    return frequency_hz < FEWEST_CYCLES / series.baseline_s


def _is_slow(frequency_hz: float, series: Series) -> bool:
    return frequency_hz < FEWEST_CYCLES / series.longest_exposure_s


def _is_in_window(frequency_hz: float, series: Series) -> bool:
    step_hz = 0.1 / series.baseline_s
    near = Grid(frequency_hz - 10 * step_hz, step_hz, 21)
    return bool(compute_window(series, near).max() >= STRONG_WINDOW)


def fit_wave(series: Series, values: np.ndarray, frequency_hz: float) -> np.ndarray:
    """Return the sinusoid of a frequency (Hz) in values, both of shape (n,)."""
    circle = np.exp(2j * np.pi * frequency_hz * series.times_s)
    whole = 2 * np.sum(np.conj(circle) * series.weights * values)
    return np.asarray(np.real(circle * whole))


def is_passing(series: Series, wave: np.ndarray) -> bool:
    """Tell whether a significant peak comes from a part of the time only: the note `event`.

    A flare or a single eclipse has power at many frequencies. With the phase of the whole, the
    amplitude in each third of the bins must be at least three tenths of that in the third with the
    largest: a period that is just significant seldom fails that, a single event nearly always. Slow
    changes are taken off as a line for each exposure and third, not as a parabola: that would make
    waves of an eclipse where there was none.

    Parameters
    ----------
    series : Series
        Which it is a peak of.
    wave : numpy.ndarray, shape (n,)
        What repeats with its period.
    """
    third = np.arange(len(wave)) * PARTS // len(wave)
    stretch = series.dataset * PARTS + third
    wave = _without_lines(wave, series.times_s, stretch)
    rates = _without_lines(series.rates, series.times_s, stretch)
    found = np.bincount(third, series.weights * rates * wave)
    expected = np.bincount(third, series.weights * wave**2)
    shares = found / np.where(expected > 0, expected, np.inf)
    return bool(shares.min() < LEAST_SHARE * shares.max())


def _without_lines(values: np.ndarray, times_s: np.ndarray, stretch: np.ndarray) -> np.ndarray:
    """Return values less the line that fits each stretch best; all of shape (n,), times in s."""
    bins = np.maximum(np.bincount(stretch), 1)

    def centre(numbers: np.ndarray) -> np.ndarray:
        return np.asarray(numbers - (np.bincount(stretch, numbers) / bins)[stretch])

    x, y = centre(times_s), centre(values)
    spread = np.bincount(stretch, x * x)
    slope = np.bincount(stretch, x * y) / np.where(spread > 0, spread, 1.0)
    return np.asarray(y - slope[stretch] * x)
