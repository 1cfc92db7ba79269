"""Read the bytes of a file from place to place, decompressed where it is gzipped."""

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from hstql_resources.fits.data_files import open_data_file
from hstql_resources.fits.errors import StructureError
from hstql_resources.fits.limits import MEGABYTE, LimitError, get_limits

BLOCK = 2880
MOST_BYTES = 1 << 62  # no file has more, and no file can be sought beyond
GZIP_MAGIC = b"\x1f\x8b"
BAD_GZIP = "is not whole: its gzip ends too early or is damaged"

_BUFFER_BYTES = 12 * BLOCK  # most headers are shorter
_SKIP_BYTES = 1 << 20
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


class ByteSource:
    """The bytes of a file, decompressed; going back is cheap in a plain file only.

    Parameters
    ----------
    path : Path
        Whether it is gzipped is seen in its first bytes, not in its name.

    Attributes
    ----------
    path : Path
    size : int or None
        Bytes of a plain file; None of a gzipped one, whose end is known only when it is reached.
    is_damaged : bool
        Whether what is gzipped turned out to be cut or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = io.BufferedReader(open_data_file(path), _BUFFER_BYTES)
        is_gzipped = self._file.peek(2)[:2] == GZIP_MAGIC
        self._most_bytes = get_limits().unpacked_mb * MEGABYTE if is_gzipped else MOST_BYTES
        self._stream = gzip.GzipFile(fileobj=self._file) if is_gzipped else self._file
        self.is_damaged = False
        self.size = None if is_gzipped else os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> "ByteSource":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._file.close()

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._stream.tell()

    def read_block(self) -> bytes:
        """Return the next block; less where the file ends."""
        if self.size is None:
            self.require_place(self._stream.tell())
        try:
            return self._stream.read(BLOCK)
        except _DAMAGED:
            # Not the same as an end: there may have been more HDUs.
            raise StructureError("is cut or damaged within its gzip data", BAD_GZIP) from None

    def require_place(self, place: int) -> None:
        """Raise LimitError for a place beyond what is unpacked of a gzip at most."""
        if place > self._most_bytes:
            raise LimitError(
                f"is larger than {self._most_bytes // MEGABYTE:,} MB when it is unpacked, the "
                "limit HSTQL_MAX_UNPACKED_MB"
            )

    def reaches(self, place: int) -> bool:
        """Tell whether there can be bytes up to a place: whether the file is not known to end."""
        return self.size is None or place <= self.size

    def fill(self, view: memoryview) -> int:
        """Read into a buffer, and return how many bytes there were; less only at the end."""
        filled = 0
        try:
            while filled < len(view) and (got := self._stream.readinto(view[filled:])):
                filled += got
        except _DAMAGED:
            self.is_damaged = True  # the caller sees that too little came, and says how much
        return filled

    def pieces(self) -> Iterator[bytes]:
        """Yield all bytes from here on; StructureError if the gzip is damaged, or too much."""
        try:
            while piece := self._stream.read(_SKIP_BYTES):
                self.require_place(self._stream.tell())
                yield piece
        except _DAMAGED:
            raise StructureError("is cut or damaged within its gzip data", BAD_GZIP) from None

    def go_to(self, place: int) -> int:
        """Go to a place, and return where that led: to the end of the file at most."""
        if self.size is not None:
            return self._stream.seek(min(place, self.size))
        self.require_place(place)
        here = self._stream.tell()
        if place < here:
            return self._stream.seek(place)
        try:
            while here < place and (got := self._stream.read1(min(place - here, _SKIP_BYTES))):
                here += len(got)
        except _DAMAGED:
            self.is_damaged = True
        return here
