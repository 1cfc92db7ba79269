"""Count how many events each superpixel of 8 x 2 pixels has of each pulse height, as a cube.

Here they are made of event lists; `cci_file` makes them of cumulative images of the archive.
Nothing is known of gain.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.cumulative_images.names import LARGEST_LEVEL
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import FitsStream, find_table
from hstql_resources.fits.tables import TableLayout, table_layout
from hstql_resources.times import SECONDS_PER_DAY

PULSE_HEIGHTS = 32
COLUMNS, ROWS = 16384, 1024  # pixels of a segment
X_BINNING, Y_BINNING = 8, 2  # pixels of a superpixel
SHAPE = (PULSE_HEIGHTS, ROWS // Y_BINNING, COLUMNS // X_BINNING)


Counts = NDArray[np.uint32]


@dataclass(frozen=True)
class Origin:
    """What the headers of a file say of its events.

    Attributes
    ----------
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level.
    exp_start_mjd, exp_end_mjd : float
        MJD UTC.
    exp_time_s : float
        Sum of the exposure times.
    brftab, spottab : str
        The tables of the active area and of hot spots, such as `lref$x1u1459il_brf.fits`; empty
        where the header names none.
    is_raw : bool
        Whether places are those of raw events, which nobody has corrected for the distortion and
        the temperature of the detector.
    is_simulated : bool
        Whether nothing of it was ever observed.
    """

    segment: str
    high_voltage: int
    exp_start_mjd: float
    exp_end_mjd: float
    exp_time_s: float
    brftab: str = ""
    spottab: str = ""
    is_raw: bool = False
    is_simulated: bool = False


@dataclass(frozen=True, eq=False)
class Lit:
    """The superpixels that have events: a week of them lights one in thirty.

    Attributes
    ----------
    places : ndarray of int, shape (n,)
        Row times 2048 plus column, rising.
    counts : ndarray of uint32, shape (32, n)
        Events of each pulse height.
    """

    places: NDArray[np.intp]
    counts: Counts

    @classmethod
    def of(cls, counts: Counts) -> "Lit":
        """Find them in a cube, shape (32, 512, 2048)."""
        flat = counts.reshape(PULSE_HEIGHTS, -1)
        places = np.flatnonzero(np.bitwise_or.reduce(flat, axis=0))
        return cls(places, flat[:, places])

    @classmethod
    def of_events(cls, superpixels: NDArray[np.int32], heights: NDArray[np.int32]) -> "Lit":
        """Count events, by where they are and their pulse heights, both of shape (m,)."""
        places, index = _find_lit(superpixels)
        bins = heights * len(places) + index[superpixels]
        counts = np.bincount(bins, minlength=PULSE_HEIGHTS * len(places)).astype(np.uint32)
        return cls(places, counts.reshape(PULSE_HEIGHTS, -1))

    def __add__(self, other: "Lit") -> "Lit":
        """Return the events of both."""
        if not self.places.size:
            return other
        places, index = _find_lit(self.places, other.places)
        counts = np.zeros((PULSE_HEIGHTS, len(places)), np.uint32)
        for one in (self, other):
            counts[:, index[one.places]] += one.counts
        return Lit(places, counts)

    def add(self, first: int = 0, last: int = PULSE_HEIGHTS - 1) -> NDArray[np.int64]:
        """Return how many events of these pulse heights each has, shape (n,)."""
        total: NDArray[np.int64] = self.counts[first : last + 1].sum(axis=0, dtype=np.int64)
        return total

    def draw(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return an image, shape (512, 2048), of one value for each, 0 elsewhere."""
        image = np.zeros(SHAPE[1:], values.dtype)
        image.reshape(-1)[self.places] = values
        return image


