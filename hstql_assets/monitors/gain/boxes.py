"""Superpixels put together to boxes, so that ten thousand of them can be drawn."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.gain.gain_images import COLUMN_PIXELS, ROW_PIXELS, Floats, Mask

Whole = NDArray[np.int64]


class SuperpixelBoxes(NamedTuple):
    """Boxes of superpixels, each array of shape (boxes,); the ends are the first beyond."""

    left: Whole
    right: Whole
    bottom: Whole
    top: Whole


def merge_boxes(mask: Mask) -> SuperpixelBoxes:
    """Cover all superpixels that are set, and no others, with boxes that do not overlap.

    Runs along the dispersion that are the same in consecutive rows become one box.

    Parameters
    ----------
    mask : ndarray of bool, shape (rows, columns)

    Returns
    -------
    SuperpixelBoxes
    """
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, left = np.nonzero(edges == 1)
    _, right = np.nonzero(edges == -1)
    order = np.lexsort((row, right, left))
    row, left, right = row[order], left[order], right[order]
    is_same = (np.diff(left) == 0) & (np.diff(right) == 0) & (np.diff(row) == 1)
    first = np.flatnonzero(np.concatenate(([True], ~is_same))) if row.size else np.zeros(0, int)
    last = np.concatenate((first[1:], [row.size])) - 1 if row.size else first
    return SuperpixelBoxes(left[first], right[first], row[first], row[last] + 1)


def to_pixels(boxes: SuperpixelBoxes) -> tuple[Floats, Floats, Floats, Floats]:
    """Return left, right, bottom, top of boxes in detector pixels, whose centres are whole."""
    left, right, bottom, top = (edge.astype(np.float64) for edge in boxes)
    return (
        left * COLUMN_PIXELS - 0.5,
        right * COLUMN_PIXELS - 0.5,
        bottom * ROW_PIXELS - 0.5,
        top * ROW_PIXELS - 0.5,
    )
