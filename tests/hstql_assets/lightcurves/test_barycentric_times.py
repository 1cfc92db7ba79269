"""The column BJD_TDB: where the telescope was, and what has no place in the sky."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from scipy.integrate import cumulative_trapezoid

from builders.corrtag_files import Events, Observation
from builders.spt_files import write_spt
from hstql_assets.lightcurves.barycentric_times import find_barycentric_times
from hstql_assets.lightcurves.events import open_events
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.table import read_curve_table

EVENTS = Events(np.linspace(1, 99, 50), np.full(50, 8000.0), np.full(50, 420.0))
AT_2017 = 57934.21


def make(observation: Observation, spt: Path | None = None) -> Lightcurve:
    return make_lightcurve([observation.corrtag(EVENTS)], observation.x1d(), None, spt)


@pytest.mark.parametrize(
    ("primary", "reason"),
    [
        ({"RA_TARG": None}, "RA_TARG is missing"),
        ({"RA_TARG": 0.0, "DEC_TARG": 0.0}, "RA_TARG and DEC_TARG are 0"),
        ({"DEC_TARG": 120.0}, "DEC_TARG is 120 degrees"),
        ({"MTFLAG": "T"}, "MTFLAG is T: the target moves"),
        ({"MTFLAG": True}, "MTFLAG is T: the target moves"),
        ({"EXPTYPE": "WAVECAL"}, "EXPTYPE is WAVECAL: the light is of no target"),
        ({"SCLAMP": "HITM1"}, "SCLAMP is HITM1: the light is that of a lamp"),
    ],
)
def test_light_of_no_fixed_place_has_no_times_at_the_barycentre(
    observation: Observation, tmp_path: Path, primary: dict[str, object], reason: str
) -> None:
    write_lightcurve(make(observation.but(primary=primary)), tmp_path / "curve.fits")
    table = read_curve_table(tmp_path / "curve.fits")
    assert np.isnan(table.bjd_tdb).all()
    assert table.header["BJDNOTE"] == reason
    assert "BJDPOS" not in table.header


def test_without_support_file_the_telescope_is_at_the_centre_of_the_earth(
    observation: Observation, tmp_path: Path
) -> None:
    curve = make(observation)
    write_lightcurve(curve, tmp_path / "curve.fits")
    table = read_curve_table(tmp_path / "curve.fits")
    assert (table.header["BJDPOS"], table.header["BJDACC"]) == ("Earth", 0.024)
    np.testing.assert_array_equal(table.bjd_tdb, curve.barycentric.bjd)
    # TDB is 69.2 s ahead of UTC; light takes less than 500 s.
    ahead_s = (table.bjd_tdb - 2400000.5 - table.mjd_centre) * 86400
    assert (np.abs(ahead_s - 69.2) < 500).all()


def test_the_orbit_of_the_support_file_is_used(observation: Observation, tmp_path: Path) -> None:
    then = observation.but(exp_start=AT_2017)
    at_centre, there = make(then), make(then, write_spt(tmp_path / "a_spt.fits"))
    assert (there.barycentric.place, there.barycentric.accuracy_s) == ("spt", 0.0003)
    apart_s = (there.barycentric.bjd - at_centre.barycentric.bjd) * 86400
    assert 1e-4 < np.abs(apart_s).max() < 0.024


@pytest.mark.parametrize("changes", [{"EPCHTIME": 9e8}, {"SEMILREC": 0.0}, {"MEANANOM": None}])
def test_elements_that_make_no_sense_are_not(
    observation: Observation, tmp_path: Path, changes: dict[str, object]
) -> None:
    spt = write_spt(tmp_path / "a_spt.fits", **changes)
    assert make(observation.but(exp_start=AT_2017), spt).barycentric.place == "Earth"


def test_what_is_no_support_file_is_none(observation: Observation, tmp_path: Path) -> None:
    (tmp_path / "page.fits").write_text("<html>")
    for name in ("page.fits", "absent.fits"):
        assert make(observation, tmp_path / name).barycentric.place == "Earth"


def test_the_timeline_of_a_real_exposure_tells_where_the_telescope_was(real_archive: Path) -> None:
    folder = real_archive / "ld9m/ld9m10ujq"
    events = open_events(folder / "ld9m10ujq_corrtag_a.fits")
    times_s = events.timeline["TIME"]
    there = find_barycentric_times(events, None, times_s)
    assert (there.place, there.accuracy_s) == ("TIMELINE", 0.0005)
    at_centre = find_barycentric_times(replace(events, timeline={}), None, times_s)
    of_orbit_s = (there.bjd - at_centre.bjd) * 86400
    # CalCOS has computed how fast the telescope goes away from the target, km/s.
    away = fits.getdata(events.path, "TIMELINE")["RADIAL_VEL"].astype(float)
    expected_s = -cumulative_trapezoid(away, times_s, initial=0) / 299792.458
    np.testing.assert_allclose(of_orbit_s - of_orbit_s[0], expected_s, rtol=0, atol=2e-4)
