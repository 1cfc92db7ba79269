"""Find the star near where it should be: the brightest thing there that is no hit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.science.robust import find_sigma

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

BOX = 3  # pixels that a star is seen in
LEAST_SIGMAS = 20.0  # of the noise of a box; ours
SHARPEST = 0.85  # share of a box in one pixel, above which it is a hit or a hot pixel; ours
STEPS = 10  # of the centroid


@dataclass(frozen=True)
class FoundStar:
    """Where a star is.

    Attributes
    ----------
    x, y : float
        Column and row of its centroid, from 0.
    second : float
        Brightness of the next brightest thing that is no hit, over its own.
    second_px : float
        How far that is from it [pixel].
    """

    x: float
    y: float
    second: float
    second_px: float


def find_bright(
    pixels: Floats,
    is_bad: Mask,
    is_hit: Mask,
    place: tuple[float, float],
    reach: float,
    core: float,
) -> FoundStar | None:
    """Return the brightest star within a reach of a place; None if nothing stands out.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
    is_bad, is_hit : ndarray, shape (rows, columns)
        Pixels of which a star cannot consist; of which it can only if nothing else is there.
    place : tuple of float
        Column and row, from 0.
    reach, core : float
        Radii of the search, and of one star [pixel].
    """
    from scipy.ndimage import maximum_filter, uniform_filter  # only those who measure wait for it

    rows, columns = pixels.shape
    first = [max(int(np.floor(at - reach - BOX)), 0) for at in place]
    last = [int(np.ceil(at + reach + BOX)) + 1 for at in place]
    cut = np.s_[first[1] : min(last[1], rows), first[0] : min(last[0], columns)]
    part = np.where(np.isfinite(pixels[cut]), pixels[cut], 0.0)
    if part.size < BOX * BOX:
        return None
    light = part - np.median(part)
    noise = max(find_sigma(part.ravel()), 1e-12) * BOX
    boxes = uniform_filter(np.where(is_bad[cut], 0.0, light), BOX, mode="constant") * BOX**2
    row, column = np.indices(part.shape)
    away = np.hypot(column + first[0] - place[0], row + first[1] - place[1])
    # A wing of a star is no peak of its own.
    is_peak = (boxes == maximum_filter(boxes, BOX, mode="constant")) & (away <= reach)
    is_peak &= boxes >= LEAST_SIGMAS * noise
    is_peak &= maximum_filter(light, BOX, mode="constant") < SHARPEST * boxes
    if not is_peak.any():
        return None
    is_clean = is_peak & ~maximum_filter(is_hit[cut], BOX, mode="constant")
    is_peak = is_clean if is_clean.any() else is_peak
    ys, xs = np.nonzero(is_peak)
    order = np.argsort(-boxes[is_peak], kind="stable")
    ys, xs, bright = ys[order], xs[order], boxes[is_peak][order]
    x, y = _centre(light, float(xs[0]), float(ys[0]), core)
    apart = np.hypot(xs - x, ys - y)
    others = np.flatnonzero(apart > core)
    second = int(others[0]) if others.size else 0
    return FoundStar(
        x + first[0],
        y + first[1],
        float(bright[second] / bright[0]) if others.size else 0.0,
        float(apart[second]) if others.size else 0.0,
    )


def _centre(light: Floats, x: float, y: float, radius: float) -> tuple[float, float]:
    """Return the centroid of the light above nothing within a radius, which moves with it."""
    row, column = np.indices(light.shape)
    for _ in range(STEPS):
        # Pixels at the edge count by what of them is within, so that it does not jump.
        share = np.clip(radius + 0.5 - np.hypot(column - x, row - y), 0.0, 1.0)
        weights = np.maximum(light, 0.0) * share
        total = float(weights.sum())
        if total <= 0.0:
            break
        x, y = float((weights * column).sum() / total), float((weights * row).sum() / total)
    return x, y
