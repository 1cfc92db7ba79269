"""What is wrong with a file becomes a record of it, never an exception; the rest goes on."""

import math

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.dark_case import (
    EVENT_FORMATS,
    DarkCase,
    even_timeline,
    measure_files,
    nuv_case,
    rows_of,
    spread_events,
    write_spt,
)


def without(columns, *names):
    return {name: values for name, values in columns.items() if name not in names}


def empty(columns):
    return {name: values[:0] for name, values in columns.items()}


BAD = {
    "no rows of TIMELINE": ({"timeline": empty(even_timeline())}, "No timeline", "0 rows"),
    "one row of TIMELINE": (
        {"timeline": {name: values[:1] for name, values in even_timeline().items()}},
        "No timeline",
        "1 rows",
    ),
    "no TIMELINE": ({"timeline": None}, "No timeline", "no TIMELINE table"),
    "no latitude": ({"timeline": without(even_timeline(), "LATITUDE")}, "Unreadable", "LATITUDE"),
    "times of TIMELINE all NaN": (
        {"timeline": even_timeline() | {"TIME": np.full(100, np.nan)}}, "No timeline", "0 rows",
    ),
    "no GTI": ({"good_times": None}, "No good time", "no GTI table"),
    "an empty GTI": ({"good_times": ()}, "No good time", "0 s of good time"),
    "good times of NaN": ({"good_times": ((np.nan, 5.0),)}, "Unreadable", "no numbers"),
    "good times after TIMELINE": ({"good_times": ((500.0, 600.0),)}, "No good time", "0 to 99 s"),
    "good time of many days": (
        {"good_times": ((0.0, 1e9),),
         "timeline": even_timeline() | {"TIME": np.linspace(0.0, 1e9, 100)}},
        "Unreadable",
        "more than a day",
    ),
    "no EXPSTART": ({"header": {}}, "Unreadable", "EXPSTART is missing"),
    "EXPSTART of 1858": ({"header": {"EXPSTART": 0.0}}, "Unreadable", "EXPSTART at MJD 0"),
    "EXPSTART in words": ({"header": {"EXPSTART": "soon"}}, "Unreadable", "not a number"),
    "no events": ({"events": empty(spread_events())}, "No events", "0 events"),
    "no EVENTS": ({"events": None}, "Unreadable", "no EVENTS table"),
    "no pulse heights of FUV": ({"events": without(spread_events(), "PHA")}, "Unreadable", "PHA"),
    "no XCORR": ({"events": without(spread_events(), "XCORR")}, "Unreadable", "XCORR"),
    "times of events NaN": (
        {"events": spread_events() | {"TIME": np.full(400, np.nan)}}, "Unreadable", "400 events",
    ),
    "good times before TIMELINE": (
        {"timeline": even_timeline() | {"TIME": np.arange(500.0, 600.0)}}, "No good time", "500 to",
    ),
    "an unknown segment": ({"segment": "FUVC"}, "Unreadable", "FUVC"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "reason", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_recorded_with_its_reason(tmp_path, changes, reason, words):
    path = DarkCase(tmp_path).but(**changes).write()
    outcome = measure_files(path)
    assert outcome.status == "bad"
    (bad,) = outcome.bad_files
    assert bad.filename == path.name
    assert bad.reason == reason
    assert words in bad.detail
    assert outcome.reason == bad.detail


@pytest.mark.parametrize(
    ("column", "fmt", "words"),
    [("DQ", "1E", "no whole numbers in the column DQ"), ("DQ", "4A", "no numbers"),
     ("TIME", "4A", "no numbers"), ("XCORR", "2E", "2 XCORR in a row"), ("PHA", "3B", "3 PHA")],
)  # fmt: skip
def test_a_column_of_another_kind_is_a_bad_file(tmp_path, monkeypatch, column, fmt, words):
    monkeypatch.setitem(EVENT_FORMATS, column, fmt)
    values = np.full(400, "x") if fmt == "4A" else np.zeros((400, int(fmt[0])))
    outcome = measure_files(DarkCase(tmp_path, events=spread_events() | {column: values}).write())
    (bad,) = outcome.bad_files
    assert bad.reason == "Unreadable"
    assert words in bad.detail


def test_one_bad_segment_leaves_the_other(tmp_path):
    bad = DarkCase(tmp_path, timeline=None).write()
    good = DarkCase(tmp_path, segment="FUVB").write()
    outcome = measure_files(bad, good)
    assert outcome.status == "made"
    assert {row["filename"] for row in outcome.rows["dark_rates"]} == {good.name}
    assert [one.filename for one in outcome.bad_files] == [bad.name]


@settings(max_examples=40)
@given(share=st.floats(0.0, 0.999))
def test_a_file_that_was_cut_anywhere_is_never_an_exception(tmp_path_factory, share):
    folder = tmp_path_factory.mktemp("cut")
    path = DarkCase(folder).write()
    whole, content = rows_of(measure_files(path)), path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    outcome = measure_files(path)
    if outcome.status == "bad":
        assert outcome.bad_files[0].filename == path.name
    else:  # only the zeros that fill the last block were cut off
        assert len(content) * (1.0 - share) < 2880
        assert [row["rate"] for row in rows_of(outcome)] == [row["rate"] for row in whole]


def test_no_spt_file_means_no_temperature(tmp_path):
    outcome = measure_files(DarkCase(tmp_path).write())
    assert outcome.status == "made"
    assert {row["temperature_c"] for row in outcome.rows["dark_rates"]} == {None}


@pytest.mark.parametrize("value", [129.42, -273.15, "warm", True])
def test_a_fill_value_is_no_temperature(tmp_path, value):
    spt = write_spt(tmp_path, {"LDCAMPAT": value}, {"LDCAMPAT": 20.0})
    outcome = measure_files(DarkCase(tmp_path).write(), spt)
    assert {row["temperature_c"] for row in rows_of(outcome)} == {None}


def test_a_broken_spt_file_means_no_temperature(tmp_path):
    spt = write_spt(tmp_path, {"LDCAMPAT": 20.0}, {})
    spt.write_bytes(b"not FITS at all")
    outcome = measure_files(DarkCase(tmp_path).write(), spt)
    assert {row["temperature_c"] for row in rows_of(outcome)} == {None}


def test_unknown_latitudes_are_null_and_the_rates_stay(tmp_path):
    timeline = even_timeline() | {"LATITUDE": np.full(100, np.nan)}
    outcome = measure_files(DarkCase(tmp_path, timeline=timeline).write())
    rows = rows_of(outcome)
    assert [row["counts"] for row in rows] == [100] * 4
    assert {(row["latitude_deg"], row["longitude_deg"], row["is_in_saa"]) for row in rows} == {
        (None, None, None)
    }
    assert "4 of 4 positions are not known" in str(outcome.metadata["ldark01aq_corrtag_a.fits"])


def test_a_timeline_of_zeros_which_calcos_writes_without_spt_is_no_position(tmp_path):
    zeros = dict.fromkeys(("LATITUDE", "LONGITUDE"), np.zeros(100))
    outcome = measure_files(DarkCase(tmp_path, timeline=even_timeline() | zeros).write())
    assert {row["longitude_deg"] for row in rows_of(outcome)} == {None}


def test_one_event_is_a_rate(tmp_path):
    events = {name: values[:1] for name, values in spread_events().items()}
    rows = rows_of(measure_files(DarkCase(tmp_path, events=events).write()))
    assert [row["counts"] for row in rows] == [1, 0, 0, 0]
    assert all(row["rate_error"] > 0.0 for row in rows)
    assert all(row["rate_lower"] <= row["rate"] < row["rate_upper"] for row in rows)


def test_positions_of_events_that_are_no_numbers_are_in_no_region(tmp_path):
    events = spread_events()
    events["XCORR"][:50] = np.nan
    outcome = measure_files(DarkCase(tmp_path, events=events).write())
    assert rows_of(outcome)[0]["all_counts"] == 50


def test_an_accumulated_exposure_has_no_times_and_is_none(tmp_path):
    path = DarkCase(tmp_path).write()
    fits.setval(path, "OBSMODE", value="ACCUM")
    outcome = measure_files(path)
    assert (outcome.status, outcome.bad_files) == ("none", ())
    assert "ACCUM" in outcome.reason


def test_a_stretch_without_live_time_has_no_rate_and_no_nan(tmp_path):
    case = DarkCase(tmp_path, good_times=((0.0, 20.0), (60.0, 100.0)))
    outcome = measure_files(case.write())
    second = rows_of(outcome)[1]
    assert second["live_time_s"] == 0.0
    assert second["rate"] is second["rate_error"] is second["all_rate"] is None
    assert second["rate_lower"] is second["rate_upper"] is None
    values = [value for row in outcome.rows["dark_rates"] for value in row.values()]
    assert not any(isinstance(value, float) and math.isnan(value) for value in values)


def test_nuv_without_pulse_heights_is_measured(tmp_path):
    outcome = measure_files(
        nuv_case(tmp_path, spread_events() | {"XCORR": np.full(400, 7.0)}).write()
    )
    assert [row["counts"] for row in rows_of(outcome, "whole")] == [100] * 4
