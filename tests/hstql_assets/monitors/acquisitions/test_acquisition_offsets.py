"""Which acquisitions show the pointing, between which dates, and lines through their offsets."""

from itertools import pairwise

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.made_acquisitions import acquisition, gather
from hstql_assets.monitors.acquisitions.guidance import (
    EVENTS,
    SENSORS,
    list_events,
    list_stretches,
    mjd_of_day,
)
from hstql_assets.monitors.acquisitions.offsets import (
    DAYS_PER_YEAR,
    find_offsets,
    fit_line,
    is_blind_pointing,
)
from hstql_assets.monitors.acquisitions.problems import find_problems


def test_words_are_read_without_regard_to_case() -> None:
    odd = {"exposure_type": "acq/image", "obs_type": "Imaging", "extended": "no",
           "shutter": "OPEN", "status": "success"}  # fmt: skip
    bad = {"shutter": "closed", "status": "FAILURE"}
    found = gather(acquisition(57000.0, **odd), acquisition(57001.0, **bad))
    assert is_blind_pointing(found).tolist() == [True, False]
    problems = find_problems(found)
    assert problems.is_closed.tolist() == problems.is_failed.tolist() == [False, True]


@pytest.mark.parametrize("day", [day for day, _ in EVENTS])
def test_a_year_and_day_is_the_mjd_that_astropy_has(day: str) -> None:
    assert mjd_of_day(day) == Time(day.replace(".", ":"), format="yday", scale="utc").mjd


@settings(deadline=None)  # the first date of astropy takes a while
@given(st.integers(1990, 2100), st.integers(1, 365))
def test_any_day_of_any_year_is_the_mjd_that_astropy_has(year: int, number: int) -> None:
    expected = Time(f"{year}:{number:03d}", format="yday", scale="tai").mjd
    assert mjd_of_day(f"{year}.{number:03d}") == expected


def test_days_that_were_easily_mistaken() -> None:
    assert mjd_of_day("2020.150") == 58998.0  # 29 May, not the fraction 0.15 of a year
    assert mjd_of_day("2019.352") == 58835.0  # 18 December
    assert mjd_of_day("2020.366") + 1.0 == mjd_of_day("2021.001")


@pytest.mark.parametrize("day", ["2019.366", "2020.000", "2020.15", "2020", "2020.1500", "x.150"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"no (year|day)"):
        mjd_of_day(day)


def test_stretches_follow_each_other_except_where_fgs2_was_off() -> None:
    gaps = {}
    for sensor in SENSORS:
        stretches = list_stretches(sensor)
        assert stretches[0].start_mjd == -np.inf
        assert stretches[-1].end_mjd == np.inf
        edges = [(a.end_mjd, b.start_mjd) for a, b in pairwise(stretches)]
        assert all(end <= start for end, start in edges)
        gaps[sensor] = [edge for edge in edges if edge[0] != edge[1]]
    assert gaps == {"F1": [], "F2": [(mjd_of_day("2015.327"), mjd_of_day("2016.123"))], "F3": []}
    assert [len(list_stretches(sensor)) for sensor in SENSORS] == [6, 6, 3]
    events = list_events()
    assert sorted(events) == list(events)


@pytest.mark.parametrize(
    "changes",
    [
        {"obs_type": "SPECTROSCOPIC"}, {"events": 1999.0}, {"events": None},
        {"v2_arcsec": 1.5, "v3_arcsec": 1.5}, {"v2_arcsec": None, "v3_arcsec": None},
        {"shutter": "Closed"}, {"lamp_events": 499.0}, {"lamp_events": None},
        {"status": "Failure"}, {"extended": "YES"}, {"line_number": "01.002"},
        {"line_number": None}, {"exposure_type": "ACQ/PEAKD"}, {"exp_start_mjd": None},
    ],
)  # fmt: skip
def test_each_condition_for_a_blind_pointing_counts(changes: dict[str, object]) -> None:
    both = gather(acquisition(58500.0), acquisition(58500.0) | changes)
    assert is_blind_pointing(both).tolist() == [True, False]


@pytest.mark.parametrize("changes", [{"events": 2000.0}, {"lamp_events": 500.0},
                                     {"v2_arcsec": 1.99, "v3_arcsec": 0.0}])  # fmt: skip
def test_the_limits_themselves_are_good_enough(changes: dict[str, object]) -> None:
    assert is_blind_pointing(gather(acquisition(58500.0, **changes))).all()


def test_an_offset_is_minus_the_slew_in_the_stretch_of_its_sensor() -> None:
    jump = mjd_of_day("2019.352")
    rows = [
        acquisition(mjd, fgs=sensor, v2_arcsec=0.2, v3_arcsec=-0.3)
        for sensor in SENSORS
        for mjd in (jump - 0.001, jump)
    ]
    rows.append(acquisition(jump, fgs=None))
    rows.append(acquisition(mjd_of_day("2015.350"), fgs="F2"))  # while it was off
    found = find_offsets(gather(*rows))
    assert len(found) == 12
    assert all(len(one.mjd) == 1 and one.line is None for one in found)
    assert {(one.axis, float(one.offset[0])) for one in found} == {("V2", -0.2), ("V3", 0.3)}
    ends = {(one.sensor, one.stretch.label.endswith("to 2019.352")) for one in found}
    assert len(ends) == 6


def test_a_line_has_the_parameters_and_errors_of_numpy() -> None:
    rng = np.random.default_rng(7)
    mjd = np.sort(rng.uniform(58000.0, 59000.0, 200))
    years = (mjd - mjd.mean()) / DAYS_PER_YEAR
    offset = 0.2 - 0.05 * years + rng.normal(0.0, 0.1, 200)
    line = fit_line(mjd, offset)
    (slope, mean), covariance = np.polyfit(years, offset, 1, cov=True)
    assert line is not None
    assert (line.slope, line.offset) == pytest.approx((slope, mean), rel=1e-10)
    assert (line.slope_error, line.offset_error) == pytest.approx(
        tuple(np.sqrt(np.diag(covariance))), rel=1e-10
    )
    assert line.reference_mjd == pytest.approx(mjd.mean(), abs=1e-9)
    assert line.at(mjd) == pytest.approx(np.polyval([slope, mean], years), abs=1e-12)
    assert line.error_at(line.reference_mjd) == line.offset_error
    assert line.error_at(line.reference_mjd + DAYS_PER_YEAR) == pytest.approx(
        np.hypot(line.offset_error, line.slope_error), rel=1e-9
    )


def test_the_errors_of_a_line_are_as_large_as_its_scatter() -> None:
    rng = np.random.default_rng(11)
    mjd = np.linspace(58000.0, 58700.0, 30)
    pulls = []
    for _ in range(600):
        line = fit_line(mjd, 0.1 + 0.04 * (mjd - 58000.0) / DAYS_PER_YEAR + rng.normal(0, 0.2, 30))
        assert line is not None
        truth = 0.1 + 0.04 * (line.reference_mjd - 58000.0) / DAYS_PER_YEAR
        pulls.append(
            [(line.slope - 0.04) / line.slope_error, (line.offset - truth) / line.offset_error]
        )
    means, spreads = np.mean(pulls, axis=0), np.std(pulls, axis=0)
    assert np.abs(means).max() < 0.13
    assert spreads == pytest.approx([1.0, 1.0], abs=0.1)


def test_too_few_offsets_or_none_of_another_time_make_no_line() -> None:
    assert fit_line(np.array([58000.0, 58001.0]), np.array([0.1, 0.2])) is None
    assert fit_line(np.full(5, 58000.0), np.arange(5.0)) is None
    assert fit_line(np.array([]), np.array([])) is None
