"""Names of cumulative images, and which exposures belong to which."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.gain_map_files import START_MJD, corrected_events, write_cci, write_events
from hstql_assets.cumulative_images.members import find_members
from hstql_assets.cumulative_images.names import (
    WeeklyImage,
    choose_week,
    describe_cci,
    parse_cci,
    parse_image,
    parse_weekly,
)
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import GAIN
from hstql_resources.fits.file_headers import read_headers

EVENTS = corrected_events([100.0], [400.0], [9])


def test_a_weekly_image_is_named_for_the_monday_before() -> None:
    tuesday = choose_week("FUVA", 163, START_MJD)
    assert tuesday.key == "fuva_163_2015-01-05"
    monday_midnight = 57027.0
    assert choose_week("FUVB", 100, monday_midnight).key == "fuvb_100_2015-01-05"
    assert choose_week("FUVB", 100, monday_midnight - 1e-6).key == "fuvb_100_2014-12-29"


@given(st.sampled_from(["FUVA", "FUVB"]), st.integers(1, 255), st.floats(54000.0, 70000.0))
def test_keys_are_read_back(segment: str, level: int, mjd: float) -> None:
    image = choose_week(segment, level, mjd)
    assert parse_weekly(image.key) == image == parse_image(image.key)
    day = date(1858, 11, 17) + timedelta(days=int(mjd))
    assert timedelta(0) <= day - image.monday < timedelta(days=7)


@pytest.mark.parametrize(
    "key",
    [
        "fuva_163_2015-01-06", "fuva_163_2015-13-01", "fuvc_163_2015-01-05", "fuva_0_2015-01-05",
        "fuva_999_2015-01-05", "fuva_0163_2015-01-05", "FUVA_163_2015-01-05", "fuva_163", "",
    ],
)  # fmt: skip
def test_what_is_no_weekly_image_is_refused(key: str) -> None:
    assert parse_image(key) is None


def test_no_week_has_an_impossible_voltage_or_date() -> None:
    for level, mjd in ((-999, START_MJD), (0, START_MJD), (163, 1e12), (163, -1e12)):
        with pytest.raises(ValueError, match="no "):
            choose_week("FUVA", level, mjd)


def test_names_of_cumulative_images_of_the_archive_are_understood() -> None:
    new = parse_cci("l_2013007232606_01_178_cci")
    assert (new.segment, new.high_voltage) == ("FUVB", 178)
    assert new.start_mjd == pytest.approx(56299.97645833)  # 2013-01-07T23:26:06
    old = parse_cci("lft00_2013007232606_cci")
    assert (old.segment, old.high_voltage) == ("FUVA", None)
    assert parse_cci("l_2013007232606_02_178_cci") is None
    assert parse_cci("l_2013999999999_01_178_cci").start_mjd is None


def test_a_cci_file_is_the_one_member_of_its_own_image(tmp_path: Path) -> None:
    path = write_cci(tmp_path / "l_2015006060000_00_163_cci.fits", {})
    row = describe_cci(read_headers(path, "cci"))
    assert row == {
        "filename": "l_2015006060000_00_163_cci.fits",
        "rootname": "cci",
        "image": "l_2015006060000_00_163_cci",
        "segment": "FUVA",
        "high_voltage": 163,
        "exp_start_mjd": START_MJD,
        "exp_time_s": 5000.0,
    }


def test_a_damaged_cci_file_is_a_member_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "lft01_2015006060000_cci.fits.gz"
    path.write_bytes(b"\x1f\x8b nothing")
    row = describe_cci(read_headers(path, "cci"))
    assert row["image"] == "lft01_2015006060000_cci"
    assert (row["segment"], row["high_voltage"]) == ("FUVB", -999)
    assert row["exp_start_mjd"] == pytest.approx(START_MJD)
    path = path.rename(tmp_path / "other_cci.fits.gz")
    assert describe_cci(read_headers(path, "cci")) is None


def members_of(*paths: Path) -> list[dict[str, object]]:
    files = [read_headers(path, path.name.split(".")[0].partition("_")[2]) for path in paths]
    return find_members("lone01aaq", files)


def test_both_segments_of_an_exposure_are_members(tmp_path: Path) -> None:
    holdings = GAIN
    make = holdings.open_exposure(1, 3)
    for name in holdings.list_filenames(3):
        (tmp_path / name).write_bytes(make(name))
    rows = members_of(*sorted(tmp_path.glob("*.fits")))
    mjd = holdings.locate(3).start_mjd
    assert [row["segment"] for row in rows] == ["FUVA", "FUVB"]
    assert {row["image"] for row in rows} == {
        choose_week(segment, 163, mjd).key for segment in ("FUVA", "FUVB")
    }
    assert {row["exp_start_mjd"] for row in rows} == {mjd}
    assert [row["exp_time_s"] for row in rows] == [600.0, 600.0]


def test_corrected_events_come_before_raw_ones(tmp_path: Path) -> None:
    raw = write_events(tmp_path / "lone01aaq_rawtag_a.fits", EVENTS)
    (row,) = members_of(raw)
    assert row["filename"] == raw.name
    corrected = write_events(tmp_path / "lone01aaq_corrtag_a.fits", EVENTS)
    (row,) = members_of(raw, corrected)
    assert row["filename"] == corrected.name
    compressed = Path(shutil.move(corrected, f"{corrected}.gz"))
    (row,) = members_of(raw, compressed)
    assert row["filename"] == corrected.name


def test_where_the_corrected_events_cannot_be_used_the_raw_ones_are(tmp_path: Path) -> None:
    raw = write_events(tmp_path / "lone01aaq_rawtag_a.fits", EVENTS)
    corrected = write_events(
        tmp_path / "lone01aaq_corrtag_a.fits", EVENTS, extension={"HVLEVELA": None}
    )
    assert [row["filename"] for row in members_of(raw, corrected)] == [raw.name]
    corrected.write_bytes(corrected.read_bytes()[:-3000])
    assert [row["filename"] for row in members_of(raw, corrected)] == [raw.name]


@pytest.mark.parametrize(
    ("primary", "extension"),
    [
        ({}, {"EXPSTART": None}),
        ({}, {"HVLEVELA": None}),
        ({}, {"HVLEVELA": -999}),
        ({}, {"HVLEVELA": "off"}),
        ({}, {"EXPSTART": "soon"}),
        ({"DETECTOR": "NUV"}, {}),
        ({"OBSMODE": "ACCUM"}, {}),
    ],
)
def test_a_file_that_says_no_time_or_voltage_is_no_member(
    primary: dict, extension: dict, tmp_path: Path
) -> None:
    path = write_events(tmp_path / "lone01aaq_corrtag_a.fits", EVENTS, primary, extension)
    assert members_of(path) == []


def test_an_exposure_without_exposure_time_is_a_member_all_the_same(tmp_path: Path) -> None:
    path = write_events(
        tmp_path / "lone01aaq_corrtag_b.fits", EVENTS, {"SEGMENT": "FUVB"}, {"EXPTIME": None}
    )
    (row,) = members_of(path)
    assert (row["exp_time_s"], row["high_voltage"]) == (0.0, 175)


def test_real_exposures_are_members_of_their_weeks(real_archive: Path) -> None:
    (path,) = real_archive.glob("ld9m/ld9m10ujq/*_corrtag_a.fits")
    (row,) = members_of(path)
    assert row["image"] == "fuva_163_2017-12-18"
    (path,) = real_archive.glob("ldfd/ldfd01vnq/*_rawtag_a.fits.gz")
    (row,) = members_of(path)
    assert (row["filename"], row["image"]) == (
        "ldfd01vnq_rawtag_a.fits",
        "fuva_167_2017-06-26",
    )


def test_only_whole_files_are_members(tmp_path: Path) -> None:
    path = write_events(tmp_path / "lone01aaq_corrtag_a.fits", EVENTS)
    whole = read_headers(path, "corrtag_a")
    assert len(find_members("lone01aaq", [whole])) == 1
    assert find_members("lone01aaq", [replace(whole, fault="It is not.")]) == []


def test_a_week_is_known_by_its_three_parts() -> None:
    assert WeeklyImage("FUVA", 163, date(2015, 1, 5)) == choose_week("FUVA", 163, START_MJD)
