"""What lies at one place of the sky, against astropy's angles."""

import time

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.targets.sky_groups import (
    group_places,
    merge_groups,
    separation_arcsec,
    take_to_j2000,
    to_unit_vectors,
)

ARCSEC = 1 / 3600


def groups(*positions: tuple[float, float]) -> list[int]:
    ra, dec = np.array(positions).T
    return group_places(to_unit_vectors(ra, dec)).tolist()


@pytest.mark.parametrize("dec", [0.0, 45.0, -60.8, 89.999, -89.9999])
@pytest.mark.parametrize("angle", [0.0, 90.0, 217.0])
def test_two_arcseconds_are_two_arcseconds_everywhere(dec: float, angle: float) -> None:
    here = SkyCoord(359.9999, dec, unit="deg")
    near = here.directional_offset_by(angle * u.deg, 1.999 * u.arcsec)
    far = here.directional_offset_by(angle * u.deg, 2.001 * u.arcsec)
    assert groups((here.ra.deg, dec), (near.ra.deg, near.dec.deg)) == [0, 0]
    assert len(set(groups((here.ra.deg, dec), (far.ra.deg, far.dec.deg)))) == 2


def test_zero_and_360_degrees_are_one_meridian_and_a_pole_has_none() -> None:
    assert groups((359.9999, 10.0), (0.0001, 10.0), (360.0, 10.0)) == [0, 0, 0]
    assert groups((0.0, 90.0), (123.0, 90.0 - 0.5 * ARCSEC)) == [0, 0]
    assert len(set(groups((0.0, 90.0), (0.0, -90.0)))) == 2


def test_places_are_linked_through_others() -> None:
    chain = [(10.0, 1.5 * ARCSEC * step) for step in range(50)]
    assert set(groups(*chain)) == {0}
    assert len(set(groups(*chain[:20], *chain[22:]))) == 2


@given(st.integers(0, 2**32 - 1))
def test_the_groups_are_those_of_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ra = 180.0 + rng.uniform(0, 15, 60) * ARCSEC
    dec = rng.uniform(0, 15, 60) * ARCSEC
    coordinates = SkyCoord(ra, dec, unit="deg")
    distances = coordinates[:, None].separation(coordinates[None, :]).arcsec
    linked = distances <= 2.0
    for _ in range(6):  # 60 steps are enough for 60 places
        linked = linked @ linked
    found = group_places(to_unit_vectors(ra, dec))
    assert (linked == (found[:, None] == found[None, :])).all()


def test_angles_are_those_of_astropy() -> None:
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 360, 40), np.rad2deg(np.arcsin(rng.uniform(-1, 1, 40)))
    vectors = to_unit_vectors(ra, dec)
    expected = SkyCoord(ra[:20], dec[:20], unit="deg").separation(
        SkyCoord(ra[20:], dec[20:], unit="deg")
    )
    np.testing.assert_allclose(
        separation_arcsec(vectors[:20], vectors[20:]), expected.arcsec, atol=1e-6
    )


def test_a_star_is_taken_back_as_astropy_does() -> None:
    barnard = SkyCoord(
        269.452 * u.deg, 4.693 * u.deg, distance=2 * u.pc,
        pm_ra_cosdec=-802 * u.mas / u.yr, pm_dec=10362 * u.mas / u.yr, obstime="J2000",
    )  # fmt: skip
    later = barnard.apply_space_motion(dt=18 * u.yr)
    seen = to_unit_vectors(np.array([later.ra.deg]), np.array([later.dec.deg]))
    back = take_to_j2000(seen, np.array([-0.802]), np.array([10.362]), np.array([18.0]))
    start = to_unit_vectors(np.array([269.452]), np.array([4.693]))
    assert separation_arcsec(seen, start) == pytest.approx(187.0, abs=1.0)
    assert separation_arcsec(back, start) < 0.1


def test_groups_merge_through_either_numbering() -> None:
    merged = merge_groups(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 3]))
    assert len(set(merged[:3])) == 1
    assert len(set(merged)) == 3


def test_no_place_is_no_group() -> None:
    assert group_places(np.zeros((0, 3))).tolist() == []


def test_a_thousand_exposures_at_each_of_a_hundred_places_take_seconds() -> None:
    rng = np.random.default_rng(5)
    ra = np.repeat(rng.uniform(0, 360, 100), 1000) + rng.normal(0, 0.2, 100_000) * ARCSEC
    dec = np.repeat(rng.uniform(-70, 70, 100), 1000) + rng.normal(0, 0.2, 100_000) * ARCSEC
    start = time.process_time()
    found = group_places(to_unit_vectors(ra, dec))
    assert time.process_time() - start < 30  # pairs would take minutes, and all memory
    assert len(set(found.tolist())) == 100
