import numpy as np
import pytest

from builders.dark_case import START_MJD, DarkCase, even_timeline, measure_files, rows_of, write_spt
from hstql_assets.monitors.darks.regions import REGIONS
from hstql_assets.science.orbit_position import sub_solar_point
from hstql_assets.science.poisson import find_poisson_limits
from hstql_resources import tables


@pytest.fixture
def outcome(tmp_path):
    spt = write_spt(tmp_path, {"LDCAMPAT": 24.5, "LDCAMPBT": 23.5}, {"LDCAMPAT": 129.42})
    paths = [DarkCase(tmp_path, segment=name).write() for name in ("FUVA", "FUVB")]
    return measure_files(*paths, spt)


def test_rows_have_all_columns_and_plain_values(outcome):
    columns = {column.name for column in tables.DarkRate.__table__.columns}
    for row in outcome.rows["dark_rates"]:
        assert set(row) == columns
        assert not any(isinstance(value, np.generic) for value in row.values())


def test_there_is_a_row_for_each_region_and_stretch(outcome):
    keys = {(row["detector"], row["region"], row["bin"]) for row in outcome.rows["dark_rates"]}
    fuv = [region for region in REGIONS if region.detector != "NUV"]
    assert keys == {(one.detector, one.name, number) for one in fuv for number in range(4)}
    assert len(keys) == len(outcome.rows["dark_rates"])


def test_times_and_rates_are_not_rounded(outcome):
    first, second = rows_of(outcome)[:2]
    assert first["start_mjd"] == START_MJD
    assert second["mid_mjd"] == pytest.approx(START_MJD + 37.5 / 86400.0, abs=1e-10)
    assert first["rate"] == pytest.approx(100 / 25.0 / 4169700, rel=1e-12)
    # What the other three stretches of 100 events let one expect, and half an event.
    error = np.sqrt((300 + 0.5) / 3) / 25.0 / 4169700
    assert first["rate_error"] == pytest.approx(error, rel=1e-12)
    lower, upper = (limit[0] for limit in find_poisson_limits(np.array([100])))
    assert first["rate_lower"] == pytest.approx(lower / 25.0 / 4169700, rel=1e-12)
    assert first["rate_upper"] == pytest.approx(upper / 25.0 / 4169700, rel=1e-12)
    assert first["all_rate_lower"] < first["all_rate"] < first["all_rate_upper"]


def test_the_temperature_is_that_of_the_first_snapshot_and_of_the_segment(outcome):
    found = {(row["detector"], row["temperature_c"]) for row in outcome.rows["dark_rates"]}
    assert found == {("FUVA", 24.5), ("FUVB", 23.5)}


def test_the_sun_is_that_of_the_middle_of_the_stretch(outcome):
    row = rows_of(outcome)[2]
    sun = sub_solar_point(np.array([row["mid_mjd"]]))
    assert row["sun_latitude_deg"] == pytest.approx(sun.latitude_deg[0])
    assert row["sun_longitude_deg"] == pytest.approx(sun.longitude_deg[0])


def test_the_anomaly_begins_at_250_degrees(tmp_path):
    timeline = even_timeline() | {"LONGITUDE": 248.0 + 0.04 * np.arange(100)}
    rows = rows_of(measure_files(DarkCase(tmp_path, timeline=timeline).write()))
    assert [row["longitude_deg"] >= 250.0 for row in rows] == [False, False, True, True]
    assert [row["is_in_saa"] for row in rows] == [False, False, True, True]


def test_a_picture_and_a_sentence_go_with_each_file(outcome):
    assert "800 counts" not in str(outcome.metadata["ldark01aq_corrtag_a.fits"])
    assert str(outcome.metadata["ldark01aq_corrtag_a.fits"]).startswith("400 counts in 100.0 s")
    assert len(outcome.metadata["picture_FUVA"].line) == 4
