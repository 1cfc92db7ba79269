"""Sum events per time bin.

What an event counts is the business of its instrument, see `event_weights`. The events go by in
blocks; the memory does not grow with their number.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from hstql_assets.lightcurves.event_weights import (
    Columns,
    EventWeights,
    Places,
    Weights,
    look_up,
)
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.quality import OddEvents, TimeOrder, not_finite
from hstql_assets.lightcurves.time_bins import Runs, TimeBins
from hstql_resources.fits.stream import BLOCK_ROWS

NEEDED = "TIME", "DQ", "EPSILON"  # of every event
Item = TypeVar("Item")


@dataclass(frozen=True)
class BinSums:
    """What the events of a file add up to in each time bin; arrays have the shape (bins,).

    Parameters
    ----------
    gross : numpy.ndarray
        Events in the source regions.
    background, background_squares : numpy.ndarray
        Sums over events in the background regions: of the scale to the source, and of its square.
    net, net_squares : numpy.ndarray
        Sums of EPSILON x the weight in NET, counts, and of the squares of these products.
    fluxes, fluxes_squares : numpy.ndarray, shape (kinds, bins)
        The same with the weight in each kind of flux, see `Region.fluxes_per_net`.
    """

    gross: np.ndarray
    background: np.ndarray
    background_squares: np.ndarray
    net: np.ndarray
    net_squares: np.ndarray
    fluxes: np.ndarray
    fluxes_squares: np.ndarray

    @classmethod
    def zeros(cls, kinds: int, bins: int) -> "BinSums":
        """Return sums of nothing, of so many kinds of flux in so many bins."""
        return cls(*np.zeros((5, bins)), *np.zeros((2, kinds, bins)))

    def join(self, starts: np.ndarray) -> "BinSums":
        """Return sums over neighbouring bins, each from one of `starts`, which ascend, on."""
        return BinSums(*(np.add.reduceat(row, starts, axis=-1) for row in vars(self).values()))


class EventSums:
    """Adds up the events of a file for one lightcurve.

    Parameters
    ----------
    events : EventFile
        The file.
    worth : EventWeights
        What an event counts.
    bins : TimeBins
        When.
    """

    def __init__(self, events: EventFile, worth: EventWeights, bins: TimeBins) -> None:
        self._events, self._bins = events, bins
        self.worth = worth
        self._odd = OddEvents(events)
        self._sums = BinSums.zeros(len(worth.typical) - 1, bins.count)

    def show(self, columns: Columns) -> None:
        """Add a block of events, as `EventWeights.locate` has it."""
        times, dq, epsilon = (columns[name] for name in NEEDED)
        runs = self._bins.find_runs(times)
        is_accepted = (dq & self.worth.rejected_dq) == 0
        self._odd.show(times, is_accepted, epsilon)
        is_counted, places = self.worth.locate(columns)
        kept = is_accepted & is_counted
        if (runs.bins < 0).any():
            kept &= runs.expand(runs.bins >= 0)
        for weights in self.worth.weigh(places, kept):
            if len(weights.chosen):
                own = runs.choose(weights.chosen), look_up(epsilon, weights.chosen)
                _add(self._sums, weights, *own)
                self._show_kind(places, weights, *own)

    def _show_kind(self, places: Places, weights: Weights, runs: Runs, epsilon: np.ndarray) -> None:
        """Do more with the m events of one kind, with their runs and EPSILON, shape (m,)."""

    def finish(self) -> tuple[BinSums, tuple[str, ...]]:
        """Return the sums, and what is odd about the events; raises as `sum_events` does."""
        if not (np.isfinite(self._sums.net).all() and np.isfinite(self._sums.fluxes).all()):
            # Only that can be no number: all else is finite.
            raise not_finite(self._events, "EPSILON")
        return self._sums, self._odd.finish(self.worth.nowhere)


def sum_events(
    events: EventFile, lightcurves: Sequence[tuple[EventWeights, TimeBins]]
) -> Iterator[tuple[BinSums, tuple[str, ...]]]:
    """Read a file once, and count its events by what they are worth and in time.

    Parameters
    ----------
    events : EventFile
        The file.
    lightcurves : sequence of tuple
        What events count, and the bins, of each lightcurve that they go into.

    Yields
    ------
    sums : BinSums
        What they add up to, for each lightcurve.
    remarks : tuple of str
        What is odd about the events, a sentence each.

    Raises
    ------
    BadData
        Unreadable, Non-linear time, Singular event, or none that fits: what only events show.
    """
    each = [EventSums(events, worth, bins) for worth, bins in lightcurves]
    read_events(events, each)
    for sums in each:
        yield sums.finish()


def read_events(events: EventFile, each: Sequence[EventSums]) -> None:
    """Read a file once, and show its events to all sums; raises as `sum_events` does."""
    order = TimeOrder(events)
    blocks = _read_columns(events, each)
    if events.layout.rows > BLOCK_ROWS:
        # Reading takes a third of the time: the next block is read while this one is added up.
        blocks = run_ahead(blocks)
    for columns in blocks:
        order.show(columns["TIME"])
        for sums in each:
            sums.show(columns)
    order.finish()


def _read_columns(events: EventFile, each: Sequence[EventSums]) -> Iterator[Columns]:
    """Read block by block the columns that any of the sums need."""
    names = {*NEEDED, *(name for sums in each for name in sums.worth.columns)}
    for block in events.blocks():
        yield {name: events.layout.column(block, name) for name in names}


def run_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield what an iterator does, while a thread is at its next item already."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


@np.errstate(invalid="ignore")  # what is no number shows in the sums
def _add(sums: BinSums, weights: Weights, runs: Runs, epsilon: np.ndarray) -> None:
    """Add m events of one kind, m > 0, to the sums, with their runs and EPSILON, shape (m,)."""
    _add_each(sums.gross, None, runs, weights.gross)
    _add_each(sums.background, sums.background_squares, runs, weights.background)
    _add_each(sums.net, sums.net_squares, runs, weights.net, epsilon)
    for total, squares, values in zip(
        sums.fluxes, sums.fluxes_squares, weights.fluxes, strict=False
    ):
        _add_each(total, squares, runs, values, epsilon)


def _add_each(
    total: np.ndarray,
    squares: np.ndarray | None,
    runs: Runs,
    values: np.ndarray | float,
    factors: np.ndarray | None = None,
) -> None:
    """Add to bins, shape (bins,), the values of their events times factors, and the squares.

    Adding up each run is ten times as fast as a histogram.
    """
    if isinstance(values, float):
        _add_number(total, squares, runs, values, factors)
        return
    each = values if factors is None else values * factors
    total[runs.bins] += np.add.reduceat(each, runs.starts)
    if squares is not None:
        squares[runs.bins] += np.add.reduceat(each * each, runs.starts)


def _add_number(
    total: np.ndarray,
    squares: np.ndarray | None,
    runs: Runs,
    value: float,
    factors: np.ndarray | None,
) -> None:
    """Do the same with one value for all events."""
    if not value:
        return
    sums = sum_squares = runs.lengths
    if factors is not None:
        each = factors.astype(np.float64)
        sums = np.add.reduceat(each, runs.starts)
        sum_squares = np.add.reduceat(each * each, runs.starts)
    total[runs.bins] += value * sums
    if squares is not None:
        squares[runs.bins] += value**2 * sum_squares
