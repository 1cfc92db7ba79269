"""Times of headers: as astropy.time has them, and as words."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from astropy.time import Time

from hstql_resources.times import (
    datetime_to_mjd,
    day_to_mjd,
    format_time,
    mjd_to_datetime,
    parse_time,
    write_time,
)

MICROSECOND_D = 1e-6 / 86400


def test_dates_are_those_of_astropy_to_the_microsecond() -> None:
    for mjd in np.random.default_rng(1).uniform(48_000, 60_000, 300):
        at = mjd_to_datetime(float(mjd))
        expected = Time(mjd, format="mjd", scale="utc").to_datetime(timezone=UTC)
        assert abs((at - expected).total_seconds()) <= 1e-6
        assert datetime_to_mjd(at) == pytest.approx(mjd, rel=0, abs=MICROSECOND_D)


def test_a_day_begins_at_the_mjd_of_astropy() -> None:
    for day in (date(1858, 11, 17), date(1970, 1, 1), date(2000, 2, 29), date(2026, 12, 31)):
        assert day_to_mjd(day) == Time(day.isoformat(), scale="tai").mjd


def test_days_have_86400_seconds_where_a_leap_second_ends_one_too() -> None:
    noon = datetime(2016, 12, 31, 12, tzinfo=UTC)
    assert datetime_to_mjd(noon) == 57753.5
    assert mjd_to_datetime(57753.5) == noon


@pytest.mark.parametrize(
    ("mjd", "timespec", "words"),
    [
        (58600.25, "minutes", "2019-04-27 06:00"),
        (58600.25, "seconds", "2019-04-27 06:00:00"),
        (58600.25, "day", "2019-04-27"),
        (float("nan"), "seconds", ""),
        (5e6, "day", ""),
    ],
)
def test_times_are_written_or_nothing_is(mjd: float, timespec: str, words: str) -> None:
    assert write_time(mjd, timespec) == words


def test_a_time_is_rounded_where_its_form_says_so() -> None:
    assert format_time(58600.25 - MICROSECOND_D, "%H:%M:%S") == "06:00:00"


@pytest.mark.parametrize(
    ("text", "mjd"), [("2013007232606", 56299.976458), ("2013400000000", None)]
)
def test_a_time_is_read_as_its_form_says(text: str, mjd: float | None) -> None:
    assert parse_time(text, "%Y%j%H%M%S") == (mjd if mjd is None else pytest.approx(mjd, abs=1e-5))
