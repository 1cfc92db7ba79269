"""Work out how much of each pixel is covered by what is drawn, and so have smooth edges.

Places are in pixels of the area of a plot, from its left and from its top: pixel n reaches from n
to n + 1. Coverages are arrays of uint8, shape (rows, columns), 255 where a pixel is wholly covered.
What is outside of the area is cut off; what is not finite is not drawn.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Coverage = NDArray[np.uint8]
Shape = tuple[int, int]

FULL = 255
MANY = 20_000  # of so many dots those that lie on one another, to a quarter of a pixel, are one


def trace(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
    """Return the least and the greatest y of a line within each column of pixels.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Vertices, x not descending. The line is broken where y is not finite.
    columns : int
        Of the area.

    Returns
    -------
    low, high : ndarray, shape (columns,)
        NaN where the line is not.
    """
    low, high = np.full((2, columns), np.nan)
    if len(x) > 1:
        y = np.where(np.isfinite(y), y, np.nan)
        at_borders = np.interp(np.arange(columns + 1.0), x, y, left=np.nan, right=np.nan)
        low = np.fmin(at_borders[:-1], at_borders[1:])
        high = np.fmax(at_borders[:-1], at_borders[1:])
    is_seen = np.isfinite(y) & (x >= 0) & (x < columns)
    column, seen = x[is_seen].astype(np.intp), y[is_seen]
    if not len(column):
        return low, high
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    column = column[starts]
    low[column] = np.fmin(low[column], np.minimum.reduceat(seen, starts))
    high[column] = np.fmax(high[column], np.maximum.reduceat(seen, starts))
    return low, high


def cover_line(x: Floats, y: Floats, width: float, shape: Shape) -> Coverage:
    """Cover a line so many pixels wide through vertices, shape (n,), x not descending."""
    top, bottom = trace(x, y, shape[1])
    return cover_spans(np.arange(shape[1]), top - width / 2, bottom + width / 2, shape)


def cover_band(x: Floats, y: Floats, other: Floats, shape: Shape) -> Coverage:
    """Cover what is between two lines of the same x, all of shape (n,), x not descending."""
    is_known = np.isfinite(y) & np.isfinite(other)
    y, other = (np.where(is_known, values, np.nan) for values in (y, other))
    (top, bottom), (least, greatest) = (trace(x, values, shape[1]) for values in (y, other))
    return cover_spans(np.arange(shape[1]), np.fmin(top, least), np.fmax(bottom, greatest), shape)


def cover_spans(columns: NDArray[np.intp], tops: Floats, bottoms: Floats, shape: Shape) -> Coverage:
    """Cover spans in columns of pixels, all of shape (n,), each from a top down to a bottom."""
    rows, width = shape
    is_drawn = np.isfinite(tops) & np.isfinite(bottoms) & (columns >= 0) & (columns < width)
    columns = columns[is_drawn]
    tops, bottoms = (np.clip(ends[is_drawn], 0.0, rows) for ends in (tops, bottoms))
    covered = np.zeros(shape, np.uint8)
    # Work is for rows where something is.
    first, end = int(tops.min(initial=rows)), int(np.ceil(bottoms.max(initial=0)))
    if first >= end:
        return covered
    # From a span's top on each pixel below is covered once more, from its bottom on once less.
    changes = np.zeros((end - first + 2, width), np.int32)
    for ends, sign in ((tops, 1), (bottoms, -1)):
        row = ends.astype(np.intp) - first
        rest = np.round((ends - first - row) * FULL).astype(np.int32)
        pixels = row * width + columns
        np.add.at(changes.reshape(-1), pixels, sign * (FULL - rest))
        np.add.at(changes.reshape(-1), pixels + width, sign * rest)
    np.cumsum(changes, axis=0, out=changes)
    np.minimum(changes[: end - first], FULL, out=covered[first:end], casting="unsafe")
    return covered


def cover_dots(x: Floats, y: Floats, radius: float, shape: Shape) -> Coverage:
    """Cover round dots of a radius in pixels about places of shape (n,)."""
    rows, columns = shape
    is_near = (x > -radius) & (x < columns + radius) & (y > -radius) & (y < rows + radius)
    places = np.stack([x[is_near], y[is_near]])
    if places.shape[1] > MANY:
        places = np.unique(np.round(places * 4), axis=1) / 4
    covered = np.zeros(shape, np.uint8)
    corner = np.floor(places).astype(np.intp)
    reach = int(np.ceil(radius + 0.5))
    offsets = range(-reach, reach + 1)
    row = corner[1] + np.array(offsets)[:, None]
    down, is_row = row + 0.5 - places[1], (row >= 0) & (row < rows)
    for right in offsets:
        column = corner[0] + right
        share = radius + 0.5 - np.hypot(column + 0.5 - places[0], down)
        inside = (share > 0) & is_row & (column >= 0) & (column < columns)
        levels = np.round(np.minimum(share[inside], 1.0) * FULL).astype(np.uint8)
        np.maximum.at(covered.reshape(-1), (row * columns + column)[inside], levels)
    return covered
