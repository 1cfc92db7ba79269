"""Measure pixels on steps: whole numbers of counts, or those times the gain less a constant.

Their median would be one of the steps, and its error far too small. But how many pixels are below
each edge between two steps is known, rounded or not, and between the edges the share of pixels is
that of a Gaussian through them: on the scale of Gaussian deviations a straight line.
"""

from dataclasses import dataclass

import numpy as np

SAMPLE = 20_000  # pixels that tell whether many are equal
OFTEN = 0.1  # of the pixels on the step that has most
FEWEST_EDGES = 2
MOST_EDGES = 1 << 20
HALVINGS = 60  # of an interval: more than a double can tell apart


@dataclass(frozen=True, eq=False)
class Quantisation:
    """The shares of pixels below the edges between steps.

    Attributes
    ----------
    edges : ndarray, shape (n,)
        Ascending, two at least.
    deviations : ndarray, shape (n,)
        The Gaussian deviations that have these shares below them.
    """

    edges: np.ndarray
    deviations: np.ndarray

    def share_below(self, limit: float) -> float:
        """Return the share of pixels below a limit."""
        from scipy.special import ndtr  # a tenth of a second that only those who need it wait for

        return float(ndtr(_follow(limit, self.edges, self.deviations)))

    def find_median(self) -> float:
        """Return where the share is a half."""
        return _follow(0.0, self.deviations, self.edges)

    def find_deviation(self, middle: float) -> float:
        """Return the distance from a place within which half of the pixels are."""
        low, high = 0.0, float(self.edges[-1] - self.edges[0])
        while self._share_within(middle, high) < 0.5:
            high *= 2
        for _ in range(HALVINGS):
            radius = 0.5 * (low + high)
            if self._share_within(middle, radius) < 0.5:
                low = radius
            else:
                high = radius
        return high

    def _share_within(self, middle: float, radius: float) -> float:
        return self.share_below(middle + radius) - self.share_below(middle - radius)


def find_quantisation(values: np.ndarray) -> Quantisation | None:
    """Find the steps that pixels are on.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Finite, one at least.

    Returns
    -------
    Quantisation or None
        None if hardly any pixels are equal, or nearly all are.
    """
    if values.dtype.kind == "f" and not _has_ties(values):
        return None
    levels, numbers = _count(values)
    often = levels[numbers > OFTEN * numbers.max()]
    if len(often) < FEWEST_EDGES:
        return None
    with np.errstate(over="ignore"):
        span = float(often[-1] - often[0])
    if not np.isfinite(span):
        return None
    step = float(np.median(np.diff(often)))
    step = span / max(round(span / step), 1)
    return _build(levels, np.concatenate([[0], np.cumsum(numbers)]), float(often[0]), step)


def _build(levels: np.ndarray, below: np.ndarray, start: float, step: float) -> Quantisation | None:
    """Fit edges to levels, shape (n,), below which are so many pixels, shape (n + 1,)."""
    from scipy.special import ndtri  # a tenth of a second that only those who need it wait for

    with np.errstate(over="ignore"):
        lowest, highest = np.floor((levels[[0, -1]] - start) / step)
    if not highest - lowest <= MOST_EDGES:  # nor if one of them is infinite
        return None
    edges = start + (np.arange(lowest - 1, highest + 1) + 0.5) * step
    numbers = below[np.searchsorted(levels, edges)]
    # Where no pixel is between two edges the second says nothing new.
    is_useful = (numbers > 0) & (numbers < below[-1]) & (np.diff(numbers, prepend=-1) > 0)
    if np.count_nonzero(is_useful) < FEWEST_EDGES:
        return None
    return Quantisation(edges[is_useful], ndtri(numbers[is_useful] / below[-1]))


def _follow(x: float, xs: np.ndarray, ys: np.ndarray) -> float:
    """Interpolate linearly between points, shape (n,), n > 1, and go on straight beyond."""
    index = int(np.clip(np.searchsorted(xs, x), 1, len(xs) - 1))
    left, right = index - 1, index
    slope = (ys[right] - ys[left]) / (xs[right] - xs[left])
    return float(ys[left] + slope * (x - xs[left]))


def _has_ties(values: np.ndarray) -> bool:
    """Tell whether many pixels, shape (n,), are equal to another."""
    sample = values[:: max(values.size // SAMPLE, 1)]
    return len(np.unique(sample)) < 0.5 * len(sample)


def _count(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different values of shape (n,), ascending, and how often each occurs, (m,)."""
    if values.dtype.kind in "iu":
        lowest, highest = int(values.min()), int(values.max())
        if highest - lowest < MOST_EDGES:
            counts = np.bincount(np.subtract(values, lowest, dtype=np.int64).ravel())
            where = np.flatnonzero(counts)
            return where + float(lowest), counts[where]
    levels, numbers = np.unique(values, return_counts=True)
    return levels.astype(np.float64), numbers
