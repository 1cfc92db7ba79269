"""Support files: the values of their first snapshot, of real ones too, and bad ones."""

import gzip
from pathlib import Path

import pytest
from astropy.io import fits
from astropy.time import Time

from builders.telemetry_files import (
    EMPTY,
    HEADER,
    KEY,
    PLAN,
    SNAPSHOT,
    measure,
    row_of,
    write_header,
    write_spt,
)
from hstql_assets.monitors.telemetry.measure import OWN_FILES, nominal_position
from hstql_assets.monitors.telemetry.snapshot import MECHANISMS, NO_SNAPSHOT, TEMPERATURES
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.sky.fitsfile import Value
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.tables import Telemetry
from hstql_resources.times import mark_newest, parse_telescope_time, word_time

KEYWORDS = TEMPERATURES | {name: keywords[0] for name, keywords in MECHANISMS.items()}


@pytest.fixture
def spt(tmp_path: Path) -> Path:
    return tmp_path / f"{KEY}_spt.fits"


def test_a_row_has_the_values_of_the_first_snapshot(spt: Path) -> None:
    outcome = measure(write_spt(spt, SNAPSHOT, SNAPSHOT | {"LDCAMPAT": 30.0, "LOM1STP": 1.1}))
    row = row_of(outcome)
    assert set(row) == set(Telemetry.__table__.columns.keys())
    for name, keyword in KEYWORDS.items():
        assert row[name] == SNAPSHOT[keyword]
        assert type(row[name]) is float
    assert (row["aperture_x_steps"], row["aperture_y_steps"]) == (22.1, 182.1)
    assert (row["detector"], row["aperture"], row["life_adj"]) == ("FUV", "PSA", None)
    assert (row["start_mjd"], row["proposal_type"]) == (58484.5, "GO")
    assert outcome.metadata["fuva_temperature_c"] == 24.9119
    assert outcome.metadata["path"] == spt


def test_values_that_stand_for_none_are_null(spt: Path) -> None:
    row = row_of(measure(write_spt(spt, EMPTY, SNAPSHOT)))
    names = (*KEYWORDS, "aperture_x_steps", "aperture_y_steps")
    assert {row[name] for name in names} == {None}
    odd = {"LDCAMPAT": "warm", "LDCAMPBT": 129.4201, "LMMCETMP": True, "LOM1STAT": "NotInit"}
    row = row_of(measure(write_spt(spt, SNAPSHOT | odd)))
    assert {row[name] for name in (*TEMPERATURES, "osm1_coarse", "osm1_steps")} == {None}
    assert row["osm2_steps"] == 9424.1


def test_of_several_snapshots_the_first_with_a_value_counts(spt: Path) -> None:
    row = row_of(measure(write_spt(spt, EMPTY, SNAPSHOT, SNAPSHOT | {"LDCAMPBT": 20.0})))
    assert (row["fuvb_temperature_c"], row["osm1_steps"]) == (20.0, 1596.1)


def test_the_headers_of_the_exposure_know_the_aperture_best(spt: Path) -> None:
    write_spt(spt, SNAPSHOT)
    corrtag = write_header(spt.with_name(f"{KEY}_corrtag_a.fits"), HEADER)
    outcome = measure(spt, corrtag)
    row = row_of(outcome)
    assert (row["aperture_y_steps"], row["life_adj"], row["aperture"]) == (183.1, 3, "PSA")
    assert outcome.metadata["aperture_shift_steps"] == pytest.approx(2.1)
    x1d = write_header(spt.with_name(f"{KEY}_x1d.fits"), HEADER | {"APERYPOS": 181.1})
    assert row_of(measure(spt, corrtag, x1d))["aperture_y_steps"] == 181.1
    corrtag.write_bytes(b"SIMPLE  = nothing")
    assert row_of(measure(spt, corrtag, x1d))["aperture_y_steps"] == 181.1
    assert row_of(measure(spt, corrtag))["aperture_y_steps"] == 182.1


@pytest.mark.parametrize("position", [10**12, 4.5, "four", True])
def test_a_lifetime_position_that_is_none_is_unknown(spt: Path, position: Value) -> None:
    write_spt(spt, SNAPSHOT)
    x1d = write_header(spt.with_name(f"{KEY}_x1d.fits"), HEADER | {"LIFE_ADJ": position})
    outcome = measure(spt, x1d)
    assert row_of(outcome)["life_adj"] is None
    assert "aperture_shift_steps" not in outcome.metadata


@pytest.mark.parametrize("mjd", [None, float("nan"), 5e6, -1e9, 1e300])
def test_a_time_that_is_no_date_is_unknown_in_words(mjd: float | None) -> None:
    assert word_time(mjd) == "unknown"
    assert word_time(58600.25) == "2019-04-27 06:00"


