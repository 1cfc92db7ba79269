"""Maximize the likelihood of many histograms at once: damped Fisher scoring, all in step.

The model of the events n_k of pulse height k is a Gaussian on a constant,

    mu_k = a / (s sqrt(2 pi)) exp(-(k - m)^2 / (2 s^2)) + b.

Fisher scoring is the Gauss-Newton method with the weights 1 / mu_k of Poisson statistics: it
climbs the likelihood, and its matrix gives the errors (Kendall & Stuart, The Advanced Theory of
Statistics, vol. 2, chapter 18). The diagonal is raised as in the Levenberg-Marquardt method where
a step does not help. A parameter at its bound that would go beyond it stands still.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.science.symmetric_matrices import quadratic_form, solve_symmetric

AREA, MEAN, WIDTH, BACKGROUND = range(4)
PARAMETERS = 4

MAXIMUM_STEPS = 60
SETTLED = 1e-4  # what a last step may add to 2 ln L: a hundredth of a 1-sigma error
_FIRST_DAMPING, _LAST_DAMPING = 1e-4, 1e8
_STEP_LIMITS = (np.inf, 2.0, 0.5, np.inf)  # of mean and width, pulse height
_ROOT_TWO_PI = float(np.sqrt(2.0 * np.pi))

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """Least and greatest value of each parameter."""

    least: tuple[float, float, float, float]
    greatest: tuple[float, float, float, float]

    def clip(self, parameters: Floats) -> Floats:
        """Return parameters, shape (4, n), within the bounds."""
        least, greatest = (np.array(ends)[:, np.newaxis] for ends in (self.least, self.greatest))
        return np.clip(parameters, least, greatest)

    def is_at_end(self, parameters: Floats, direction: Floats) -> Mask:
        """Tell which parameters are at a bound and would go beyond it.

        Parameters
        ----------
        parameters, direction : ndarray, shape (4, n)
            Where they are, and whether they would rise (> 0) or fall (< 0).
        """
        least, greatest = (np.array(ends)[:, np.newaxis] for ends in (self.least, self.greatest))
        too_low = (parameters <= least) & (direction <= 0)
        too_high = (parameters >= greatest) & (direction >= 0)
        return too_low | too_high


@dataclass(frozen=True, eq=False)
class Model:
    """The model of n histograms with K bins, and what its derivatives are made of.

    Attributes
    ----------
    deviation : ndarray, shape (K, n)
        (k - m) / s.
    shape : ndarray, shape (K, n)
        The Gaussian of area 1.
    expected : ndarray, shape (K, n)
        mu.
    """

    deviation: Floats
    shape: Floats
    expected: Floats

    @classmethod
    def of(cls, heights: Floats, parameters: Floats) -> "Model":
        """Evaluate it.

        Parameters
        ----------
        heights : ndarray, shape (K, n) or (K, 1)
            Pulse heights of the bins.
        parameters : ndarray, shape (4, n)
            Area, mean, width, background.
        """
        area, mean, width, background = parameters
        deviation = (heights - mean) / width
        shape = np.exp(-0.5 * deviation * deviation)
        shape /= width * _ROOT_TWO_PI
        return cls(deviation, shape, area * shape + background)

    def loss(self, counts: Floats, importance: Floats) -> Floats:
        """Return -ln L up to a constant, shape (n,).

        Parameters
        ----------
        counts, importance : ndarray, shape (K, n)
            As in `Histograms`.
        """
        lost = self.expected - counts * np.log(self.expected)
        lost *= importance
        total: Floats = lost.sum(axis=0)
        return total

    def take(self, chosen: Mask) -> "Model":
        """Return some of the histograms; the mask of shape (n,)."""
        return Model(self.deviation[:, chosen], self.shape[:, chosen], self.expected[:, chosen])


@dataclass(frozen=True, eq=False)
class Histograms:
    """What a model is fitted to; all arrays of shape (K, n).

    Attributes
    ----------
    heights : ndarray
        Pulse heights of the bins.
    counts : ndarray
        Events.
    importance : ndarray
        How much each bin counts; 1 for the likelihood itself.
    """

    heights: Floats
    counts: Floats
    importance: Floats

    def take(self, chosen: Mask) -> "Histograms":
        """Return some of them; the mask of shape (n,)."""
        arrays = (self.heights, self.counts, self.importance)
        return Histograms(*(one[:, chosen] for one in arrays))


def maximize_likelihood(
    data: Histograms, start: Floats, bounds: Bounds, fixed: Mask, settled: float = SETTLED
) -> tuple[Floats, Mask]:
    """Find the most likely parameters of each histogram.

    Parameters
    ----------
    data : Histograms
    start : ndarray, shape (4, n)
        Area, mean, width, background to begin with.
    bounds : Bounds
        The least area and background must be positive.
    fixed : ndarray of bool, shape (4, n)
        Parameters that stay where they are.
    settled : float
        What a last step may add to 2 ln L.

    Returns
    -------
    parameters : ndarray, shape (4, n)
    is_settled : ndarray of bool, shape (n,)
        Whether it came to an end.
    """
    found = bounds.clip(start)
    is_settled = np.zeros(found.shape[1], bool)
    active = np.arange(found.shape[1])
    now, held = found, fixed
    model = Model.of(data.heights, now)
    loss = model.loss(data.counts, data.importance)
    damping = np.full(active.size, _FIRST_DAMPING)
    for _ in range(MAXIMUM_STEPS):
        if not active.size:
            break
        step, gain = _find_step(data, model, now, bounds, held, damping)
        trial = bounds.clip(now + step)
        trial_model = Model.of(data.heights, trial)
        trial_loss = trial_model.loss(data.counts, data.importance)
        is_better = trial_loss <= loss + 1e-10 * np.abs(loss)
        now, loss = np.where(is_better, trial, now), np.where(is_better, trial_loss, loss)
        model = trial_model if is_better.all() else _choose(is_better, trial_model, model)
        damping *= np.where(is_better, 0.1, 10.0)
        is_done = is_better & (gain < settled)
        is_open = ~is_done & (damping < _LAST_DAMPING)
        if not is_open.all():
            found[:, active], is_settled[active] = now, is_done
            active, model, data = active[is_open], model.take(is_open), data.take(is_open)
            now, held = now[:, is_open], held[:, is_open]
            loss, damping = loss[is_open], damping[is_open]
    found[:, active] = now
    return found, is_settled


def _choose(is_better: Mask, new: Model, old: Model) -> Model:
    """Return the new model where it is better, shape (n,), else the old one."""
    return Model(
        np.where(is_better, new.deviation, old.deviation),
        np.where(is_better, new.shape, old.shape),
        np.where(is_better, new.expected, old.expected),
    )


def _find_step(
    data: Histograms, model: Model, now: Floats, bounds: Bounds, held: Mask, damping: Floats
) -> tuple[Floats, Floats]:
    """Return the step of each parameter, shape (4, n), and what it should add to 2 ln L, (n,).

    Parameters now and those held are of shape (4, n), damping of shape (n,).
    """
    gradient = _gradient(data, model, now)
    matrix = _information(data.importance / model.expected, model, now)
    stands = held | bounds.is_at_end(now, gradient)
    gradient[stands] = 0.0
    _hold(matrix, stands)
    for i in range(PARAMETERS):
        matrix[i, i] *= 1.0 + damping
    step = solve_symmetric(matrix, gradient)
    expected: Floats = (gradient * step).sum(axis=0)
    limits = np.array(_STEP_LIMITS)[:, np.newaxis]
    return np.clip(step, -limits, limits), np.abs(expected)


def _gradient(data: Histograms, model: Model, now: Floats) -> Floats:
    """Return the derivatives of ln L, shape (4, n)."""
    tall = now[AREA] / now[WIDTH]
    excess = data.counts / model.expected
    excess -= 1.0
    excess *= data.importance
    background = excess.sum(axis=0)
    excess *= model.shape
    first, second, third = _moments(excess, model.deviation, 3)
    return np.array([first, tall * second, tall * (third - first), background])


def _information(weight: Floats, model: Model, now: Floats) -> Floats:
    """Return the sums over bins of products of two derivatives of mu, shape (4, 4, n).

    With the weights 1 / mu, which are used up, it is Fisher's matrix. Only its upper half is there.
    """
    z, shape, tall = model.deviation, model.shape, now[AREA] / now[WIDTH]
    matrix = np.empty((PARAMETERS, PARAMETERS, z.shape[1]))
    matrix[BACKGROUND, BACKGROUND] = weight.sum(axis=0)
    weight *= shape
    first, second, third = _moments(weight.copy(), z, 3)
    edge = (first, tall * second, tall * (third - first))
    matrix[AREA, BACKGROUND], matrix[MEAN, BACKGROUND], matrix[WIDTH, BACKGROUND] = edge
    weight *= shape
    m0, m1, m2, m3, m4 = _moments(weight, z, 5)
    matrix[AREA, AREA], matrix[AREA, MEAN], matrix[AREA, WIDTH] = m0, tall * m1, tall * (m2 - m0)
    matrix[MEAN, MEAN], matrix[MEAN, WIDTH] = tall**2 * m2, tall**2 * (m3 - m1)
    matrix[WIDTH, WIDTH] = tall**2 * (m4 - 2.0 * m2 + m0)
    return matrix


def _moments(values: Floats, z: Floats, number: int) -> list[Floats]:
    """Return the sums, shape (n,), of values z^j, shape (K, n), for j from 0; uses values up."""
    sums = [values.sum(axis=0)]
    for _ in range(number - 1):
        values *= z
        sums.append(values.sum(axis=0))
    return sums


def _hold(matrix: Floats, stands: Mask) -> None:
    """Take parameters that stand, shape (4, n), out of the upper half of a matrix, (4, 4, n)."""
    for i in range(PARAMETERS):
        for j in range(i, PARAMETERS):
            matrix[i, j][stands[i] | stands[j]] = 1.0 if i == j else 0.0


def find_errors(data: Histograms, found: Floats, bounds: Bounds, fixed: Mask) -> Floats:
    """Return the 1-sigma error of each parameter, shape (4, n).

    The roots of the covariance F^-1 G F^-1: F is the matrix of the steps, G that of the variance of
    the gradient, in which the importance counts twice. Where it is 1 this is F^-1. The error of a
    parameter that is fixed, stands at a bound, or is not known at all, is NaN.

    Parameters are those of `maximize_likelihood`; `found` is what it found, shape (4, n).
    """
    model = Model.of(data.heights, found)
    stands = fixed | bounds.is_at_end(found, _gradient(data, model, found))
    matrix = _information(data.importance / model.expected, model, found)
    spread = _information(data.importance**2 / model.expected, model, found)
    _hold(matrix, stands)
    errors = np.empty_like(found)
    for i in range(PARAMETERS):
        unit = np.zeros_like(found)
        unit[i] = 1.0
        variance = quadratic_form(spread, solve_symmetric(matrix, unit))
        errors[i] = np.sqrt(np.where(variance > 0, variance, np.nan))
    errors[stands] = np.nan
    return errors
