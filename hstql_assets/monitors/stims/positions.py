"""Find where a stim is among the events of its box: arrays in, a place with its errors out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.stims.boxes import Box

# Pixels on each side of a stim that belong to it. Its events spread by 1.7 columns and 0.6 rows at
# most in the exposures of 2017 that were looked at.
CORE = (10, 5)
FEWEST_PULSES = 5.0
SIGNIFICANCE = 5.0
_ITERATIONS = 20


@dataclass(frozen=True)
class Place:
    """Where a stim is.

    Attributes
    ----------
    x, y : float
        Column and row, RAWX and RAWY [pixel].
    x_error, y_error : float
        1-sigma errors [pixel].
    counts : int
        Events in the core, a few of the background among them.
    background : float
        How many of them are background, from the rest of the box.
    """

    x: float
    y: float
    x_error: float
    y_error: float
    counts: int
    background: float


def find_stim(x: NDArray[np.integer], y: NDArray[np.integer], box: Box) -> Place | None:
    """Find the stim among the events of its box; None if there is none.

    The densest place of the box is where it is looked for. The mean of the events in a core of
    21 x 11 pixels around it moves the core, until both agree. What is even over the box is taken
    off: the density of the events outside of the core, at the middle of the core.

    Parameters
    ----------
    x, y : ndarray of int, shape (n,)
        Columns and rows of the events, all of them in the box.
    box : Box

    Returns
    -------
    Place or None
        None if less than `FEWEST_PULSES` events remain, or the excess over the background is less
        than `SIGNIFICANCE` times its Poisson error.

    Notes
    -----
    With N events in the core, B of them background and the middle of the core m, the place is
    (sum of x - B m) / (N - B), and its error the root of the sum of the squared distances of all N
    from it, over N - B.
    """
    if x.size < FEWEST_PULSES:
        return None
    place = None
    middle = _densest(x, y, box)
    for _ in range(_ITERATIONS):
        place = _measure(x, y, box, middle)
        if place is None:
            return None
        before, middle = middle, (round(place.x), round(place.y))
        if before == middle:
            break
    return place if place is not None and _is_significant(place) else None


def _densest(x: NDArray[np.integer], y: NDArray[np.integer], box: Box) -> tuple[int, int]:
    """Return the middle of the core that holds most events; these of shape (n,) [pixel]."""
    shape = box.top - box.bottom + 1, box.right - box.left + 1
    image = np.zeros(shape)
    np.add.at(image, (y - box.bottom, x - box.left), 1.0)
    # Half of the core, so that a stim stands out against what is around it.
    for axis, half in ((0, CORE[1] // 2), (1, CORE[0] // 2)):
        image = _sum_over(image, half, axis)
    row, column = np.unravel_index(int(image.argmax()), shape)
    return int(column) + box.left, int(row) + box.bottom


def _sum_over(image: NDArray[np.float64], half: int, axis: int) -> NDArray[np.float64]:
    """Return the running sum over 2 half + 1 pixels along an axis; shape (rows, columns)."""
    padding = [(0, 0), (0, 0)]
    padding[axis] = (half + 1, half)
    summed = np.cumsum(np.pad(image, padding), axis=axis)
    width, size = 2 * half + 1, image.shape[axis]
    upper = np.take(summed, range(width, width + size), axis=axis)
    running: NDArray[np.float64] = upper - np.take(summed, range(size), axis=axis)
    return running


def _measure(
    x: NDArray[np.integer], y: NDArray[np.integer], box: Box, middle: tuple[int, int]
) -> Place | None:
    """Measure the events, shape (n,) [pixel], in the core about a middle; see `find_stim`."""
    left, right = max(middle[0] - CORE[0], box.left), min(middle[0] + CORE[0], box.right)
    bottom, top = max(middle[1] - CORE[1], box.bottom), min(middle[1] + CORE[1], box.top)
    is_core = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    counts = int(is_core.sum())
    pixels = (right - left + 1) * (top - bottom + 1)
    others = (box.right - box.left + 1) * (box.top - box.bottom + 1) - pixels
    background = (x.size - counts) / others * pixels if others else 0.0
    pulses = counts - background
    if pulses < FEWEST_PULSES:
        return None
    place_x, error_x = _centre(x[is_core], (left + right) / 2.0, background)
    place_y, error_y = _centre(y[is_core], (bottom + top) / 2.0, background)
    return Place(place_x, place_y, error_x, error_y, counts, background)


def _centre(values: NDArray[np.integer], middle: float, background: float) -> tuple[float, float]:
    """Return place and error of the events of a core, shape (n,), along an axis [pixel]."""
    pulses = values.size - background
    offsets = values - middle
    centre = float(offsets.sum()) / pulses
    # Whole pixels hide a spread of less than one: that of an even one is added.
    squares = float(((offsets - centre) ** 2).sum()) + 1.0 / 12.0
    return middle + centre, math.sqrt(squares) / pulses


def _is_significant(place: Place) -> bool:
    noise = math.sqrt(max(place.background, 1.0))
    return place.counts - place.background >= SIGNIFICANCE * noise
