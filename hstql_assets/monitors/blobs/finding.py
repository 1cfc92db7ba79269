"""Find blobs in an image that is 1 where there are none, and measure place, radius and depth."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, maximum_filter

from hstql_assets.monitors.blobs.selection import BlobSelection
from hstql_assets.science.robust import find_sigma

Floats = NDArray[np.float64]

HALF_WIDTH = 1.1774100225154747  # of a Gaussian: half width at half height over sigma
WIDER = 4.0  # the surroundings of a blob over its radius
LEAST_SIGMA = 0.6  # pixels of the image
LEAST_KNOWN = 0.5  # of the weight under a blob
APART = 1.2  # radii: nearer ones are one blob
STAMP = 2.5  # radii to each side that the shape is fitted in


@dataclass(frozen=True)
class Blob:
    """A blob; lengths in pixels of the detector, places from 0 in what sees light.

    Attributes
    ----------
    column, row : float
        Its middle.
    radius, radius_error : float
        Half width at half depth.
    depth, depth_error : float
        Share of the light that is missing in the middle.
    significance : float
        Standard deviations of the smoothed image.
    """

    column: float
    row: float
    place_error: float
    radius: float
    radius_error: float
    depth: float
    depth_error: float
    significance: float


def find_blobs(image: NDArray[np.float32], binning: int, selection: BlobSelection) -> list[Blob]:
    """Return the blobs of an image, the most significant first.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
        Over its background; NaN where nothing is known.
    binning : int
        Pixels of the detector in one of the image, along an axis.
    selection : BlobSelection
        What counts as a blob.

    Notes
    -----
    For each radius the image is smoothed by a Gaussian, less one four times as wide; peaks are held
    against the scatter of that map. At each peak a Gaussian is fitted to the image itself.
    """
    known = np.isfinite(image)
    missing = np.where(known, 1.0 - image, 0.0).astype(np.float64)
    if not known.any():
        return []
    maps = np.stack([_match(missing, known, radius / binning) for radius in selection.radii])
    best, place = maps.max(axis=0), maps.argmax(axis=0)
    is_peak = (best >= selection.threshold) & (best == maximum_filter(best, size=3))
    noise = find_sigma(missing[known])
    found: list[Blob] = []
    for row, column in sorted(np.argwhere(is_peak).tolist(), key=lambda one: -best[tuple(one)]):
        radius = selection.radii[place[row, column]]
        if any(_is_near(one, row, column, binning, radius) for one in found):
            continue
        start = row, column, radius / binning
        blob = _fit(missing, known, noise, start, binning, float(best[row, column]))
        if (
            blob is not None
            and _is_blob(blob, selection)
            and not any(
                np.hypot(one.row - blob.row, one.column - blob.column)
                < APART * max(one.radius, blob.radius)
                for one in found
            )
        ):
            found.append(blob)
    return found


def _match(missing: Floats, known: NDArray[np.bool_], radius: float) -> Floats:
    """Return a smoothed image less its surroundings, in its own standard deviations."""
    sigma = max(radius / HALF_WIDTH, LEAST_SIGMA)
    weight = known.astype(np.float64)
    inner, outer = (_smooth(missing, weight, one) for one in (sigma, WIDER * sigma))
    is_sure = gaussian_filter(weight, sigma, mode="constant") >= LEAST_KNOWN * _edge(weight, sigma)
    difference = np.where(is_sure, inner - outer, 0.0)
    scatter = find_sigma(difference[is_sure]) if is_sure.any() else 0.0
    return difference / scatter if scatter > 0.0 else np.zeros_like(difference)


def _smooth(missing: Floats, weight: Floats, sigma: float) -> Floats:
    total = gaussian_filter(weight, sigma, mode="constant")
    summed: Floats = gaussian_filter(missing, sigma, mode="constant")
    mean: Floats = np.divide(summed, total, out=np.zeros_like(summed), where=total > 1e-6)
    return mean


def _edge(weight: Floats, sigma: float) -> Floats:
    """Return the weight that there would be if all pixels of the image were known."""
    whole: Floats = gaussian_filter(np.ones_like(weight), sigma, mode="constant")
    return whole


def _is_near(blob: Blob, row: int, column: int, binning: int, radius: float) -> bool:
    apart = np.hypot(
        blob.row - _to_detector(row, binning), blob.column - _to_detector(column, binning)
    )
    return bool(apart < APART * max(blob.radius, radius))


def _to_detector(place: float, binning: int) -> float:
    return (place + 0.5) * binning - 0.5


def _is_blob(blob: Blob, selection: BlobSelection) -> bool:
    return (
        blob.depth >= selection.least_depth
        and selection.lowest_radius <= blob.radius <= selection.highest_radius
    )


def _fit(
    missing: Floats,
    known: NDArray[np.bool_],
    noise: float,
    start: tuple[int, int, float],
    binning: int,
    significance: float,
) -> Blob | None:
    """Fit a Gaussian on a level to the missing light around a peak; None if there is none."""
    from scipy.optimize import OptimizeWarning, curve_fit  # half a second, only for who fits

    row, column, radius = start
    reach = int(np.ceil(max(STAMP * radius, 3.0)))
    top, left = max(row - reach, 0), max(column - reach, 0)
    box = slice(top, row + reach + 1), slice(left, column + reach + 1)
    y, x = np.nonzero(known[box])
    values = missing[box][y, x]
    guess = (
        missing[row, column],
        row - top,
        column - left,
        max(radius / HALF_WIDTH, LEAST_SIGMA),
        0.0,
    )
    if len(values) < 2 * len(guess):
        return None

    def shape(_: object, *of: float) -> Floats:
        square = (y - of[1]) ** 2 + (x - of[2]) ** 2
        found: Floats = of[0] * np.exp(-square / (2.0 * of[3] ** 2)) + of[4]
        return found

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", OptimizeWarning)
            best, covariance = curve_fit(
                shape, None, values, guess, np.full(len(values), noise), absolute_sigma=True,
                maxfev=400,
            )  # fmt: skip
    except (OptimizeWarning, RuntimeError, ValueError):
        return None  # it does not come to an end, or says nothing of the errors
    error = np.sqrt(np.diag(covariance))
    if (
        not np.isfinite(error).all()
        or np.hypot(best[1] + top - row, best[2] + left - column) > reach
    ):
        return None
    return Blob(
        column=_to_detector(best[2] + left, binning),
        row=_to_detector(best[1] + top, binning),
        place_error=float(np.hypot(error[1], error[2])) * binning,
        radius=HALF_WIDTH * abs(float(best[3])) * binning,
        radius_error=HALF_WIDTH * float(error[3]) * binning,
        depth=float(best[0]),
        depth_error=float(error[0]),
        significance=significance,
    )
