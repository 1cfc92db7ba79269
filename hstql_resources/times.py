"""Turn MJD (UTC) into dates and words, and times of headers into MJD."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_LAST_MJD = 2973483.0  # 9999-12-31
NEWEST_DAYS = 30.0
WEEK_DAYS = 7.0

SECONDS_PER_DAY = 86400.0


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
    """Return the latest time; None if none is known."""
    finite = mjd[np.isfinite(mjd)]
    return float(finite.max()) if finite.size else None


def word_time(mjd: float | None) -> str:
    """Return an MJD as date and minute in UTC; `unknown` for None, NaN or no date at all."""
    if mjd is None or not np.isfinite(mjd):
        return "unknown"
    try:
        return f"{_MJD_ZERO + timedelta(days=mjd):%Y-%m-%d %H:%M}"
    except OverflowError:
        return "unknown"


def parse_telescope_time(text: str) -> float | None:
    """Return the MJD of a time as spt and jif headers write it; None if it is none.

    Parameters
    ----------
    text : str
        Year, day of the year, hours, minutes, seconds: `2017.181:04:57:05`.
    """
    try:
        time = datetime.strptime(text.strip(), "%Y.%j:%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return (time - _MJD_ZERO) / timedelta(days=1)
