"""Compute where the telescope was over the Earth, and where the Sun stood in the zenith.

Formulas only: no ephemeris is read, and nothing is fetched.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MJD_OF_J2000 = 51544.5
# The telescope goes four degrees a minute; a chord of two minutes is within 0.06 deg of the arc.
LONGEST_GAP_S = 120.0
# Western and northern edge of the South Atlantic Anomaly as the first monitor cuts it [deg]; its
# eastern edge is the meridian of Greenwich.
SAA_WEST_DEG, SAA_NORTH_DEG = 250.0, 10.0
SAA_WEST_OF_SECOND_MONITOR_DEG = 260.0


class Position(NamedTuple):
    """Latitude and east longitude, 0 to 360 [deg]; each of shape (n,)."""

    latitude_deg: Floats
    longitude_deg: Floats


def sub_solar_point(mjd: Floats) -> Position:
    """Return where the Sun stands in the zenith.

    Parameters
    ----------
    mjd : ndarray, shape (n,)
        MJD UTC.

    Notes
    -----
    Low-precision formulas for the Sun of the Astronomical Almanac, section C (0.01 deg from 1950
    to 2050); its latitude is the declination, its longitude right ascension less sidereal time.
    """
    days = mjd - MJD_OF_J2000
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = np.deg2rad(357.528 + 0.9856003 * days)
    ecliptic = np.deg2rad(mean_longitude + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.deg2rad(23.439 - 0.0000004 * days)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(obliquity) * np.sin(ecliptic))
    longitude = np.rad2deg(right_ascension) - sidereal_time_deg(mjd)
    return Position(np.rad2deg(declination), _turn(longitude))


def sidereal_time_deg(mjd: Floats) -> Floats:
    """Return Greenwich mean sidereal time at MJD UTC [deg], 0 to 360; shape (n,) both.

    Notes
    -----
    280.46061837 + 360.98564736629 d, d in days since J2000 (Meeus, Astronomical Algorithms,
    equation 12.4, without terms below 0.0004 deg in this century). UTC stands for UT1, which is
    within 0.9 s or 0.004 deg of it.
    """
    days = mjd - MJD_OF_J2000
    return _turn(280.46061837 + 360.98564736629 * days)


def place_below(position_km: Floats, mjd: Floats) -> Position:
    """Return latitude and longitude below positions from the Earth's centre, km, shape (n, 3).

    Parameters
    ----------
    position_km : ndarray, shape (n, 3)
        As `telescope_orbit.Orbit.find_position` has them.
    mjd : ndarray, shape (n,)
        MJD UTC.
    """
    x, y, z = position_km.T
    longitude = np.rad2deg(np.arctan2(y, x)) - sidereal_time_deg(mjd)
    return Position(np.rad2deg(np.arctan2(z, np.hypot(x, y))), _turn(longitude))


def _turn(angle_deg: Floats) -> Floats:
    """Return angles, shape (n,), from 0 up to, and without, 360 degrees."""
    turned = angle_deg % 360.0
    # The remainder of a tiny negative number is rounded to 360.
    return np.where(turned < 360.0, turned, 0.0)


def interpolate_position(
    time_s: Floats, latitude_deg: Floats, longitude_deg: Floats, wanted_s: Floats
) -> Position:
    """Return where the telescope was at some times, from the rows of a TIMELINE table.

    Parameters
    ----------
    time_s, latitude_deg, longitude_deg : ndarray, shape (n,)
        The rows. Those with a NaN or with angles that are none are left out, and the longitude
        may go through 360.
    wanted_s : ndarray, shape (m,)

    Returns
    -------
    Position
        Shape (m,); NaN between rows that are more than 120 s apart, more than 2 s before the first
        or after the last of them, and everywhere if all positions are 0, which CalCOS writes where
        it has no spt file.
    """
    is_known = np.isfinite(time_s) & np.isfinite(latitude_deg) & np.isfinite(longitude_deg)
    is_known &= (np.abs(latitude_deg) <= 90.0) & (np.abs(longitude_deg) <= 360.0)
    if not is_known.any() or not (latitude_deg[is_known].any() or longitude_deg[is_known].any()):
        nowhere = np.full(wanted_s.shape, np.nan)
        return Position(nowhere, nowhere.copy())
    order = np.argsort(time_s[is_known], kind="stable")
    known_s, latitude, longitude = (
        column[is_known][order] for column in (time_s, latitude_deg, longitude_deg)
    )
    unwrapped = np.unwrap(longitude, period=360.0)
    is_near = _is_near(known_s, wanted_s)
    return Position(
        np.where(is_near, np.interp(wanted_s, known_s, latitude), np.nan),
        np.where(is_near, _turn(np.interp(wanted_s, known_s, unwrapped)), np.nan),
    )


def _is_near(known_s: Floats, wanted_s: Floats) -> NDArray[np.bool_]:
    """Tell which times, shape (m,), have a row before and after them that are near enough.

    The rows are known by their times, shape (n,), n > 0; all in s.
    """
    after = np.clip(np.searchsorted(known_s, wanted_s), 1, max(len(known_s) - 1, 1))
    gap_s = known_s[np.minimum(after, len(known_s) - 1)] - known_s[after - 1]
    is_covered = (wanted_s >= known_s[0] - 2.0) & (wanted_s <= known_s[-1] + 2.0)
    near: NDArray[np.bool_] = is_covered & (gap_s <= LONGEST_GAP_S)
    return near


def is_in_anomaly(position: Position, west_deg: float = SAA_WEST_DEG) -> NDArray[np.bool_]:
    """Tell whether positions are in the South Atlantic Anomaly, as monitors of COS cut it.

    Parameters
    ----------
    position : Position
        Shape (n,); one that is NaN is not in it.
    west_deg : float
        Its western edge: 250 in the first monitor, 260 in the second.
    """
    inside: NDArray[np.bool_] = (position.longitude_deg >= west_deg) & (
        position.latitude_deg <= SAA_NORTH_DEG
    )
    return inside
