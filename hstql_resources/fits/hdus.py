"""Go from HDU to HDU of a FITS file, plain or gzipped, and check that its structure adds up.

All that reads FITS here walks by this: headers, tables of events, the check of whole files. How a
header is read is handed in; what its other cards mean is not known here. The structure is that of
the FITS standard 4.0, sections 3, 4.4.1 and 6.1.1.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from astropy.io import fits

from hstql_resources.fits.byte_source import BAD_GZIP, BLOCK, MOST_BYTES, ByteSource
from hstql_resources.fits.errors import FitsError, LostHdusError, StructureError
from hstql_resources.fits.keywords import integer, text, value_of
from hstql_resources.fits.limits import LimitError, Limits, get_limits, refuse_beyond

CARD = 80
MAX_HEADER_BLOCKS = 2000  # 72,000 cards; a header this long is a file that is no FITS
MAX_AXES = 999  # section 4.4.1
MOST_PADDING_BYTES = 1 << 26  # after the last HDU; more is a file that was never filled

FITS_MAGIC = b"SIMPLE  ="
NOT_FITS, NOT_GZIPPED = "is not FITS: it does not begin with SIMPLE", "is not gzipped"
_CARDS = "cards in its headers", "header_cards"
_BLANK = b" \t\r\n\0"
_NEXT = b"XTENSION="
_END = re.compile(rb"END(?![A-Z0-9_-])")

H = TypeVar("H")


@dataclass(frozen=True)
class Hdu(Generic[H]):
    """A header, and where its data are in the (decompressed) file.

    Attributes
    ----------
    header : Header or astropy.io.fits.Header
        As it was read by what was handed in.
    data_start : int
        Where its data begin, bytes.
    data_bytes : int
        Their size without padding.
    cards : str
        The text that the header was read from.
    """

    header: H
    data_start: int
    data_bytes: int
    cards: str

    @property
    def name(self) -> str:
        """EXTNAME in upper case, empty where there is none."""
        return text(self.header, "EXTNAME", "").upper()

    @property
    def end(self) -> int:
        """Where the next HDU begins, bytes."""
        return self.data_start + -(-self.data_bytes // BLOCK) * BLOCK


def walk(
    source: ByteSource, parse: Callable[[str, int], H], *, is_strict: bool = False
) -> Iterator[Hdu[H]]:
    """Yield the HDUs of a file in order, the primary first.

    Parameters
    ----------
    source : ByteSource
        At its start. Before the next HDU is asked for it stands where the data of this one begin,
        and may be read from, and moved.
    parse : callable
        Takes the cards before END as one text (Latin-1) and the number of the HDU; returns a
        header that `keywords` reads.
    is_strict : bool
        Whether the file may hold nothing but whole HDUs. Else the padding of the last one may be
        missing, zeros may follow it, its END may be broken, and NEXTEND has to be kept.

    Raises
    ------
    StructureError
        If the file is no FITS, ends within a header or the data of an HDU, or a header does not
        say how large its data are. An HDU whose data end too early has been yielded before. Or if
        it is beyond a limit (`limits`); that HDU has not been yielded.
    LostHdusError
        If bytes follow the last HDU that are none, or there are fewer than NEXTEND promises. All
        HDUs that there are have been yielded before.
    """
    number = promised = card_bytes = 0
    limits = get_limits()
    while (cards := _read_cards(source, number, is_strict)) is not None:
        card_bytes += len(cards)
        refuse_beyond(number + 1, limits.hdus, "HDUs", "hdus")
        refuse_beyond(card_bytes // CARD, limits.header_cards, *_CARDS)
        header = parse(cards, number)
        hdu = Hdu(header, source.tell(), _measure(header, number), cards)
        source.require_place(hdu.end)
        if source.reaches(hdu.data_start + hdu.data_bytes):  # else it ends too early
            _refuse_table(header, limits)
        if number == 0 and not is_strict:
            promised = _read_count(header, "NEXTEND")
        yield hdu
        reached = source.go_to(hdu.end)
        if reached < (hdu.end if is_strict else hdu.data_start + hdu.data_bytes):
            cut = f"is not whole: the data of HDU {number} end too early"
            rows = _count_rows(header, reached - hdu.data_start)
            raise StructureError(ends_after(header, rows), BAD_GZIP if source.is_damaged else cut)
        number += 1
    if number <= promised:
        raise LostHdusError(f"has {number - 1} of the {promised} extensions that NEXTEND promises")


def _read_count(header: fits.Header, keyword: str) -> int:
    """Return a whole number; 0 if there is none that can be read."""
    try:
        return integer(header, keyword, 0)
    except FitsError:
        return 0


def _read_cards(source: ByteSource, number: int, is_strict: bool) -> str | None:
    """Return the cards before END, and a broken END itself; None if no further HDU begins."""
    blocks: list[bytes] = []
    endless = f"is not whole: the header of HDU {number} has no end"
    for _ in range(MAX_HEADER_BLOCKS):
        block = source.read_block()
        if not blocks and not _begins_hdu(block, number, is_strict):
            _require_padding(block, source, number - 1)
            return None
        if blocks and block.startswith(_NEXT):
            raise StructureError("has a header without END", endless)
        if len(block) < BLOCK:
            raise StructureError("ends within a header", endless)
        end = _find_end(block, is_strict)
        blocks.append(block[:end])
        if end is not None:
            if is_strict and block[end + len(b"END") :].strip(_BLANK):
                raise StructureError("has a header that goes on after END", endless)
            return b"".join(blocks).decode("latin-1")
    raise StructureError("has a header without END", endless)


def _require_padding(start: bytes, source: ByteSource, number: int) -> None:
    """Let zeros pass that follow the last HDU, as on a tape.

    Raises
    ------
    LostHdusError
        For all else.
    LimitError
        If there are too many.
    """
    size, piece = len(start), start
    pieces = source.pieces()
    while piece:
        if size > MOST_PADDING_BYTES:
            raise LimitError(f"has {MOST_PADDING_BYTES:,} bytes of nothing after its HDU {number}")
        if piece.strip(b"\0"):
            raise LostHdusError(f"has bytes after its HDU {number} that are no HDU")
        piece = next(pieces, b"")
        size += len(piece)


def _find_end(block: bytes, is_strict: bool) -> int | None:
    """Return where the cards of a header end in a block; None if they go on in the next.

    A card that is END but for what follows that word belongs to them. It counts as the last one if
    nothing follows it, but not in the last place of a block, where it may be any card.
    """
    for match in _END.finditer(block):
        start = match.start()
        if start % CARD:
            continue
        after = start + CARD
        if not block[match.end() : after].strip(_BLANK):
            return start
        if not is_strict and after < BLOCK and not block[after:].strip(_BLANK):
            return after
    return None


def _begins_hdu(block: bytes, number: int, is_strict: bool) -> bool:
    """Tell whether a block is the first of an HDU; that of a file has to be."""
    if number:
        begins = block.startswith(_NEXT)
        if block and is_strict and not begins:
            raise StructureError(f"has bytes after its HDU {number - 1}")
        return begins
    if not block:
        raise StructureError("is empty")
    if not block.startswith(FITS_MAGIC):
        start = block[:40].decode("ascii", "backslashreplace").split("\n")[0]
        raise StructureError(
            f"is not FITS: it begins with {start.strip()!r}",
            NOT_FITS,
        )
    return True


def _measure(header: fits.Header, number: int) -> int:
    try:
        if number > 0:
            text(header, "XTENSION")  # without its kind nobody knows what the data are
        return data_bytes(header)
    except FitsError as error:
        verdict = f"is not valid FITS: HDU {number} does not say how long it is"
        raise StructureError(error.detail, verdict) from None


def data_bytes(header: fits.Header) -> int:
    """Return the size of the data of an HDU without padding.

    Parameters
    ----------
    header : Header or astropy.io.fits.Header

    Returns
    -------
    int
        Bytes, abs(BITPIX) / 8 x GCOUNT x (PCOUNT + product of NAXISn); in random groups NAXIS1 is 0
        and is left out of the product.

    Raises
    ------
    FitsError
        If the header does not say, or says something impossible.
    """
    dimensions = integer(header, "NAXIS")
    if not 0 <= dimensions <= MAX_AXES:
        raise FitsError(f"has {dimensions} axes")
    axes = [integer(header, f"NAXIS{i}") for i in range(1, dimensions + 1)]
    if axes[:1] == [0] and "XTENSION" not in header and value_of(header, "GROUPS", False) is True:
        del axes[0]  # random groups
    if not axes:
        return 0
    bits, groups = integer(header, "BITPIX"), integer(header, "GCOUNT", 1)
    extra = integer(header, "PCOUNT", 0)
    if bits not in (8, 16, 32, 64, -32, -64):
        raise FitsError(f"has data of {bits} bits")
    size = abs(bits) // 8 * groups * (extra + math.prod(axes))
    if min(*axes, extra, groups) < 0 or size > MOST_BYTES:
        raise FitsError(f"has data of the size {axes}")
    return size


def _refuse_table(header: fits.Header, limits: Limits) -> None:
    """Raise LimitError if an HDU is a table of more rows or columns than there can be."""
    if "TFIELDS" in header and "XTENSION" in header:
        rows, columns = _read_count(header, "NAXIS2"), _read_count(header, "TFIELDS")
        refuse_beyond(rows, limits.table_rows, "rows in a table", "table_rows")
        refuse_beyond(columns, limits.table_columns, "columns in a table", "table_columns")


def _count_rows(header: fits.Header, size: int) -> int:
    row_bytes = integer(header, "NAXIS1") * abs(integer(header, "BITPIX")) // 8
    return size // max(row_bytes, 1)


def ends_after(header: fits.Header, rows: int) -> str:
    """Say in words how many rows of an HDU there are before the end of the file."""
    total = integer(header, "NAXIS2", 1)
    name = text(header, "EXTNAME", "").lower() or "data"
    what = "events" if name == "events" else f"rows of {name}"
    return f"ends after {rows:,} of {total:,} {what}"
