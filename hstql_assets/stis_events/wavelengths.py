"""Compute the wavelength of each event, from the x1d of the same exposure.

The x1d gives a wavelength to each low-resolution column of an order, as calstis adds the rows of a
column up along the detector. An event takes the value at the centre of its own high-resolution
column, half a pixel to either side of that of the low-resolution one. The tilt of the trace says
how far an event is from an order, and so which order it is of: the distance is counted from
EXTRLOCY in the event's own column. It does not enter the wavelength itself, because calstis, whose
wavelengths these are, lets lines of equal wavelength run along the columns.

A first-order spectrum has the whole detector. In an echelle, each event is of the order whose trace
is nearest, within half the separation from the next; beyond that it has none.
"""

import numpy as np

from hstql_assets.stis_events.orders import Order
from hstql_assets.stis_events.traces import HIGH, LOW, find_zones

NO_ORDER = 0
LOW_COLUMNS = np.arange(1, LOW + 1)


def assign_wavelengths(
    x: np.ndarray, y: np.ndarray, orders: tuple[Order, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Find the order and the wavelength of events.

    Parameters
    ----------
    x, y : numpy.ndarray of int, shape (n,)
        High-resolution pixel, Doppler-corrected, from 1.
    orders : tuple of Order
        All that the x1d has, at least one.

    Returns
    -------
    wavelength : numpy.ndarray, shape (n,)
        Angstrom; 0 for an event of no order or off the detector.
    order : numpy.ndarray of int16, shape (n,)
        Spectral order, or 0.
    """
    order = _find_orders(x, y, orders)
    wavelength = np.zeros(len(x))
    for one in orders:
        of_it = order == one.number
        position = (x[of_it] + 0.5) / 2
        wavelength[of_it] = np.interp(position, LOW_COLUMNS, one.wavelength)
    is_nothing = ~np.isfinite(wavelength)
    wavelength[is_nothing] = 0.0
    order[is_nothing] = NO_ORDER
    return wavelength, order


def _find_orders(x: np.ndarray, y: np.ndarray, orders: tuple[Order, ...]) -> np.ndarray:
    """Return the order of each event, shape (n,), by its high-resolution pixel; 0 if of none."""
    image = np.zeros((HIGH, LOW), np.int16)
    zones = find_zones(np.array([order.centre for order in orders]))
    row = np.arange(HIGH)[:, None]
    for order, (first, end) in zip(orders, zones, strict=True):
        low, high = int(first.min()), int(end.max())
        inside = (row[low:high] >= first) & (row[low:high] < end)
        image[low:high][inside] = order.number
    inside = (x >= 1) & (x <= HIGH) & (y >= 1) & (y <= HIGH)
    found = np.zeros(len(x), np.int16)
    found[inside] = image[
        np.asarray(y[inside], np.intp) - 1, (np.asarray(x[inside], np.intp) - 1) // 2
    ]
    return found
