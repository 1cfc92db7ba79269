"""Move pointing and orbit of the telescope through an exposure, as a jitter file has them."""

import numpy as np

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.instrument_data import load_data
from hstql_resources.archive.simulated.observing_program import Target
from hstql_resources.archive.simulated.sky.fitsfile import Column
from hstql_resources.archive.simulated.sky.orbit import Orbit

JITTER_INTERVAL_S = 3.0
# Mean and standard deviation of what jitters, in the units of the table.
SCATTER = load_data("sky/jitter", dict[str, dict[str, tuple[float, float]]])["scatter"]


def jitter_columns(
    duration_s: float, orbit: Orbit, pointing: Target, rng: np.random.Generator
) -> list[Column]:
    """Return the 28 columns of a jitter table.

    Parameters
    ----------
    duration_s : float
        From start to end of the exposure [s].
    orbit : Orbit
        Where the telescope is, from the start of the exposure.
    pointing : Target
        What it points at.
    rng : Generator
        What the pointing jitters with.
    """
    time_s = np.arange(JITTER_INTERVAL_S, duration_s, JITTER_INTERVAL_S)
    sun = orbit.sun_altitude_at(time_s)
    target = orbit.target_altitude_at(time_s)
    means = {"RA": pointing.ra_deg, "DEC": pointing.dec_deg}
    drawn = {
        name: means.get(name, mean) + spread * rng.standard_normal(time_s.size)
        for name, (mean, spread) in SCATTER.items()
    }
    sizes = {name: np.abs(drawn[name]) for name in drawn if name.endswith(("_RMS", "_P2P"))}
    values = {
        "Seconds": time_s,
        **drawn,
        **sizes,
        "LimbAng": target,
        "TermAng": np.abs(target - sun),
        "LOS_Zenith": np.abs(90.0 - target),
        "Latitude": orbit.latitude_at(time_s),
        "Longitude": orbit.longitude_at(time_s),
        "is_day": np.where(sun > 0.0, 1.0, 0.0),
    }
    return fill_columns("sky/jitter", values)
