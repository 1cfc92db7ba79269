"""FITS read front to back, plain or gzipped: headers, and tables a block of rows at a time.

astropy maps a whole table into memory or decompresses it first; event lists of 10^8 rows and
truncated files need neither. What belongs here is FITS as such (Pence et al. 2010, A&A 524, A42);
what the tables of COS mean does not.
"""

import gzip
import math
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_resources.fits.keywords import FitsError, integer, text
from hstql_resources.fits.tables import TableLayout

BLOCK = 2880
CARD = 80
GZIP_MAGIC = b"\x1f\x8b"
MAX_HEADER_BLOCKS = 2000  # 72,000 cards; a header this long is a file that is no FITS
SKIP_BYTES = 1 << 20

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


@dataclass(frozen=True)
class Extension:
    """A header, and where its data are in the (decompressed) file."""

    header: fits.Header
    data_start: int
    data_bytes: int

    @property
    def name(self) -> str:
        """EXTNAME in upper case, empty where there is none."""
        return text(self.header, "EXTNAME", "").upper()


class FitsStream:
    """One FITS file, read in order; going back is cheap in a plain file, not in a gzipped one.

    Parameters
    ----------
    path : Path
        The file; whether it is gzipped is seen in its first bytes, not in its name.
    """

    def __init__(self, path: Path) -> None:
        file = path.open("rb")
        is_gzip = file.read(2) == GZIP_MAGIC
        file.seek(0)
        self._file = file
        self._stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_gzip else file
        self._bytes = None if is_gzip else path.stat().st_size

    def __enter__(self) -> "FitsStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._file.close()

    def extensions(self) -> Iterator[Extension]:
        """Yield the HDUs in order, the primary first, without reading their data.

        Raises
        ------
        FitsError
            If the file is no FITS, or ends within a header or the data of an HDU.
        """
        start = 0
        while (header := self._read_header(start)) is not None:
            data_start = self._stream.tell()
            data_bytes = _data_bytes(header)
            extension = Extension(header, data_start, data_bytes)
            yield extension
            start = data_start + -(-data_bytes // BLOCK) * BLOCK
            self._skip_data(extension)

    def blocks(self, extension: Extension, layout: TableLayout, rows: int) -> Iterator[np.ndarray]:
        """Yield the rows of a table in blocks of at most `rows`; each is valid until the next.

        Raises
        ------
        FitsError
            If the file ends before the last row.
        """
        self._stream.seek(extension.data_start)
        buffer = bytearray(min(rows, layout.rows) * layout.record.itemsize)
        done = 0
        while done < layout.rows:
            size = min(rows, layout.rows - done) * layout.record.itemsize
            view = memoryview(buffer)[:size]
            filled = self._fill(view)
            block = np.frombuffer(view[: filled - filled % layout.record.itemsize], layout.record)
            done += len(block)
            if filled < size:
                raise FitsError(ends_after(extension.header, done))
            yield block

    def table(self, extension: Extension, layout: TableLayout) -> np.ndarray:
        """All rows of a small table."""
        # In blocks, because a damaged header may promise more rows than there is memory.
        rows = max(SKIP_BYTES // layout.record.itemsize, 1)
        blocks = [block.copy() for block in self.blocks(extension, layout, rows)]
        return np.concatenate([np.empty(0, layout.record), *blocks])

    def _fill(self, view: memoryview) -> int:
        filled = 0
        try:
            while filled < len(view):
                got = self._stream.readinto(view[filled:])  # type: ignore[attr-defined]
                if not got:
                    break
                filled += got
        except DAMAGED:
            pass  # the caller sees that too little came, and says how much
        return filled

    def _read_header(self, start: int) -> fits.Header | None:
        cards = bytearray()
        for _ in range(MAX_HEADER_BLOCKS):
            block = bytearray(BLOCK)
            filled = self._fill(memoryview(block))
            if not cards and not begins_hdu(block[:filled], is_first=start == 0):
                return None
            if filled < BLOCK:
                raise FitsError("ends within a header")
            cards += block
            if any(block[i : i + CARD].rstrip() == b"END" for i in range(0, BLOCK, CARD)):
                with warnings.catch_warnings():
                    # A damaged card is no matter until its value is asked for.
                    warnings.simplefilter("ignore", AstropyUserWarning)
                    return fits.Header.fromstring(cards.decode("ascii", "replace"))
        raise FitsError("has a header without END")

    def _skip_data(self, extension: Extension) -> None:
        end = extension.data_start + extension.data_bytes
        stop = extension.data_start + -(-extension.data_bytes // BLOCK) * BLOCK
        if self._bytes is not None:
            available = min(self._bytes, end)
            self._stream.seek(min(stop, self._bytes))
        else:
            # Not back to the start of the data: that would decompress the file again.
            available, scratch = self._stream.tell(), bytearray(SKIP_BYTES)
            while available < stop:
                filled = self._fill(memoryview(scratch)[: min(SKIP_BYTES, stop - available)])
                available += filled
                if not filled:
                    break
        if available < end:
            row_bytes = max(integer(extension.header, "NAXIS1", 1), 1)
            rows = (available - extension.data_start) // row_bytes
            raise FitsError(ends_after(extension.header, rows))


def begins_hdu(block: bytes | bytearray, *, is_first: bool) -> bool:
    """Tell whether a block is the first of an HDU; FitsError if that of a file is not."""
    if not is_first:
        return block.startswith(b"XTENSION")
    if not block:
        raise FitsError("is empty")
    if not block.startswith(b"SIMPLE  ="):
        start = bytes(block[:40]).decode("ascii", "backslashreplace").split("\n")[0]
        raise FitsError(f"is not FITS: it begins with {start.strip()!r}")
    return True


def _data_bytes(header: fits.Header) -> int:
    axes = [integer(header, f"NAXIS{i}") for i in range(1, integer(header, "NAXIS") + 1)]
    if not axes:
        return 0
    if min(axes) < 0:
        raise FitsError(f"has data of the size {axes}")
    elements = integer(header, "PCOUNT", 0) + math.prod(axes)
    return abs(integer(header, "BITPIX")) // 8 * integer(header, "GCOUNT", 1) * elements


def ends_after(header: fits.Header, rows: int) -> str:
    """Say in words how many rows of an HDU there are before the end of the file."""
    total = integer(header, "NAXIS2", 1)
    name = text(header, "EXTNAME", "").lower() or "data"
    what = "events" if name == "events" else f"rows of {name}"
    return f"ends after {rows:,} of {total:,} {what}"
