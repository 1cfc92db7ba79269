"""Fit two Gaussians to the rates of each pixel: one of when it is quiet, one of when it is off.

Currie & Rubin 2018 (arXiv 1808.02033): the quiet one has the errors of the rates with a floor
added, the other a mean and a sigma of its own; what is asked for is the share of the time that a
pixel is off. They sample the posterior of each pixel. Here the likelihood is climbed to its top by
expectation and maximisation, all pixels side by side, from where their sampling begins.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDS = 60
FIRST_SHARE = 0.5
STEADY_SIGMAS = 3.0
SEVERAL = 3  # darks beyond that make a pixel worth a fit
SPREAD_SIGMAS = 4.0  # or a chi square so far above what is expected

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """What the rates of pixels say; all arrays of shape (pixels,).

    Attributes
    ----------
    share : ndarray
        Of the darks in which the pixel is off, 0 to 1.
    rate, rate_error : ndarray
        Of the quiet pixel [electron/s].
    off_rate, off_spread : ndarray
        Mean and sigma of the other Gaussian [electron/s].
    gain : ndarray
        Of the logarithm of the likelihood over a single Gaussian.
    """

    share: Floats
    rate: Floats
    rate_error: Floats
    off_rate: Floats
    off_spread: Floats
    gain: Floats


def take_middle(rates: Floats) -> Floats:
    """Return the median of each pixel over darks, shape (darks, pixels): the lower one of two.

    It is a rate that the pixel had, also where one half of them is far from the other. NaN of a
    pixel without a number.
    """
    known = np.count_nonzero(np.isfinite(rates), axis=0)
    place = np.maximum(known - 1, 0) // 2
    if known.size and known.min() == len(rates):
        middle: Floats = np.partition(rates, place[0], axis=0)[place[0]]
        return middle
    return np.asarray(np.sort(rates, axis=0)[place, np.arange(known.size)])  # NaN come last


def add_floor(errors: Floats, middle: Floats, floor: float, floor_share: float) -> Floats:
    """Return errors with a floor and a share of the middle rate of a pixel added in quadrature.

    Parameters
    ----------
    errors : ndarray, shape (darks, pixels)
        Electrons/s.
    middle : ndarray, shape (pixels,)
        As `take_middle` has it.
    floor : float
        Electrons/s.
    floor_share : float
        Of the middle rate.
    """
    return np.sqrt(errors**2 + (floor**2 + (floor_share * middle) ** 2))


def average(rates: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Return the weighted mean of each pixel and its error, shape (pixels,).

    Parameters
    ----------
    rates, errors : ndarray, shape (darks, pixels)
        Electrons/s; NaN where a dark says nothing.
    """
    weights = np.where(np.isfinite(rates), errors**-2.0, 0.0)
    total = weights.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weights > 0.0, weights * rates, 0.0).sum(axis=0) / total
        return mean, total**-0.5


def find_restless(rates: Floats, errors: Floats, middle: Floats) -> NDArray[np.bool_]:
    """Tell which pixels, shape (pixels,), vary enough to be worth a fit.

    Parameters
    ----------
    rates, errors : ndarray, shape (darks, pixels)
        Electrons/s, with the floor; NaN where a dark says nothing.
    middle : ndarray, shape (pixels,)
        As `take_middle` has it.
    """
    deviation = (rates - middle) / errors
    known = np.count_nonzero(np.isfinite(deviation), axis=0)
    beyond = np.count_nonzero(np.abs(deviation) > STEADY_SIGMAS, axis=0)
    square = np.nansum(deviation**2, axis=0)
    is_wide = square > known + SPREAD_SIGMAS * np.sqrt(2.0 * known)
    return np.asarray(is_wide | (beyond >= SEVERAL))


def fit_mixture(rates: Floats, errors: Floats, lowest_spread: float) -> Mixture:
    """Fit two Gaussians to the rates of each pixel.

    Parameters
    ----------
    rates, errors : ndarray, shape (darks, pixels)
        Electrons/s, with the floor; NaN where a dark says nothing. A pixel has two numbers.
    lowest_spread : float
        Sigma of the other Gaussian at least [electron/s].
    """
    is_known = np.isfinite(rates)
    known = np.count_nonzero(is_known, axis=0)
    values = np.where(is_known, rates, 0.0)
    weights = np.where(is_known, errors**-2.0, 0.0)
    log_errors = np.where(is_known, np.log(np.where(is_known, errors, 1.0)), 0.0)
    single, _ = average(rates, errors)
    alone = -(0.5 * weights * (values - single) ** 2 + log_errors).sum(axis=0)

    quiet = take_middle(rates)
    off = values.sum(axis=0) / known
    spread = np.maximum(_scatter(values, is_known, off, known), lowest_spread)
    share = np.full(len(known), FIRST_SHARE)
    together = alone
    for _ in range(ROUNDS):
        with np.errstate(divide="ignore"):
            first = np.log1p(-share) - 0.5 * weights * (values - quiet) ** 2 - log_errors
            other = np.log(share) - 0.5 * ((values - off) / spread) ** 2 - np.log(spread)
            both = np.logaddexp(first, other)
            is_off = np.where(is_known, np.exp(other - both), 0.0)
        together = np.where(is_known, both, 0.0).sum(axis=0)
        number = is_off.sum(axis=0)
        held = weights * (1.0 - is_off)
        mass = held.sum(axis=0)
        quiet = np.where(mass > 0.0, (held * values).sum(axis=0) / np.maximum(mass, 1e-30), quiet)
        is_some = number > 1e-9
        divisor = np.where(is_some, number, 1.0)
        off = np.where(is_some, (is_off * values).sum(axis=0) / divisor, off)
        spread = np.maximum(_scatter(values, is_off, off, divisor), lowest_spread)
        share = number / known
    with np.errstate(divide="ignore"):
        error = mass**-0.5
    return Mixture(share, quiet, error, off, spread, together - alone)


def _scatter(values: Floats, weights: NDArray[Any], mean: Floats, number: Floats) -> Floats:
    found: Floats = np.sqrt((weights * (values - mean) ** 2).sum(axis=0) / number)
    return found
