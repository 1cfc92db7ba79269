import numpy as np
import pytest
from astropy.coordinates import TETE, get_sun
from astropy.io import fits
from astropy.time import Time
from astropy.utils import iers
from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.science.orbit_position import (
    Position,
    interpolate_position,
    is_in_anomaly,
    sub_solar_point,
)


def test_the_sub_solar_point_is_that_of_astropy_within_a_twentieth_of_a_degree():
    mjd = 54960.0 + np.linspace(0.0, 365.25 * 15, 500) + np.linspace(0.0, 0.97, 500)
    with (
        iers.conf.set_temp("auto_download", False),
        iers.earth_orientation_table.set(iers.IERS_B.open()),
    ):
        times = Time(mjd, format="mjd", scale="utc", location=("0d", "0d"))
        sun = get_sun(times).transform_to(TETE(obstime=times))
        sidereal = times.sidereal_time("apparent", "greenwich").deg
    found = sub_solar_point(mjd)
    apart = (found.longitude_deg - (sun.ra.deg - sidereal) + 180.0) % 360.0 - 180.0
    assert np.abs(found.latitude_deg - sun.dec.deg).max() < 0.05
    assert np.abs(apart).max() < 0.05
    assert ((found.longitude_deg >= 0.0) & (found.longitude_deg < 360.0)).all()


def test_the_sun_is_as_far_from_the_zenith_as_a_real_timeline_says(real_archive):
    path = real_archive / "ld9m" / "ld9m10ujq" / "ld9m10ujq_corrtag_a.fits"
    with fits.open(path) as hdus:
        rows = hdus["TIMELINE"].data
        mjd = hdus["EVENTS"].header["EXPSTART"] + rows["TIME"].astype(float) / 86400.0
        latitude, longitude = (
            np.deg2rad(rows[name].astype(float)) for name in ("LATITUDE", "LONGITUDE")
        )
        distance_deg = rows["SUN_ZD"].astype(float)
    sun = sub_solar_point(mjd)
    sun_latitude, sun_longitude = np.deg2rad(sun.latitude_deg), np.deg2rad(sun.longitude_deg)
    cosine = np.sin(latitude) * np.sin(sun_latitude)
    cosine += np.cos(latitude) * np.cos(sun_latitude) * np.cos(longitude - sun_longitude)
    assert np.rad2deg(np.arccos(cosine)) == pytest.approx(distance_deg, abs=0.05)


def test_a_longitude_between_359_and_1_is_not_180():
    found = interpolate_position(
        np.array([0.0, 2.0]), np.array([10.0, 12.0]), np.array([359.0, 1.0]), np.array([0.5, 1.5])
    )
    assert found.longitude_deg == pytest.approx([359.5, 0.5])
    assert found.latitude_deg == pytest.approx([10.5, 11.5])


@given(
    start_deg=st.floats(0.0, 360.0), speed=st.floats(-0.2, 0.2), seconds=st.integers(2, 400),
    share=st.floats(0.0, 1.0),
)  # fmt: skip
def test_an_even_motion_is_followed_through_any_meridian(start_deg, speed, seconds, share):
    time_s = np.arange(float(seconds))
    longitude = (start_deg + speed * time_s) % 360.0
    wanted = np.array([share * (seconds - 1)])
    found = interpolate_position(time_s, np.ones(seconds), longitude, wanted)
    apart = (found.longitude_deg - (start_deg + speed * wanted) + 180.0) % 360.0 - 180.0
    assert np.abs(apart).max() < 1e-8
    assert 0.0 <= found.longitude_deg[0] < 360.0


def test_positions_are_not_known_in_long_gaps_nor_far_from_the_table():
    time_s = np.array([0.0, 1.0, 300.0, 301.0])
    found = interpolate_position(
        time_s, time_s / 100.0, time_s, np.array([-9.0, 0.5, 150.0, 309.0])
    )
    assert np.isnan(found.latitude_deg).tolist() == [True, False, True, True]
    assert np.isnan(found.longitude_deg).tolist() == [True, False, True, True]


def test_a_table_of_zeros_is_no_position():
    zeros = np.zeros(5)
    found = interpolate_position(np.arange(5.0), zeros, zeros, np.array([2.0]))
    assert np.isnan(found.latitude_deg).all()


def test_rows_that_are_no_numbers_are_passed_over():
    latitude = np.array([0.0, np.nan, 2.0])
    found = interpolate_position(np.arange(3.0), latitude, np.full(3, 40.0), np.array([1.0]))
    assert found.latitude_deg == pytest.approx([1.0])


@pytest.mark.parametrize(("latitude", "longitude"), [(1e30, 40.0), (5.0, 1e30), (5.0, -999.0)])
def test_angles_that_are_none_are_passed_over(latitude, longitude):
    places = np.array([0.0, latitude, 2.0]), np.array([40.0, longitude, 40.0])
    found = interpolate_position(np.arange(3.0), *places, np.array([1.0]))
    assert (found.latitude_deg[0], found.longitude_deg[0]) == pytest.approx((1.0, 40.0))


def test_the_anomaly_is_cut_at_250_and_10_degrees_both_inside():
    places = Position(
        np.array([10.0, 10.0, 10.001, -30.0, np.nan]),
        np.array([250.0, 249.999, 300.0, 359.9, 300.0]),
    )
    assert is_in_anomaly(places).tolist() == [True, False, False, True, False]
    assert is_in_anomaly(places, 260.0).tolist() == [False, False, False, True, False]