def test_the_aperture_of_the_lamp_is_not_taken_for_that_of_the_star(spt: Path) -> None:
    """The first snapshot of an acquisition is taken while the lamp is looked at (ldng05huq)."""
    lamp = SNAPSHOT | {"LAPERTUR": "WCA", "LAPXSTP": 125.1}
    star = SNAPSHOT | {"LAPERTUR": "BOA", "LAPXSTP": -153.1}
    header = {name: value for name, value in HEADER.items() if not name.startswith("APER")}
    rawacq = write_header(spt.with_name(f"{KEY}_rawacq.fits"), header | {"APERTURE": "BOA"})
    row = row_of(measure(write_spt(spt, lamp, EMPTY, star), rawacq))
    assert (row["aperture"], row["aperture_y_steps"]) == ("BOA", -153.1)
    row = row_of(measure(write_spt(spt, lamp), rawacq))
    assert (row["aperture"], row["aperture_y_steps"]) == ("BOA", None)


def test_bad_support_files_say_what_is_wrong(spt: Path) -> None:
    content = write_spt(spt, SNAPSHOT, SNAPSHOT).read_bytes()
    without = write_spt(spt).read_bytes()
    for damaged, reason, what in (
        (without, NO_SNAPSHOT, "has no SNAP1"),
        (content[:9000], UNREADABLE, "ends within"),
        (b"", UNREADABLE, "is empty"),
        (gzip.compress(content)[:-50], UNREADABLE, "gzip"),
    ):
        spt.write_bytes(damaged)
        outcome = measure(spt)
        assert outcome.status == "bad"
        (bad,) = outcome.bad_files
        assert (bad.filename, bad.reason) == (spt.name, reason)
        assert what in bad.detail
    spt.unlink()
    assert measure(spt).status == "missing"
    assert measure().status == "none"


@pytest.mark.parametrize("time", ["unknown", "", "2017.400:00:00:00", "None"])
def test_a_start_that_is_no_time_is_unknown(spt: Path, time: str) -> None:
    row = row_of(measure(write_spt(spt, SNAPSHOT, plan=PLAN | {"PSTRTIME": time})))
    assert row["start_mjd"] is None


def test_times_are_those_of_astropy() -> None:
    for text in ("2017.181:04:57:05", "2016.365:23:59:59", "2010.001:00:00:00"):
        year, rest = text.split(".", 1)
        expected = Time(f"{year}:{rest}", format="yday", scale="utc").mjd
        assert parse_telescope_time(text) == pytest.approx(expected, abs=1e-9, rel=0)
    assert word_time(58484.5) == "2019-01-01 12:00"
    assert word_time(None) == "unknown"
    assert mark_newest(Time(["2019-01-01", "2019-03-01"]).mjd).tolist() == [False, True]


def test_nominal_positions_go_by_lifetime_position_aperture_and_detector() -> None:
    assert nominal_position("FUV", "PSA", 3) == 181.0
    assert nominal_position("FUV", "BOA", 2) == -226.0
    assert nominal_position("FUV", "WCA", 6) == 22.0
    assert nominal_position("FUV", "PSA", 6) == -11.0
    assert nominal_position("NUV", "PSA", None) == nominal_position("NUV", "PSA", 4) == 126.0
    assert nominal_position("NUV", "FCA", 1) == -153.0
    for unknown in (("FUV", "PSA", -1), ("FUV", "PSA", None), ("FUV", None, 1), (None, "PSA", 1)):
        assert nominal_position(*unknown) is None


def test_simulated_files_have_the_temperatures_that_were_put_in(tmp_path: Path) -> None:
    archive = SimulatedArchive(3)
    key, products = next(iter(archive.list_products(archive.find_rootnames("cos")).items()))
    archive.fetch([one for one in products if "_spt" in one.filename], tmp_path)
    row = row_of(measure(*tmp_path.glob("*_spt.fits"), key=key))
    assert (row["fuva_temperature_c"], row["fuvb_temperature_c"]) == (24.9, 23.8)
    assert row["nuv_temperature_c"] == 22.5


def test_real_files_have_what_astropy_reads(real_archive: Path) -> None:
    shifts = {}
    for path in sorted(real_archive.glob("l*/*/*_spt.fits*")):
        key = path.parent.name
        others = [one for one in path.parent.iterdir() if one.name[10:].split(".")[0] in OWN_FILES]
        outcome = measure(path, *others, key=key)
        row = row_of(outcome)
        with fits.open(path) as hdus:
            snapshot = hdus["SNAP1", 1].header
            year, rest = hdus[0].header["PSTRTIME"].split(".", 1)
            assert row["detector"] == hdus[0].header["CONFIG"].strip()[-3:]
        for name, keyword in KEYWORDS.items():
            assert row[name] == pytest.approx(snapshot[keyword])
        start = Time(f"{year}:{rest.strip()}", format="yday", scale="utc").mjd
        assert row["start_mjd"] == pytest.approx(start, abs=1e-8, rel=0)
        if others:
            header = fits.getheader(others[0])
            assert row["aperture_y_steps"] == header["APERYPOS"]
            assert row["life_adj"] == header["LIFE_ADJ"]
            shifts[key] = outcome.metadata["aperture_shift_steps"]
        else:
            assert row["aperture_y_steps"] == snapshot["LAPXSTP"]
    assert len(shifts) >= 8
    assert max(abs(shift) for shift in shifts.values()) < 2.2
    assert shifts["ldng05huq"] == pytest.approx(-0.1)  # BOA
