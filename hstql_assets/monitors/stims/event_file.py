"""Read the events of a COS/FUV file near its stims, in blocks, with what its header says."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.lightcurves.intervals import tidy
from hstql_assets.lightcurves.quality import EARLIEST_MJD, LATEST_MJD
from hstql_assets.monitors.stims.boxes import StimBoxes
from hstql_assets.monitors.stims.windows import live_times, make_edges, usual_rate
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import TableLayout, table_layout
from hstql_resources.times import SECONDS_PER_DAY

FindBoxes = Callable[[Header, Header, str], StimBoxes]


@dataclass(frozen=True)
class BoxEvents:
    """Events in one box; each array has the shape (n,).

    Attributes
    ----------
    window : ndarray of int
        Which stretch of time each is in.
    x, y : ndarray of int
        Column and row [pixel].
    """

    window: NDArray[np.int64]
    x: NDArray[np.int64]
    y: NDArray[np.int64]


@dataclass(frozen=True)
class StimSample:
    """What a file holds about its stims.

    Attributes
    ----------
    segment : str
        FUVA or FUVB.
    exp_start_mjd : float or None
        EXPSTART, MJD UTC; None without one, or where it is nonsense.
    stim_rate_hz : float
        STIMRATE: pulses a second of both stims together.
    edges : ndarray, shape (n + 1,)
        Of the stretches of time, since the start [s].
    live_s : ndarray, shape (n,)
        How much of each is in good time intervals [s].
    counts : ndarray of int, shape (n,)
        Events of the whole segment.
    boxes : StimBoxes
    events : tuple of BoxEvents
        Near stim 1 and near stim 2.
    """

    segment: str
    exp_start_mjd: float | None
    stim_rate_hz: float
    edges: NDArray[np.float64]
    live_s: NDArray[np.float64]
    counts: NDArray[np.int64]
    boxes: StimBoxes
    events: tuple[BoxEvents, BoxEvents]


def read_stims(path: Path, find_boxes: FindBoxes) -> StimSample:
    """Read the events near the stims of a corrtag or rawtag file.

    Parameters
    ----------
    path : Path
        Plain or gzipped. It is read in blocks, whatever its size.
    find_boxes : callable
        Takes the primary header, that of the events, and the segment.

    Raises
    ------
    NothingToMeasureError
        If it is not of the FUV detector, not TIME-TAG, or has no events.
    FitsError
        If it is not whole, or lacks a column or a keyword that is needed.
    """
    gather: _Gathering | None = None
    intervals: NDArray[np.float64] | None = None
    with FitsStream(path) as stream:
        extensions = stream.extensions()
        primary = next(extensions).header
        segment = _require_segment(primary)
        for extension in extensions:
            if extension.name == "EVENTS" and gather is None:
                gather = _gather(stream, extension, primary, segment, find_boxes)
            elif extension.name == "GTI" and intervals is None:
                intervals = _read_intervals(stream, extension)
    if gather is None:
        raise FitsError("has no EVENTS table")
    return StimSample(
        segment,
        gather.start_mjd,
        gather.stim_rate_hz,
        gather.edges,
        np.diff(gather.edges) if intervals is None else live_times(gather.edges, intervals),
        gather.counts,
        gather.boxes,
        gather.events(),
    )


def _gather(
    stream: FitsStream,
    table: Extension,
    primary: Header,
    segment: str,
    find_boxes: FindBoxes,
) -> "_Gathering":
    """Return what the table of the events has near the stims."""
    layout = table_layout(table.header)
    layout.require("TIME", "RAWX", "RAWY")
    edges, rate = _choose_windows(primary, table.header)
    if layout.rows == 0 or len(edges) < 2:
        raise NothingToMeasureError(f"It has {layout.rows:,} events in {edges[-1]:g} s.")
    start = number(table.header, "EXPSTART", np.nan)
    gather = _Gathering(
        layout,
        edges,
        find_boxes(primary, table.header, segment),
        rate,
        start if EARLIEST_MJD <= start <= LATEST_MJD else None,
    )
    for block in stream.blocks(table, layout):
        gather.take(block)
    return gather


def _require_segment(header: Header) -> str:
    detector, mode = text(header, "DETECTOR"), text(header, "OBSMODE", "")
    if detector != "FUV":
        raise NothingToMeasureError(f"The detector {detector} has no stims.")
    if mode == "ACCUM":
        raise NothingToMeasureError("An ACCUM exposure has no time for each event.")
    segment = text(header, "SEGMENT")
    if segment not in ("FUVA", "FUVB"):
        raise FitsError(f"has the segment {segment!r}, neither FUVA nor FUVB")
    return segment


def _choose_windows(primary: Header, header: Header) -> tuple[NDArray[np.float64], float]:
    """Return the edges of the stretches of time, shape (n + 1,) [s], and STIMRATE [1/s]."""
    exposure_s = number(header, "EXPTIME", 0.0)
    elapsed_s = (number(header, "EXPEND", 0.0) - number(header, "EXPSTART", 0.0)) * SECONDS_PER_DAY
    # Bad times may be taken off EXPTIME; an EXPEND that is wrong may be anywhere.
    duration_s = elapsed_s if exposure_s <= elapsed_s < SECONDS_PER_DAY else exposure_s
    rate = number(header, "STIMRATE", number(primary, "STIMRATE", -1.0))
    if rate < 0.0:
        rate = usual_rate(exposure_s)
    return make_edges(duration_s, rate), rate


class _Gathering:
    """Events taken out of blocks."""

    def __init__(
        self,
        layout: TableLayout,
        edges: NDArray[np.float64],
        boxes: StimBoxes,
        stim_rate_hz: float,
        start_mjd: float | None,
    ) -> None:
        """Begin with no events; edges of shape (n + 1,) [s]."""
        self._layout, self.edges, self.boxes = layout, edges, boxes
        self.stim_rate_hz, self.start_mjd = stim_rate_hz, start_mjd
        self._found: tuple[list[BoxEvents], list[BoxEvents]] = ([], [])
        self.counts = np.zeros(len(edges) - 1, np.int64)

    def take(self, block: np.ndarray) -> None:
        """Take the events out of a block of rows, shape (rows,)."""
        time, x, y = (
            self._layout.numbers(block, name, 1)[:, 0] for name in ("TIME", "RAWX", "RAWY")
        )
        windows = len(self.edges) - 1
        # The stretches are equal; events at the very end belong to the last.
        place = time * (windows / self.edges[-1])
        inside = (place >= 0.0) & (place < windows + 1)
        number = np.minimum(np.where(inside, place, 0.0).astype(np.int64), windows - 1)
        self.counts += np.bincount(number[inside], minlength=windows)
        boxes = self.boxes.first, self.boxes.second
        for box, found in zip(boxes, self._found, strict=True):
            near = inside & (x >= box.left) & (x <= box.right) & (y >= box.bottom) & (y <= box.top)
            found.append(
                BoxEvents(number[near], x[near].astype(np.int64), y[near].astype(np.int64))
            )

    def events(self) -> tuple[BoxEvents, BoxEvents]:
        first, second = (
            BoxEvents(
                np.concatenate([part.window for part in parts]),
                np.concatenate([part.x for part in parts]),
                np.concatenate([part.y for part in parts]),
            )
            for parts in self._found
        )
        return first, second


def _read_intervals(stream: FitsStream, extension: Extension) -> NDArray[np.float64]:
    """Return start and stop of the good time intervals, apart from each other, shape (m, 2)."""
    intervals = stream.numbers(extension, "START", "STOP").T
    if not np.isfinite(intervals).all():
        raise FitsError("has good times that are no numbers")
    return tidy(intervals)
