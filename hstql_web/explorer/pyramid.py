"""Hold an image in halves, quarters, eighths ... of its size, so that any view is quick.

Level n has a pixel for 2^n x 2^n of the image: the mean of those that have a value, or all bits of
flags. Level 0 is read from the file where its rows can be, else it is held too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_web.explorer.contents import Plane, Stamp, is_read_by_rows, read_rows, read_whole

TILE = 512  # pixels, across and up
STRIP = 256  # rows that are read together, an even number
_SAMPLE = 400_000  # pixels, by which limits and noise are found
_BITS = 0xFFFF

Pixels = NDArray[Any]
Reader = Callable[[int, int], Pixels]


@dataclass(frozen=True, eq=False)
class Pyramid:
    """An image at all sizes.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns.
    read : callable
        Returns the rows from one to another, as they are in the file.
    levels : tuple of ndarray
        Level 1 and on, to one that is a single tile.
    sample : ndarray, shape (rows, columns)
        Some of its rows.
    least, most : float
        Of the finite values; NaN if there are none.
    counts : ndarray of int, shape (16,)
        Of flags, how many pixels have each bit.
    held : int
        Bytes in memory.
    """

    shape: tuple[int, int]
    read: Reader
    levels: tuple[Pixels, ...]
    sample: Pixels
    least: float
    most: float
    counts: NDArray[np.int64]
    held: int

    def cut(self, level: int, row: int, column: int) -> Pixels | None:
        """Return a tile by its place among those of a level; None if there is none."""
        if level > len(self.levels):
            return None
        rows, columns = self.shape if level == 0 else self.levels[level - 1].shape
        first, left = row * TILE, column * TILE
        if first >= rows or left >= columns:
            return None
        last = min(first + TILE, rows)
        found = self.read(first, last) if level == 0 else self.levels[level - 1][first:last]
        return found[:, left : left + TILE]


def build(stamp: Stamp, plane: Plane, *, are_flags: bool = False) -> Pyramid:
    """Read an image once, and halve it until it is a tile.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    form = as_flags if are_flags else np.asarray
    if is_read_by_rows(stamp, plane):
        return _halve_all(lambda a, b: form(read_rows(stamp, plane, a, b)), plane.shape, are_flags)
    whole = form(read_whole(stamp, plane))
    held = whole.nbytes if any(whole.strides) else 0
    return _halve_all(lambda a, b: whole[a:b], plane.shape, are_flags, held)


def as_flags(pixels: Pixels) -> Pixels:
    """Return data quality as 16 bits, what the instruments have."""
    whole = np.nan_to_num(pixels.clip(0, _BITS)) if pixels.dtype.kind == "f" else pixels
    return (whole.astype(np.int64) & _BITS).astype(np.uint16)


def _halve_all(read: Reader, shape: tuple[int, int], are_flags: bool, held: int = 0) -> Pyramid:
    halve = halve_flags if are_flags else halve_values
    halves, rows = [], []
    least, most, counts = np.nan, np.nan, np.zeros(16, np.int64)
    step = max(shape[0] * shape[1] // _SAMPLE, 1)
    for first in range(0, shape[0], STRIP):
        strip = read(first, min(first + STRIP, shape[0]))
        halves.append(halve(strip))
        rows.append(strip[-first % step :: step])
        if are_flags:
            counts += _count_bits(strip)
        else:
            least, most = _extend(least, most, strip)
    levels = [np.concatenate(halves)]
    while max(levels[-1].shape) > TILE:
        levels.append(halve(levels[-1]))
    if max(shape) <= TILE:
        levels = []
    sample = np.concatenate(rows)
    total = held + sample.nbytes + sum(level.nbytes for level in levels)
    return Pyramid(shape, read, tuple(levels), sample, least, most, counts, total)


def _extend(least: float, most: float, strip: Pixels) -> tuple[float, float]:
    low, high = float(np.fmin.reduce(strip, axis=None)), float(np.fmax.reduce(strip, axis=None))
    if np.isinf(low) or np.isinf(high):
        finite = strip[np.isfinite(strip)]
        low, high = (finite.min(), finite.max()) if finite.size else (np.nan, np.nan)
    return float(np.fmin(least, low)), float(np.fmax(most, high))


def _count_bits(flags: Pixels) -> NDArray[np.int64]:
    numbers = np.bincount(flags.ravel(), minlength=_BITS + 1)
    values = np.flatnonzero(numbers)
    return np.array([numbers[values[values >> bit & 1 == 1]].sum() for bit in range(16)], np.int64)


def _quarters(pixels: Pixels) -> tuple[Pixels, Pixels, Pixels, Pixels]:
    """Return the four pixels of each square; at an odd edge the last ones twice."""
    odd = tuple((0, size % 2) for size in pixels.shape)
    even = np.pad(pixels, odd, mode="edge") if any(after for _, after in odd) else pixels
    return even[::2, ::2], even[::2, 1::2], even[1::2, ::2], even[1::2, 1::2]


def halve_flags(flags: Pixels) -> Pixels:
    """Return all bits of each square of 2 x 2 pixels."""
    a, b, c, d = _quarters(flags)
    return a | b | c | d


def halve_values(values: Pixels) -> Pixels:
    """Return the mean of each square of 2 x 2 pixels, of those that have a finite value."""
    kind = np.float64 if values.dtype.itemsize == 8 else np.float32
    squares = _quarters(values)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.add(squares[0], squares[1], dtype=kind)
        mean += squares[2]
        mean += squares[3]
        mean *= kind(0.25)
        if (is_odd := ~np.isfinite(mean)).any():
            four = np.stack([one[is_odd] for one in squares]).astype(np.float64)
            has_value = np.isfinite(four)
            mean[is_odd] = np.where(has_value, four, 0).sum(axis=0) / has_value.sum(axis=0)
    return mean
