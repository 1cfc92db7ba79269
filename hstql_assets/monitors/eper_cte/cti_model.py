"""Fit how the inefficiency of charge transfer grows over years, and goes with the signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
FEWEST_EPOCHS = 3
LEAST_RANGE = 2.0  # of the signals, for a power of them
ONE_EPOCH_DAYS = 7.0


@dataclass(frozen=True)
class CtiModel:
    """(at + slope (t - middle)) (signal / reference)^power.

    Attributes
    ----------
    middle_mjd : float
        Mean time, MJD UTC.
    reference_e : float
        Signal that `at` and `slope` are for [electron].
    at, at_error : float
        Loss per transfer at the middle.
    slope, slope_error : float
        Its growth a year.
    power, power_error : float
        Error 0 where it was given, for the signals are all alike.
    chi_square : float
        Over the degrees of freedom; errors are larger by its root where it is above 1.
    """

    middle_mjd: float
    reference_e: float
    at: float
    at_error: float
    slope: float
    slope_error: float
    power: float
    power_error: float
    chi_square: float

    def predict(self, mjd: Floats, signal_e: Floats) -> Floats:
        """Return the loss per transfer at times, MJD, and signals, shape (n,)."""
        years = (mjd - self.middle_mjd) / DAYS_PER_YEAR
        return _law((years, signal_e / self.reference_e), self.at, self.slope, self.power)


def fit_model(
    mjd: Floats, signal_e: Floats, cti: Floats, errors: Floats, reference_e: float, power: float
) -> CtiModel | None:
    """Fit the model by least squares; None for fewer than three epochs.

    Parameters
    ----------
    mjd, signal_e, cti, errors : ndarray, shape (n,)
        Times, signals [electron], losses per transfer and their errors.
    reference_e : float
        Signal at which the result is told [electron].
    power : float
        That is taken where the signals do not span a factor of 2.
    """
    from scipy.optimize import curve_fit  # a tenth of a second that only those who fit wait for

    if len(np.unique(np.round(mjd / ONE_EPOCH_DAYS))) < FEWEST_EPOCHS:
        return None
    is_free = signal_e.max() >= LEAST_RANGE * signal_e.min() and len(cti) > FEWEST_EPOCHS
    middle = float(np.average(mjd))
    x = np.vstack([(mjd - middle) / DAYS_PER_YEAR, signal_e / reference_e])
    start = [float(np.median(cti * x[1] ** -power)), 0.0, power]

    def law(x: Floats, at: float, slope: float, power: float = power) -> Floats:
        return _law((x[0], x[1]), at, slope, power)

    found, covariance = curve_fit(
        law, x, cti, start if is_free else start[:2], sigma=errors, absolute_sigma=True
    )
    freedom = max(len(cti) - len(found), 1)
    chi_square = float(np.sum(((cti - law(x, *found)) / errors) ** 2)) / freedom
    sigmas = np.sqrt(np.diag(covariance) * max(chi_square, 1.0))
    powers = (float(found[2]), float(sigmas[2])) if is_free else (power, 0.0)
    return CtiModel(
        middle, reference_e, float(found[0]), float(sigmas[0]), float(found[1]), float(sigmas[1]),
        *powers, chi_square,
    )  # fmt: skip


def _law(x: tuple[Floats, Floats], at: float, slope: float, power: float) -> Floats:
    """Return the loss at years from the middle and signals over the reference, shape (n,)."""
    return np.asarray((at + slope * x[0]) * x[1] ** power)
