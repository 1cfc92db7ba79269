"""Name the cumulative image that an exposure belongs to, and read what such a name says."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from hstql_resources.fits.file_headers import FileHeaders, find_value
from hstql_resources.fits.header_values import finite
from hstql_resources.times import mjd_to_datetime, parse_time

SEGMENTS = ("FUVA", "FUVB")
LARGEST_LEVEL = 255  # a commanded high-voltage level is one byte

_WEEKLY = re.compile(r"(fuv[ab])_(\d{1,3})_(\d{4}-\d{2}-\d{2})")
_CCI = re.compile(r"l_(\d+)_(0[01])_(\d+)_cci")
_OLD_CCI = re.compile(r"lft(0[01])_(\d+)_cci")


@dataclass(frozen=True)
class WeeklyImage:
    """All events of one segment at one high voltage in one week.

    Attributes
    ----------
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level, HVLEVELA or HVLEVELB.
    monday : date
        First day of the week, UTC.
    """

    segment: str
    high_voltage: int
    monday: date

    @property
    def key(self) -> str:
        """Such as `fuva_163_2015-01-05`."""
        return f"{self.segment.lower()}_{self.high_voltage}_{self.monday.isoformat()}"


@dataclass(frozen=True)
class CciImage:
    """A cumulative image that the archive made (CCI).

    Attributes
    ----------
    key : str
        Name of the file without `.fits`.
    segment : str
        FUVA or FUVB.
    time : str
        What its name says of the time, such as `2013007232606`: year, day of the year, UTC.
    high_voltage : int or None
        Commanded level; old names do not have it.
    """

    key: str
    segment: str
    time: str
    high_voltage: int | None

    @property
    def start_mjd(self) -> float | None:
        """The time of its name, MJD UTC; None if it is none."""
        return parse_time(self.time, "%Y%j%H%M%S")


def choose_week(segment: str, high_voltage: int, start_mjd: float) -> WeeklyImage:
    """Return the weekly image of an exposure.

    Parameters
    ----------
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level.
    start_mjd : float
        Start of the exposure, MJD UTC.

    Raises
    ------
    ValueError
        If there can be none: no such segment, level or date.
    """
    if segment not in SEGMENTS or not 0 < high_voltage <= LARGEST_LEVEL:
        raise ValueError(f"there is no segment {segment} at the level {high_voltage}")
    try:
        day = mjd_to_datetime(start_mjd // 1.0).date()
    except OverflowError:
        raise ValueError(f"MJD {start_mjd} is no date") from None
    return WeeklyImage(segment, high_voltage, day - timedelta(days=day.weekday()))


def parse_weekly(key: str) -> WeeklyImage | None:
    """Take the key of a weekly image apart; None if it is none."""
    match = _WEEKLY.fullmatch(key)
    if match is None:
        return None
    try:
        image = WeeklyImage(match[1].upper(), int(match[2]), date.fromisoformat(match[3]))
    except ValueError:
        return None
    is_right = image.monday.weekday() == 0 and 0 < image.high_voltage <= LARGEST_LEVEL
    return image if is_right and image.key == key else None


def parse_cci(key: str) -> CciImage | None:
    """Take the name of a CCI file without ending apart; None if it is none.

    Names are `l_<time>_00_<level>_cci` for FUVA, with 01 for FUVB; old ones `lft00_<time>_cci`.
    """
    match = _CCI.fullmatch(key)
    if match is not None:
        return CciImage(key, SEGMENTS[int(match[2])], match[1], int(match[3]))
    match = _OLD_CCI.fullmatch(key)
    if match is not None:
        return CciImage(key, SEGMENTS[int(match[1])], match[2], None)
    return None


def parse_image(key: str) -> WeeklyImage | CciImage | None:
    """Take the key of a cumulative image apart; None if it is none."""
    return parse_weekly(key) or parse_cci(key)


def describe_cci(file: FileHeaders) -> dict[str, object] | None:
    """Return the row of `cumulative_image_members` of a CCI file, which is an image by itself.

    What its primary header does not say is taken from its name, so that a damaged file is known,
    and found bad when it is measured. None if the name is not that of a CCI file.
    """
    filename = file.filename.removesuffix(".gz")
    image = parse_cci(filename.removesuffix(".fits"))
    start_mjd = None if image is None else image.start_mjd
    if image is None or start_mjd is None:
        return None
    level = image.high_voltage
    said = _first_number(file, "DETHV")
    if level is None:
        level = -999 if said is None else int(said)
    return {
        "filename": filename,
        "rootname": "cci",
        "image": image.key,
        "segment": image.segment,
        "high_voltage": level,
        "exp_start_mjd": _first_number(file, "EXPSTART") or start_mjd,
        "exp_time_s": _first_number(file, "EXPTIME") or 0.0,
    }


def _first_number(file: FileHeaders, keyword: str) -> float | None:
    return finite(find_value(file.headers[:1], keyword))
