"""Fit how the light of constant stars changes over the years, robust against odd exposures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.science.robust import find_sigma

Floats = NDArray[np.float64]

DAYS_PER_YEAR = 365.25
ONE_EPOCH_DAYS = 7.0
FEWEST_EPOCHS = 3
ODD_SIGMAS = 5.0  # of errors, or of the scatter where that is larger; ours
ROUNDS = 50
SMALLEST = 1e-3  # of an error, so that no weight is infinite


@dataclass(frozen=True, eq=False)
class Slope:
    """ln(rate) = ln(level of its star) + slope (t - middle).

    Attributes
    ----------
    middle_mjd : float
        MJD UTC.
    levels : mapping of str to float
        Rate of each star at the middle [electron/s].
    percent, error : float
        Slope and its 1-sigma error [percent/year].
    chi_square : float
        Over the degrees of freedom; errors are larger by its root where it is above 1.
    is_used : ndarray of bool, shape (n,)
        False for odd exposures.
    covariance : ndarray, shape (2, 2)
        Of the mean level and the slope, as fractions, and a year.
    """

    middle_mjd: float
    levels: Mapping[str, float]
    percent: float
    error: float
    chi_square: float
    is_used: NDArray[np.bool_]
    covariance: Floats

    def predict(self, mjd: Floats) -> Floats:
        """Return the rate over the level of its star at times, MJD, shape (n,)."""
        return np.exp(self.percent / 100.0 * (mjd - self.middle_mjd) / DAYS_PER_YEAR)

    def error_at(self, mjd: float) -> float:
        """Return the 1-sigma error of that at a time, MJD."""
        lever = np.array([1.0, (mjd - self.middle_mjd) / DAYS_PER_YEAR])
        return float(np.sqrt(max(lever @ self.covariance @ lever, 0.0)))


def fit_slope(mjd: Floats, rates: Floats, errors: Floats, stars: NDArray[np.str_]) -> Slope | None:
    """Fit one slope to all stars, each with its own level; None for fewer than three epochs.

    Weighted least squares. Odd exposures, found against a fit of least absolute deviations, are
    left out: those five errors off, or five deviations of all where the scatter is larger.

    Parameters
    ----------
    mjd, rates, errors : ndarray, shape (n,)
        Times, rates and their errors [electron/s]; rates that are not above 0 are odd.
    stars : ndarray of str, shape (n,)
    """
    is_known = (rates > 0.0) & (errors > 0.0) & np.isfinite(rates) & np.isfinite(errors)
    if count_epochs(mjd[is_known]) < FEWEST_EPOCHS:
        return None
    names = sorted(set(stars[is_known].tolist()))
    safe = np.where(is_known, rates, 1.0)
    value, sigma = np.log(safe), np.where(is_known, errors, 1.0) / safe
    middle = float(np.mean(mjd[is_known]))
    years = (mjd - middle) / DAYS_PER_YEAR
    matrix = np.column_stack([*(stars == name for name in names), years]).astype(np.float64)
    is_used = _find_usual(matrix, value, sigma, is_known)
    is_seen = np.append(matrix[is_used, :-1].any(axis=0), True)  # stars that are not odd only
    names = [name for name, seen in zip(names, is_seen, strict=False) if seen]
    matrix = matrix[:, is_seen]
    used, freedom = matrix[is_used], int(is_used.sum()) - matrix.shape[1]
    if freedom < 1 or count_epochs(mjd[is_used]) < FEWEST_EPOCHS:
        return None
    if np.linalg.matrix_rank(used) < matrix.shape[1]:  # each star was seen at one time only
        return None
    found, covariance = _solve(used, value[is_used], sigma[is_used])
    deviations = (value[is_used] - used @ found) / sigma[is_used]
    chi_square = float(np.sum(deviations**2)) / freedom
    covariance = covariance * max(chi_square, 1.0)
    shares = used[:, :-1].mean(axis=0)  # the mean level is that of all exposures
    combine = np.zeros((2, len(found)))
    combine[0, :-1], combine[1, -1] = shares, 1.0
    return Slope(
        middle,
        {name: float(np.exp(level)) for name, level in zip(names, found[:-1], strict=True)},
        100.0 * float(found[-1]),
        100.0 * float(np.sqrt(covariance[-1, -1])),
        chi_square,
        is_used,
        combine @ covariance @ combine.T,
    )


def count_epochs(mjd: Floats) -> int:
    """Return how many epochs times are of, MJD: exposures a week apart are of two."""
    return int(np.count_nonzero(np.diff(np.sort(mjd)) > ONE_EPOCH_DAYS)) + 1 if len(mjd) else 0


def _find_usual(
    matrix: Floats, value: Floats, sigma: Floats, is_known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which exposures are not odd, shape (n,)."""
    own, seen, error = matrix[is_known], value[is_known], sigma[is_known]
    weights = np.ones(len(seen))
    found = np.zeros(matrix.shape[1])
    for _ in range(ROUNDS):  # least absolute deviations by weights, Schlossmacher 1973, JASA 68
        found, _ = _solve(own, seen, error / np.sqrt(weights))
        weights = 1.0 / np.maximum(np.abs(seen - own @ found) / error, SMALLEST)
    off = np.abs(value - matrix @ found) / sigma
    scatter = find_sigma(((value - matrix @ found) / sigma)[is_known])
    return is_known & (off <= ODD_SIGMAS * max(scatter, 1.0))


def _solve(matrix: Floats, value: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Return the weighted least-squares solution, shape (m,), and its covariance."""
    scaled = matrix / sigma[:, np.newaxis]
    covariance = np.asarray(np.linalg.pinv(scaled.T @ scaled), np.float64)
    return covariance @ (scaled.T @ (value / sigma)), covariance
