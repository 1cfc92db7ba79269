"""Assemble the images of a file that make a picture together, each where it lies.

Chips of one detector are put together with their gap, row 0 at the bottom. Only what sees light is
shown, so that the pictures of a raw and a calibrated file lie one upon the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.images.detectors import Detector
from hstql_assets.images.layout import lay_out
from hstql_assets.images.reading import ScienceImage
from hstql_assets.previews.stretching import NO_DATA, Limits, Pixels, find_limits, stretch

IN_PLACE = 0.25  # share of the detector from which on a subarray is shown in its place
OUTLINE = 160  # grey of the edges of chips that are not, or not wholly, there
RESAMPLED = frozenset({"drz", "drc"})  # 0 is no data
WITHOUT_DETECTOR = RESAMPLED | {"x2d", "sx2"}  # no pixels of the detector any more


@dataclass(frozen=True)
class Part:
    """An image in a picture.

    Attributes
    ----------
    pixels : Pixels
        What sees light.
    row, column : int
        Of its lower left pixel in the picture, from 0 at the bottom left.
    """

    pixels: Pixels
    row: int = 0
    column: int = 0


@dataclass(frozen=True)
class Frame:
    """The images of one picture.

    Attributes
    ----------
    version : int
        EXTVER of the first of them.
    unit : str or None
        Of the values.
    parts : tuple of Part
    shape : tuple of int
        Rows and columns of the picture.
    outlines : tuple of (row, end row, column, end column)
        Chips to be outlined, because something of them is missing.
    place : str or None
        Which part of the detector is shown; None if all of it is.
    """

    version: int
    unit: str | None
    parts: tuple[Part, ...]
    shape: tuple[int, int]
    outlines: tuple[tuple[int, int, int, int], ...] = ()
    place: str | None = None


def arrange(
    images: Sequence[ScienceImage], detector: Detector | None, filetype: str
) -> list[Frame]:
    """Arrange the images of a file in pictures.

    Parameters
    ----------
    images : sequence of ScienceImage
    detector : Detector or None
        None if its geometry is not known; then each image is a picture as it is.
    filetype : str
        Such as `flt`.
    """
    if detector is None or filetype in WITHOUT_DETECTOR:
        return [_as_it_is(image, filetype in RESAMPLED) for image in images]
    if len(detector.chips) == 1:
        return [_assemble([image], detector) for image in images]
    chips = [detector.chip_of(image.chip, image.version) for image in images]
    if len(set(chips)) < len(chips):  # repeats, each of one chip
        return [_assemble([image], detector) for image in images]
    return [_assemble(images, detector)] if images else []


def render(frame: Frame) -> tuple[np.ndarray, Limits | None]:
    """Draw the images of a picture in grey.

    Returns
    -------
    pixels : ndarray of uint8, shape of the frame
        The first row is the top of the picture, as image files have it.
    limits : Limits or None
        Of the values; None if no pixel is finite. If `low` equals `top`, all is drawn in grey.
    """
    picture = np.full(frame.shape, NO_DATA, np.uint8)
    upward = picture[::-1]
    limits = find_limits([part.pixels for part in frame.parts])
    for row, end_row, column, end_column in frame.outlines:
        _outline(upward[row:end_row, column:end_column])
    if limits is not None and limits.low < limits.top:
        for part in frame.parts:
            rows, columns = part.pixels.values.shape
            place = upward[part.row : part.row + rows, part.column : part.column + columns]
            stretch(part.pixels, limits, place)
    return picture, limits


def _as_it_is(image: ScienceImage, is_resampled: bool) -> Frame:
    part = Part(Pixels(image.values, image.flags, is_resampled))
    return Frame(image.version, image.unit, (part,), image.values.shape)


def _assemble(images: Sequence[ScienceImage], detector: Detector) -> Frame:
    """Put the images of one readout where they belong on the detector."""
    first = images[0]
    across, up = first.binning
    rows, columns, gap = detector.rows // up, detector.columns // across, detector.gap_rows // up
    bases = {chip: number * (rows + gap) for number, chip in enumerate(detector.chips)}
    placed = [_place(image, detector, bases) for image in images]
    parts = tuple(one.part for one in placed)
    is_whole = len(images) == len(bases) and all(one.is_full for one in placed)
    place = None if is_whole else f"{detector.name}: {'; '.join(one.words for one in placed)}"
    shape = max(bases.values()) + rows, columns
    area = sum(part.pixels.values.size for part in parts)
    if not all(_fits(part, shape) for part in parts) or area < IN_PLACE * shape[0] * shape[1]:
        return _together(parts, first, place)
    chips = tuple((base, base + rows, 0, columns) for base in bases.values())
    outlines = () if is_whole else chips
    return Frame(first.version, first.unit, parts, shape, outlines, place)


@dataclass(frozen=True)
class _Placed:
    """An image on its detector, and in words where it lies."""

    part: Part
    is_full: bool
    words: str


def _place(image: ScienceImage, detector: Detector, bases: Mapping[int, int]) -> _Placed:
    chip = detector.chip_of(image.chip, image.version)
    layout = lay_out(detector, image.values.shape, chip, image.binning, image.offset)
    flags = None if image.flags is None else layout.take_light(image.flags)
    part = Part(
        Pixels(layout.take_light(image.values), flags), bases[chip] + layout.row, layout.column
    )
    rows, columns = layout.shape
    words = (
        f"{columns} x {rows} pixels from column {layout.column + 1}, "
        f"row {layout.row + 1} of chip {chip}"
    )
    return _Placed(part, layout.is_full, words)


def _together(parts: Sequence[Part], first: ScienceImage, place: str | None) -> Frame:
    """Show small subarrays without the rest of the detector."""
    row, column = min(part.row for part in parts), min(part.column for part in parts)
    moved = tuple(Part(part.pixels, part.row - row, part.column - column) for part in parts)
    shape = (
        max(part.row + part.pixels.values.shape[0] for part in moved),
        max(part.column + part.pixels.values.shape[1] for part in moved),
    )
    return Frame(first.version, first.unit, moved, shape, (), place)


def _fits(part: Part, shape: tuple[int, int]) -> bool:
    rows, columns = part.pixels.values.shape
    return bool(part.row + rows <= shape[0] and part.column + columns <= shape[1])


def _outline(area: np.ndarray) -> None:
    """Draw the edges of a chip, shape (rows, columns), thick enough for a thumbnail, in place."""
    width = max(max(area.shape) // 256, 1)
    for edge in (area[:width], area[-width:], area[:, :width], area[:, -width:]):
        edge[...] = OUTLINE
