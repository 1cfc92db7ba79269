"""Tell which pixels of an image see light, which are overscan, and where on the chip they lie.

Offsets are those of the header: pixel i of an image (from 1) is pixel i - LTV of the area of the
chip that sees light. Full frames follow the sizes in `detectors`, divided by the binning; an
overscan that the binning does not divide loses its remainder, as the readout of UVIS does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hstql_assets.images.detectors import Detector

IR_SUBARRAYS = (64, 128, 256, 512)
# Since May 2016 a WFC subarray of half a chip's width has overscan on both axes.
WFC_SUBARRAY_ROWS = (512, 1024, 2048)


@dataclass(frozen=True)
class Area:
    """A rectangle of an image: rows and columns from 0, the upper bounds not included."""

    row: int
    end_row: int
    column: int
    end_column: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.end_row - self.row, self.end_column - self.column

    @property
    def size(self) -> int:
        """Number of pixels; 0 for an empty or inverted rectangle."""
        rows, columns = self.shape
        return max(rows, 0) * max(columns, 0)

    def cut(self, pixels: np.ndarray) -> np.ndarray:
        """Return the rectangle of an array, shape (rows, columns), as a view."""
        return pixels[self.row : self.end_row, self.column : self.end_column]


@dataclass(frozen=True)
class Layout:
    """How an image is divided.

    Attributes
    ----------
    science : tuple of Area
        What sees light: one rectangle, or the two halves of a full UVIS raw image, left first.
    physical : tuple of Area
        Physical overscan columns or reference columns, left and right, in the rows of `science`.
    middle : Area or None
        Virtual overscan columns between the halves.
    virtual : Area or None
        Virtual overscan rows, over all columns.
    column, row : int
        Where on the chip the lower left pixel of `science` lies, from 0, in binned pixels.
    is_full : bool
        Whether `science` is the whole chip.
    """

    science: tuple[Area, ...]
    physical: tuple[Area, ...] = ()
    middle: Area | None = None
    virtual: Area | None = None
    column: int = 0
    row: int = 0
    is_full: bool = True

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of what sees light."""
        return self.science[0].shape[0], sum(area.shape[1] for area in self.science)

    def take_light(self, pixels: np.ndarray) -> np.ndarray:
        """Return what sees light of an array, shape (rows, columns); a view if it is one piece."""
        pieces = [area.cut(pixels) for area in self.science]
        return pieces[0] if len(pieces) == 1 else np.hstack(pieces)


def lay_out(
    detector: Detector,
    shape: tuple[int, int],
    chip: int,
    binning: tuple[int, int] = (1, 1),
    offset: tuple[float, float] = (0.0, 0.0),
) -> Layout:
    """Divide an image.

    Parameters
    ----------
    detector : Detector
    shape : tuple of int
        Rows and columns of the image.
    chip : int
        CCDCHIP.
    binning : tuple of int
        BINAXIS1 and BINAXIS2: columns, rows.
    offset : tuple of float
        LTV1 and LTV2, pixels of the image.

    Returns
    -------
    Layout
        Overscan only where the image is larger than what sees light, or its offset says so.
    """
    if detector.border:
        return _lay_out_with_border(detector, shape, binning, offset)
    columns = _columns(detector, shape[1], binning[0], offset[0])
    rows = _rows(detector, shape, chip, binning, offset[1])
    bottom, top = rows.light[0]
    science = tuple(Area(bottom, top, start, end) for start, end in columns.light)
    physical = [(0, columns.light[0][0]), (columns.light[-1][1], shape[1])]
    middle = [(left[1], right[0]) for left, right in zip(columns.light, columns.light[1:],
                                                         strict=False)]  # fmt: skip
    virtual = [(0, bottom), (top, shape[0])]
    return Layout(
        science=science,
        physical=_areas([(bottom, top)], physical),
        middle=next(iter(_areas([(bottom, top)], middle)), None),
        virtual=next(iter(_areas(virtual, [(0, shape[1])])), None),
        column=columns.first,
        row=rows.first,
        is_full=columns.is_full and rows.is_full,
    )


