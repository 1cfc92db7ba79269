"""Whether a FITS file is whole, by its headers alone: every HDU there, and nothing after the last.

What the headers say about the data belongs to others. The structure is that of the FITS standard
4.0, sections 3 and 4.4.1.
"""

import gzip
import os
import zlib
from pathlib import Path
from typing import BinaryIO

BLOCK = 2880
CARD = 80
_WANTED = (b"BITPIX  ", b"PCOUNT  ", b"GCOUNT  ", b"GROUPS  ")
_GZIP = b"\x1f\x8b"


def find_fits_fault(path: Path, *, is_gzipped: bool) -> str | None:
    """Return what is wrong with the structure of a FITS file, None if it is whole.

    Parameters
    ----------
    path : Path
        The file; of a plain one only headers are read.
    is_gzipped : bool
        Whether it has to be gzipped; then all of it is read, for its checksum.

    Returns
    -------
    str or None
        Continues the sentence `<file> `, without the full stop.

    Raises
    ------
    OSError
        If it cannot be opened or read.
    """
    with path.open("rb") as file:
        start = file.read(2)
        if not start:
            return "is empty"
        if (start == _GZIP) is not is_gzipped:
            return "is not gzipped" if is_gzipped else "is not FITS: it does not begin with SIMPLE"
        file.seek(0)
        if not is_gzipped:
            return _walk(file, os.fstat(file.fileno()).st_size)
        return _walk_gzipped(file)


def _walk_gzipped(file: BinaryIO) -> str | None:
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            # A seek beyond the end stops at the end, so that `tell` shows what is missing.
            return _walk(unpacked, None)  # type: ignore[arg-type]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return "is not whole: its gzip ends too early or is damaged"


def _walk(file: BinaryIO, size: int | None) -> str | None:
    """Go from HDU to HDU; `size` is that of the file in bytes, None if seeking tells."""
    end, number = 0, 0
    while True:
        header = _read_header(file)
        if header is None:
            return f"is not whole: the header of HDU {number} has no end"
        if not header:
            return None if number else "is empty"
        if not header.startswith(b"XTENSION=" if number else b"SIMPLE  ="):
            return f"has bytes after its HDU {number - 1}" if number else _NOT_FITS
        try:
            end += len(header) + _padded(data_bytes(header))
        except ValueError:
            return f"is not valid FITS: HDU {number} does not say how long it is"
        is_there = file.seek(end) == end if size is None else end <= size
        if not is_there:
            return f"is not whole: the data of HDU {number} end too early"
        file.seek(end)
        number += 1


_NOT_FITS = "is not FITS: it does not begin with SIMPLE"


def _read_header(file: BinaryIO) -> bytes | None:
    """Return the blocks of the header that begins here, empty at the end of the file.

    What does not begin like a header is returned as its first block; None if there is no END.
    """
    blocks = []
    while block := file.read(BLOCK):
        blocks.append(block)
        if len(blocks) == 1 and not block.startswith((b"SIMPLE  =", b"XTENSION=")):
            return block
        if len(block) < BLOCK:
            return None
        cards = block.rstrip(b" ")
        if cards.endswith(b"END") and len(cards) % CARD == len(b"END"):
            return b"".join(blocks)
    return None if blocks else b""


def data_bytes(header: bytes) -> int:
    """Return the size of the data after a header, without their padding, bytes.

    That is |BITPIX| / 8 x GCOUNT x (PCOUNT + product of NAXISn); in random groups NAXIS1 is 0 and
    is left out of the product (sections 4.4.1 and 6.1.1).

    Raises
    ------
    ValueError
        If a keyword that is needed is absent, or is no number that can be.
    """
    values: dict[bytes, bytes] = {}
    for start in range(0, len(header), CARD):
        keyword = header[start : start + 8]
        if keyword.startswith(b"NAXIS") or keyword in _WANTED:
            value = header[start + 10 : start + CARD].partition(b"/")[0].strip()
            values.setdefault(keyword.strip(), value)
    count = _number(values, b"NAXIS")
    axes = [_number(values, b"NAXIS%d" % axis) for axis in range(1, count + 1)]
    if axes and axes[0] == 0 and values.get(b"GROUPS") == b"T":
        del axes[0]
    elements = 1 if axes else 0
    for axis in axes:
        elements *= axis
    bits = abs(_number(values, b"BITPIX", lowest=-64))
    return bits // 8 * _number(values, b"GCOUNT", 1) * (_number(values, b"PCOUNT", 0) + elements)


def _number(
    values: dict[bytes, bytes], keyword: bytes, default: int | None = None, lowest: int = 0
) -> int:
    text = values.get(keyword)
    if text is None and default is not None:
        return default
    number = int(text or b"")
    if number < lowest or len(text or b"") > 18:
        raise ValueError(keyword)
    return number


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
