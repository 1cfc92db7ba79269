"""Put made blobs into an image, to see how many are found; and look for blobs that brighten.

They are flat discs with soft edges and not the Gaussians that are fitted.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.blobs.finding import Blob, find_blobs
from hstql_assets.monitors.blobs.selection import BlobSelection

RADII = (5.0, 10.0)  # WFC3 Data Handbook 7.5: 10 to 20 pixels wide
DEPTHS = (0.03, 0.3)  # the same: up to 30 % deep
EDGE = 1.5  # pixels in which the edge of a disc falls
CLEAR = 3.0  # radii to anything else
TRIES = 200


def measure_completeness(
    image: NDArray[np.float32],
    blobs: Sequence[Blob],
    binning: int,
    selection: BlobSelection,
    seed: int,
) -> tuple[int, int]:
    """Return how many blobs were put into an image, and how many of them are found.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Over its background.
    blobs : sequence of Blob
        What was found in it, from which they stay clear.
    binning : int
        Pixels of the detector in one of the image.
    selection : BlobSelection
    seed : int
        Where they are put follows from it.
    """
    rng = np.random.default_rng(seed)
    changed = image.astype(np.float32)
    taken = [(one.row, one.column, one.radius) for one in blobs]
    made: list[tuple[float, float, float]] = []
    for _ in range(TRIES):
        if len(made) == selection.injected:
            break
        radius = float(rng.uniform(*RADII))
        row, column = (rng.uniform(radius, size * binning - radius) for size in image.shape)
        near = any(np.hypot(row - other[0], column - other[1]) < CLEAR * max(radius, other[2])
                   for other in (*taken, *made))  # fmt: skip
        if near or not np.isfinite(image[int(row / binning), int(column / binning)]):
            continue
        depth = float(np.exp(rng.uniform(*np.log(DEPTHS))))
        changed *= draw_disc(image.shape, binning, row, column, radius, depth)
        made.append((row, column, radius))
    found = find_blobs(changed, binning, selection)
    recovered = sum(
        any(np.hypot(one.row - row, one.column - column) < radius for one in found)
        for row, column, radius in made
    )
    return len(made), recovered


def count_false(
    image: NDArray[np.float32], blobs: Sequence[Blob], binning: int, selection: BlobSelection
) -> int:
    """Return how many blobs there are in an image turned over: noise makes as many dark ones.

    What is around `blobs` of the image is left out, for between two of them it is bright.
    """
    turned = (2.0 - image).astype(np.float32)
    y, x = ((np.arange(size) + 0.5) * binning - 0.5 for size in image.shape)
    for one in blobs:
        turned[np.hypot(y[:, np.newaxis] - one.row, x - one.column) < CLEAR * one.radius] = np.nan
    return len(find_blobs(turned, binning, selection))


def draw_disc(
    shape: tuple[int, ...], binning: int, row: float, column: float, radius: float, depth: float
) -> NDArray[np.float32]:
    """Return what a disc lets through, `shape`; lengths in pixels of the detector, from 0."""
    y, x = ((np.arange(size) + 0.5) * binning - 0.5 for size in shape)
    distance = np.hypot(y[:, np.newaxis] - row, x[np.newaxis] - column)
    edge = np.clip((distance - radius) / EDGE, -30.0, 30.0)
    light: NDArray[np.float32] = (1.0 - depth / (1.0 + np.exp(edge))).astype(np.float32)
    return light
