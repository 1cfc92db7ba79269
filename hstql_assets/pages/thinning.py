"""Leave out points and pixels where a chart has more than can be told apart on a screen."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hstql_assets.pages.charts import Floats, Image, Line, Points, Steps
from hstql_assets.pages.ranges import Extent

CELLS = (800.0, 400.0)  # of the finest grid, columns and rows
STEP, MOST_STEPS = 1.15, 48  # by which it gets coarser, down to a cell or two


def keep_drawable(points: Points, x: Extent, y: Extent) -> Points:
    """Return the points that have a place: finite, and positive on a logarithmic axis."""
    return points.where(x.has_place(points.x) & y.has_place(points.y))


def thin_points(points: Points, x: Extent, y: Extent, most: int) -> Points:
    """Return about as many points as wanted, of those that lie on one another only one.

    Parameters
    ----------
    points : Points
        Such as can be drawn.
    x, y : Extent
        The axes.
    most : int
        How many there may be. The newest come on top of them: none of these is ever left out.

    Returns
    -------
    Points
        Of each cell of a grid over the chart the last one, so that single points stay, and crowds
        lose those that cannot be seen anyway.
    """
    if len(points.x) <= most:
        return points
    places = np.stack([x.place(points.x), y.place(points.y)])
    kept = np.arange(len(points.x))
    for step in range(MOST_STEPS):
        kept = _last_of_cells(places, STEP**step)
        if len(kept) <= most:
            break
    if points.is_newest is not None:
        kept = np.union1d(kept, np.flatnonzero(points.is_newest))
    return points.where(kept)


def thin_line(line: Line, most: int) -> Line:
    """Return a line of about as many vertices: of each run of neighbours ends and extremes."""
    if len(line.x) <= most:
        return line
    borders = np.unique(np.linspace(0, len(line.x), most // 4 + 1).astype(int))
    kept = [_ends_and_extremes(line.y, start, end) for start, end in pairwise(borders)]
    indices = np.unique(np.concatenate(kept))
    return replace(line, x=line.x[indices], y=line.y[indices])


def join_steps(steps: Steps, most: int) -> tuple[Steps, int]:
    """Return at most so many steps, each the mean of neighbours, and the number of neighbours."""
    number = -(-len(steps.counts) // most)
    if number <= 1:
        return steps, 1
    starts = np.arange(0, len(steps.counts), number)
    lengths = np.diff(np.append(starts, len(steps.counts)))
    edges = np.append(steps.edges[starts], steps.edges[-1])
    means = np.add.reduceat(steps.counts, starts) / lengths
    return replace(steps, edges=edges, counts=means), number


def shrink_image(image: Image, columns: int, rows: int) -> tuple[Image, tuple[int, int]]:
    """Return an image of at most so many pixels, each the mean of a block of pixels.

    Parameters
    ----------
    image : Image
    columns, rows : int
        The most that it may have.

    Returns
    -------
    Image
        NaN pixels are left out of the means; a block of nothing else is NaN.
    tuple of int
        Columns and rows of a block.
    """
    height, width = image.pixels.shape
    across, up = max(1, -(-width // columns)), max(1, -(-height // rows))
    if across == up == 1:
        return image, (1, 1)
    padded = np.full((-(-height // up) * up, -(-width // across) * across), np.nan)
    padded[:height, :width] = np.where(np.isfinite(image.pixels), image.pixels, np.nan)
    blocks = padded.reshape(padded.shape[0] // up, up, padded.shape[1] // across, across)
    number = np.isfinite(blocks).sum(axis=(1, 3))
    means = np.where(number > 0, np.nansum(blocks, axis=(1, 3)) / np.maximum(number, 1), np.nan)
    shrunk = replace(
        image,
        pixels=means,
        right=image.left + (image.right - image.left) * padded.shape[1] / width,
        top=image.bottom + (image.top - image.bottom) * padded.shape[0] / height,
    )
    return shrunk, (across, up)


def _last_of_cells(places: Floats, coarseness: float) -> NDArray[np.intp]:
    """Return the last point of each cell; what is beyond the axes has cells along the edges.

    Places are of shape (2, n), shares of the axes.
    """
    columns, rows = (int(number / coarseness) + 3 for number in CELLS)
    column = np.clip(places[0] * CELLS[0] / coarseness + 1, 0, columns - 1).astype(np.int64)
    row = np.clip(places[1] * CELLS[1] / coarseness + 1, 0, rows - 1).astype(np.int64)
    last = np.full(columns * rows, -1)
    last[column * rows + row] = np.arange(places.shape[1])
    return np.sort(last[last >= 0])


def _ends_and_extremes(y: Floats, start: int, end: int) -> NDArray[np.intp]:
    """Return the numbers of ends, extremes and first gap of a run of y, shape (n,)."""
    part = y[start:end]
    finite = np.flatnonzero(np.isfinite(part))
    broken = np.flatnonzero(~np.isfinite(part))[:1]
    if not len(finite):
        return start + broken
    values = part[finite]
    extremes = finite[[0, -1, int(values.argmin()), int(values.argmax())]]
    return start + np.concatenate([broken, extremes])
