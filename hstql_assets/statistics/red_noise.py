"""Fit noise that flickers to a series, and say what peaks of its periodogram are to be expected.

The power spectrum is a white level and one of several shapes of red noise, f the frequency::

    S = C + A f^-a,  a = 0.5, 1 ... 4        S = C + A / (1 + (f / b)^a),  a = 2, 3

fitted to the periodograms of the exposures by Whittle's likelihood, sum of -log S - I / S (Vaughan
2010, MNRAS 402, 307, equation 16). Powers I are in units of the white noise of the errors, which
alone would be 1 on average. What a model expects of a peak it says with its uncertainty: over the
shapes by their likelihood, over C and A by the curvature about the best (Laplace), as in the
posterior prediction of Vaughan 2010, section 6, without its simulations.

A period must not pass for noise: powers far above the fit count in it no more than that, and the
frequencies of the period that is asked about are left out.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.statistics.explanations import FEWEST_CYCLES
from hstql_assets.statistics.periodogram import Grid, compute_power
from hstql_assets.statistics.series import Series

FEWEST_BINS = 10
ENTRIES = 100
CLIP = 2.0  # times what is expected: 14 % of the powers of noise are higher
SPREAD = 5.0  # of log (A / C) before the data, wide
GROUP = 1.1  # ratio of frequencies that are fitted as one
ROUNDS, STEPS, LARGEST_STEP = 2, 6, 2.5
SLOPES = np.arange(0.5, 4.1, 0.5)
BENT_SLOPES, BENDS = (2.0, 3.0), 2.0 ** np.arange(1, 8)  # in units of the lowest frequency
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
NODE_WEIGHTS = NODE_WEIGHTS / NODE_WEIGHTS.sum()


@dataclass(frozen=True)
class Powers:
    """Powers of single exposures at frequencies that are about independent, shape (n,).

    Parameters
    ----------
    frequency_hz : numpy.ndarray
        Multiples of 1 / length of each exposure, Hz.
    power : numpy.ndarray
        1 on average for white noise of the errors.
    weight : numpy.ndarray
        How many independent powers each is worth: the live share of its exposure.
    """

    frequency_hz: np.ndarray
    power: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class NoiseModel:
    """Models of noise and how likely each is; arrays have the shape (models,).

    Parameters
    ----------
    lowest_hz : float
        Unit of frequency of the shapes, Hz.
    white, red : numpy.ndarray
        Logarithms of C and of A.
    covariance : numpy.ndarray, shape (3, models)
        Variances of both, and their covariance.
    share : numpy.ndarray
        Probability of each.
    """

    lowest_hz: float
    white: np.ndarray
    red: np.ndarray
    covariance: np.ndarray
    share: np.ndarray

    def level(self, frequency_hz: np.ndarray) -> np.ndarray:
        """Return the power that is expected at frequencies in Hz, shape (n,)."""
        return np.asarray(self.share @ self._parts(frequency_hz).sum(axis=0))

    def chance(self, power: float, frequency_hz: float) -> float:
        """Return the probability that noise has a power or more at one frequency, Hz."""
        white, red = self._parts(np.array([frequency_hz]))[:, :, 0]
        level = white + red
        parts = np.array([white / level, red / level])
        variance = parts[0] ** 2 * self.covariance[0] + parts[1] ** 2 * self.covariance[1]
        variance += 2 * parts[0] * parts[1] * self.covariance[2]
        levels = level[:, None] * np.exp(np.sqrt(np.maximum(variance, 0))[:, None] * NODES)
        return float(self.share @ (np.exp(-power / levels) @ NODE_WEIGHTS))

    @property
    def slope(self) -> float:
        """Mean slope of the shapes."""
        return float(self.share @ np.concatenate([SLOPES, np.repeat(BENT_SLOPES, len(BENDS))]))

    def _parts(self, frequency_hz: np.ndarray) -> np.ndarray:
        """Return white and red power, shape (2, models, n)."""
        shapes = _make_shapes(frequency_hz / self.lowest_hz)
        white = np.broadcast_to(np.exp(self.white)[:, None], shapes.shape)
        return np.array([white, np.exp(self.red)[:, None] * shapes])


@dataclass(frozen=True)
class Levels:
    """What is expected of the power of noise, as a table that is read fast.

    Parameters
    ----------
    lowest_hz, highest_hz : float
        Between these a period can be told from a drift, and the bins can show it.
    logs, level : numpy.ndarray, shape (m,)
        Logarithm of the frequency in Hz, ascending, and the power.
    """

    lowest_hz: float
    highest_hz: float
    logs: np.ndarray
    level: np.ndarray

    @classmethod
    def of(cls, model: NoiseModel, series: Series) -> "Levels":
        """Return that of a model, for a series."""
        highest_hz = 1 / (2 * series.bin_s)
        frequency_hz = np.geomspace(model.lowest_hz, highest_hz, ENTRIES)
        lowest_hz = FEWEST_CYCLES / series.longest_exposure_s
        return cls(lowest_hz, highest_hz, np.log(frequency_hz), model.level(frequency_hz))

    def at(self, frequency_hz: np.ndarray) -> np.ndarray:
        """Return the power at frequencies in Hz, shape (n,)."""
        return np.asarray(np.interp(np.log(frequency_hz), self.logs, self.level))


def measure_powers(series: Series, values: np.ndarray) -> Powers:
    """Return the periodograms of the exposures of a series.

    Parameters
    ----------
    series : Series
        Times and errors.
    values : numpy.ndarray, shape (n,)
        Of which; count/s.
    """
    parts = [_measure_exposure(series, values, number) for number in range(series.exposures)]
    return Powers(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def take_powers(series: Series, values: np.ndarray, grid: Grid, power: np.ndarray) -> Powers:
    """Return what `measure_powers` does, where a periodogram of one exposure is at hand.

    Parameters
    ----------
    series : Series
        Times and errors.
    values : numpy.ndarray, shape (n,)
        Of which; count/s.
    grid : Grid
        Of which every so many frequencies are multiples of 1 / length.
    power : numpy.ndarray, shape (grid.count,)
        Their power, 0 to 1.
    """
    if series.exposures > 1 or len(series.times_s) < FEWEST_BINS:
        return measure_powers(series, values)
    every = slice(None, None, round(grid.lowest_hz / grid.step_hz))
    strength = 0.5 * len(values) * np.var(values / series.errors)
    found = strength * power[every]
    live = min(len(values) * series.bin_s / series.baseline_s, 1.0)
    return Powers(grid.frequency_hz[every], found, np.full(len(found), live))


def _measure_exposure(
    series: Series, values: np.ndarray, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    part, mine = series.take(number), series.dataset == number
    bins = len(part.times_s)
    if bins < FEWEST_BINS or not np.ptp(values[mine]) > 0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    step_hz = 1 / part.baseline_s
    grid = Grid(step_hz, step_hz, max(int(part.baseline_s / (2 * part.bin_s)), 1))
    strength = 0.5 * bins * np.var(values[mine] / part.errors)
    power = strength * compute_power(part, values[mine], grid)
    live = min(bins * part.bin_s / part.baseline_s, 1.0)
    return grid.frequency_hz, power, np.full(grid.count, live)


def fit_noise(powers: Powers, clip: float | None = None) -> NoiseModel | None:
    """Fit the models.

    Parameters
    ----------
    powers : Powers
        From `measure_powers`.
    clip : float or None
        How many times what is expected a power counts at most, so that periods do not pass for
        noise; None if there are none in it.

    Returns
    -------
    NoiseModel or None
        None if fewer than five powers are left.
    """
    frequency_hz, power, weight = powers.frequency_hz, powers.power, powers.weight
    if len(power) < FEWEST_BINS // 2:
        return None
    lowest_hz = float(frequency_hz.min())
    group = (np.log(frequency_hz / lowest_hz) / np.log(GROUP) + 0.5).astype(int)
    group = np.unique(group, return_inverse=True)[1]
    number = np.bincount(group, weight)
    logs_hz = np.bincount(group, weight * np.log(frequency_hz)) / number
    shapes = _make_shapes(np.exp(logs_hz) / lowest_hz)
    middle = max(float(np.median(power)) / np.log(2), 1e-6)
    logs, level = np.full((2, len(shapes)), np.log(middle)), None
    for _ in range(ROUNDS if clip else 1):
        counted = power
        if clip:  # of exponential powers, clipping takes exp(-clip) from the mean
            top = clip * (3 * middle if level is None else level[group])
            counted = np.minimum(power, top) / -np.expm1(-clip)
        mean = np.bincount(group, weight * counted) / number
        logs, covariance, share = _fit_shapes(shapes, mean, number, logs)
        level = share @ (np.exp(logs[0])[:, None] + np.exp(logs[1])[:, None] * shapes)
    return NoiseModel(lowest_hz, logs[0], logs[1], covariance, share)


def _make_shapes(frequency: np.ndarray) -> np.ndarray:
    """Return the shapes, (models, n), at frequencies in units of the lowest; about 1 there."""
    logs = np.log(frequency)
    laws = np.exp(-SLOPES[:, None] * logs)
    bent = [1 / (1 + np.exp(slope * (logs - np.log(BENDS)[:, None]))) for slope in BENT_SLOPES]
    return np.vstack([laws, *bent])


def _fit_shapes(
    shapes: np.ndarray, power: np.ndarray, number: np.ndarray, logs: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit log C and log A, shape (2, models), to mean powers of numbers of frequencies (n,).

    Returns them, their covariance, shape (3, models), and the share of each model.
    """
    for _ in range(STEPS):
        white, red = np.exp(logs[0])[:, None], np.exp(logs[1])[:, None] * shapes
        level = white + red
        part = white / level
        misfit = number * (power / level - 1)
        ratio = (logs[1] - logs[0]) / SPREAD**2
        gradient = np.array([(misfit * part).sum(1) + ratio, (misfit * (1 - part)).sum(1) - ratio])
        a = (number * part**2).sum(1) + SPREAD**-2 + 1e-9
        b = (number * (1 - part) ** 2).sum(1) + SPREAD**-2 + 1e-9
        c = (number * part * (1 - part)).sum(1) - SPREAD**-2
        determinant = a * b - c**2
        step = np.array([b * gradient[0] - c * gradient[1], a * gradient[1] - c * gradient[0]])
        logs = logs + np.clip(step / determinant, -LARGEST_STEP, LARGEST_STEP)
    level = np.exp(logs[0])[:, None] + np.exp(logs[1])[:, None] * shapes
    likelihood = -(number * (np.log(level) + power / level)).sum(1)
    likelihood -= 0.5 * ((logs[1] - logs[0]) / SPREAD) ** 2 + 0.5 * np.log(determinant)
    share = np.exp(likelihood - likelihood.max())
    return logs, np.array([b, a, -c]) / determinant, share / share.sum()
