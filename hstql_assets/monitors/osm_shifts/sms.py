"""Read reports of the science mission schedule: when the mechanisms moved before each exposure.

A report is a text file named by year, day of the year, length in days and version, such as
`160467a6.txt`. It begins with the line `COS Exposure Report: SMS 160467A6`; the last line of its
column heads begins with `Filename`. Then there is a line for each exposure:

    lcwj05eg 14265 PG1718+481 CWJ 05 0H 01 NUV  TIME-TAG    696.0 2016.046:15:44:30         PSA O
      NCM1     G225M   2373  1   9898   8216                      NO  1  22 S

(one line, not two): first eight characters of the rootname; after the planned start the optics on
OSM1 and OSM2 (dashes if the light does not reach OSM2), central wavelength, FP-POS less 3, and the
seconds since each mechanism moved. The columns before those have changed over the years, so these
are found by their order and form after the start, not by their place. Lines of other activities,
such as memory loads, have no mechanisms in them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from hstql_resources.fits.data_files import read_text_file
from hstql_resources.fits.errors import UnusableFileError
from hstql_resources.times import SECONDS_PER_DAY, day_to_mjd

_NAME = re.compile(r"(\d{6}[a-z][a-z0-9])(?:\.txt|\.l-exp)?", re.IGNORECASE)
_TITLE = re.compile(r"COS Exposure Report: SMS")
_HEAD = re.compile(r"Filename\b.*\bOSM1\b.*\bOSM2\b.*\bFP\b.*\bOSM1\b.*\bOSM2\b")
_EXPOSURE = re.compile(r"(l[a-z0-9]{7})\s+\d{5}\s.*?(\d{4})\.(\d{3}):(\d\d):(\d\d):(\d\d)(?=\s|$)")
_MECHANISMS = re.compile(
    r"\s([A-Z][A-Z0-9]{2,7})\s+([A-Z][A-Z0-9]{2,7}|-+)\s+(\d{1,4})\s+(-?\d)\s+(\d+)\s+(\d+)(?=\s|$)"
)


@dataclass(frozen=True)
class Moves:
    """When the mechanisms moved before an exposure.

    Attributes
    ----------
    exposure : str
        First eight characters of the rootname.
    sms : str
        The report.
    start_mjd : float
        Planned start, MJD UTC.
    osm1_position, osm2_position : str or None
        The optics that were in use.
    since_osm1_s, since_osm2_s : float
        From the last move of each mechanism to the start, s.
    """

    exposure: str
    sms: str
    start_mjd: float
    osm1_position: str | None
    osm2_position: str | None
    since_osm1_s: float
    since_osm2_s: float

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Moves":
        """Return a row of `sms_exposures` as moves."""
        return cls(**{one.name: row[one.name] for one in fields(cls)})


@dataclass(frozen=True)
class Schedule:
    """What a folder of reports says.

    Attributes
    ----------
    moves : mapping of str to Moves
        By exposure.
    reports : tuple of str
        The reports that were read, such as 160467a6.
    complaints : tuple of str
        Files, and how many of their lines, that could not be read.
    """

    moves: Mapping[str, Moves]
    reports: tuple[str, ...]
    complaints: tuple[str, ...]


def parse_report(name: str, report: str) -> tuple[list[Moves], int]:
    """Return the exposures of a report, and how many lines look like one but cannot be read.

    Parameters
    ----------
    name : str
        Such as 160467a6.
    report : str
        Its text.

    Raises
    ------
    UnusableFileError
        If its title or its column heads are not there.
    """
    lines = report.splitlines()
    if not any(_TITLE.match(line.strip()) for line in lines):
        raise UnusableFileError("has no title 'COS Exposure Report: SMS'")
    heads = (number for number, line in enumerate(lines) if _HEAD.match(line))
    first = next(heads, None)
    if first is None:
        raise UnusableFileError("has no head with the columns Filename, OSM1, OSM2, FP, OSM1, OSM2")
    moves: list[Moves] = []
    unread = 0
    for line in lines[first + 1 :]:
        found = _parse_line(name, line)
        if found is not None:
            moves.append(found)
        elif _is_exposure(line):
            unread += 1
    return moves, unread


def read_reports(folder: Path) -> Schedule:
    """Read all reports of a folder, which may hold other files.

    Of an exposure in several reports the one of the later days counts, and of the versions of one
    report the highest; the others are not read.
    """
    moves: dict[str, Moves] = {}
    complaints: list[str] = []
    reports: list[str] = []
    for path in _latest_versions(folder.iterdir()):
        name = path.name[:8].lower()
        try:
            found, unread = parse_report(name, read_text_file(path, "ascii", "replace"))
        except (UnusableFileError, OSError) as error:
            complaints.append(f"{path.name} {error}")
            continue
        reports.append(name)
        moves |= {one.exposure: one for one in found}
        if unread:
            complaints.append(f"{path.name}: {unread} lines could not be read")
    return Schedule(moves, tuple(reports), tuple(complaints))


def merge_moves(stored: Iterable[Moves], schedule: Schedule) -> dict[str, Moves]:
    """Return what a schedule and an earlier one say together, by exposure.

    Parameters
    ----------
    stored : iterable of Moves
        What was known before; its reports may be gone.
    schedule : Schedule
        What was read now.

    Returns
    -------
    dict
        Of each report the highest version alone; an exposure that it does not have any more is
        gone, unless another report has it. Of several the one of the later days counts.
    """
    before = list(stored)
    latest: dict[str, str] = {}
    for name in (*(one.sms for one in before), *schedule.reports):
        latest[name[:6]] = max(latest.get(name[:6], name), name)
    found: dict[str, Moves] = {}
    for one in sorted((*before, *schedule.moves.values()), key=lambda one: one.sms):
        if one.sms == latest[one.sms[:6]]:
            found[one.exposure] = one
    return found


def _latest_versions(paths: Iterable[Path]) -> list[Path]:
    """Return the highest version of each report, by date; `.txt` before others."""
    latest: dict[str, tuple[str, bool, Path]] = {}
    for path in sorted(paths):
        match = _NAME.fullmatch(path.name)
        if match is None or not path.is_file():
            continue
        name = match[1].lower()
        candidate = (name[6:], path.suffix == ".txt", path)
        latest[name[:6]] = max(latest.get(name[:6], candidate), candidate)
    return [latest[days][2] for days in sorted(latest)]


def _parse_line(name: str, line: str) -> Moves | None:
    exposure = _EXPOSURE.match(line)
    if exposure is None:
        return None
    mechanisms = _MECHANISMS.search(line, exposure.end())
    if mechanisms is None:
        return None
    year, day, hour, minute, second = (int(part) for part in exposure.groups()[1:])
    if not 1 <= day <= 366:
        return None
    days = day_to_mjd(date(year, 1, 1)) + day - 1
    osm1, osm2, _, _, since_osm1_s, since_osm2_s = mechanisms.groups()
    return Moves(
        exposure=exposure[1],
        sms=name,
        start_mjd=days + (hour * 3600 + minute * 60 + second) / SECONDS_PER_DAY,
        osm1_position=osm1,
        osm2_position=None if osm2.startswith("-") else osm2,
        since_osm1_s=float(since_osm1_s),
        since_osm2_s=float(since_osm2_s),
    )


def _is_exposure(line: str) -> bool:
    """Tell whether a line begins like that of an exposure and is none of other activities."""
    if re.match(r"l[a-z0-9]{7}", line) is None:
        return False
    return not any(word in line for word in ("MEMORY", "ALIGN/"))
