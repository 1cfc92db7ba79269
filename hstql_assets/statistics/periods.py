"""The strongest period of a lightcurve by the Lomb-Scargle periodogram.

VanderPlas 2018, ApJS 236, 16. Whether a period means anything is not decided here.
"""

from dataclasses import dataclass

import numpy as np
from astropy import units as u
from astropy.timeseries import LombScargle

SAMPLES_PER_PEAK = 10


@dataclass(frozen=True)
class Period:
    """The highest peak of a periodogram.

    Attributes
    ----------
    period_s : float
        Where it is, s.
    resolution_s : float
        How far two periods must be apart to be told apart: P^2 over the time covered, s.
    power : float
        Its height, 0 to 1.
    """

    period_s: float
    resolution_s: float
    power: float


def find_period(times: u.Quantity, values: np.ndarray, errors: np.ndarray) -> Period:
    """Return the strongest period between two bins and the time covered.

    Parameters
    ----------
    times : Quantity [time], shape (n,)
        Centres of equal bins.
    values, errors : ndarray, shape (n,)
        Rates or fluxes with their errors; NaN and bins without an error are left out.

    Returns
    -------
    Period

    Raises
    ------
    ValueError
        If fewer than four bins are left.
    """
    is_known = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    if is_known.sum() < 4:
        raise ValueError(f"{is_known.sum()} bins are too few for a periodogram.")
    seconds = times.to_value(u.s)[is_known]
    span_s = float(np.ptp(seconds))
    step_s = float(np.min(np.diff(seconds)))
    search = LombScargle(seconds * u.s, values[is_known], errors[is_known])
    frequency, power = search.autopower(
        minimum_frequency=1 / (span_s * u.s),
        maximum_frequency=1 / (2 * step_s * u.s),
        samples_per_peak=SAMPLES_PER_PEAK,
    )
    best = int(np.argmax(power))
    period_s = float((1 / frequency[best]).to_value(u.s))
    return Period(period_s, period_s**2 / span_s, float(power[best]))
