"""Read the corrtag file of a dark exposure: events, good times, and where the telescope was.

What belongs here is what the file says. What counts is decided in `counts`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.lightcurves.quality import EARLIEST_MJD, LATEST_MJD
from hstql_assets.monitors.darks.regions import DETECTORS
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import TableLayout, table_layout

NO_EVENTS = "No events"
NO_TIMELINE = "No timeline"
NO_GOOD_TIME = "No good time"


@dataclass(frozen=True, eq=False)
class DarkFile:
    """A corrtag file of which everything but the events has been read.

    Attributes
    ----------
    path : Path
    detector : str
        FUVA, FUVB or NUV.
    exp_start_mjd : float
        MJD UTC; all times are seconds since then.
    good_times_s : ndarray, shape (n, 2)
        Start and stop of the good time intervals.
    time_s, latitude_deg, longitude_deg : ndarray, shape (m,)
        The rows of TIMELINE, two at least; positions may be NaN.
    """

    path: Path
    detector: str
    exp_start_mjd: float
    good_times_s: NDArray[np.float64]
    time_s: NDArray[np.float64]
    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    _events: Extension
    _layout: TableLayout

    def blocks(self) -> Iterator["EventBlock"]:
        """Yield the events in blocks, so that memory is bounded however many there are.

        Raises
        ------
        FitsError
            If the file ends early, or a column does not hold what it should.
        """
        layout = self._layout
        has_pulse_heights = self.detector != "NUV"
        with FitsStream(self.path) as stream:
            for rows in stream.blocks(self._events, layout):
                time_s, x, y, flags = (
                    layout.numbers(rows, name, 1)[:, 0] for name in ("TIME", "XCORR", "YCORR", "DQ")
                )
                if flags.dtype.kind not in "iu":
                    raise FitsError("EVENTS has no whole numbers in the column DQ")
                heights = layout.numbers(rows, "PHA", 1)[:, 0] if has_pulse_heights else None
                yield EventBlock(time_s, x, y, flags, heights)


@dataclass(frozen=True, eq=False)
class EventBlock:
    """Some events; each array of shape (n,).

    Attributes
    ----------
    time_s : ndarray of float32
        TIME, as stored.
    x, y : ndarray of float32
        XCORR and YCORR [pixel].
    flags : ndarray of int16
        DQ.
    pulse_height : ndarray of uint8, optional
        PHA; None of the NUV detector, which measures none.
    """

    time_s: NDArray[np.floating]
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    flags: NDArray[np.integer]
    pulse_height: NDArray[np.integer] | None


def open_dark(path: Path) -> DarkFile:
    """Read the headers and the small tables of a corrtag file, plain or gzipped.

    Raises
    ------
    FitsError
        If it is no whole corrtag file of COS, or says nonsense; or if it has
        no events, no good times, or less than two rows of TIMELINE.
    NothingToMeasureError
        If it is of an ACCUM exposure.
    """
    primary: Header | None = None
    tables: dict[str, Extension] = {}
    small: dict[str, NDArray[np.float64]] = {}
    with FitsStream(path) as stream:
        for extension in stream.extensions():
            if primary is None:
                primary = extension.header
            elif extension.name == "EVENTS":
                tables.setdefault("EVENTS", extension)
            elif extension.name == "GTI" and _is_later(extension, tables.get("GTI")):
                # Where bad time was cut there are two tables; the corrected one has EXTVER 2.
                tables["GTI"] = extension
                small["GTI"] = stream.numbers(extension, "START", "STOP")
            elif extension.name == "TIMELINE":
                small["TIMELINE"] = stream.numbers(extension, "TIME", "LATITUDE", "LONGITUDE")
    if primary is None or "EVENTS" not in tables:
        raise FitsError("has no EVENTS table")
    return _check(path, primary, tables["EVENTS"], small)


def _is_later(extension: Extension, before: Extension | None) -> bool:
    version = integer(extension.header, "EXTVER", 1)
    return before is None or version > integer(before.header, "EXTVER", 1)


def _check(
    path: Path,
    primary: Header,
    events: Extension,
    small: dict[str, NDArray[np.float64]],
) -> DarkFile:
    """Check what was read: the columns of small tables by name, of shape (columns, rows)."""
    detector = _find_detector(primary)
    if text(primary, "OBSMODE", "") == "ACCUM":
        raise NothingToMeasureError(
            f"{path.name} is of an ACCUM exposure: its events have no times."
        )
    layout = table_layout(events.header)
    layout.require("TIME", "XCORR", "YCORR", "DQ", *(("PHA",) if detector != "NUV" else ()))
    if layout.rows == 0:
        raise FitsError("has 0 events: a detector that is on counts some", NO_EVENTS)
    if "GTI" not in small:
        raise FitsError("has no GTI table", NO_GOOD_TIME)
    good_s, timeline = small["GTI"].T, small.get("TIMELINE")
    if not np.isfinite(good_s).all():
        raise FitsError("has good times that are no numbers")
    start = number(events.header, "EXPSTART")
    if not EARLIEST_MJD <= start <= LATEST_MJD:
        raise FitsError(f"has EXPSTART at MJD {start:.10g}")
    return DarkFile(path, detector, start, good_s, *_tidy_timeline(timeline), events, layout)


def _find_detector(primary: Header) -> str:
    detector = text(primary, "DETECTOR")
    found = text(primary, "SEGMENT", "") if detector == "FUV" else detector
    if found not in DETECTORS:
        raise FitsError(f"has DETECTOR {detector!r} and SEGMENT {found!r}, none of COS")
    return found


def _tidy_timeline(
    timeline: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return columns of the rows of TIMELINE, shape (3, m), with a time, by time; s and degrees."""
    if timeline is None:
        raise FitsError("has no TIMELINE table", NO_TIMELINE)
    time_s, latitude, longitude = timeline
    order = np.argsort(time_s, kind="stable")
    order = order[np.isfinite(time_s[order])]
    if len(order) < 2 or time_s[order[0]] == time_s[order[-1]]:
        raise FitsError(f"has {len(order)} rows of TIMELINE: two are needed at least", NO_TIMELINE)
    return time_s[order], latitude[order], longitude[order]
