"""Describe darks by their headers, and read many of them side by side, some rows at a time."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.reading import QUALITY, SCIENCE, read_scaled, shape_of
from hstql_assets.monitors.superdarks.rejection import HALO
from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.file_headers import iterate_hdus
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import finite

SATURATED = 256  # what calwf3 also marks what its rejection leaves out with
# Of the frame and not of the exposure; a pixel that has one in all darks keeps it.
LASTING = 1 | 2 | 4 | 8 | 32 | 128 | 512 | 1024
BLOCK_ROWS = 64
FILETYPES = ("raw", "flt", "flc")


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a chip of all darks, with some around them.

    Attributes
    ----------
    rows, own : slice
        The rows of the chip; which rows of the arrays these are.
    values : ndarray, shape (darks, rows, columns)
        Electrons.
    is_out : ndarray of bool, same shape
        What is left out: saturated, or no number.
    lasting : ndarray of int16, shape (rows, columns)
        Flags that all darks have.
    """

    rows: slice
    own: slice
    values: NDArray[np.float32]
    is_out: NDArray[np.bool_]
    lasting: NDArray[np.int16]


@dataclass(frozen=True)
class Image:
    """Where a science extension, or the quality of it, is in a file."""

    header: Header
    start: int
    shape: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Dark:
    """A calibrated dark, by its headers.

    Attributes
    ----------
    rootname : str
    file : InputFile
    primary : Header
    science, quality : mapping of int to Image
        By CCDCHIP.
    """

    rootname: str
    file: InputFile
    primary: Header
    science: dict[int, Image]
    quality: dict[int, Image]

    def find(self, keyword: str) -> object:
        """Return a value of the primary header, or of the first science extension."""
        value = self.primary.values.get(keyword)
        if value is None and self.science:
            return next(iter(self.science.values())).header.values.get(keyword)
        return value

    def number(self, keyword: str) -> float | None:
        """Return a finite number, or None."""
        return finite(self.find(keyword))

    def word(self, keyword: str) -> str:
        """Return a text in upper case; empty where there is none."""
        return str(self.find(keyword) or "").strip().upper()

    @property
    def exposure_s(self) -> float:
        """EXPTIME, s; 0 if it is not said."""
        return self.number("EXPTIME") or 0.0

    @property
    def dark_s(self) -> float:
        """The time by which dark current is scaled, s: calwf3 takes EXPTIME, calacs DARKTIME."""
        own = self.number("DARKTIME") if self.word("INSTRUME") == "ACS" else None
        return own or self.exposure_s

    @property
    def start_mjd(self) -> float | None:
        """EXPSTART, MJD UTC."""
        return self.number("EXPSTART")

    def variance(self, chip: int, usual_noise: float) -> float:
        """Return the variance of a pixel without dark current: read noise and post-flash, e-²."""
        noises = [self.number(f"READNSE{name}") for name in "ABCD"]
        known = [one for one in noises if one]
        noise = sum(known) / len(known) if known else usual_noise
        return noise**2 + self.flash_e(chip)

    def flash_e(self, chip: int) -> float:
        """Return the light of the post-flash in a pixel, electrons."""
        own = finite(self.science[chip].header.values.get("MEANFLSH"))
        flash = own if own is not None else self.number("FLASHLVL")
        return max(flash or 0.0, 0.0)


def describe_dark(rootname: str, file: InputFile) -> Dark:
    """Return what the headers of a dark say, and where its images are.

    Raises
    ------
    FitsError, OSError
        If the file cannot be read as a whole.
    NothingToMeasureError
        If it has no image of a chip.
    """
    primary: Header | None = None
    science: dict[int, Image] = {}
    quality: dict[int, Image] = {}
    chips: dict[int, int] = {}
    for header, source in iterate_hdus(file.path):
        primary = primary or header
        shape = shape_of(header)
        if shape is None or header.name not in (SCIENCE, QUALITY):
            continue
        image = Image(header, source.tell(), shape)
        if header.name == SCIENCE:
            chip = finite(header.values.get("CCDCHIP"))
            chips[header.version] = int(chip) if chip is not None else header.version
            science[chips[header.version]] = image
        elif header.version in chips:
            quality[chips[header.version]] = image
    if primary is None or not science:
        raise NothingToMeasureError("has no image of a chip")
    return Dark(rootname, file, primary, science, quality)


