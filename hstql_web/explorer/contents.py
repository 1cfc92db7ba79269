"""Tell which images, events and spectra a file has, and read rows of an image.

A file is known by its path, time and size: when it is written anew, what was kept of it is not
found any more. Of a plain file only headers and the rows asked for are read.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hstql_assets.images.events import DETECTORS, count_events
from hstql_assets.images.reading import read_scaled, read_values, shape_of
from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import iterate_hdus
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer
from hstql_resources.fits.stream import FitsStream

MOST_EVENTS = 100_000_000  # that are counted while somebody waits
_FILES = 64


class Stamp(NamedTuple):
    """A file as it is now: where, changed when (ns), how many bytes."""

    path: Path
    changed_ns: int
    size: int

    @property
    def version(self) -> str:
        """What an address has, so that a browser does not show what was there before."""
        return f"{self.changed_ns:x}-{self.size:x}"


@dataclass(frozen=True)
class Plane:
    """An image in a file.

    Attributes
    ----------
    header : Header
        Of its HDU.
    shape : tuple of int
        Rows and columns.
    start : int
        Where its pixels begin in the file, unpacked, bytes.
    is_events : bool
        Whether it is a table of events, which are counted in pixels.
    """

    header: Header
    shape: tuple[int, int]
    start: int
    is_events: bool = False

    @property
    def number(self) -> int:
        """Of the HDU; 0 is the primary."""
        return self.header.number

    @property
    def label(self) -> str:
        """Such as `SCI 2`."""
        return f"{self.header.name or 'PRIMARY'} {self.header.version}"


@dataclass(frozen=True)
class Contents:
    """What can be looked at in a file.

    Attributes
    ----------
    primary : Header
        The first header.
    planes : tuple of Plane
        Its images, in the order of the file.
    has_spectra : bool
        Whether it has a table with wavelengths.
    fault : str
        Why there may be more than was found, the end of a sentence; empty if there is not.
    """

    primary: Header
    planes: tuple[Plane, ...]
    has_spectra: bool = False
    fault: str = ""

    def find(self, number: int) -> Plane | None:
        """Return the image of an HDU."""
        return next((one for one in self.planes if one.number == number), None)

    def find_beside(self, plane: Plane, name: str) -> Plane | None:
        """Return the image of a name, such as DQ, that belongs to another and is as large."""
        return next(
            (
                one for one in self.planes
                if one.header.name == name and one.header.version == plane.header.version
                and one.shape == plane.shape and one.number != plane.number
            ),
            None,
        )  # fmt: skip

    @property
    def first(self) -> Plane | None:
        """The image to begin with: that of science, the events, or else any."""
        named = (one for one in self.planes if one.header.name in ("SCI", "EVENTS"))
        return next(named, self.planes[0] if self.planes else None)

    @property
    def instrument(self) -> str:
        """INSTRUME in lower case."""
        return str(self.primary.values.get("INSTRUME") or "").strip().lower()


def take_stamp(path: Path) -> Stamp:
    """Return a file as it is now; OSError if there is none."""
    status = os.stat(path)  # noqa: PTH116, with the error of the system
    return Stamp(path, status.st_mtime_ns, status.st_size)


@lru_cache(_FILES)
def read_contents(stamp: Stamp) -> Contents:
    """Read the headers of a file.

    Raises
    ------
    FitsError, OSError
        If there is not one that can be read.
    """
    headers: list[Header] = []
    planes: list[Plane] = []
    has_spectra, fault = False, ""
    try:
        for header, source in iterate_hdus(stamp.path):
            headers.append(header)
            shape = _find_shape(headers[0], header)
            if shape is not None:
                planes.append(Plane(header, shape, source.tell(), header.name == "EVENTS"))
            columns = _columns(header)
            has_spectra |= "WAVELENGTH" in columns and bool(columns & {"FLUX", "NET"})
    except FitsError as error:
        if not headers:
            raise
        fault = error.detail
    return Contents(headers[0], tuple(planes), has_spectra, fault)


def _find_shape(primary: Header, header: Header) -> tuple[int, int] | None:
    if header.name != "EVENTS":
        return shape_of(header)
    names = (str(primary.values.get(name) or "").strip() for name in ("INSTRUME", "DETECTOR"))
    instrument, detector = names
    found = DETECTORS.get((instrument.lower(), detector.upper()))
    return None if found is None else (found[0][1], found[0][0])


def _columns(header: Header) -> set[str]:
    count = header.values.get("TFIELDS")
    fields = range(1, count + 1 if isinstance(count, int) and count < 1000 else 1)
    return {str(header.values.get(f"TTYPE{one}")).strip().upper() for one in fields}


def is_read_by_rows(stamp: Stamp, plane: Plane) -> bool:
    """Tell whether some rows of an image can be read alone."""
    if plane.is_events or plane.header.is_compressed or integer(plane.header, "NAXIS") == 0:
        return False
    with ByteSource(stamp.path) as source:
        return source.size is not None


def read_rows(stamp: Stamp, plane: Plane, first: int, last: int) -> np.ndarray:
    """Return some rows of an image of a plain file, shape (last - first, columns).

    Raises
    ------
    FitsError, OSError
        If the file ends before, or cannot be read.
    """
    width = plane.shape[1] * abs(integer(plane.header, "BITPIX")) // 8
    with ByteSource(stamp.path) as source:
        source.go_to(plane.start + first * width)
        return read_scaled(plane.header, source, (last - first, plane.shape[1]))


def read_whole(stamp: Stamp, plane: Plane) -> np.ndarray:
    """Return an image as a whole, be it packed, a constant, or counted from events.

    Raises
    ------
    FitsError, OSError
        If it cannot be read.
    """
    if plane.is_events:
        return _count(stamp, plane)
    with ByteSource(stamp.path) as source:
        source.go_to(plane.start)
        return read_values(plane.header, source, plane.shape)


def _count(stamp: Stamp, plane: Plane) -> np.ndarray:
    if integer(plane.header, "NAXIS2") > MOST_EVENTS:
        raise FitsError(f"has more than {MOST_EVENTS:,} events, too many to be counted here")
    with FitsStream(stamp.path) as stream:
        for extension in stream.extensions():
            if extension.header.number == plane.number:
                rows, columns = plane.shape
                return count_events(stream, extension, (columns, rows), (1, 1))
    raise FitsError("has no events any more")
