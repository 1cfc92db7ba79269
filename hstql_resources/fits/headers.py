"""The headers of a FITS file one after the other, by its blocks of 2,880 bytes.

Data are skipped: sought over in a plain file, read through in a gzipped one. What belongs here is
where headers lie; what their cards mean does not.
"""

import gzip
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from hstql_resources.fits.header import Header, parse_header
from hstql_resources.fits.keywords import FitsError, integer
from hstql_resources.fits.stream import (
    BLOCK,
    CARD,
    DAMAGED,
    GZIP_MAGIC,
    MAX_HEADER_BLOCKS,
    SKIP_BYTES,
    begins_hdu,
    ends_after,
)

BUFFER_BYTES = 12 * BLOCK  # most headers are shorter
MAX_AXES = 999  # FITS standard 4.0, section 4.4.1

Stream: TypeAlias = "io.BufferedReader[io.FileIO] | gzip.GzipFile"

_END = re.compile(rb"END[ \t\r\n\0]{77}")


@dataclass(frozen=True)
class _Source:
    """The bytes of a file, decompressed; `size` is known of a plain one only."""

    stream: Stream
    size: int | None

    def read_block(self) -> bytes:
        """Return the next block; less where the file ends."""
        try:
            return self.stream.read(BLOCK)
        except DAMAGED:
            # Not the same as an end: there may have been more HDUs.
            raise FitsError("is cut or damaged within its gzip data") from None

    def skip(self, count: int) -> int:
        """Go forward, and return by how many bytes there were."""
        if self.size is not None:
            here = self.stream.tell()
            return self.stream.seek(min(here + count, max(self.size, here))) - here
        skipped = 0
        try:
            while skipped < count and (
                chunk := self.stream.read1(min(count - skipped, SKIP_BYTES))
            ):
                skipped += len(chunk)
        except DAMAGED:
            pass  # the caller sees that too little came, and says how much
        return skipped


def iterate_headers(path: Path) -> Iterator[Header]:
    """Yield the header of each HDU in order, the primary first.

    Parameters
    ----------
    path : Path
        Plain or gzipped; seen in its first bytes, not in its name.

    Raises
    ------
    FitsError
        If the file is no FITS, or ends within a header or the data of an HDU; then after the
        header whose data end too early.
    OSError
        If the file cannot be opened or read.
    """
    for header, _ in iterate_hdus(path):
        yield header


def iterate_hdus(path: Path) -> Iterator[tuple[Header, Stream]]:
    """Yield each header as `iterate_headers`, with the file where its data begin.

    The data may be read from it, in part or as a whole, before the next header is asked for.
    """
    with io.BufferedReader(io.FileIO(path), BUFFER_BYTES) as file:
        if file.peek(2)[:2] == GZIP_MAGIC:
            with gzip.GzipFile(fileobj=file) as stream:
                yield from _iterate(_Source(stream, None))
        else:
            yield from _iterate(_Source(file, path.stat().st_size))


def _iterate(source: _Source) -> Iterator[tuple[Header, Stream]]:
    number = 0
    while (text := _read_text(source, is_first=number == 0)) is not None:
        header = parse_header(text, number)
        size = data_bytes(header)
        start = source.stream.tell()
        yield header, source.stream
        used = source.stream.tell() - start
        skipped = used + source.skip(-(-size // BLOCK) * BLOCK - used)
        if skipped < size:
            row_bytes = integer(header, "NAXIS1") * abs(integer(header, "BITPIX")) // 8
            raise FitsError(ends_after(header, skipped // max(row_bytes, 1)))
        number += 1


def _read_text(source: _Source, *, is_first: bool) -> str | None:
    """Return the cards before END; None if no further HDU begins."""
    blocks: list[bytes] = []
    for _ in range(MAX_HEADER_BLOCKS):
        block = source.read_block()
        if not blocks and not begins_hdu(block, is_first=is_first):
            return None
        if len(block) < BLOCK:
            raise FitsError("ends within a header")
        end = next((m.start() for m in _END.finditer(block) if m.start() % CARD == 0), None)
        blocks.append(block[:end])
        if end is not None:
            return b"".join(blocks).decode("latin-1")
    raise FitsError("has a header without END")


def data_bytes(header: Header) -> int:
    """Size of the data of an HDU without padding.

    Parameters
    ----------
    header : Header

    Returns
    -------
    int
        Bytes, by equations 1, 2 and 4 of the FITS standard 4.0.

    Raises
    ------
    FitsError
        If the header does not say, or says something impossible.
    """
    dimensions = integer(header, "NAXIS")
    if not 0 <= dimensions <= MAX_AXES:
        raise FitsError(f"has {dimensions} axes")
    axes = [integer(header, f"NAXIS{i}") for i in range(1, dimensions + 1)]
    if header.number == 0 and axes[:1] == [0] and header.values.get("GROUPS") is True:
        axes = axes[1:]  # random groups
    if not axes:
        return 0
    bits, groups = integer(header, "BITPIX"), integer(header, "GCOUNT", 1)
    extra = integer(header, "PCOUNT", 0)
    if min(*axes, extra, groups) < 0:
        raise FitsError(f"has data of the size {axes}")
    if bits not in (8, 16, 32, 64, -32, -64):
        raise FitsError(f"has data of {bits} bits")
    return abs(bits) // 8 * groups * (extra + math.prod(axes))
