"""Write FITS files: cards with comments, tables, checksums.

The same bytes as astropy's, which takes 20 ms for the headers of a lightcurve: an object for each
card, and a question to its configuration for each value. Cards that are longer than a line, and
what is not allowed, are left to it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.fits.hdus import CARD

Card = tuple[str, Any, str]  # keyword, value, comment

NO_SUM = "0" * 16  # what stands in CHECKSUM while it is worked out
TEXT_BYTES = 72  # of a line of HISTORY
ROOM_FOR_TEXT_AND_COMMENT = 65  # of 80 characters: less keyword, = and the marks between them
FLOAT_CHARACTERS = 20
_KINDS = {"D": ">f8", "E": ">f4", "J": ">i4"}
NOT_CHECKSUM = frozenset({*range(0x3A, 0x41), *range(0x5B, 0x61)})  # neither digit nor letter


@dataclass(frozen=True)
class Column:
    """A column of a table: name, FITS format, unit (empty for none), description."""

    name: str
    form: str
    unit: str = ""
    description: str = ""

    @property
    def kind(self) -> str:
        """The type of one number, or of a text, in numpy."""
        code = self.form[-1]
        return f"S{self.form[:-1]}" if code == "A" else _KINDS[code]


@dataclass(frozen=True)
class NewHdu:
    """A header with its data, to be written.

    Attributes
    ----------
    cards : sequence of Card
        All but checksums, history and END.
    data : bytes
        Without padding.
    history : sequence of str
        Lines of HISTORY.
    image : tuple of cards and int, optional
        Header of the image that is packed in the data, and the sum of the words of its pixels: the
        checksums are of these.
    """

    cards: Sequence[Card]
    data: bytes = b""
    history: Sequence[str] = ()
    image: tuple[Sequence[Card], int] | None = None

    def to_bytes(self, date: str) -> bytes:
        """Return it as it stands in a file, with checksums as of a date unless that is empty."""
        lines = _write_cards(self.cards)
        sums = self._sums(date, lines) if date else []
        return _write_header([*lines, *sums], self.history) + _pad(self.data)

    def _sums(self, date: str, lines: Sequence[str]) -> list[str]:
        names, comment = ("CHECKSUM", "DATASUM"), f"as of {date}"
        if self.image:
            names, data_sum = ("ZHECKSUM", "ZDATASUM"), self.image[1]
            lines = _write_cards(self.image[0])
        else:
            data_sum = sum_words(self.data)
        sums = [("CHECKSUM", NO_SUM, comment), ("DATASUM", str(data_sum), comment)]
        total = sum_words(_write_header([*lines, *_write_cards(sums)], self.history), data_sum)
        values = encode_sum(~total & 0xFFFFFFFF), str(data_sum)
        return _write_cards([(*pair, comment) for pair in zip(names, values, strict=True)])


def primary_hdu(cards: Sequence[Card], history: Sequence[str] = ()) -> NewHdu:
    """Return a primary HDU without data."""
    structure: list[Card] = [
        ("SIMPLE", True, "conforms to FITS standard"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 0, "number of array dimensions"),
        ("EXTEND", True, ""),
    ]
    return NewHdu([*structure, *cards], history=history)


def table_hdu(
    name: str,
    columns: Sequence[Column],
    values: Sequence[NDArray[Any]],
    cards: Sequence[Card] = (),
) -> NewHdu:
    """Return a binary table; the values of each column are of shape (rows, ...)."""
    pairs = list(zip(columns, values, strict=True))
    rows = np.empty(len(values[0]), [(one.name, one.kind, of.shape[1:]) for one, of in pairs])
    for one, of in pairs:
        rows[one.name] = of
    structure: list[Card] = [
        ("XTENSION", "BINTABLE", "binary table extension"),
        ("BITPIX", 8, "array data type"),
        ("NAXIS", 2, "number of array dimensions"),
        ("NAXIS1", rows.itemsize, "length of dimension 1"),
        ("NAXIS2", len(rows), "length of dimension 2"),
        ("PCOUNT", 0, "number of group parameters"),
        ("GCOUNT", 1, "number of groups"),
        ("TFIELDS", len(columns), "number of table fields"),
    ]
    for number, (one, of) in enumerate(pairs, 1):
        structure += _describe(number, one, of.shape[1:])
    named: Card = ("EXTNAME", name, "extension name")
    return NewHdu([*structure, named, *cards], rows.tobytes())


def _describe(number: int, column: Column, shape: tuple[int, ...]) -> Iterator[Card]:
    yield f"TTYPE{number}", column.name, column.description
    yield f"TFORM{number}", column.form, ""
    if column.unit:
        yield f"TUNIT{number}", column.unit, ""
    if len(shape) > 1:
        yield f"TDIM{number}", f"({','.join(map(str, reversed(shape)))})", ""


def write_hdus(hdus: Sequence[NewHdu], path: Path, date: str = "") -> None:
    """Write a file to exactly this path, over what is there.

    Parameters
    ----------
    hdus : sequence of NewHdu
        The primary first.
    date : str
        What checksums are as of; without it there are none.
    """
    path.write_bytes(b"".join(hdu.to_bytes(date) for hdu in hdus))


def _write_cards(cards: Iterable[Card]) -> list[str]:
    return [write_card(*card) for card in cards]


def _write_header(lines: Sequence[str], history: Sequence[str]) -> bytes:
    parts = (line[i : i + TEXT_BYTES] for line in history for i in range(0, len(line), TEXT_BYTES))
    lines = [*lines, *(f"HISTORY {part:{TEXT_BYTES}}" for part in parts)]
    return _pad("".join([*lines, f"{'END':{CARD}}"]).encode("ascii"), b" ")


def write_card(keyword: str, value: Any, comment: str = "") -> str:
    """Return a card, of 80 characters or, for a long text, a multiple of that.

    Raises
    ------
    ValueError
        If FITS has no such value.
    """
    text = _write_value(value)
    if isinstance(value, str):
        quotes = value.count("'")
        if len(value) + quotes + len(comment) > ROOM_FOR_TEXT_AND_COMMENT:
            comment = ""  # else it would be cut
    line = f"{keyword:8}= {text}{' / ' if comment else ''}{comment}"
    if not text or len(keyword) > 8 or len(line) > CARD:
        return str(fits.Card(keyword, value, comment))
    return f"{line:{CARD}}"


def _write_value(value: Any) -> str:
    """Return a value as it stands in a card; nothing where astropy has to see to it."""
    if isinstance(value, bool | np.bool_):
        return f"{'T' if value else 'F':>20}"
    if isinstance(value, str):
        if not value.strip() or not (value.isascii() and value.isprintable()):
            return ""
        quoted = value.replace("'", "''")
        quoted = f"'{quoted:8}'"
        return f"{quoted:20}"
    if isinstance(value, int | np.integer):
        return f"{value:>20}"
    if not math.isfinite(value):
        return ""
    mantissa, mark, exponent = str(value).replace("e", "E").partition("E")
    most = FLOAT_CHARACTERS - len(mark) - len(exponent)
    return f"{mantissa[:most] + mark + exponent:>20}"


def _pad(data: bytes, filler: bytes = b"\0") -> bytes:
    return data + filler * (-len(data) % BLOCK)


def sum_words(data: bytes, start: int = 0) -> int:
    """Return the ones' complement sum of the 32-bit words of data (FITS standard, appendix J).

    What is missing of the last word is zero.
    """
    whole = np.frombuffer(data, np.uint8)
    words = whole[: whole.size // 4 * 4].view(">u4")
    total = start + int(words.sum(dtype=np.uint64))
    total += int.from_bytes(whole[words.nbytes :].tobytes().ljust(4, b"\0"), "big")
    while total >> 32:
        total = (total & 0xFFFFFFFF) + (total >> 32)
    return total


def encode_sum(value: int) -> str:
    """Return a 32-bit number as 16 letters and digits, whose words add up to it."""
    columns = [_encode_byte(byte) for byte in value.to_bytes(4, "big")]
    text = "".join(chr(column[row]) for row in range(4) for column in columns)
    return text[-1] + text[:-1]


def _encode_byte(byte: int) -> list[int]:
    """Return four letters or digits that add up to a byte, each less the digit 0."""
    quotient, remainder = divmod(byte, 4)
    found = [quotient + ord("0")] * 4
    found[0] += remainder
    while any(one in NOT_CHECKSUM for one in found):
        for i in (0, 2):
            if found[i] in NOT_CHECKSUM or found[i + 1] in NOT_CHECKSUM:
                found[i] += 1
                found[i + 1] -= 1
    return found
