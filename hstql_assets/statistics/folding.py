"""Find the period of which a peak is a harmonic, by folding at its multiples.

Narrow eclipses and pulses have power in many harmonics, and the highest of them is seldom the
first. So the series is folded at multiples of the period of the peak, and at periods whose first
harmonics add up well, with waves of 1, 2, 3 ... harmonics fitted to the profile at once. Each
harmonic must take as much from minus the logarithm of the likelihood as the Bayesian information
criterion asks for two parameters, log N (Schwarz 1978, Ann. Stat. 6, 461); the noise is what
`red_noise` expects at each frequency. A multiple of the true period has empty harmonics to pay for,
a fraction lacks some: both come out worse. Exposures of a composite have a phase each: a peak of
visits far apart is one of many teeth, and its multiples would not be in phase.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hstql_assets.statistics.red_noise import Levels
from hstql_assets.statistics.series import Series

Shape = Literal["sinusoid", "eclipse-like", "pulse-like"]
MOST_HARMONICS = 20
MOST_MULTIPLES = 12
MOST_MULTIPLES_OF_MANY = 20  # of exposures, for which no harmonics are added up
MOST_FOLDED = 2  # exposures, the longest, that choose the multiple
GRID_HARMONICS = 8  # the grid is too coarse for more
PHASES = 256
CENTRE = np.exp(-1j * np.pi * np.fft.fftfreq(PHASES))  # a phase is that of the middle of its bin
ONE_WAVE = 0.75  # share of the power from which one harmonic is the shape
AS_GOOD = 0.95
NEARLY = 0.95  # of the highest frequency; sines of that itself are 0 in all bins
SHIFTS = np.arange(-8, 9) * 0.0125  # in 1 / baseline: a quarter of a turn of harmonic 20
RIDGE = 1e-6


@dataclass(frozen=True)
class Fold:
    """A period with the waves of its profile.

    Parameters
    ----------
    frequency_hz : float
        Of the period, Hz.
    amplitudes : numpy.ndarray of complex, shape (exposures, harmonics)
        Of the waves Re a_k exp(2 pi i k f t), t from the start of each exposure; count/s.
    powers : numpy.ndarray, shape (harmonics,)
        What each takes from minus the logarithm of the likelihood.
    score : float
        Their sum less the price of the harmonics.
    """

    frequency_hz: float
    amplitudes: np.ndarray
    powers: np.ndarray
    score: float

    def model(self, series: Series) -> np.ndarray:
        """Return the waves at the times of a series, shape (n,); count/s."""
        waves = np.zeros(len(series.times_s))
        for number in range(series.exposures):
            waves[series.dataset == number] = self._wave(number, series.take(number).times_s)
        return waves

    @property
    def shape(self) -> Shape:
        """What the profile of the exposure with the strongest one looks like."""
        if self.powers.max() >= ONE_WAVE * self.powers.sum():
            return "sinusoid"
        strongest = int(np.argmax(np.abs(self.amplitudes).sum(axis=1)))
        profile = self._wave(strongest, np.arange(PHASES) / PHASES / self.frequency_hz)
        middle = np.median(profile)
        return "eclipse-like" if middle - profile.min() > profile.max() - middle else "pulse-like"

    def error_hz(self, series: Series) -> float:
        """Return the 1-sigma error of the frequency, Hz: the information of all harmonics.

        To it comes that of edges, of which only the bin is known: over c cycles a bin times
        sqrt(2 / c^3).
        """
        information = np.sum(np.arange(1, len(self.powers) + 1) ** 2 * self.powers)
        noise_hz = 1 / (2 * np.pi * np.sqrt(2 * information * series.variance_of_times_s2))
        cycles = series.baseline_s * self.frequency_hz
        edges_hz = series.bin_s * self.frequency_hz**2 * np.sqrt(2 / cycles**3)
        return float(np.hypot(noise_hz, edges_hz))

    def _wave(self, exposure: int, times_s: np.ndarray) -> np.ndarray:
        """Return the wave of an exposure, shape (n,): one exponential, by Horner's rule."""
        turn, total = np.exp(2j * np.pi * self.frequency_hz * times_s), np.zeros(len(times_s))
        for amplitude in self.amplitudes[exposure, ::-1]:
            total = (total + amplitude) * turn
        return np.asarray(np.real(total))


def find_fold(
    series: Series, values: np.ndarray, peak_hz: float, others_hz: Sequence[float], levels: Levels
) -> Fold:
    """Find the period that a peak belongs to.

    Parameters
    ----------
    series : Series
        Times and errors.
    values : numpy.ndarray, shape (n,)
        What was searched, count/s.
    peak_hz : float
        Frequency of the peak.
    others_hz : sequence of float
        Other frequencies that may be the first harmonic, to within a twentieth of 1 / baseline.
    levels : Levels
        What is expected without a period.

    Returns
    -------
    Fold
        The shortest of the periods that are about as good as the best: those of the peak, of its
        multiples that are slow enough to be told, and of the others.
    """
    parts = [
        (series.take(number), values[series.dataset == number])
        for number in range(series.exposures)
    ]
    every, parts = parts, sorted(parts, key=lambda part: -len(part[1]))[:MOST_FOLDED]
    most = MOST_MULTIPLES if len(every) == 1 else MOST_MULTIPLES_OF_MANY
    longest = int(peak_hz / levels.lowest_hz)
    trials = [peak_hz / multiple for multiple in range(1, min(max(longest, 1), most) + 1)]
    folds = [_fit(parts, trial, levels) for trial in trials]
    shifts_hz = SHIFTS / series.baseline_s
    waves_hz = [fold.frequency_hz for fold in folds if len(fold.powers) == 1]
    for other in others_hz:
        # A single wave has been found as well as can be.
        if all(abs(other - wave) > 2 * shifts_hz[-1] for wave in waves_hz):
            folds.append(_fit(parts, _shift(parts, other, levels, shifts_hz), levels))
    best = max(fold.score for fold in folds)
    least = best - (1 - AS_GOOD) * abs(best)
    found = max((f for f in folds if f.score >= least), key=lambda fold: fold.frequency_hz)
    if len(every) > 1:
        return _fit(every, found.frequency_hz, levels)
    if len(found.powers) == 1:
        return found
    reach = 3 * SHIFTS / SHIFTS[-1] * min(found.error_hz(series), shifts_hz[-1])
    return _fit(parts, _shift(parts, found.frequency_hz, levels, reach), levels)


