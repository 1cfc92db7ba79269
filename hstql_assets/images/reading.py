"""Read the science images of a FITS file: values, data quality, and what their headers say.

One pass from front to back, plain or gzipped; what is not wanted is skipped. Values come as they
were meant (scaled, native byte order), in the smallest type that holds them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.cards import Value
from hstql_resources.fits.compressed_images import read_compressed
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import iterate_hdus
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import finite
from hstql_resources.fits.keywords import integer, number

SCIENCE, QUALITY = "SCI", "DQ"
LONGEST_TEXT = 500  # characters; an index of the database takes up to 2,704 bytes
MOST_BINNING = 64  # anything else is no binning
MOST_PIXELS = 1 << 28  # 16,384 squared; the largest mosaics of the archive are smaller
MOST_HELD = 2 * MOST_PIXELS  # of all images of a file, their flags counted too

_TYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
_UNSIGNED = {16: (2**15, np.uint16), 32: (2**31, np.uint32)}


@dataclass(frozen=True, eq=False)
class ScienceImage:
    """A science extension.

    Attributes
    ----------
    header : Header
        Of the extension.
    primary : Header
        Of the file.
    values : ndarray, shape (rows, columns)
        Row 0 is the bottom. Read-only and without memory of its own where the image is a constant
        without pixels (NAXIS = 0, PIXVALUE).
    flags : ndarray of int, shape (rows, columns), or None
        Data quality; None where there is none, or all of it is 0.
    """

    header: Header
    primary: Header
    values: np.ndarray
    flags: np.ndarray | None = None

    @property
    def version(self) -> int:
        """EXTVER."""
        return self.header.version

    @property
    def chip(self) -> int | None:
        """CCDCHIP; None if the header does not say."""
        value = self.find("CCDCHIP")
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    @property
    def binning(self) -> tuple[int, int]:
        """BINAXIS1 and BINAXIS2: pixels of the detector in a column and a row; 1 if not said."""
        across, up = (int(self.find_number(f"BINAXIS{axis}", 1.0)) for axis in (1, 2))
        steps = range(1, MOST_BINNING + 1)
        return across if across in steps else 1, up if up in steps else 1

    @property
    def offset(self) -> tuple[float, float]:
        """LTV1 and LTV2, pixels of this image; 0 if not said."""
        return self.find_number("LTV1", 0.0), self.find_number("LTV2", 0.0)

    @property
    def unit(self) -> str | None:
        """BUNIT; None if not said."""
        return self.find_text("BUNIT")

    @property
    def is_subarray(self) -> bool:
        """SUBARRAY."""
        return self.find("SUBARRAY") is True

    def find(self, keyword: str) -> Value:
        """Return a value of the extension, or else of the primary header, or else None."""
        value = self.header.values.get(keyword)
        return self.primary.values.get(keyword) if value is None else value

    def find_number(self, keyword: str, default: float) -> float:
        """Return a finite number from either header, or the default."""
        found = finite(self.find(keyword))
        return default if found is None else found

    def find_text(self, keyword: str) -> str | None:
        """Return a text from either header, or None if it is blank or has no place in a table."""
        value = self.find(keyword)
        found = "" if value is None else str(value).strip()
        return found if found and "\0" not in found and len(found) <= LONGEST_TEXT else None


@dataclass(frozen=True, eq=False)
class ImageFile:
    """The science images of a file, in its order.

    Attributes
    ----------
    path : Path
        The file.
    primary : Header
        Its primary header.
    images : tuple of ScienceImage
        Those that were wanted; empty if the file has none.
    """

    path: Path
    primary: Header
    images: tuple[ScienceImage, ...]

    @property
    def detector(self) -> str:
        """DETECTOR of the primary header, empty if it does not say."""
        return str(self.primary.values.get("DETECTOR") or "").strip().upper()


def read_images(
    path: Path, is_wanted: Callable[[Header, Header], bool] = lambda _primary, _header: True
) -> ImageFile:
    """Read the science images of a file with their data quality.

    Parameters
    ----------
    path : Path
        Plain or gzipped FITS.
    is_wanted : callable, optional
        Takes the primary header and that of a science extension, says whether to read it.

    Returns
    -------
    ImageFile
        Extensions called SCI that are images of two dimensions; if there is none, an image in the
        primary HDU.

    Raises
    ------
    FitsError
        If the file is no FITS, not whole, or an image contradicts its header.
    OSError
        If it cannot be opened or read.
    """
    headers: list[Header] = []
    held = 0
    science: dict[int, tuple[Header, np.ndarray]] = {}
    quality: dict[int, np.ndarray | None] = {}
    for header, source in iterate_hdus(path):
        headers.append(header)
        shape = shape_of(header)
        if shape is None or ("XTENSION" in header and header.name not in (SCIENCE, QUALITY)):
            continue
        held += shape[0] * shape[1]
        if held > MOST_HELD:
            raise FitsError(f"has images of {held:,} pixels in all, which is beyond belief")
        versions = {image.version for image, _ in science.values()}
        if header.name == QUALITY:
            if header.version in versions:
                quality[header.version] = _read_flags(header, source, shape)
        elif is_wanted(headers[0], header):
            science[header.number] = header, read_values(header, source, shape)
    if len(science) > 1:
        science.pop(0, None)
    images = (
        ScienceImage(header, headers[0], values, _matching(quality.get(header.version), values))
        for header, values in science.values()
    )
    return ImageFile(path, headers[0], tuple(images))


def shape_of(header: Header) -> tuple[int, int] | None:
    """Return rows and columns of an image; None if the HDU is none.

    Raises
    ------
    FitsError
        If it is larger than any image.
    """
    if str(header.values.get("XTENSION", "IMAGE")).strip() != "IMAGE":
        return None
    axes = integer(header, "NAXIS")
    names = {0: ("NPIX2", "NPIX1"), 2: ("NAXIS2", "NAXIS1")}.get(axes)
    if names is None or (axes == 0 and "PIXVALUE" not in header):
        return None
    rows, columns = (integer(header, name, 0) for name in names)
    if rows <= 0 or columns <= 0:
        return None
    if rows * columns > MOST_PIXELS:
        raise FitsError(f"has an image of {columns:,} x {rows:,} pixels, which is beyond belief")
    return rows, columns


def read_values(header: Header, source: ByteSource, shape: tuple[int, int]) -> np.ndarray:
    """Read an image, be it a constant without pixels; the file stands where its data begin."""
    if integer(header, "NAXIS") == 0:
        return np.broadcast_to(np.float32(number(header, "PIXVALUE")), shape)
    return read_scaled(header, source, shape)


def read_scaled(header: Header, source: ByteSource, shape: tuple[int, int]) -> np.ndarray:
    """Read so many rows of an image from where a file stands, as they were meant.

    What is tile-compressed is read as a whole.

    Raises
    ------
    FitsError
        If the file ends before, or the pixels contradict the header.
    """
    if header.is_compressed:
        return read_compressed(source.path, header.number, shape)
    return _scale(header, _read_pixels(header, source, shape))


def _read_flags(header: Header, source: ByteSource, shape: tuple[int, int]) -> np.ndarray | None:
    if integer(header, "NAXIS") == 0:
        flag = integer(header, "PIXVALUE")
        return np.broadcast_to(np.int32(flag), shape) if flag else None
    flags = read_scaled(header, source, shape)
    return flags if flags.dtype.kind in "iu" else np.nan_to_num(flags).astype(np.int32)


def _read_pixels(header: Header, source: ByteSource, shape: tuple[int, int]) -> np.ndarray:
    """Read the pixels as they are stored, in native byte order."""
    pixels = np.empty(shape, _TYPES[integer(header, "BITPIX")])
    view = pixels.view(np.uint8).reshape(-1).data
    if source.fill(view) < len(view):
        raise FitsError(f"ends within the image {header.name or 'PRIMARY'} {header.version}")
    if pixels.dtype.isnative:
        return pixels
    return pixels.byteswap(inplace=True).view(pixels.dtype.newbyteorder("="))


def _scale(header: Header, pixels: np.ndarray) -> np.ndarray:
    """Apply BSCALE, BZERO and BLANK to pixels, shape (rows, columns).

    FITS standard 4.0, sections 4.4.2.5 and 5.3.
    """
    bits, kind = integer(header, "BITPIX"), pixels.dtype.kind
    scale, zero = number(header, "BSCALE", 1.0), number(header, "BZERO", 0.0)
    blank = integer(header, "BLANK") if kind != "f" and "BLANK" in header else None
    if blank is None:
        if (scale, zero) == (1.0, 0.0):
            return pixels
        if scale == 1.0 and bits in _UNSIGNED and zero == _UNSIGNED[bits][0]:
            # Adding half the range to a signed integer is the same as turning its highest bit.
            unsigned = pixels.view(_UNSIGNED[bits][1])
            unsigned ^= _UNSIGNED[bits][1](zero)
            return unsigned
        if scale == 1.0 and bits == 64 and zero == 2.0**63:
            # A sum of doubles would lose what is below 1,024.
            return (pixels.view(np.uint64) ^ np.uint64(1 << 63)).astype(np.float64)
    precision = np.float32 if bits in (8, 16, -32) else np.float64
    scaled: np.ndarray = np.multiply(pixels, scale, dtype=precision)
    np.add(scaled, zero, out=scaled)
    if blank is not None:
        scaled[pixels == blank] = np.nan
    return scaled


def _matching(flags: np.ndarray | None, values: np.ndarray) -> np.ndarray | None:
    """Return flags that belong to an image; of another shape they say nothing about it."""
    return flags if flags is not None and flags.shape == values.shape else None
