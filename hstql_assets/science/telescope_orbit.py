"""Compute where the telescope was from the Earth's centre.

From the elements of its orbit in the primary header of an spt file, with the formulas of
`calcos.orbit` (of which the source is Smart, Spherical Astronomy, section 75). Drag changes the
orbit: elements hold for some weeks, and are of the days before the exposure.

They agree with POSTNSTX, -Y, -Z of the same 24 real spt files (1998 to 2019) within 90 km, most of
that along the track, and with latitude and longitude of a real jit file within 45 km: 0.3 ms.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.science.orbit_position import Floats, sidereal_time_deg
from hstql_resources.times import SECONDS_PER_DAY

MJD_OF_1985 = 46066.0  # from where EPCHTIME counts
OLDEST_DAYS = 30.0  # age of elements that are used; 15 occur
RADIUS_KM = 6920.0  # from the Earth's centre; 6,985 in 1998, 6,870 in 2024
LOWEST_KM, HIGHEST_KM = 6600.0, 7100.0
TURN = 2.0 * np.pi


@dataclass(frozen=True)
class Orbit:
    """Elements of an orbit, named as the keywords are: seconds, metres, turns, radians."""

    epchtime: float
    eccentry: float
    semilrec: float
    meananom: float
    fdmeanan: float
    sdmeanan: float
    argperig: float
    rcargper: float
    rascascn: float
    rcascnrv: float
    cosincli: float
    sineincl: float

    def find_position(self, mjd: Floats) -> Floats:
        """Return the telescope's position from the Earth's centre, km, shape (n, 3).

        Parameters
        ----------
        mjd : ndarray, shape (n,)
            MJD UTC.
        """
        since_s = (mjd - MJD_OF_1985) * SECONDS_PER_DAY - self.epchtime
        anomaly = self.meananom + TURN * (self.fdmeanan + 0.5 * self.sdmeanan * since_s) * since_s
        true_anomaly = anomaly + _centre(anomaly, self.eccentry)
        radius_km = self.semilrec / (1.0 + self.eccentry * np.cos(true_anomaly)) / 1000.0
        along = true_anomaly + TURN * (self.argperig + self.rcargper * since_s)
        node = TURN * (self.rascascn + self.rcascnrv * since_s)
        ahead, across = np.cos(along), self.cosincli * np.sin(along)
        x = np.cos(node) * ahead - np.sin(node) * across
        y = np.sin(node) * ahead + np.cos(node) * across
        position: Floats = np.stack([x, y, self.sineincl * np.sin(along)], axis=-1)
        return position * radius_km[:, None]

    def holds(self, mjd: Floats) -> bool:
        """Tell whether the elements are of these days, MJD UTC, and put it where it may be."""
        days = mjd - MJD_OF_1985 - self.epchtime / SECONDS_PER_DAY
        if not (np.abs(days) <= OLDEST_DAYS).all():
            return False
        radius_km = np.linalg.norm(self.find_position(mjd), axis=1)
        return bool(((radius_km > LOWEST_KM) & (radius_km < HIGHEST_KM)).all())


def _centre(anomaly: Floats, eccentricity: float) -> Floats:
    """Return true less mean anomaly, radians, shape (n,): the equation of the centre."""
    sine, cosine, e = np.sin(anomaly), np.cos(anomaly), eccentricity
    third = e**3 * (3.0 * cosine**2 - 4.0 / 3.0 * sine**2)
    return np.asarray(sine * (2.0 * e + 2.5 * e**2 * cosine + third))


def place_over(latitude_deg: Floats, longitude_deg: Floats, mjd: Floats) -> Floats:
    """Return the position over a latitude and longitude, km, shape (n, 3), as `Orbit` does.

    The height is that of `RADIUS_KM`, which is within 80 km.
    """
    latitude = np.deg2rad(latitude_deg)
    ascension = np.deg2rad(longitude_deg + sidereal_time_deg(mjd))
    x, y = np.cos(latitude) * np.cos(ascension), np.cos(latitude) * np.sin(ascension)
    return RADIUS_KM * np.stack([x, y, np.sin(latitude)], axis=-1)