def sum_harmonics(power: np.ndarray, first: int, bins: int) -> np.ndarray:
    """Return the score of each frequency of a grid as a first harmonic, roughly.

    Parameters
    ----------
    power : numpy.ndarray, shape (n,)
        Over what is expected of noise, at frequencies that are multiples of their distance.
    first : int
        Which multiple the first is.
    bins : int
        Of the series.

    Returns
    -------
    numpy.ndarray, shape (n,)
        The best of the sums of the first 1, 2, 3 ... harmonics less their price.
    """
    total, best = np.zeros(len(power)), np.full(len(power), -np.inf)
    for harmonic in range(1, GRID_HARMONICS + 1):
        count = max((len(power) - 1 + first) // harmonic - first + 1, 0)
        total[:count] += power[harmonic * (first + np.arange(count)) - first] - np.log(bins)
        np.maximum(best[:count], total[:count], out=best[:count])
    return best


Parts = list[tuple[Series, np.ndarray]]


def _shift(parts: Parts, frequency_hz: float, levels: Levels, shifts_hz: np.ndarray) -> float:
    """Return the best of the frequencies near one, Hz, by the harmonics of a single exposure."""
    series, values = parts[0]
    scores = []
    for trial in frequency_hz + shifts_hz:
        sums, level = _sum_phases(series, values, trial), _level_harmonics(levels, trial)
        powers = np.abs(sums[1, 1 : len(level) + 1]) ** 2 / sums[0, 0].real / level
        scores.append(_score(powers, len(values)).max())
    return float(frequency_hz + shifts_hz[int(np.argmax(scores))])


def _level_harmonics(levels: Levels, frequency_hz: float) -> np.ndarray:
    """Return the power of noise at the harmonics of a frequency in Hz, shape (harmonics,)."""
    most = int(NEARLY * levels.highest_hz / frequency_hz)
    return levels.at(frequency_hz * np.arange(1, min(max(most, 1), MOST_HARMONICS) + 1))


def _score(powers: np.ndarray, bins: int, exposures: int = 1) -> np.ndarray:
    """Return the score of the first 1, 2, 3 ... harmonics by the power of each, shape (n,)."""
    price = exposures * np.log(bins)
    return np.asarray(np.cumsum(powers) - np.arange(1, len(powers) + 1) * price)


def _sum_phases(series: Series, values: np.ndarray, frequency_hz: float) -> np.ndarray:
    """Return the Fourier sums of weights and of weighted values over the phase, (2, PHASES)."""
    phase = (series.times_s * (frequency_hz * PHASES)).astype(np.int64) % PHASES
    weights = series.errors**-2.0
    sums = np.array([np.bincount(phase, each, PHASES) for each in (weights, weights * values)])
    return np.asarray(np.fft.fft(sums) * CENTRE)


def _fit(parts: Parts, frequency_hz: float, levels: Levels) -> Fold:
    """Fit a constant and 1, 2, 3 ... harmonics, and keep as many as pay for themselves.

    What a harmonic takes from the likelihood is what it adds to those before it (by Cholesky's
    factors), not the square of its amplitude: where phases are missing, amplitudes may be as large
    as they like and cancel each other.
    """
    level = _level_harmonics(levels, frequency_hz)
    number = np.arange(1, len(level) + 1)
    order = np.concatenate([[0], np.column_stack([number, -number]).ravel()])
    powers, equations = np.zeros(len(level)), []
    for series, values in parts:
        sums = _sum_phases(series, values, frequency_hz)
        matrix = sums[0][order[:, None] - order[None, :]]
        matrix += RIDGE * sums[0, 0].real * np.eye(len(order))
        gained = np.abs(np.linalg.solve(np.linalg.cholesky(matrix), sums[1][order])[1:]) ** 2
        powers += gained.reshape(-1, 2).sum(axis=1) / 2 / level
        equations.append((matrix, sums[1][order]))
    scores = _score(powers, sum(len(values) for _, values in parts), len(parts))
    best = int(np.argmax(scores))
    kept = slice(0, 2 * best + 3)
    amplitudes = np.array([2 * np.linalg.solve(matrix[kept, kept], of_values[kept])[1::2]
                           for matrix, of_values in equations])  # fmt: skip
    return Fold(frequency_hz, amplitudes, powers[: best + 1], float(scores[best]))