def read_blocks(darks: Sequence[Dark], chip: int, rows: int = BLOCK_ROWS) -> Iterator[Block]:
    """Yield the pixels of a chip of all darks, block by block from the first row to the last.

    Parameters
    ----------
    darks : sequence of Dark
        Of one shape.
    chip : int
        CCDCHIP.
    rows : int
        Of a block.
    """
    height, width = darks[0].science[chip].shape
    with ExitStack() as stack:
        readers = [stack.enter_context(_RowReader(dark, chip)) for dark in darks]
        values = np.empty((len(darks), rows + 2 * HALO, width), np.float32)
        is_out = np.empty(values.shape, np.bool_)
        lasting = np.empty(values.shape[1:], np.int16)
        held_from = held_to = 0
        for first in range(0, height, rows):
            last = min(first + rows, height)
            from_row, to_row = max(first - HALO, 0), min(last + HALO, height)
            keep = held_to - from_row
            if keep:
                moved = slice(from_row - held_from, held_to - held_from)
                values[:, :keep] = values[:, moved].copy()
                is_out[:, :keep] = is_out[:, moved].copy()
                lasting[:keep] = lasting[moved].copy()
            new = slice(keep, to_row - from_row)
            lasting[new] = LASTING
            for number, reader in enumerate(readers):
                reader.read(values[number, new], is_out[number, new], lasting[new])
            held_from, held_to = from_row, to_row
            held = slice(0, to_row - from_row)
            own = slice(first - from_row, last - from_row)
            yield Block(slice(first, last), own, values[:, held], is_out[:, held], lasting[held])


class _RowReader:
    """Reads the rows of a chip of one dark, from the first on."""

    def __init__(self, dark: Dark, chip: int) -> None:
        self._name = dark.file.filename
        self._science = dark.science[chip]
        self._quality = dark.quality.get(chip)
        self._stack = ExitStack()
        self._path = dark.file.path
        self._sources: list[tuple[Image, ByteSource]] = []

    def __enter__(self) -> "_RowReader":
        for image in (self._science, self._quality):
            if image is not None and image.header.values.get("NAXIS") != 0:
                source = self._stack.enter_context(ByteSource(self._path))
                source.go_to(image.start)
                self._sources.append((image, source))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read(
        self, values: NDArray[np.float32], is_out: NDArray[np.bool_], lasting: NDArray[np.int16]
    ) -> None:
        """Read the next rows into arrays of shape (rows, columns); take flags off `lasting`."""
        rows = len(values)
        if rows == 0:
            return
        (image, source), *rest = self._sources
        values[:] = read_scaled(image.header, source, (rows, image.shape[1]))
        is_out[:] = ~np.isfinite(values)
        values[is_out] = 0.0
        if not rest:
            lasting[:] = 0
        for flags, at in rest:
            found = read_scaled(flags.header, at, (rows, flags.shape[1])).astype(np.int32)
            is_out |= (found & SATURATED) != 0
            lasting &= found.astype(np.int16)


def require_readable(dark: Dark, shape: tuple[int, int]) -> None:
    """Raise FitsError if the images of a dark cannot be read by rows, or have another shape."""
    for chip, image in dark.science.items():
        if image.shape != shape:
            raise FitsError(f"has an image of {image.shape[1]} x {image.shape[0]} pixels")
        if image.header.values.get("NAXIS") == 0 or image.header.is_compressed:
            raise FitsError("has images that are packed, or without pixels")
        quality = dark.quality.get(chip)
        if quality is not None and quality.shape != shape:
            raise FitsError("has flags of another shape")
