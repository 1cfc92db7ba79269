"""Compute the periodogram of hstlc, and whether there is a period by its rule.

The rule of the pipeline of HST programme 13902 (justincely/lightcurve_pipeline 1.0): the classical
periodogram (Scargle 1982, ApJ 263, 835) of the net rate less its mean, in three grids of periods,
5 s to 10 min, 10 min to 1 h, 1 h to 10 h, each with as many points as there are bins, at equal
steps in period. A strict local maximum higher than the mean and three standard deviations of the
powers of its grid is a candidate; there is a period if a candidate is 0.30 or higher.

That is followed to the letter, also where a grid goes beyond the data: periods of up to 10 h are
tried on exposures of 40 min, where any slow drift fits them. Only two things differ: bins that were
not live throughout are left out, and of series of more than 20,000 bins the grids have 20,000
points.
"""

import numpy as np

from hstql_assets.statistics.trigonometric_sums import sum_waves

GRIDS_S = ((5.0, 600.0), (600.0, 3600.0), (3600.0, 36000.0))
SIGMAS = 3.0
LEAST_POWER = 0.30
MOST_POINTS = 20_000
FEWEST_BINS = 3


def has_period(times_s: np.ndarray, rates: np.ndarray) -> bool | None:
    """Tell whether a lightcurve has a period by the rule of hstlc.

    Parameters
    ----------
    times_s : numpy.ndarray, shape (n,)
        Times, s, ascending.
    rates : numpy.ndarray, shape (n,)
        Net rates; the unit does not matter.

    Returns
    -------
    bool or None
        None for fewer than three bins or constant values.
    """
    if len(rates) < FEWEST_BINS or np.ptp(rates) == 0:
        return None
    return any(
        highest_candidate(classical_power(times_s, rates, periods_s)) >= LEAST_POWER
        for periods_s in period_grids(len(rates))
    )


def period_grids(bins: int) -> list[np.ndarray]:
    """Return the three grids of periods, s, shape (m,), for a number of bins."""
    return [np.linspace(*limits, min(bins, MOST_POINTS)) for limits in GRIDS_S]


def highest_candidate(power: np.ndarray) -> float:
    """Return the highest candidate of the powers of a grid, shape (m,); 0 if it has none."""
    inner = power[1:-1]
    is_maximum = (inner > power[:-2]) & (inner > power[2:])
    candidates = inner[is_maximum & (inner > power.mean() + SIGMAS * power.std())]
    return float(candidates.max(initial=0.0))


def classical_power(times_s: np.ndarray, rates: np.ndarray, periods_s: np.ndarray) -> np.ndarray:
    """Return the classical Lomb-Scargle periodogram, 0 to 1.

    Parameters
    ----------
    times_s, rates : numpy.ndarray, shape (n,)
        Times, s, ascending, and values that are not all the same.
    periods_s : numpy.ndarray, shape (m,)
        Where to, s.

    Returns
    -------
    numpy.ndarray, shape (m,)
        That of scipy.signal.lombscargle with `normalize`.

    Notes
    -----
    With S = sum y exp(i omega t) and D = sum exp(2 i omega t) = d exp(2 i omega tau)::

        C + i Z = S exp(-i omega tau)
        power   = 2 / sum y^2 (C^2 / (n + d) + Z^2 / (n - d))
    """
    y, omega = rates - rates.mean(), 2 * np.pi / periods_s
    shifted = sum_waves(times_s, y, omega)
    double = sum_waves(times_s, np.ones(len(times_s)), 2 * omega)
    distance = np.abs(double)
    shifted = shifted * np.exp(-0.5j * np.angle(double))
    n = len(times_s)
    sine = np.divide(
        shifted.imag**2, n - distance, out=np.zeros(len(omega)), where=n - distance > 1e-8 * n
    )
    power = 2 * (shifted.real**2 / (n + distance) + sine) / np.sum(y**2)
    return np.asarray(power)
