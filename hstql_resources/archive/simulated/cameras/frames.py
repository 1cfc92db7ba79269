"""Lay out a frame: which of its pixels see the sky, and which amplifier reads them."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.detectors import Chip, Detector

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True)
class Window:
    """The part of one chip that a subarray reads, in unbinned science pixels.

    Attributes
    ----------
    chip : int
        Its CCDCHIP.
    column, row : int
        First pixel, counted from 0.
    columns, rows : int
        Size. The window of a CCD begins at the left end of the rows, and takes the overscan there
        along; that of IR is in the middle of the detector, with reference pixels all around.
    """

    chip: int
    column: int
    row: int
    columns: int
    rows: int


@dataclass(frozen=True)
class Frame:
    """What is read of one chip, in binned pixels.

    Attributes
    ----------
    detector : Detector
        Whose chip it is.
    chip : Chip
        Which.
    extver : int
        Version of its extensions.
    binning : int
        Detector pixels in a pixel, along each axis.
    window : Window, optional
        The part that is read, if not all.
    """

    detector: Detector
    chip: Chip
    extver: int
    binning: int
    window: Window | None = None

    @property
    def columns(self) -> int:
        """Science pixels in a row."""
        return (self.window or self.detector).columns // self.binning

    @property
    def rows(self) -> int:
        """Rows of science pixels."""
        return (self.window or self.detector).rows // self.binning

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of science pixels."""
        return self.rows, self.columns

    @property
    def corner(self) -> tuple[int, int]:
        """Column and row of the chip that the first science pixel is [binned pixel]."""
        if self.window is None:
            return 0, 0
        return self.window.column // self.binning, self.window.row // self.binning

    @property
    def left(self) -> int:
        """Columns of overscan or reference pixels before the science pixels."""
        return self.detector.physical // self.binning

    @property
    def middle(self) -> int:
        """Columns of virtual overscan between the two halves of a row."""
        return 0 if self.window else self.detector.virtual_columns // self.binning

    @property
    def right(self) -> int:
        """Columns of overscan or reference pixels after the science pixels."""
        return 0 if self.window and self.detector.is_ccd else self.left

    @property
    def below(self) -> int:
        """Rows that are no science pixels below those that are."""
        virtual = 0 if self.chip.virtual_above else self._virtual_rows
        return self.detector.border_rows // self.binning + virtual

    @property
    def above(self) -> int:
        """Rows that are no science pixels above those that are."""
        virtual = self._virtual_rows if self.chip.virtual_above else 0
        return self.detector.border_rows // self.binning + virtual

    @property
    def raw_shape(self) -> tuple[int, int]:
        """Rows and columns of a raw image."""
        columns = self.left + self.columns + self.middle + self.right
        return self.below + self.rows + self.above, columns

    @property
    def science_rows(self) -> slice:
        """The rows of a raw image that have science pixels."""
        return slice(self.below, self.below + self.rows)

    @property
    def science_columns(self) -> NDArray[np.intp]:
        """The columns of a raw image that have science pixels, shape (columns,)."""
        column = np.arange(self.columns)
        after_middle = column >= self.columns // 2
        return self.left + column + np.where(after_middle, self.middle, 0)

    def cut(self, raw: NDArray[Number]) -> NDArray[Number]:
        """Return the science pixels, `shape`, of a raw image, `raw_shape`."""
        rows = raw[self.science_rows]
        if self.middle == 0:
            return rows[:, self.left : self.left + self.columns]
        return rows[:, self.science_columns]

    def place(self, raw: NDArray[np.float32], science: NDArray[np.float32]) -> None:
        """Add science pixels, `shape`, to a raw image, `raw_shape`, in its own units."""
        half = self.columns // 2
        start = self.left + half + self.middle
        raw[self.science_rows, self.left : self.left + half] += science[:, :half]
        raw[self.science_rows, start : start + self.columns - half] += science[:, half:]

    def quadrants(self) -> list[tuple[str, slice, slice]]:
        """Return each amplifier with the rows and columns of the raw image that it reads."""
        (rows, columns), grid = self.raw_shape, self.chip.amplifiers
        if self.window is not None and self.detector.is_ccd:
            # A window of a CCD lies within the quadrant on the left, one of IR in the middle.
            grid = tuple((left, left) for left, _ in grid)  # type: ignore[assignment]
        halves = []
        for vertical, names in zip(_halves(rows), grid, strict=True):
            for horizontal, name in zip(_halves(columns), names, strict=True):
                halves.append((name, vertical, horizontal))
        return halves

    def science_quadrants(self) -> list[tuple[str, slice, slice]]:
        """Return each amplifier with the rows and columns of the science pixels it reads."""
        names = [name for name, _, _ in self.quadrants()]
        boxes = [(v, h) for v in _halves(self.rows) for h in _halves(self.columns)]
        return [(name, v, h) for name, (v, h) in zip(names, boxes, strict=True)]

    @property
    def _virtual_rows(self) -> int:
        return 0 if self.window else self.detector.virtual_rows // self.binning


def lay_out(detector: Detector, binning: int, window: Window | None = None) -> tuple[Frame, ...]:
    """Return the frames of an exposure, in the order of their extensions.

    Parameters
    ----------
    binning : int
        Unbinned pixels in a binned one, along each axis.
    window : Window, optional
        Subarray [unbinned pixel]; None for the full frame.
    """
    chips = [chip for chip in detector.chips if window is None or chip.number == window.chip]
    return tuple(
        Frame(detector, chip, extver, binning, window) for extver, chip in enumerate(chips, 1)
    )


def _halves(size: int) -> tuple[slice, slice]:
    return slice(0, size // 2), slice(size // 2, size)
