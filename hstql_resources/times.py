"""Turn MJD (UTC) into dates and words, and dates and times of headers into MJD.

By `datetime`, which is exact to the microsecond, as astropy.time is, and imported already:
astropy.time takes a fifth of a second. They differ where a leap second ends a day, which
astropy.time stretches to 86,401 s; MJD in headers of HST, and the simple sums of MJD and seconds
that are made of them everywhere, have days of 86,400 s.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

MJD_OF_1970 = 40587.0  # from where Matplotlib counts days
JD_OF_MJD_0 = 2_400_000.5
SECONDS_PER_DAY = 86400.0
TIMES_MJD = (48_000.0, 88_000.0)  # Hubble began in April 1990, and nothing is later than 2099
NEWEST_DAYS = 30.0
WEEK_DAYS = 7.0

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_FIRST_WRITTEN_MJD, _LAST_WRITTEN_MJD = -600_000.0, 2_000_000.0  # years 217 and 7335
_LAST_MJD = 2973483.0  # 9999-12-31


def mjd_to_datetime(mjd: float) -> datetime:
    """Return the UTC date and time of an MJD, to the microsecond.

    Raises
    ------
    OverflowError
        If it is before the year 1 or after 9999.
    """
    return _MJD_ZERO + timedelta(days=mjd)


def datetime_to_mjd(at: datetime) -> float:
    """Return the MJD (UTC) of a time with a time zone."""
    return (at - _MJD_ZERO) / timedelta(days=1)


def day_to_mjd(day: date) -> int:
    """Return the MJD (UTC) at which a day begins."""
    return (day - _MJD_ZERO.date()).days


def can_be_written(mjd: float) -> bool:
    """Tell whether a time can be written as a date: not NaN, and not too far away."""
    return _FIRST_WRITTEN_MJD < mjd < _LAST_WRITTEN_MJD


def write_time(mjd: float, timespec: str = "seconds") -> str:
    """Return a time as ISO 8601, UTC; empty if it is no time.

    Parameters
    ----------
    mjd : float
        MJD (UTC), d.
    timespec : str
        As `datetime.isoformat` takes it; `day` for the date alone.
    """
    if not can_be_written(mjd):
        return ""
    time = mjd_to_datetime(mjd)
    if timespec == "day":
        return time.date().isoformat()
    return time.replace(tzinfo=None).isoformat(" ", timespec)


def word_time(mjd: float | None) -> str:
    """Return an MJD as date and minute in UTC; `unknown` for None, NaN or no date at all."""
    return "unknown" if mjd is None else write_time(mjd, "minutes") or "unknown"


def format_time(mjd: float, form: str) -> str:
    """Return an MJD (UTC) as `datetime.strftime` has it by `form`, to the nearest second."""
    time = mjd_to_datetime(min(mjd, _LAST_MJD))
    return (time + timedelta(microseconds=500_000)).strftime(form)


def format_date(mjd: float) -> str:
    """Return the day as 2015-01-05."""
    return format_time(mjd, "%Y-%m-%d")


def format_day(mjd: float) -> str:
    """Return the day as PEDIGREE has it, 05/01/2015."""
    return format_time(mjd, "%d/%m/%Y")


def mark_newest(
    mjd: NDArray[np.float64], days: float = NEWEST_DAYS, latest: float | None = None
) -> NDArray[np.bool_]:
    """Tell which exposures are of the last days of the data.

    Parameters
    ----------
    mjd : ndarray, shape (n,)
        Times, MJD UTC; NaN where unknown.
    days : float
        How many.
    latest : float, optional
        MJD that they are counted back from; else the latest of `mjd`.

    Returns
    -------
    ndarray of bool, shape (n,)
        Nothing is newest among unknown times.
    """
    finite = mjd[np.isfinite(mjd)]
    if latest is None:
        if not finite.size:
            return np.zeros(mjd.shape, dtype=np.bool_)
        latest = float(finite.max())
    newest: NDArray[np.bool_] = mjd >= latest - days
    return newest


def latest_of(mjd: NDArray[np.float64]) -> float | None:
    """Return the latest of times, MJD, shape (n,); None if none is finite."""
    finite = mjd[np.isfinite(mjd)]
    return float(finite.max()) if finite.size else None


def parse_time(text: str, form: str) -> float | None:
    """Return the MJD of a time in UTC as `datetime.strptime` reads it by `form`; None if none."""
    try:
        return datetime_to_mjd(datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        return None


def parse_telescope_time(text: str) -> float | None:
    """Return the MJD of a time as spt and jif headers write it; None if it is none.

    Parameters
    ----------
    text : str
        Year, day of the year, hours, minutes, seconds: `2017.181:04:57:05`.
    """
    return parse_time(text.strip(), "%Y.%j:%H:%M:%S")
