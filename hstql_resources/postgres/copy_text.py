r"""Write and read rows as Postgres's COPY has them: a line each, tabs between values, `\N` is NULL.

Only the text is made here; `database` sends it. Values are checked as far as Postgres could
misread them; whether a value fits its column is for Postgres to say.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

_ESCAPED = re.compile(r"\\(.)")
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class ValueRefusedError(ValueError):
    """A value that Postgres cannot hold; the message names the column."""


def encode_rows(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> Iterator[bytes]:
    """Yield one line per row.

    Parameters
    ----------
    rows : iterable of mappings
        Values by column: None, bool, int, float (inf and nan too), str, path, date, datetime
        with a time zone, or a numpy scalar of these, where masked means None.
    columns : sequence of str
        The columns in the order of the line.

    Yields
    ------
    bytes
        UTF-8, ending in a newline.

    Raises
    ------
    ValueRefusedError
        If a value is of another type, holds NUL, or is a time without time zone.
    """
    for row in rows:
        try:
            line = _encode(row, columns)
        except ValueError:
            raise _complaint(row, columns) from None
        yield line


def split_rows(lines: bytes) -> list[list[bytes]]:
    """Return the cells of lines, one at least, by column."""
    cells = lines.replace(b"\n", b"\t").split(b"\t")
    width = lines.partition(b"\n")[0].count(b"\t") + 1
    return [cells[place::width] for place in range(width)]


def decode_cells(cells: Sequence[bytes], kind: type) -> list[Any]:
    """Return the values of a column of texts, or of bool; the same text is one object."""
    known = {cell: _decode(cell) for cell in set(cells)}
    if kind is bool:
        known = {cell: None if text is None else text == "t" for cell, text in known.items()}
    return [known[cell] for cell in cells]


def _decode(cell: bytes) -> Any:
    if cell == rb"\N":
        return None
    text = cell.decode()
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text)
    return sys.intern(text)


def _encode(row: Mapping[str, object], columns: Sequence[str]) -> bytes:
    values = [row[name] for name in columns]
    line = "\t".join([_ENCODERS.get(type(value), _other)(value) for value in values])
    if "\0" in line:
        raise ValueError("it holds a NUL character")
    return f"{line}\n".encode()


def _complaint(row: Mapping[str, object], columns: Sequence[str]) -> ValueRefusedError:
    """Return the error of the first bad value of a row, with the name of its column."""
    for name in columns:
        try:
            _encode(row, (name,))
        except ValueError as error:
            reason = "it is not Unicode" if isinstance(error, UnicodeEncodeError) else error
            return ValueRefusedError(f"Column {name} cannot hold {row[name]!r:.80}: {reason}.")
    raise AssertionError("every value of the row can be encoded")


def _encode_time(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time needs a time zone, best UTC")
    return value.isoformat()


def _other(value: Any) -> str:
    """Encode what is not exactly of a known type: subclasses, paths, enumerations, numpy."""
    if getattr(value, "mask", False):
        value = None  # A masked number would otherwise be taken for zero.
    elif isinstance(value, Enum):
        value = value.value
    elif isinstance(value, PurePath):
        value = str(value)
    elif hasattr(value, "dtype") and hasattr(value, "item"):
        value = value.item()
    for kind, encode in _ENCODERS.items():
        if isinstance(value, kind):
            return encode(value)
    raise ValueError(f"the type {type(value).__name__} has no place in a table")


_ENCODERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value.translate(ESCAPES),
    float: float.__repr__,
    bool: lambda value: "t" if value else "f",
    int: int.__repr__,
    type(None): lambda _: r"\N",
    datetime: _encode_time,
    date: date.isoformat,
}
