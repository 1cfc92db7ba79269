"""Times at the barycentre, against astropy's own, which go another way to them."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import GCRS, ITRS, CartesianRepresentation, EarthLocation, SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers

from hstql_assets.science.barycentre import find_delay, interpolate_nodes, place_nodes
from hstql_assets.science.telescope_orbit import RADIUS_KM, Orbit, place_over
from hstql_resources.times import parse_telescope_time

RA_DEG, DEC_DEG = 175.5512, 26.7025
# Of ldfd01vnq, in 2017: elements in the order of the fields of `Orbit`.
ORBIT = Orbit(1025136000.0, 0.0004283162639301, 6915725.28076, 6.044093970236, 0.0001750392674955,
              5.302999084057e-16, 0.1955231160603, -6.420404358549e-08, 0.8404418072316,
              -2.130904121864e-07, 0.8799674739575, 0.4750339406578)  # fmt: skip
START_MJD = 57934.21


@pytest.fixture(autouse=True)
def _offline():
    with iers.conf.set_temp("auto_download", False):
        yield


def delay_of_astropy(start_mjd: float, seconds: np.ndarray, position_km: np.ndarray) -> np.ndarray:
    """BJD_TDB less UTC, s, as astropy's light_travel_time and scales of time have it."""
    time = Time(start_mjd, format="mjd", scale="utc") + seconds * u.s
    place = GCRS(CartesianRepresentation(position_km.T * u.km), obstime=time)
    below = place.transform_to(ITRS(obstime=time))
    time = Time(time, location=EarthLocation.from_geocentric(below.x, below.y, below.z))
    target = SkyCoord(RA_DEG, DEC_DEG, unit="deg")
    there = time.tdb + time.light_travel_time(target, ephemeris="builtin")
    return ((there.jd1 - 2400000.5 - start_mjd) + there.jd2) * 86400 - seconds


def test_the_delay_is_astropys_at_the_centre_of_the_earth_from_1990_to_today() -> None:
    seconds = np.arange(0.0, 3000.0, 250.0)
    centre = np.zeros((len(seconds), 3))
    for start_mjd in (48000.1, 50814.99, 53005.7, 57752.9, 58108.512, 61000.3):
        found = find_delay(start_mjd, seconds, RA_DEG, DEC_DEG, centre)
        of_astropy = delay_of_astropy(start_mjd, seconds, centre)
        np.testing.assert_allclose(found, of_astropy, rtol=0, atol=1e-6)


def test_the_delay_is_astropys_on_the_orbit_but_for_tdb_there() -> None:
    seconds = np.arange(0.0, 6000.0, 400.0)
    place = ORBIT.find_position(START_MJD + seconds / 86400)
    found = find_delay(START_MJD, seconds, RA_DEG, DEC_DEG, place)
    expected = delay_of_astropy(START_MJD, seconds, place)
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-6)
    # The orbit is worth 15 ms here; the Earth's centre would be within 24.
    assert 0.01 < np.ptp(found - find_delay(START_MJD, seconds, RA_DEG, DEC_DEG, 0 * place)) < 0.048


def test_interpolation_between_nodes_costs_less_than_20_nanoseconds() -> None:
    for seconds in (np.linspace(0.0, 20000.0, 7919), np.linspace(3.0, 90.0, 50), np.array([7.0])):
        nodes = place_nodes(seconds)
        at_nodes, direct = (
            find_delay(START_MJD, at, RA_DEG, DEC_DEG, ORBIT.find_position(START_MJD + at / 86400))
            for at in (nodes, seconds)
        )
        found = interpolate_nodes(nodes, at_nodes, seconds)
        np.testing.assert_allclose(found, direct, rtol=0, atol=20e-9)


def test_time_goes_on_through_a_leap_second() -> None:
    # 2016-12-31 23:59:50; the header's days have 86,400 s, and the exposure goes on.
    start_mjd = 57754.0 - 10 / 86400
    delay = find_delay(start_mjd, np.array([0.0, 5.0, 15.0]), RA_DEG, DEC_DEG, np.zeros((3, 3)))
    assert np.ptp(delay) < 0.002
    after = find_delay(57754.0 + 5 / 86400, np.array([0.0]), RA_DEG, DEC_DEG, np.zeros((1, 3)))
    assert after[0] - delay[-1] == pytest.approx(1.0, abs=0.001)


def test_the_orbit_is_that_of_calcos() -> None:
    orbit = pytest.importorskip("calcos.orbit").HSTOrbit.__new__(
        pytest.importorskip("calcos.orbit").HSTOrbit
    )
    vars(orbit).update(vars(ORBIT))
    e = ORBIT.eccentry
    vars(orbit).update(
        cirveloc=7606.0, hsthorb=2856.5, eccentx2=2 * e, ecbdx3=3 * e**3,
        ecbdx4d3=4 / 3 * e**3, esqdx5d2=2.5 * e**2,
    )  # fmt: skip
    for mjd in START_MJD + np.array([0.0, 0.02, 0.5]):
        (found,) = ORBIT.find_position(np.array([mjd]))
        np.testing.assert_allclose(found, orbit.getPos(mjd)[0], rtol=0, atol=1e-3)


def test_the_orbit_is_where_real_spt_files_say_that_the_telescope_was(real_archive) -> None:
    files = sorted(real_archive.glob("*/*/*_spt.fits*"))
    assert len(files) > 10
    for path in files:
        header = fits.getheader(path)
        orbit = Orbit(*(header[name.upper()] for name in Orbit.__dataclass_fields__))
        start = np.array([parse_telescope_time(header["PSTRTIME"])])
        assert orbit.holds(start)
        there = [header[f"POSTNST{axis}"] for axis in "XYZ"]
        assert np.linalg.norm(orbit.find_position(start)[0] - there) < 90
        assert not orbit.holds(start + 31)


def test_a_place_over_the_ground_is_that_of_the_orbit() -> None:
    mjd = START_MJD + np.arange(5) / 1440
    position = ORBIT.find_position(mjd)
    x, y, z = position.T / np.linalg.norm(position, axis=1)
    turned = 280.46061837 + 360.98564736629 * (mjd - 51544.5)
    found = place_over(np.rad2deg(np.arcsin(z)), np.rad2deg(np.arctan2(y, x)) - turned, mjd)
    np.testing.assert_allclose(found, RADIUS_KM * np.array([x, y, z]).T, atol=1e-3)
    assert np.linalg.norm(found - position, axis=1).max() < 80
