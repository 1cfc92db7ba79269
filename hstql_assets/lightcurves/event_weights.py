"""Weigh events, and say what there is to extract of a file: the same for every instrument.

Only the shapes are here. `cos_weights` and `stis_weights` fill them, each with the geometry of its
instrument; `extraction` adds up what they say and knows neither.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.regions import Region
from hstql_assets.lightcurves.x1d_rates import X1dRates

SHIFT = 300, 100  # pixels: of the spectrum along and across the dispersion, generously
Columns = Mapping[str, np.ndarray]
Places = tuple[np.ndarray, ...]


class Weights(NamedTuple):
    """What events of one kind add, each for EPSILON 1; of shape (m,), or one number for all.

    Parameters
    ----------
    chosen : numpy.ndarray of int, shape (m,)
        Which events of the block, ascending.
    gross : float
        Counts in the source.
    background : numpy.ndarray or float
        Counts in the background, scaled to the source.
    net : numpy.ndarray or float
        Counts as NET of the x1d has them; a background that events tell is negative.
    fluxes : sequence of numpy.ndarray or float
        What `Region.fluxes_per_net` has, likewise; empty where no column is calibrated.
    """

    chosen: np.ndarray
    gross: np.ndarray | float
    background: np.ndarray | float
    net: np.ndarray | float
    fluxes: Sequence[np.ndarray | float]


class EventWeights(Protocol):
    """Looks up what each event of a file counts, by the pixel that it fell in."""

    @property
    def rejected_dq(self) -> int:
        """Bits of DQ with which an event does not count."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of EVENTS that `locate` needs."""

    @property
    def norms(self) -> np.ndarray:
        """What sums of fluxes are divided by: as `Region` has it, of all regions together."""

    @property
    def typical(self) -> np.ndarray:
        """What a source event adds on average to net, counts, and to each kind of flux."""

    @property
    def nowhere(self) -> int:
        """Number of events that were located far off the detector."""

    @property
    def wave_span(self) -> tuple[float, float]:
        """Shortest and longest wavelength counted, Angstrom; NaN if none or not known."""

    def locate(self, columns: Columns) -> tuple[np.ndarray, Places]:
        """Find the pixels of a block of events.

        Parameters
        ----------
        columns : mapping of str to numpy.ndarray, shape (n,)
            Columns of the EVENTS table, by name; not to be changed, for others use them too.

        Returns
        -------
        is_counted : numpy.ndarray of bool, shape (n,)
            Whether the event is in a source or a background.
        places : tuple of numpy.ndarray, shape (n,)
            What `weigh` needs to know of them.
        """

    def weigh(self, places: Places, is_chosen: np.ndarray) -> Iterable[Weights]:
        """Return what the chosen events of a block add, kind by kind.

        Parameters
        ----------
        places : tuple of numpy.ndarray, shape (n,)
            From `locate`.
        is_chosen : numpy.ndarray of bool, shape (n,)
            Which events of the block; counted ones.
        """

    def find_regions(self, places: Places, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which region's source the chosen events are in, and their columns.

        Parameters
        ----------
        places : tuple of numpy.ndarray, shape (n,)
            From `locate`.
        chosen : numpy.ndarray of int, shape (m,)
            Which events of the block.

        Returns
        -------
        region, column : numpy.ndarray of int, shape (m,)
            From 0, in the order of the regions; -1 for one in no source. An event in the boxes of
            two regions is in the one whose source it is in.
        """


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
    x1d : X1dRates or None
        What the x1d tells of the columns used, if there is one.
    nothing_good : callable
        Says what is wrong where nothing is good, of all files of the exposure by name.
    open_weights : callable
        Makes the `EventWeights` of the file; takes `subtracts` to have it otherwise than by `x1d`.
    remarks : tuple of str
        What is left out of it, a sentence each.
    exposures : sequence of sequences of Region
        The regions of each exposure in the x1d; none without one.
    """

    segments: tuple[str, ...]
    good_shares: Mapping[str, float]
    band: float
    is_background_subtracted: bool
    x1d: X1dRates | None
    nothing_good: Callable[[tuple[str, ...]], BadData]
    open_weights: Callable[..., EventWeights]
    remarks: tuple[str, ...] = ()
    exposures: Sequence[Sequence[Region]] = ()

    def doubt(self, reason: str) -> "Plan":
        """Return the same with a background that events tell, for a reason, one sentence."""
        return replace(
            self,
            x1d=None if self.x1d is None else self.x1d.without_background(),
            open_weights=partial(self.open_weights, subtracts=True),
            remarks=(*self.remarks, reason),
        )

    @property
    def has_good(self) -> bool:
        """Whether the files allow anything at all."""
        return any(self.good_shares.values())


def nearest_pixel(position: np.ndarray, pixels: int) -> np.ndarray:
    """Return the pixel of each position; -1 or `pixels` outside of 0 to `pixels` - 1.

    In 32 bits: where indices of 64 are needed, they are made faster of these than of the positions.

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
    # Most often all are inside, which is seen at once; NaN fails every comparison.
    if position.min() < -0.5 or not position.max() < pixels - 0.5:
        # fmax and fmin, because a NaN has to go outside the image too.
        position = np.fmin(np.fmax(position, -1.0), pixels)
        return np.asarray(np.floor(position + 0.5)).astype(np.int32)
    return np.asarray(position + 0.5).astype(np.int32)


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
    rejected_dq : int
        Bits of DQ with which an event does not count.
    area : Area
        Where events count.
    """

    norms = np.zeros(2)
    typical = np.array([1.0, 0.0])
    wave_span = (np.nan, np.nan)

    def __init__(self, rejected_dq: int, area: Area) -> None:
        self._area = area
        self.rejected_dq, self.columns = rejected_dq, (area.x, area.y)
        self.nowhere = 0

    def locate(self, columns: Columns) -> tuple[np.ndarray, Places]:
        """Tell which events of a block are in the area, as `EventWeights` has it; no places."""
        area = self._area
        x, y = (columns[name] for name in self.columns)
        self.nowhere += count_nowhere(x, y, area.pixels, area.pixels)
        edge = area.first - 0.5
        is_in_columns = (x >= edge) & (x < edge + area.columns)
        return is_in_columns & (y >= edge) & (y < edge + area.rows), ()

    def weigh(self, places: Places, is_chosen: np.ndarray) -> tuple[Weights]:  # noqa: ARG002 - as `EventWeights` has it
        """Return 1 for gross and net of each of the chosen events, and no background.

        Parameters are those of `EventWeights.weigh`.
        """
        return (Weights(np.flatnonzero(is_chosen), 1.0, 0.0, 1.0, ()),)

    def find_regions(self, places: Places, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # noqa: ARG002 - as `EventWeights` has it
        """Return -1 for each of the chosen events: there are no regions."""
        nowhere = np.full(len(chosen), -1)
        return nowhere, nowhere


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
        x1d=None,
        nothing_good=nothing_good,
        open_weights=partial(DetectorWeights, rejected_dq, area),
    )