def _find_lit(*places: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return all places that occur, rising, and of each place which of these it is."""
    is_lit = np.zeros(SHAPE[1] * SHAPE[2], bool)
    for some in places:
        is_lit[some] = True
    lit = np.flatnonzero(is_lit)
    index = np.empty(len(is_lit), np.int32)
    index[lit] = np.arange(len(lit))
    return lit, index


@dataclass(frozen=True, eq=False)
class Cube:
    """The events of an image.

    Attributes
    ----------
    lit : Lit
        How many there are, by superpixel and pulse height.
    origins : tuple of Origin
        Of the files in it.
    members : tuple of str
        Their names.
    outside : int
        Number of events beyond the edges of the detector, which are not in `lit`.
    """

    lit: Lit
    origins: tuple[Origin, ...]
    members: tuple[str, ...]
    outside: int = 0

    @property
    def newest(self) -> Origin:
        """Of the file that began last; its reference files count."""
        return max(self.origins, key=lambda origin: origin.exp_start_mjd)

    @property
    def span_mjd(self) -> tuple[float, float]:
        """Start of the first exposure and end of the last, MJD UTC."""
        start_mjd = min(origin.exp_start_mjd for origin in self.origins)
        return start_mjd, max(origin.exp_end_mjd for origin in self.origins)

    @property
    def exp_time_s(self) -> float:
        """Sum of the exposure times."""
        return sum(origin.exp_time_s for origin in self.origins)


def empty_counts() -> Counts:
    """Return the counts of no events, shape (32, 512, 2048)."""
    return np.zeros(SHAPE, np.uint32)


def count_events(
    path: Path, check: Callable[[Origin], None] = lambda _: None
) -> tuple[Lit, Origin, int]:
    """Count the events of a corrtag or rawtag file of one segment.

    Events are put where CalCOS puts them in its own sums: to the nearest pixel of XCORR and YCORR,
    or of RAWX and RAWY in a rawtag file. All events count, whatever their flags: the flags say
    what is of no use for spectra, but also such events are amplified.

    Parameters
    ----------
    path : Path
        Plain or gzipped; read in blocks.
    check : callable
        Takes what the headers say, and raises FitsError if the file is not wanted.

    Returns
    -------
    Lit
        Its events.
    Origin
        What its headers say.
    int
        Number of events beyond the edges of the detector.

    Raises
    ------
    FitsError
        If the file is not whole, is not of the FUV detector in TIME-TAG mode, lacks EXPSTART, the
        high voltage or a column, or has a pulse height that five bits cannot hold.
    """
    found = [np.zeros((2, 0), np.int32)]
    outside = 0
    with FitsStream(path) as stream:
        extensions = stream.extensions()
        primary = next(extensions).header
        events = find_table(extensions, "EVENTS")
        origin = _read_origin(primary, events.header)
        check(origin)
        layout = table_layout(events.header)
        columns = ("RAWX", "RAWY") if origin.is_raw else ("XCORR", "YCORR")
        layout.require(*columns, "PHA")
        for block in stream.blocks(events, layout):
            places = _find_places(layout, block, columns)
            found.append(places)
            outside += len(block) - places.shape[1]
    return Lit.of_events(*np.concatenate(found, axis=1)), origin, outside


def _find_places(
    layout: TableLayout, block: np.ndarray, columns: tuple[str, str]
) -> NDArray[np.int32]:
    """Return superpixels and pulse heights of the events that are on the detector, shape (2, m).

    The block is a table of events of shape (n,); columns are those of x and y.
    """
    x, y = (np.floor(layout.column(block, name) + 0.5) for name in columns)
    height = layout.column(block, "PHA")
    if height.dtype.kind not in "iu" or height.ndim != 1:
        raise FitsError("has no whole numbers in the column PHA")
    if height.size and not (height.min() >= 0 and height.max() < PULSE_HEIGHTS):
        odd = height.min() if height.min() < 0 else height.max()
        raise FitsError(f"has an event of pulse height {odd}, beyond 0 to {PULSE_HEIGHTS - 1}")
    is_inside = (x >= 0) & (x < COLUMNS) & (y >= 0) & (y < ROWS)  # false for NaN
    column, row = (values[is_inside].astype(np.int32) for values in (x, y))
    superpixel = row // Y_BINNING * SHAPE[2] + column // X_BINNING
    return np.stack([superpixel, height[is_inside].astype(np.int32)])


def _read_origin(primary: Header, events: Header) -> Origin:
    if text(primary, "DETECTOR", "") != "FUV":
        raise FitsError(f"is of the detector {text(primary, 'DETECTOR', 'unknown')}, not FUV")
    if text(primary, "OBSMODE", "") == "ACCUM":
        raise FitsError("is an ACCUM exposure, whose events have no pulse height")
    segment = read_segment(primary)
    level = read_level(integer(events, f"HVLEVEL{segment[-1]}"), f"HVLEVEL{segment[-1]}")
    start_mjd = finite(number(events, "EXPSTART"), "EXPSTART")
    time_s = finite(number(events, "EXPTIME", 0.0), "EXPTIME")
    return Origin(
        segment=segment,
        high_voltage=level,
        exp_start_mjd=start_mjd,
        exp_end_mjd=number(events, "EXPEND", start_mjd + time_s / SECONDS_PER_DAY),
        exp_time_s=time_s,
        brftab=text(primary, "BRFTAB", ""),
        spottab=text(primary, "SPOTTAB", ""),
        is_simulated=primary.get("SIMULATD") is True,
        is_raw=not any(
            keyword.startswith("TTYPE") and str(value).strip() == "XCORR"
            for keyword, value in events.values.items()
        ),
    )


def read_segment(primary: Header) -> str:
    """Return SEGMENT; FitsError if it is none of the FUV detector."""
    segment = text(primary, "SEGMENT")
    if segment not in ("FUVA", "FUVB"):
        raise FitsError(f"is of the segment {segment}, not FUVA or FUVB")
    return segment


def read_level(level: int, keyword: str) -> int:
    """Return a high-voltage level; FitsError if it cannot be one."""
    if not 0 < level <= LARGEST_LEVEL:
        raise FitsError(f"has {keyword} = {level}, which is no high-voltage level")
    return level


def finite(value: float, keyword: str) -> float:
    """Return a value; FitsError if it is not finite."""
    if not math.isfinite(value):
        raise FitsError(f"has {keyword} = {value}")
    return value
