"""Make one image of the frames of a window: each over its own background, then the median."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, map_coordinates

from hstql_assets.science.robust import find_sigma

Floats = NDArray[np.float32]

BOXES = 10  # along an axis: each is 100 pixels wide, and a blob 20 at most
SOURCE_SIGMAS = 3.0
GROWN = 2  # pixels around a source that are left out with it
STRIP_ROWS = 64


def flatten(values: Floats, is_bad: NDArray[np.bool_]) -> Floats:
    """Return a frame over its background, NaN where a pixel is bad or a source, (rows, columns).

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
    is_bad : ndarray of bool, shape (rows, columns)

    Notes
    -----
    The background is the median of boxes, with straight lines between their middles. What is above
    it by three deviations is a source, with all within two pixels; what is below may be a blob.
    """
    known: Floats = values.astype(np.float32)
    known[is_bad | ~np.isfinite(values)] = np.nan
    ratio: Floats = (known / find_background(known)).astype(np.float32)
    good = ratio[np.isfinite(ratio)]
    if not good.size:
        return ratio
    limit = float(np.median(good)) + SOURCE_SIGMAS * find_sigma(good.astype(np.float64))
    is_source = binary_dilation(np.nan_to_num(ratio, nan=0.0) > limit, iterations=GROWN)
    ratio[is_source] = np.nan
    return (ratio / find_background(ratio)).astype(np.float32)


def find_background(values: Floats) -> Floats:
    """Return the medians of boxes, interpolated; NaN where nothing is known, or it is not light."""
    strips = [np.array_split(np.arange(size), BOXES) for size in values.shape]
    medians = np.full((BOXES, BOXES), np.nan)
    for row, rows in enumerate(strips[0]):
        for column, columns in enumerate(strips[1]):
            box = values[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            own = box[np.isfinite(box)]
            if own.size > box.size / 4:
                medians[row, column] = np.median(own)
    if not np.isfinite(medians).any():
        return np.full(values.shape, np.nan, np.float32)
    medians[~np.isfinite(medians)] = np.nanmedian(medians)
    # Odd reflection: beyond the middles of the outer boxes the lines go on straight.
    medians = np.pad(medians, 1, mode="reflect", reflect_type="odd")
    places = [
        (np.arange(size) - strip[0].mean()) * (BOXES - 1) / (strip[-1].mean() - strip[0].mean()) + 1
        for size, strip in zip(values.shape, strips, strict=True)
    ]
    grid = np.meshgrid(*places, indexing="ij")
    background = map_coordinates(medians, grid, order=1, mode="nearest").astype(np.float32)
    return np.where(background > 0.0, background, np.float32(np.nan))


def measure_noise(ratio: Floats) -> float:
    """Return the noise of a pixel of a flattened frame, over its light; infinite without pixels.

    From differences of neighbours, so that blobs and gradients do not count.
    """
    steps = (ratio[:, 1:] - ratio[:, :-1]).ravel()
    steps = steps[np.isfinite(steps)]
    return find_sigma(steps.astype(np.float64)) / np.sqrt(2.0) if steps.size else float("inf")


def take_median(frames: Sequence[Floats]) -> Floats:
    """Return the median of frames, some rows at a time; NaN where less than half of them say."""
    found = np.full(frames[0].shape, np.nan, np.float32)
    least = (len(frames) + 1) // 2
    for first in range(0, len(found), STRIP_ROWS):
        rows = slice(first, first + STRIP_ROWS)
        stack = np.stack([frame[rows] for frame in frames])
        stack[~np.isfinite(stack)] = np.inf
        stack.sort(axis=0)
        number = np.isfinite(stack).sum(axis=0)
        low, high = np.maximum(number - 1, 0) // 2, np.minimum(number // 2, len(frames) - 1)
        middle = [np.take_along_axis(stack, one[np.newaxis], axis=0)[0] for one in (low, high)]
        with np.errstate(invalid="ignore"):
            mean = 0.5 * (middle[0] + middle[1])
        found[rows] = np.where(number >= least, mean, np.nan)
    return found
