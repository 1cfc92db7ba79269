"""Move pointing and orbit of the telescope through an exposure, as a jitter file has them."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.observing_program import Target
from hstql_resources.archive.simulated.sky.fitsfile import Column
from hstql_resources.archive.simulated.sky.orbit import Orbit

JITTER_INTERVAL_S = 3.0


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
    size = time_s.size
    sun = orbit.sun_altitude_at(time_s)
    target = orbit.target_altitude_at(time_s)

    def jitter(mean: float, spread: float) -> NDArray[np.float64]:
        return mean + spread * rng.standard_normal(size)

    return [
        Column("Seconds", "1E", time_s, "seconds"),
        Column("V2_dom", "1E", jitter(715.455, 0.002), "arcsec"),
        Column("V3_dom", "1E", jitter(5.568, 0.002), "arcsec"),
        Column("V2_roll", "1E", jitter(-92.593, 0.002), "arcsec"),
        Column("V3_roll", "1E", jitter(-684.86, 0.002), "arcsec"),
        Column("SI_V2_AVG", "1E", jitter(0.0, 0.002), "arcsec"),
        Column("SI_V2_RMS", "1E", np.abs(jitter(0.002, 0.0004)), "arcsec"),
        Column("SI_V2_P2P", "1E", np.abs(jitter(0.009, 0.001)), "arcsec"),
        Column("SI_V3_AVG", "1E", jitter(0.0, 0.002), "arcsec"),
        Column("SI_V3_RMS", "1E", np.abs(jitter(0.002, 0.0004)), "arcsec"),
        Column("SI_V3_P2P", "1E", np.abs(jitter(0.009, 0.001)), "arcsec"),
        Column("RA", "1D", jitter(pointing.ra_deg, 1e-6), "degrees"),
        Column("DEC", "1D", jitter(pointing.dec_deg, 1e-6), "degrees"),
        Column("Roll", "1D", jitter(45.0, 1e-5), "degrees"),
        Column("LimbAng", "1E", target, "degrees"),
        Column("TermAng", "1E", np.abs(target - sun), "degrees"),
        Column("LOS_Zenith", "1E", np.abs(90.0 - target), "degrees"),
        Column("Latitude", "1E", orbit.latitude_at(time_s), "degrees"),
        Column("Longitude", "1E", orbit.longitude_at(time_s), "degrees"),
        Column("Mag_V1", "1E", jitter(0.24, 0.01), "Gauss"),
        Column("Mag_V2", "1E", jitter(0.05, 0.01), "Gauss"),
        Column("Mag_V3", "1E", jitter(0.29, 0.01), "Gauss"),
        Column("BrightLimb", "1I", np.where(sun > 0.0, 1.0, 0.0)),
        Column("FGS_flags", "1E", np.zeros(size)),
        Column("DayNight", "1I", np.where(sun > 0.0, 1.0, 0.0)),
        Column("Recenter", "1I", np.zeros(size)),
        Column("TakeData", "1I", np.ones(size)),
        Column("SlewFlag", "1I", np.zeros(size)),
    ]
