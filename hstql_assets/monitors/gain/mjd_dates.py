"""MJD as dates for people and headers, UTC."""

from datetime import UTC, datetime, timedelta

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_LAST_MJD = 2973483.0  # 9999-12-31


def format_time(mjd: float, form: str) -> str:
    """Return a time as `datetime.strftime` has it, to the nearest second."""
    time = _MJD_ZERO + timedelta(days=min(mjd, _LAST_MJD))
    return (time + timedelta(microseconds=500_000)).strftime(form)


def format_date(mjd: float) -> str:
    """Return the day as 2015-01-05."""
    return format_time(mjd, "%Y-%m-%d")


def format_day(mjd: float) -> str:
    """Return the day as PEDIGREE has it, 05/01/2015."""
    return format_time(mjd, "%d/%m/%Y")
