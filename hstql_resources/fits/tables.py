"""Work out how the rows of a FITS binary table are laid out, and take columns out of them."""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

import numpy as np

from hstql_resources.fits.cards import Value
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number, text

MAX_REPEAT = 10_000_000
MOST_ROW_BYTES = 1 << 28

DESCRIBING = "TTYPE", "TFORM", "TSCAL", "TZERO"
# Names, types, and what scales those that are scaled.
Columns: TypeAlias = tuple[list[str], list[np.dtype[Any]], dict[str, tuple[float, float]]]

_FORMAT = re.compile(r"^(\d*)([LXBIJKEDCMAPQ])")
_NUMPY_TYPE = {
    "L": "i1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8",
    "C": ">c8", "M": ">c16",
}  # fmt: skip


@dataclass(frozen=True)
class TableLayout:
    """Where the columns of a binary table lie in its rows.

    Parameters
    ----------
    name : str
        EXTNAME of the table, for messages.
    record : numpy.dtype
        Structured, big-endian type of one row; column names in upper case.
    rows : int
        Number of rows that the header promises.
    scales : dict of str to tuple of float
        TSCAL and TZERO of the columns that have them.
    """

    name: str
    record: np.dtype[Any]
    rows: int
    scales: dict[str, tuple[float, float]]

    def require(self, *names: str) -> None:
        """Raise FitsError unless the table has all these columns."""
        for name in names:
            if name not in (self.record.names or ()):
                raise FitsError(f"{self.name} has no column {name}")

    def column(self, records: np.ndarray, name: str) -> np.ndarray:
        """Return a column of records, shape (rows,) or (rows, ...): native bytes, scaled."""
        stored = records[name]
        native = stored.astype(stored.dtype.newbyteorder("="))
        if name not in self.scales or native.dtype.kind not in "iufc":
            return native
        scale, zero = self.scales[name]
        if scale == 1.0 and zero.is_integer() and native.dtype.kind in "iu":
            return native.astype(np.int64) + int(zero)
        return native * scale + zero

    def numbers(self, records: np.ndarray, name: str, width: int | None = None) -> np.ndarray:
        """Return what `column` gives in the shape (rows, elements).

        Raises
        ------
        FitsError
            If it does not hold real numbers, or not `width` of them in a row.
        """
        values = self.column(records, name)
        if values.dtype.kind not in "iuf":
            raise FitsError(f"{self.name} has no numbers in the column {name}")
        values = values.reshape(len(records), math.prod(values.shape[1:]))
        if width not in (None, values.shape[1]):
            raise FitsError(f"{self.name} has {values.shape[1]} {name} in a row, not {width}")
        return values


def table_layout(header: Header) -> TableLayout:
    """Work out the layout of a binary table from its header.

    Raises
    ------
    FitsError
        If the header does not describe a binary table that adds up.
    """
    if text(header, "XTENSION", "") != "BINTABLE":
        raise FitsError("is no binary table")
    fields = integer(header, "TFIELDS")
    if header.unreadable:
        names, formats, scales = _read_columns(header, fields)
    else:
        cards = tuple(map(header.values.get, _name_cards(fields)))
        names, formats, scales = _find_columns(fields, cards, tuple(map(type, cards)))
    width = sum(kind.itemsize for kind in formats)
    row_bytes, rows = integer(header, "NAXIS1"), integer(header, "NAXIS2")
    if width > MOST_ROW_BYTES:
        raise FitsError(f"describes rows of {width:,} bytes, which is beyond belief")
    is_empty = rows > 0 and not width
    if width != row_bytes or rows < 0 or len(set(names)) < len(names) or is_empty:
        raise FitsError(f"describes {rows} rows of {row_bytes} bytes by columns of {width} bytes")
    record = np.dtype(list(zip(names, formats, strict=True)))
    name = text(header, "EXTNAME", "").upper() or "the table"
    return TableLayout(name, record, rows, scales)


def find_unit(header: Header, column: str) -> str:
    """Return the unit of a column, whose name is in upper case; empty if none is said."""
    for i in range(1, integer(header, "TFIELDS") + 1):
        if text(header, f"TTYPE{i}", "").upper() == column:
            return text(header, f"TUNIT{i}", "")
    return ""


@cache
def _name_cards(fields: int) -> tuple[str, ...]:
    """Return the keywords that describe so many columns."""
    return tuple(f"{name}{i}" for i in range(1, fields + 1) for name in DESCRIBING)


@lru_cache(256)
def _find_columns(fields: int, cards: tuple[Value, ...], _types: tuple[type, ...]) -> Columns:
    """Return the columns by their cards, which are the same in many files: they are read once."""
    return _read_columns(Header(values=dict(zip(_name_cards(fields), cards, strict=True))), fields)


def _read_columns(header: Header, fields: int) -> Columns:
    names: list[str] = []
    formats: list[np.dtype[Any]] = []
    scales: dict[str, tuple[float, float]] = {}
    for i in range(1, fields + 1):
        name = text(header, f"TTYPE{i}", f"COL{i}").upper()
        kind = np.dtype(_column_type(text(header, f"TFORM{i}")))
        names.append(name)
        formats.append(kind)
        scale = number(header, f"TSCAL{i}", 1.0), number(header, f"TZERO{i}", 0.0)
        if scale != (1.0, 0.0):
            scales[name] = scale
    return names, formats, scales


def _column_type(form: str) -> str | tuple[str, tuple[int]]:
    match = _FORMAT.match(form.strip())
    if match is None:
        raise FitsError(f"has a column of the unknown format '{form}'")
    repeat, code = int(match[1] or 1), match[2]
    if repeat > MAX_REPEAT:
        raise FitsError(f"has a column of the impossible format '{form}'")
    if code == "A":
        return f"S{repeat}" if repeat else "V0"
    if code == "X":
        return ("u1", (-(-repeat // 8),))
    if code in "PQ":
        return (">i4" if code == "P" else ">i8", (2 * repeat,))
    return _NUMPY_TYPE[code] if repeat == 1 else (_NUMPY_TYPE[code], (repeat,))
