"""Turn the flags of a chip into runs of pixels, and runs into flags.

As calwf3 and calacs read them (hstcal, dodqi.c): a run begins at PIX1, PIX2, counted from 1 at the
first pixel that sees light, and goes on along AXIS 1 (columns) or 2 (rows). A four-amplifier
readout of UVIS has overscan between its halves, and calwf3 moves a run by it as a whole: so no
run goes across the middle of a row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONG = 16  # pixels of a column, from which on they are one run
ROW_AXIS, COLUMN_AXIS = 1, 2

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of pixels with the same flags, by their beginning; no pixel is in two.

    Attributes
    ----------
    pix1, pix2 : ndarray of int, shape (n,)
        Column and row of the first pixel, from 1.
    length, axis : ndarray of int, shape (n,)
        Number of pixels, and along which axis.
    value : ndarray of int, shape (n,)
        The flags.
    """

    pix1: Integers
    pix2: Integers
    length: Integers
    axis: Integers
    value: Integers

    def __len__(self) -> int:
        return len(self.pix1)

    def count(self, flag: int) -> int:
        """Return the number of pixels with a flag."""
        return int(self.length[(self.value & flag) != 0].sum())


def find_runs(flags: NDArray[np.integer], binning: int = 1) -> Runs:
    """Return the runs of all pixels with flags.

    Parameters
    ----------
    flags : ndarray of int, shape (rows, columns)
    binning : int
        Detector pixels in one of the image, along an axis; each of these gets the flags.
    """
    left = flags.astype(np.int64)
    column, row, length, value = _find_along(left.T, 0)
    is_long = length >= LONG
    column, row, length, value = (one[is_long] for one in (column, row, length, value))
    for x, y, size in zip(column, row, length, strict=True):
        left[y : y + size, x] = 0
    own_row, own_column, own_length, own_value = _find_along(left, flags.shape[1] // 2)
    axis = np.repeat((COLUMN_AXIS, ROW_AXIS), (len(column), len(own_row)))
    found = Runs(
        np.append(column, own_column),
        np.append(row, own_row),
        np.append(length, own_length),
        axis,
        np.append(value, own_value),
    )
    return _order(_unbin(found, binning))


def apply_runs(runs: Runs, shape: tuple[int, int]) -> NDArray[np.int16]:
    """Return the flags of an image, shape (rows, columns): those of all runs that are in it, ORed.

    What is outside is left out.
    """
    rows, columns = shape
    number = np.repeat(np.arange(len(runs)), runs.length)
    step = np.arange(len(number)) - np.repeat(np.cumsum(runs.length) - runs.length, runs.length)
    is_row = runs.axis[number] == ROW_AXIS
    x = runs.pix1[number] - 1 + step * is_row
    y = runs.pix2[number] - 1 + step * ~is_row
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    flags = np.zeros(shape, np.int16)
    value = runs.value[number].astype(np.int16)
    np.bitwise_or.at(flags, (y[inside], x[inside]), value[inside])
    return flags


def _find_along(flags: Integers, middle: int) -> tuple[Integers, Integers, Integers, Integers]:
    """Return line, first place, length and value of what is equal and not 0 along each line.

    Nothing goes across `middle`.
    """
    begins = np.ones(flags.shape, np.bool_)
    begins[:, 1:] = flags[:, 1:] != flags[:, :-1]
    begins[:, middle : middle + 1] = True
    first = np.flatnonzero(begins)
    length = np.diff(np.append(first, flags.size))
    value = flags.ravel()[first]
    line, place = np.divmod(first, max(flags.shape[1], 1))
    return tuple(one[value != 0] for one in (line, place, length, value))


def _unbin(runs: Runs, binning: int) -> Runs:
    """Return runs from 0 of a binned image as runs of the detector's pixels from 1."""
    beside = np.tile(np.arange(binning), len(runs))
    axis = np.repeat(runs.axis, binning)
    return Runs(
        np.repeat(runs.pix1, binning) * binning + beside * (axis == COLUMN_AXIS) + 1,
        np.repeat(runs.pix2, binning) * binning + beside * (axis == ROW_AXIS) + 1,
        np.repeat(runs.length, binning) * binning,
        axis,
        np.repeat(runs.value, binning),
    )


def _order(runs: Runs) -> Runs:
    order = np.lexsort((runs.pix1, runs.pix2))
    return Runs(*(one[order] for one in vars(runs).values()))
