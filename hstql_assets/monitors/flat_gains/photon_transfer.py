"""Measure mean and variance of a pair of flats in boxes: arrays in, numbers out.

The pattern of the flat cancels in the difference of two. Of F1 - k F2, where k is the ratio of the
means, the light of the lamp that drifts is out as well. Its variance is that of photons,
m1 (1 + k) / gain, and (1 + k^2) times that of one read; divided by 1 + k it is a straight line
against m1, with the slope 1 / gain, whatever k is (Janesick 2007, Photon Transfer, chapter 5, for
k = 1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from hstql_assets.science.robust import find_sigma

Floats = NDArray[np.float64]

BOX = 32  # pixels along each axis: light changes little in it, and cosmic rays fill none
FEWEST_GOOD = 0.5  # of the pixels of a box
FEWEST_BOXES = 4
CLIP = 4.0  # standard deviations of the difference; hits are beyond
# Variance that is left of a Gaussian cut at CLIP: 1 - 2 c phi(c) / (2 Phi(c) - 1).
LEFT_BY_CLIP = 0.998929445
# Cosmic rays leave tracks, whose fainter pixels are within the noise: those around go as well. At
# 30,000 electrons they would make the gain half a percent too low.
AROUND_HITS = np.ones((1, 5, 5), bool)
CLIP_OF_BOXES = 5.0  # standard deviations of the variances of boxes
ROUNDS = 4
VARIANCE_OF_ROUNDING = 1 / 12  # of numbers rounded to whole ones (Sheppard 1898)
# The four directions of neighbours; the other four are the same pairs of pixels.
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclass(frozen=True)
class Level:
    """What a pair of flats says of one amplifier, in counts.

    Attributes
    ----------
    mean : float
        Of the first flat.
    variance, variance_error : float
        Of one flat at that mean, and its error.
    neighbour_share, neighbour_share_error : float
        Covariance with the eight neighbours over the variance: charge that pixels share lowers the
        variance by so much.
    ratio : float
        First flat over the second: how far the lamp drifted.
    boxes : int
        Boxes used.
    pixels, clipped : int
        Pixels used, and those left out as hits.
    """

    mean: float
    variance: float
    variance_error: float
    neighbour_share: float
    neighbour_share_error: float
    ratio: float
    boxes: int
    pixels: int
    clipped: int

    @property
    def whole_variance(self) -> float:
        """The variance with what neighbours share."""
        return self.variance * (1.0 + self.neighbour_share)

    @property
    def whole_variance_error(self) -> float:
        """Its error: the variance, and the covariances of four directions that count twice."""
        return float(np.hypot(self.variance_error, self.variance * self.neighbour_share_error))


def measure_pair(
    first: Floats, second: Floats, is_good: NDArray[np.bool_], *, roundings: int
) -> Level | None:
    """Measure a pair of flats of one amplifier; None if fewer than four boxes are left.

    Parameters
    ----------
    first, second : ndarray, shape (rows, columns)
        Counts without bias.
    is_good : ndarray of bool, shape (rows, columns)
        Pixels that are fit in both.
    roundings : int
        How often the counts of a flat were rounded to whole numbers: once by a CCD, twice if a flat
        is the difference of two reads.
    """
    is_good = is_good & np.isfinite(first) & np.isfinite(second)
    if not is_good.any():
        return None
    total = float(first[is_good].sum()), float(second[is_good].sum())
    if min(total) <= 0.0:
        return None
    ratio = total[0] / total[1]
    difference = np.where(is_good, first - ratio * second, np.nan)
    boxes, means, kept = _cut(difference), _cut(np.where(is_good, first, np.nan)), _cut(is_good)
    enough = kept.mean(axis=(1, 2)) >= FEWEST_GOOD
    if np.count_nonzero(enough) < FEWEST_BOXES:
        return None
    boxes, means, kept = boxes[enough], means[enough], kept[enough]
    rest, is_used = _clip(boxes, kept)
    enough = is_used.mean(axis=(1, 2)) >= FEWEST_GOOD
    if np.count_nonzero(enough) < FEWEST_BOXES:
        return None
    rest, is_used, means, kept = rest[enough], is_used[enough], means[enough], kept[enough]
    numbers = is_used.sum(axis=(1, 2))
    variances = (rest**2).sum(axis=(1, 2)) / (numbers - 1) / LEFT_BY_CLIP
    variances -= VARIANCE_OF_ROUNDING * (1.0 + ratio**2) * roundings
    levels = np.where(is_used, means, 0.0).sum(axis=(1, 2)) / numbers
    is_even = _find_even(variances / levels)
    shares = _find_neighbour_sums(rest, is_used)[is_even]
    own, numbers = variances[is_even] / (1.0 + ratio), numbers[is_even]
    if own.size < FEWEST_BOXES or own.mean() <= 0.0:
        return None
    spread = float(np.sqrt(np.sum(2.0 * own**2 / (numbers - 1))))
    share, share_error = _average_shares(shares / variances[is_even], numbers)
    return Level(
        mean=float(levels[is_even].mean()),
        variance=float(own.mean()),
        variance_error=spread / own.size,
        neighbour_share=share,
        neighbour_share_error=share_error,
        ratio=ratio,
        boxes=int(own.size),
        pixels=int(numbers.sum()),
        clipped=int(np.count_nonzero(kept & ~is_used)),
    )


def _cut(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return whole boxes of an image, shape (boxes, BOX, BOX); smaller ones of small images."""
    size = min(BOX, *(max(length // 4, 1) for length in values.shape))
    rows, columns = (length // size for length in values.shape)
    cut = values[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return cut.swapaxes(1, 2).reshape(rows * columns, size, size)


def _clip(boxes: Floats, kept: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Take the mean off each box and leave hits out; return the rest, 0 where it is not used.

    All of shape (boxes, rows, columns).
    """
    middle = np.nanmedian(boxes, axis=(1, 2), keepdims=True)
    sigma = find_sigma((boxes - middle)[kept])
    for _ in range(ROUNDS):
        with np.errstate(invalid="ignore"):
            is_hit = kept & (np.abs(boxes - middle) > CLIP * sigma)
        is_used = kept & ~binary_dilation(is_hit, AROUND_HITS)
        used = np.where(is_used, boxes, 0.0)
        number = np.maximum(is_used.sum(axis=(1, 2), keepdims=True), 2)
        middle = used.sum(axis=(1, 2), keepdims=True) / number
        squares = np.where(is_used, boxes - middle, 0.0) ** 2
        # Each box by its own: at the edges of a flat there is less light.
        sigma = np.sqrt(squares.sum(axis=(1, 2), keepdims=True) / (number - 1) / LEFT_BY_CLIP)
    return np.where(is_used, boxes - middle, 0.0), is_used


def _find_even(gains: Floats) -> NDArray[np.bool_]:
    """Return which boxes are like the others, shape (boxes,): not those with a defect."""
    middle = float(np.median(gains))
    return np.asarray(np.abs(gains - middle) <= CLIP_OF_BOXES * max(find_sigma(gains), 1e-12))


def _find_neighbour_sums(rest: Floats, is_used: NDArray[np.bool_]) -> Floats:
    """Return the covariance of a pixel with all its neighbours, of each box, shape (boxes,).

    Taking off the mean of a box lowers each by the variance over the number of pixels, which is
    made up for by the caller.
    """
    sums = np.zeros(len(rest))
    for down, right in _NEIGHBOURS:
        here, there = _shift(down, right)
        pairs = (is_used[here] & is_used[there]).sum(axis=(1, 2))
        sums += 2.0 * (rest[here] * rest[there]).sum(axis=(1, 2)) / np.maximum(pairs, 1)
    return sums


def _shift(down: int, right: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return where pixels are whose neighbour in a direction is in the box too, and where that."""
    every = slice(None)
    rows = (slice(None, -down), slice(down, None)) if down else (every, every)
    columns = {
        0: (every, every),
        1: (slice(None, -1), slice(1, None)),
        -1: (slice(1, None), slice(None, -1)),
    }[right]
    return (every, rows[0], columns[0]), (every, rows[1], columns[1])


def _average_shares(shares: Floats, numbers: Floats) -> tuple[float, float]:
    """Return the mean share of neighbours over boxes, and its error; both of shape (boxes,)."""
    unbiased = shares + 2.0 * len(_NEIGHBOURS) / numbers
    error = np.sqrt(np.sum(4.0 * len(_NEIGHBOURS) / numbers)) / len(numbers)
    return float(unbiased.mean()), float(error)
