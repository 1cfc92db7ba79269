"""Weigh events, and say what there is to extract of a file: the same for every instrument.

Only the shapes are here. `cos_weights` and `stis_weights` fill them, each with the geometry of its
instrument; `extraction` adds up what they say and knows neither.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.events import EventFile

SHIFT = 300, 100  # pixels: of the spectrum along and across the dispersion, generously
Places = tuple[np.ndarray, ...]
Rows = tuple[np.ndarray, np.ndarray]  # of a box in each column, shape (columns,)
Weights = tuple[np.ndarray, np.ndarray, np.ndarray]  # gross, background, flux; shape (m,)


class EventWeights(Protocol):
    """Looks up what each event of a file counts, by the pixel that it fell in."""

    @property
    def rejected_dq(self) -> int:
        """Bits of DQ with which an event does not count."""

    @property
    def flux_columns(self) -> int:
        """Columns that a flux is the sum over."""

    @property
    def nowhere(self) -> int:
        """Number of events that were located far off the detector."""

    @property
    def wave_span(self) -> tuple[float, float]:
        """Shortest and longest wavelength counted, Angstrom; NaN if none or not known."""

    def locate(self, block: np.ndarray) -> tuple[np.ndarray, Places]:
        """Find the pixels of a block of events.

        Parameters
        ----------
        block : numpy.ndarray, shape (n,)
            Records of the EVENTS table.

        Returns
        -------
        is_counted : numpy.ndarray of bool, shape (n,)
            Whether the event is in a source or a background.
        places : tuple of numpy.ndarray, shape (n,)
            What `weigh` needs to know of them.
        """

    def weigh(self, places: Places, chosen: np.ndarray) -> Weights:
        """Return what the chosen events of a block add.

        Parameters
        ----------
        places : tuple of numpy.ndarray, shape (n,)
            From `locate`.
        chosen : numpy.ndarray of int, shape (m,)
            Which events of the block.

        Returns
        -------
        gross, background : numpy.ndarray, shape (m,)
            Counts; that of the background scaled to the source.
        flux : numpy.ndarray, shape (m,)
            erg/cm2/Angstrom for EPSILON 1, background negative. The caller may change it.
        """


@dataclass(frozen=True)
class Region:
    """Source and background of one segment, stripe or order; arrays have the shape (columns,).

    Parameters
    ----------
    source : tuple of numpy.ndarray of int
        First and last row of the source, counted as the instrument does.
    background : tuple of such tuples
        The same of each background box.
    is_good : numpy.ndarray of bool
        Columns that the files allow, whatever the settings.
    is_used : numpy.ndarray of bool
        Columns to count in: the good ones that the settings select.
    scale : numpy.ndarray
        Source rows over background rows, 0 where there are none.
    flux_per_count : numpy.ndarray
        erg/cm2/Angstrom that one event with EPSILON 1 stands for, NaN where not calibrated.
    wavelength : numpy.ndarray or None
        Angstrom, of the x1d; None if there is none.
    """

    source: Rows
    background: tuple[Rows, ...]
    is_good: np.ndarray
    is_used: np.ndarray
    scale: np.ndarray
    flux_per_count: np.ndarray
    wavelength: np.ndarray | None

    @property
    def flux_columns(self) -> int:
        """Number of columns that are used and have a known sensitivity."""
        return int(np.sum(self.is_used & np.isfinite(self.flux_per_count)))

    @property
    def used_wavelength(self) -> np.ndarray:
        """Wavelengths of the columns that are used, Angstrom, shape (n,)."""
        return np.empty(0) if self.wavelength is None else self.wavelength[self.is_used]

    @property
    def band(self) -> float:
        """Wavelengths of the columns that are used, Angstrom, each for itself; NaN if not known."""
        known = np.flatnonzero([] if self.wavelength is None else np.isfinite(self.wavelength))
        if self.wavelength is None or len(known) < 2:
            return math.nan
        first, last = known[[0, -1]]
        per_column = abs(self.wavelength[last] - self.wavelength[first]) / (last - first)
        return float(per_column * np.count_nonzero(self.is_used))


def scale_rows(source: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Return source rows over background rows, shape (columns,); 0 without any of these."""
    scale = np.zeros(len(source))
    np.divide(source, background, out=scale, where=background > 0)
    return scale


