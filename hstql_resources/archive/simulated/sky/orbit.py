"""Place the simulated telescope on a circular orbit, good enough for TIMELINE and jitter.

No ephemeris: the phase at the start of an exposure is given, the rest is geometry.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PERIOD_S = 5717.8
INCLINATION_DEG = 28.5
SPEED_KM_S = 7.6
RADIAL_SPEED_KM_S = 0.8 * SPEED_KM_S  # the most of it that is along the line of sight
RADIAL_LAG_RAD = 0.6  # from sunrise to where nothing of it is
EARTH_ROTATION_S = 86164.1
LIMB_ZENITH_DISTANCE_DEG = 113.0  # the limb lies 23 degrees below the horizontal at 540 km


@dataclass(frozen=True)
class Orbit:
    """One exposure's stretch of orbit.

    Attributes
    ----------
    sunrise_s : float
        A time at which the Sun rises over the limb [s since the start of the exposure].
    node_longitude_deg : float
        Longitude of the ascending node, which is passed at sunrise.
    """

    sunrise_s: float
    node_longitude_deg: float

    def angle_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the angle travelled since sunrise [rad] at times since the start, shape (n,)."""
        return 2.0 * np.pi * (time_s - self.sunrise_s) / PERIOD_S

    def sun_altitude_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the altitude of the Sun above the limb [deg], shape (n,)."""
        return 65.0 * np.sin(self.angle_at(time_s))

    def sun_zenith_distance_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the angle between zenith and Sun [deg], shape (n,)."""
        return LIMB_ZENITH_DISTANCE_DEG - self.sun_altitude_at(time_s)

    def target_altitude_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the altitude of the target above the limb [deg], shape (n,); never occulted."""
        return 50.0 + 25.0 * np.cos(self.angle_at(time_s) - 0.6)

    def radial_velocity_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the telescope's velocity away from the target [km/s], shape (n,)."""
        return RADIAL_SPEED_KM_S * np.sin(self.angle_at(time_s) - RADIAL_LAG_RAD)

    def latitude_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the latitude below the telescope [deg], shape (n,)."""
        sine = np.sin(np.deg2rad(INCLINATION_DEG)) * np.sin(self.angle_at(time_s))
        latitude: NDArray[np.float64] = np.rad2deg(np.arcsin(sine))
        return latitude

    def longitude_at(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the longitude below the telescope [deg], 0 to 360, shape (n,)."""
        angle = self.angle_at(time_s)
        inertial = np.arctan2(np.cos(np.deg2rad(INCLINATION_DEG)) * np.sin(angle), np.cos(angle))
        rotation = 360.0 * (time_s - self.sunrise_s) / EARTH_ROTATION_S
        longitude: NDArray[np.float64] = self.node_longitude_deg + np.rad2deg(inertial) - rotation
        return longitude % 360.0
