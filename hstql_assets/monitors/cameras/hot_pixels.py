"""Count hot pixels of a dark exposure, where cosmic rays and noise look like hot pixels too.

A hot pixel stands alone, a track of a cosmic ray does not: a pixel counts if none of its eight
neighbours is above the threshold as well. Hot pixels that are neighbours by chance are made up for,
and what noise lifts above the threshold is known from what it throws as far below the median.
A hit that left its charge in a single pixel is counted with them.
"""

from dataclasses import dataclass

import numpy as np

NEIGHBOURS = [(up, across) for up in (-1, 0, 1) for across in (-1, 0, 1) if up or across]


@dataclass(frozen=True)
class HotPixels:
    """How many there are.

    Attributes
    ----------
    number, error : float
        Estimate and its 1-sigma error. A fraction, for it is corrected for neighbours.
    searched : int
        Pixels in which they were searched.
    """

    number: float
    error: float
    searched: int

    @property
    def fraction(self) -> float:
        """Hot pixels over the pixels searched."""
        return self.number / self.searched


def count_hot_pixels(
    values: np.ndarray, is_searched: np.ndarray, threshold: float, median: float, noise: float
) -> HotPixels | None:
    """Estimate the number of hot pixels; None if no pixel is searched.

    None also if the threshold is not above the median.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        A dark exposure without bias.
    is_searched : ndarray of bool, shape (rows, columns)
        Pixels that are finite and fit to be searched.
    threshold : float
        From which value on a pixel is hot.
    median : float
        Of most pixels.
    noise : float
        Standard deviation of a pixel at the threshold.

    Notes
    -----
    A hot pixel is alone with the same probability p as any pixel has no neighbour above the
    threshold. So there are N = n / p for n that are alone; their number as far below the median is
    subtracted. The error has the chance of having neighbours, which come in pairs,
    2 n (1 - p) / p^2; that of the noise subtracted; and that of pixels near the threshold to end
    up on the other side: 0.28 times those within a standard deviation of it.
    """
    searched = int(np.count_nonzero(is_searched))
    if not searched or threshold <= median:
        return None
    above = _count_alone(is_searched & (values > threshold), is_searched)
    below = _count_alone(is_searched & (values < 2 * median - threshold), is_searched)
    near = np.count_nonzero(is_searched & (np.abs(values - values.dtype.type(threshold)) < noise))
    variance = above.variance + below.variance + below.number + 0.28 * float(near)
    number = max(above.number - below.number, 0.0)
    return HotPixels(number, float(np.sqrt(variance)), searched)


@dataclass(frozen=True)
class _Alone:
    number: float
    variance: float


def _count_alone(is_set: np.ndarray, is_searched: np.ndarray) -> _Alone:
    """Estimate how many pixels of those that are set are alone; masks of shape (rows, columns)."""
    where = np.flatnonzero(is_set)
    if not where.size:
        return _Alone(0.0, 0.0)
    is_near = _mark_neighbours(where, is_set.shape)
    alone = where.size - int(np.count_nonzero(is_near[where]))
    others = is_searched & ~is_set
    touched = int(np.count_nonzero(others.ravel() & is_near))
    chance = 1 - touched / max(int(np.count_nonzero(others)), 1)
    if chance <= 0:
        return _Alone(float(where.size), float(where.size))
    return _Alone(alone / chance, 2 * alone * (1 - chance) / chance**2)


def _mark_neighbours(where: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return which pixels, shape (rows * columns,), have one of a few, shape (n,), beside them."""
    rows, columns = shape
    row, column = np.divmod(where, columns)
    is_near = np.zeros(rows * columns, dtype=bool)
    for up, across in NEIGHBOURS:
        is_inside = (row + up >= 0) & (row + up < rows)
        is_inside &= (column + across >= 0) & (column + across < columns)
        is_near[where[is_inside] + up * columns + across] = True
    return is_near