class _Stretches(NamedTuple):
    """The stretches of an axis that see light, and which pixel of the chip is the first."""

    light: tuple[tuple[int, int], ...]
    first: int
    is_full: bool


def _columns(detector: Detector, size: int, binning: int, offset: float) -> _Stretches:
    full = detector.columns // binning
    extra = size - full
    side = detector.physical_columns // binning
    middle = extra - 2 * side
    if detector.middle_columns and middle > 0:
        half = full // 2
        light = (side, side + half), (size - side - half, size - side)
        return _Stretches(light, 0, True)
    if extra >= 0:  # an odd column too many goes to the right
        return _Stretches(((extra // 2, extra // 2 + full),), 0, True)
    shift = round(offset)
    start, end = max(shift, 0), min(size, full + shift)
    if start >= end:  # the offset is none: take all as it comes
        return _Stretches(((0, size),), 0, False)
    return _Stretches(((start, end),), start - shift, False)


def _rows(
    detector: Detector, shape: tuple[int, int], chip: int, binning: tuple[int, int], offset: float
) -> _Stretches:
    size, full = shape[0], detector.rows // binning[1]
    shift = round(offset)
    extra = size - full
    if extra >= 0:
        is_below = chip != detector.chips[0] if len(detector.chips) > 1 else shift > 0
        start = extra if is_below else 0
        return _Stretches(((start, start + full),), 0, True)
    lost = _virtual_rows_of_subarray(detector, shape, binning)
    if lost:
        is_below = chip != detector.chips[0]
        start = lost if is_below else 0
        return _Stretches(
            ((start, start + size - lost),), max(full - (size - lost), 0) * is_below, False
        )
    start, end = max(shift, 0), min(size, full + shift)
    if start >= end:
        return _Stretches(((0, size),), 0, False)
    return _Stretches(((start, end),), start - shift, False)


def _virtual_rows_of_subarray(
    detector: Detector, shape: tuple[int, int], binning: tuple[int, int]
) -> int:
    """Return the virtual rows of a WFC subarray that was read with half of its overscan."""
    width = detector.columns // 2 + detector.physical_columns
    if detector.name != "WFC" or shape[1] * binning[0] != width:
        return 0
    lost = detector.virtual_rows // binning[1]
    return lost if (shape[0] - lost) * binning[1] in WFC_SUBARRAY_ROWS else 0


def _lay_out_with_border(
    detector: Detector,
    shape: tuple[int, int],
    binning: tuple[int, int],
    offset: tuple[float, float],
) -> Layout:
    """Divide an image of the infrared detector.

    A subarray has the reference pixels of the detector around it, and its offset counts without
    them: LTV1 is -374 where the first column of 266 is column 375 - 5 of those that see light.
    """
    widths = [detector.border // step or 1 for step in binning]
    sizes = shape[1], shape[0]
    has_border = all(
        size - 2 * width in {full // step for full in (*IR_SUBARRAYS, detector.columns)}
        for size, width, step in zip(sizes, widths, binning, strict=True)
    )
    across, up = widths if has_border else (0, 0)
    science = Area(up, shape[0] - up, across, shape[1] - across)
    full = detector.rows // binning[1], detector.columns // binning[0]
    is_full = science.shape == full
    sides = [(0, across), (shape[1] - across, shape[1])]
    return Layout(
        science=(science,),
        physical=_areas([(up, shape[0] - up)], sides),
        column=0 if is_full else max(across - round(offset[0]), 0),
        row=0 if is_full else max(up - round(offset[1]), 0),
        is_full=is_full,
    )


def _areas(rows: Sequence[tuple[int, int]], columns: Sequence[tuple[int, int]]) -> tuple[Area, ...]:
    areas = (Area(*row, *column) for row in rows for column in columns)
    return tuple(area for area in areas if area.size)
