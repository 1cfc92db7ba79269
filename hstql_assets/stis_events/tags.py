"""Read a tag file: the events of a STIS exposure as they were sent, and its good times.

A file may hold several exposures, each an EVENTS table with times from its own EXPSTART. Here they
become one list with times from the first EXPSTART. Tables are put in order; rows within a table
never are, because a TIME that falls is a fault to be found.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_assets.batching.bad_data import BadData
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.times import SECONDS_PER_DAY

COLUMNS = ("TIME", "AXIS1", "AXIS2", "DETAXIS1")
DETECTORS = ("FUV-MAMA", "NUV-MAMA")


@dataclass(frozen=True)
class EventTable:
    """One EVENTS table; arrays have the shape (events,).

    Parameters
    ----------
    version : int
        EXTVER.
    header : astropy.io.fits.Header
        Its header.
    start_mjd, exp_time_s : float
        EXPSTART, and EXPTIME in seconds.
    times_s : numpy.ndarray
        Seconds from EXPSTART.
    axis1, axis2 : numpy.ndarray of int
        High-resolution pixels from 1; along the dispersion the Doppler shift is taken out, so that
        it may lie off the detector.
    detaxis1 : numpy.ndarray of int
        Along the dispersion, as detected.
    """

    version: int
    header: fits.Header
    start_mjd: float
    exp_time_s: float
    times_s: np.ndarray
    axis1: np.ndarray
    axis2: np.ndarray
    detaxis1: np.ndarray


@dataclass(frozen=True)
class Tag:
    """A tag file: its primary header, its tables in the order of time, and its good times.

    Parameters
    ----------
    path : Path
        The file.
    primary : astropy.io.fits.Header
        Primary header.
    tables : tuple of EventTable
        At least one.
    good_times_s : numpy.ndarray, shape (n, 2)
        Start and stop, seconds from EXPSTART of the first table.
    """

    path: Path
    primary: fits.Header
    tables: tuple[EventTable, ...]
    good_times_s: np.ndarray

    @property
    def mode(self) -> tuple[str, str, int]:
        """DETECTOR, OPT_ELEM and CENWAVE (0 if there is none)."""
        header = self.primary
        return text(header, "DETECTOR"), text(header, "OPT_ELEM"), integer(header, "CENWAVE", 0)

    @property
    def start_mjd(self) -> float:
        """EXPSTART of the first table."""
        return self.tables[0].start_mjd


def read_tag(path: Path) -> Tag:
    """Read a tag file, plain or gzipped.

    Raises
    ------
    BadData
        Unreadable, if it is no whole tag file of a STIS MAMA detector.
    """
    try:
        with FitsStream(path) as stream:
            return _read(path, stream)
    except (FitsError, OSError) as error:
        raise BadData.unreadable(path, error) from error


def _read(path: Path, stream: FitsStream) -> Tag:
    extensions = stream.distinct_extensions()
    primary = _with_comments(next(extensions))
    instrument, detector = text(primary, "INSTRUME", ""), text(primary, "DETECTOR", "")
    if instrument != "STIS" or detector not in DETECTORS:
        raise FitsError(f"is of {instrument}/{detector}, not of a MAMA detector of STIS")
    tables: list[EventTable] = []
    good_times: dict[int, np.ndarray] = {}
    for extension in extensions:
        if extension.name == "EVENTS":
            tables.append(_event_table(stream, extension))
        elif extension.name == "GTI":
            version = integer(extension.header, "EXTVER", 1)
            good_times[version] = stream.numbers(extension, "START", "STOP").T
    if not tables:
        raise FitsError("has no EVENTS table")
    if not good_times:
        raise FitsError("has no GTI table")
    tables.sort(key=lambda table: table.start_mjd)
    return Tag(path, primary, tuple(tables), _join_good_times(tables, good_times))


def _with_comments(extension: Extension) -> fits.Header:
    """Return all cards of a header as they stand: the file of corrected events has them too."""
    with warnings.catch_warnings():
        # A damaged card is no matter until its value is asked for.
        warnings.simplefilter("ignore", AstropyUserWarning)
        return fits.Header.fromstring(extension.cards)


def _event_table(stream: FitsStream, extension: Extension) -> EventTable:
    header = _with_comments(extension)
    layout, records = stream.rows(extension, *COLUMNS)
    start_mjd = number(header, "EXPSTART")
    if not np.isfinite(start_mjd):
        raise FitsError(f"EXPSTART is {start_mjd}")
    return EventTable(
        integer(header, "EXTVER", 1),
        header,
        start_mjd,
        number(header, "EXPTIME"),
        layout.column(records, "TIME").astype(np.float64),
        *(layout.column(records, name) for name in COLUMNS[1:]),
    )


def _join_good_times(tables: list[EventTable], good_times: dict[int, np.ndarray]) -> np.ndarray:
    """Join good times, s, shape (n, 2), of tables by EXTVER; a single GTI table is of the file."""
    if len(good_times) == 1:
        return next(iter(good_times.values()))
    missing = [table.version for table in tables if table.version not in good_times]
    if missing:
        raise FitsError(f"has no GTI table for EVENTS {missing[0]}")
    return np.concatenate(
        [good_times[table.version] + offset_s(table, tables[0]) for table in tables]
    )


def offset_s(table: EventTable, first: EventTable) -> float:
    """Return the seconds from EXPSTART of table `first` to that of another."""
    return (table.start_mjd - first.start_mjd) * SECONDS_PER_DAY
