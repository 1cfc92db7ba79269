"""Find where source and background of a STIS spectrum are, and what an event in each is worth.

Boxes are those of the x1d, about the trace (EXTRLOCY, its tilt included), in high-resolution rows,
two to a row of the x1d: the source EXTRSIZE rows high and no wider than half-way to the next order,
so that each event is in the source of one order at most; the two background boxes BK1SIZE and
BK2SIZE rows high, BK1OFFST and BK2OFFST rows from the trace. An event may be in the background of
two orders. What of a box is off the detector, or bad by a bit of SDQFLAGS, does not count, neither
for its events nor for its height.

Background counts are scaled by the height of the source over that of both boxes together, column
by column.

Which columns are used: those without bits of SDQFLAGS in the x1d, with a wavelength within the
limits and not in an airglow window, and with rows of source and background; if no order has a
background on the detector, the last does not hold, and none is subtracted.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.cos_regions import is_selected
from hstql_assets.lightcurves.events import Exposure
from hstql_assets.lightcurves.regions import Region, invert_sensitivity, scale_rows
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.stis_events.orders import Order
from hstql_assets.stis_events.traces import (
    HIGH,
    LOW,
    Rows,
    find_zones,
    height,
    overlap,
    rows_between,
)


@dataclass(frozen=True, kw_only=True)
class OrderRegion(Region):
    """Source and background of one order.

    Parameters
    ----------
    edges : tuple of numpy.ndarray
        Lower and upper edge of the box that the x1d was summed over, low-resolution rows, with
        fractions; shape (columns,).
    order : int
        Its number.
    """

    edges: tuple[np.ndarray, np.ndarray]
    order: int

    @property
    def name(self) -> str:
        """Such as `ORDER 95`."""
        return f"ORDER {self.order}"


def make_order_regions(
    orders: tuple[Order, ...],
    exposure: Exposure,
    settings: ExtractionSettings,
    is_bad: np.ndarray | None = None,
) -> tuple[OrderRegion, ...]:
    """Find the regions of all orders of an exposure.

    Parameters
    ----------
    orders : tuple of Order
        Rows of the x1d.
    exposure : Exposure
        What was observed.
    settings : ExtractionSettings
        Wavelength limits and airglow.
    is_bad : numpy.ndarray of bool or None, shape (1024, 1024)
        Pixels of which no event counts.

    Returns
    -------
    tuple of OrderRegion
        One per order; of its boxes the first high-resolution row, and the one after the last.
    """
    zones = find_zones(np.array([order.centre for order in orders]))
    sources = [
        overlap(_box(order.centre, order.source_rows), zone)
        for order, zone in zip(orders, zones, strict=True)
    ]
    boxes = [
        tuple(_box(order.centre + offset, rows) for offset, rows in order.background_boxes)
        for order in orders
    ]
    has_background = any(bool(height(box).any()) for pair in boxes for box in pair)
    bad_rows = BadRows(np.zeros((LOW, LOW), bool) if is_bad is None else is_bad)
    return tuple(
        _region(*parts, has_background, exposure, settings, bad_rows)
        for parts in zip(orders, sources, boxes, strict=True)
    )


class BadRows:
    """Counts the good rows of a box in each column.

    Parameters
    ----------
    is_bad : numpy.ndarray of bool, shape (1024, 1024)
        Low-resolution pixels.
    """

    def __init__(self, is_bad: np.ndarray) -> None:
        high = np.repeat(is_bad, HIGH // LOW, axis=0)
        self._below = np.zeros((HIGH + 1, LOW), np.int64)
        np.cumsum(high, axis=0, out=self._below[1:])

    def count_good(self, rows: Rows) -> np.ndarray:
        """Return how many high-resolution rows are not bad in each column, shape (1024,)."""
        column = np.arange(LOW)
        bad = self._below[rows[1], column] - self._below[rows[0], column]
        return height(rows) - np.asarray(bad)


def _box(centre: np.ndarray, rows: float) -> Rows:
    """Return a box of low-resolution rows about a centre, shape (1024,), low-resolution too."""
    return rows_between(centre - rows / 2, centre + rows / 2)


def _region(
    order: Order,
    source: Rows,
    background: tuple[Rows, ...],
    has_background: bool,
    exposure: Exposure,
    settings: ExtractionSettings,
    bad_rows: "BadRows",
) -> OrderRegion:
    source_rows = bad_rows.count_good(source)
    background_rows = np.sum([bad_rows.count_good(box) for box in background], axis=0)
    is_good = order.is_good & np.isfinite(order.wavelength) & (source_rows > 0)
    if has_background:
        is_good &= background_rows > 0
    half = order.source_rows / 2
    return OrderRegion(
        source=source,
        background=background,
        is_good=is_good,
        is_used=is_good & is_selected(order.wavelength, exposure, settings),
        scale=scale_rows(source_rows, background_rows),
        net_per_count=np.ones(LOW),
        flux_per_net=invert_sensitivity(order.sensitivity),
        wavelength=order.wavelength,
        rates=order.rates,
        edges=(order.centre - half, order.centre + half),
        order=order.number,
    )