def invert_sensitivity(sensitivity: np.ndarray) -> np.ndarray:
    """Return the flux per count, shape (columns,), of counts per flux; NaN where not known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        flux_per_count = np.asarray(1 / sensitivity)
    flux_per_count[~np.isfinite(flux_per_count)] = np.nan
    return flux_per_count


@dataclass(frozen=True)
class Plan:
    """What there is to extract of an event file.

    Parameters
    ----------
    segments : tuple of str
        What is used of the file, by name.
    good_shares : mapping of str to float
        Which share of its columns the files allow, whatever the settings, of all that it has.
    band : float
        Wavelengths of the columns used, Angstrom, each column for itself; NaN if not known.
    is_background_subtracted : bool
        Whether there is a background region.
    nothing_good : callable
        Says what is wrong where nothing is good, of all files of the exposure by name.
    open_weights : callable
        Makes the `EventWeights` of the file.
    """

    segments: tuple[str, ...]
    good_shares: Mapping[str, float]
    band: float
    is_background_subtracted: bool
    nothing_good: Callable[[tuple[str, ...]], BadData]
    open_weights: Callable[[], EventWeights]

    @property
    def has_good(self) -> bool:
        """Whether the files allow anything at all."""
        return any(self.good_shares.values())


def nearest_pixel(position: np.ndarray, pixels: int) -> np.ndarray:
    """Return the pixel of each position; -1 or `pixels` outside of 0 to `pixels` - 1.

    Parameters
    ----------
    position : numpy.ndarray, shape (n,)
        Pixels, where whole numbers are centres.
    pixels : int
        Size of the image along this axis.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        -1 for NaN too.
    """
    # fmax and fmin, because a NaN has to go outside the image too.
    pixel: np.ndarray = np.fmax(position, -1.0)
    np.fmin(pixel, pixels, out=pixel)
    pixel += 0.5
    np.floor(pixel, out=pixel)
    return pixel.astype(np.intp)


def count_nowhere(x: np.ndarray, y: np.ndarray, columns: int, rows: int) -> int:
    """Count positions, pixels from 0, shape (n,), farther off an image than any shift puts them."""
    right, upper = columns + SHIFT[0], rows + SHIFT[1]
    # Most often there is none, which is seen at once; NaN fails every comparison.
    if x.min() >= -SHIFT[0] and x.max() < right and y.min() >= -SHIFT[1] and y.max() < upper:
        return 0
    inside = (x >= -SHIFT[0]) & (x < right) & (y >= -SHIFT[1]) & (y < upper)
    return len(x) - int(np.count_nonzero(inside))


def look_up(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return entries of a table, shape (n,): fast, because nothing is checked.

    Parameters
    ----------
    table : numpy.ndarray of any shape
    place : numpy.ndarray of int, shape (n,)
        Flat indices, all within it.
    """
    entries: np.ndarray = table.ravel().take(place, mode="clip")
    return entries


@dataclass(frozen=True)
class Area:
    """A part of a square detector; positions are in the columns `x` and `y`, in pixels.

    Whole numbers are centres of pixels, the lowest of which is `first`; `columns` and `rows` of
    them count, of `pixels` on a side.
    """

    x: str
    y: str
    first: int
    columns: int
    rows: int
    pixels: int


class DetectorWeights:
    """Every event within an area of the detector counts once, and there is no more to say.

    Parameters
    ----------
    events : EventFile
        The file.
    rejected_dq : int
        Bits of DQ with which an event does not count.
    area : Area
        Where events count.
    """

    flux_columns = 0
    wave_span = (np.nan, np.nan)

    def __init__(self, events: EventFile, rejected_dq: int, area: Area) -> None:
        self._events, self._area = events, area
        self.rejected_dq = rejected_dq
        self.nowhere = 0

    def locate(self, block: np.ndarray) -> tuple[np.ndarray, Places]:
        """Tell which events of a block, shape (n,), are in the area; no places."""
        area = self._area
        x, y = (self._events.layout.column(block, name) for name in (area.x, area.y))
        self.nowhere += count_nowhere(x, y, area.pixels, area.pixels)
        edge = area.first - 0.5
        is_in_columns = (x >= edge) & (x < edge + area.columns)
        return is_in_columns & (y >= edge) & (y < edge + area.rows), ()

    def weigh(self, places: Places, chosen: np.ndarray) -> Weights:  # noqa: ARG002 - as `EventWeights` has it
        """Return 1, 0 and 0 for each of the chosen events, shape (m,).

        Parameters are those of `EventWeights.weigh`.
        """
        return np.ones(len(chosen)), np.zeros(len(chosen)), np.zeros(len(chosen))


def plan_detector(
    events: EventFile,
    rejected_dq: int,
    area: Area,
    nothing_good: Callable[[tuple[str, ...]], BadData],
) -> Plan:
    """Plan to count the events in an area: no background, no flux; parameters as there."""
    return Plan(
        segments=(events.segment,),
        good_shares={events.segment: 1.0},
        band=math.nan,
        is_background_subtracted=False,
        nothing_good=nothing_good,
        open_weights=partial(DetectorWeights, events, rejected_dq, area),
    )
