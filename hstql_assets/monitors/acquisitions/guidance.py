"""List when the guidance sensors of the telescope were changed, and between which dates they drift.

Facts of COSMO. Dates are written as the engineers do: the year, a dot, and the day of the year.
"""

from dataclasses import dataclass
from datetime import date

from hstql_resources.times import day_to_mjd

# The three sensors as guide star names end; and their events, for all charts.
SENSORS = ("F1", "F2", "F3")
EVENTS = (
    ("2011.172", "FGS realignment 1"),
    ("2011.206", "FGS2 on"),
    ("2013.205", "FGS realignment 2"),
    ("2014.055", "SIAF update"),
    ("2015.327", "FGS2 off"),
    ("2016.123", "FGS2 on again"),
    ("2017.272", "GAIA guide stars"),
    ("2019.352", "FGS realignment 3"),
    ("2020.150", "FHST alignment"),
    ("2021.061", "3GS-F1G"),
    ("2021.070", "normal mode"),
    ("2021.145", "hybrid"),
    ("2021.205", "high gyro"),
    ("2024.166", "reduced gyro"),
)
# Between these the offset of a sensor is a straight line; FGS2 was off for a while in 2015-16.
_STRETCHES = {
    "F1": (
        (None, "2011.172"), ("2011.172", "2013.205"), ("2013.205", "2014.055"),
        ("2014.055", "2019.352"), ("2019.352", "2020.150"), ("2020.150", None),
    ),
    "F2": (
        (None, "2013.205"), ("2013.205", "2014.055"), ("2014.055", "2015.327"),
        ("2016.123", "2019.352"), ("2019.352", "2020.150"), ("2020.150", None),
    ),
    "F3": ((None, "2019.352"), ("2019.352", "2020.150"), ("2020.150", None)),
}  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """The time between two changes of a guidance sensor.

    Attributes
    ----------
    start_mjd, end_mjd : float
        MJD UTC; the start belongs to it, the end does not. Infinite at the ends.
    label : str
        `2014.055 to 2019.352`.
    """

    start_mjd: float
    end_mjd: float
    label: str


def mjd_of_day(day: str) -> float:
    """Return the MJD of 0 h UTC of a day.

    Parameters
    ----------
    day : str
        Year and day of the year, such as `2019.352`, of which 001 is 1 January. A text, for as a
        number 2020.150 would be 2020.15.

    Raises
    ------
    ValueError
        If it is no such text, or the year has no such day.
    """
    year, dot, number = day.partition(".")
    if not (dot and year.isdigit() and number.isdigit() and len(number) == 3):
        raise ValueError(f"{day!r} is no year and day of the year, such as 2019.352")
    first, next_year = date(int(year), 1, 1), date(int(year) + 1, 1, 1)
    if not 1 <= int(number) <= (next_year - first).days:
        raise ValueError(f"{year} has no day {number}")
    return float(day_to_mjd(first) + int(number) - 1)


def list_stretches(sensor: str) -> tuple[Stretch, ...]:
    """Return the stretches of a sensor, F1, F2 or F3, in order."""
    return tuple(_make_stretch(start, end) for start, end in _STRETCHES[sensor])


def list_events() -> tuple[tuple[float, str], ...]:
    """Return MJD and name of each event, in order."""
    return tuple((mjd_of_day(day), name) for day, name in EVENTS)


def _make_stretch(start: str | None, end: str | None) -> Stretch:
    return Stretch(
        float("-inf") if start is None else mjd_of_day(start),
        float("inf") if end is None else mjd_of_day(end),
        f"{start or 'begin'} to {end or 'now'}",
    )
