"""Find what shifts do over months and years: a running median, and a change per year."""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.osm_shifts.flash_table import Floats
from hstql_assets.science.robust import SIGMA_PER_DEVIATION, running_median

YEAR_DAYS = 365.25
WINDOW_DAYS = 180.0
FEWEST_IN_WINDOW = 3
MOST_PLACES = 400  # of a running median
FEWEST_EXPOSURES = 8
SHORTEST_DAYS = 180.0  # over which a change per year means something
CLIP_SIGMAS = 4.0


@dataclass(frozen=True)
class Change:
    """A straight line through shifts over time.

    Attributes
    ----------
    per_year, per_year_error : float
        Pixel/yr.
    exposures : int
        That it was fitted to.
    scatter : float
        Standard deviation of a shift about it, pixel.
    """

    per_year: float
    per_year_error: float
    exposures: int
    scatter: float


def find_medians(mjd: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the median within 90 days on either side, at most at 400 places.

    Parameters
    ----------
    mjd, values : ndarray, shape (n,)
        In order of time, d.

    Returns
    -------
    mjd, medians : ndarray, shape (m,)
        NaN where there are fewer than 3 values.
    """
    places = np.unique(mjd)
    if len(places) > MOST_PLACES:
        places = np.linspace(mjd[0], mjd[-1], MOST_PLACES)
    return places, running_median(mjd, values, places, WINDOW_DAYS, FEWEST_IN_WINDOW)


def fit_change(mjd: Floats, values: Floats) -> Change | None:
    """Fit a straight line; None with fewer than 8 exposures, or over less than 180 days.

    Values more than 4 robust deviations from it are left out, once.

    Parameters
    ----------
    mjd, values : ndarray, shape (n,)
        Times, d; shifts, pixel.
    """
    if len(mjd) < FEWEST_EXPOSURES or np.ptp(mjd) < SHORTEST_DAYS:
        return None
    years = (mjd - mjd.mean()) / YEAR_DAYS
    distances = np.abs(values - np.polyval(np.polyfit(years, values, 1), years))
    sigma = SIGMA_PER_DEVIATION * float(np.median(distances))
    is_kept = distances <= CLIP_SIGMAS * sigma if sigma > 0.0 else np.ones(len(mjd), dtype=bool)
    years, values = years[is_kept], values[is_kept]
    lever = float(((years - years.mean()) ** 2).sum())
    if len(years) < FEWEST_EXPOSURES or lever == 0.0:
        return None
    slope = float((years - years.mean()) @ (values - values.mean())) / lever
    residuals = values - values.mean() - slope * (years - years.mean())
    variance = float(residuals @ residuals) / (len(years) - 2)
    return Change(slope, (variance / lever) ** 0.5, len(years), variance**0.5)
