"""Count how many events of a COS/FUV corrtag file have which pulse height."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.keywords import text
from hstql_resources.fits.stream import FitsStream, find_table
from hstql_resources.fits.tables import table_layout

PULSE_HEIGHTS = 32  # of five bits; each has a column


@dataclass(frozen=True)
class PulseHeightCounts:
    """The events of one segment by pulse height.

    Attributes
    ----------
    segment : str or None
        `FUVA` or `FUVB`.
    counts : ndarray of int, shape (32,)
        Number of events of each pulse height.
    """

    segment: str | None
    counts: NDArray[np.int64]

    @property
    def events(self) -> int:
        """Number of events."""
        return int(self.counts.sum())

    @property
    def modal(self) -> int | None:
        """Pulse height of most events, the lower of two; None without events."""
        return int(self.counts.argmax()) if self.events else None

    @property
    def mean(self) -> float | None:
        """Mean pulse height; None without events."""
        if not self.events:
            return None
        return float(self.counts @ np.arange(len(self.counts)) / self.events)


def count_pulse_heights(path: Path) -> PulseHeightCounts:
    """Count the events of a corrtag file by pulse height, whatever their flags.

    Parameters
    ----------
    path : Path
        Corrtag file of COS, plain or gzipped. It is read in blocks, whatever its size.

    Raises
    ------
    NothingToMeasureError
        If it is of NUV, or of an ACCUM exposure: CalCOS makes events of such an image and gives
        all of them the pulse height 0.
    FitsError
        If it is no whole corrtag file, or has a pulse height that five bits cannot hold.
    """
    with FitsStream(path) as stream:
        extensions = stream.extensions()
        primary = next(extensions).header
        _require_pulse_heights(text(primary, "DETECTOR"), text(primary, "OBSMODE", ""))
        events = find_table(extensions, "EVENTS")
        layout = table_layout(events.header)
        layout.require("PHA")
        counts = np.zeros(PULSE_HEIGHTS, np.int64)
        for block in stream.blocks(events, layout):
            counts += _count(layout.column(block, "PHA"))
    return PulseHeightCounts(text(primary, "SEGMENT", "") or None, counts)


def _require_pulse_heights(detector: str, mode: str) -> None:
    if detector != "FUV":
        raise NothingToMeasureError(f"The detector {detector} has no pulse heights.")
    if mode == "ACCUM":
        raise NothingToMeasureError("An ACCUM exposure has no pulse height for each event.")


def _count(heights: np.ndarray) -> NDArray[np.int64]:
    """Count pulse heights, shape (n,), by their value from 0 to 31, shape (32,)."""
    if heights.dtype.kind not in "iu" or heights.ndim != 1:
        raise FitsError("has no whole numbers in the column PHA")
    if heights.size and not 0 <= (odd := _most_extreme(heights)) < PULSE_HEIGHTS:
        raise FitsError(f"has an event of pulse height {odd}, beyond 0 to {PULSE_HEIGHTS - 1}")
    return np.bincount(heights, minlength=PULSE_HEIGHTS).astype(np.int64)


def _most_extreme(heights: np.ndarray) -> int:
    """Return the least of the values, shape (n,), if it is negative, else the greatest."""
    least = int(heights.min())
    return least if least < 0 else int(heights.max())
