r"""Write a header as one line of Postgres's COPY, with its shape: keywords and their kinds.

Workers make them. The lines of all headers of one shape have the same fields in the same order,
so that most of them go to the server as they are. Texts are as in `copy_text`; what is said of
`\N`, tabs and backslashes there holds here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from hstql_resources.header_tables.kinds import BIGINT_RANGE, EXACT_IN_DOUBLE, LETTERS, UNDEFINED
from hstql_resources.postgres.copy_text import ESCAPES

NULL = "\\N"
NUL_SIGN = "\u2400"  # for NUL, which Postgres cannot hold; no header has this character

_ESCAPES = ESCAPES | {0: NUL_SIGN}


@dataclass(frozen=True, eq=False)
class Shape:
    """What headers of one table have in common; there is one object of each in a process.

    Attributes
    ----------
    table : str
        Name of the header table.
    joined : str
        Keywords, a newline between each two.
    letters : str
        Kind of each, by its letter in `kinds.LETTERS`.
    """

    table: str
    joined: str
    letters: str

    def __reduce__(self) -> tuple[Any, ...]:
        return share_shape, (self.table, self.joined, self.letters)

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """The keywords in the order of the fields."""
        return tuple(self.joined.split("\n")) if self.joined else ()

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each."""
        return tuple(LETTERS[letter] for letter in self.letters)


@lru_cache(maxsize=1 << 14)
def share_shape(table: str, joined: str, letters: str) -> Shape:
    """Return the one object of a shape, for thousands of headers; Parameters are its attributes."""
    return Shape(table, joined, letters)


@dataclass(frozen=True)
class EncodedHeaders:
    """All headers of one rootname, ready for the database.

    Attributes
    ----------
    rows : tuple of (Shape, bytes)
        A line for each header, without newline: filename, ext, rootname, extver, values.
    other_cards : mapping of str to bytes
        Lines, each with its newline, for the tables of what has no column, by name of the table.
    """

    rows: tuple[tuple[Shape, bytes], ...] = ()
    other_cards: Mapping[str, bytes] = field(default_factory=dict)

    def count_rows(self) -> int:
        """Return how many rows these are in all tables."""
        return len(self.rows) + sum(lines.count(b"\n") for lines in self.other_cards.values())


def _encode_integer(value: int) -> tuple[str, str]:
    if -EXACT_IN_DOUBLE <= value <= EXACT_IN_DOUBLE:
        return "i", repr(value)
    return ("I" if value in BIGINT_RANGE else "n"), repr(value)


def encode_other(value: object) -> tuple[str, str]:
    """Encode what Postgres has no kind for, as a text."""
    return "t", escape(repr(value))


# By type: the letter of the kind of a value, and its text as COPY reads it. A number has the text
# that Python's `repr` gives, a logical `T` or `F`; None is undefined, and no float is infinite.
ENCODERS: dict[type, Callable[[Any], tuple[str, str]]] = {
    str: lambda value: ("t", escape(value)),
    float: lambda value: ("d", repr(value)),
    int: _encode_integer,
    bool: lambda value: ("b", "T" if value else "F"),
    type(None): lambda _: ("u", NULL),
}


def escape(text: str) -> str:
    """Return a text as COPY reads it, with NUL as U+2400."""
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


def encode_line(fields: Iterable[str]) -> bytes:
    """Return one line, without newline, of encoded fields."""
    return "\t".join(fields).encode()


def kind_of(letter: str) -> str:
    """Return the kind of a letter, where a wide integer is nothing of its own."""
    return LETTERS[letter].removeprefix("wide ") if letter != "u" else UNDEFINED
