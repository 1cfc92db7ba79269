"""Name kinds of values, their columns in Postgres, and what a column becomes that meets another.

A column begins as the kind that was seen first. Numbers are of one family: a column of them becomes
the narrowest kind that holds all of them exactly. What is of another family changes no column.
"""

from functools import cache
from typing import TypeAlias

BOOLEAN = "boolean"
BIGINT = "bigint"
WIDE_BIGINT = "wide bigint"  # a bigint that a double would not hold exactly
DOUBLE = "double precision"
NUMERIC = "numeric"
TEXT = "text"
UNDEFINED = "undefined"  # a keyword that never had a value; the column is text, and all NULL

LETTERS = {
    "b": BOOLEAN, "i": BIGINT, "I": WIDE_BIGINT, "d": DOUBLE, "n": NUMERIC, "t": TEXT,
    "u": UNDEFINED,
}  # fmt: skip
SQL_TYPES = {
    kind: {WIDE_BIGINT: BIGINT, UNDEFINED: TEXT}.get(kind, kind) for kind in LETTERS.values()
}
EXACT_IN_DOUBLE = 2**53
BIGINT_RANGE = range(-(2**63), 2**63)

_NUMBERS = (BIGINT, WIDE_BIGINT, DOUBLE, NUMERIC)


# The kinds of the values of a keyword, or its only one, in the order in which they were seen.
Wanted: TypeAlias = str | tuple[str, ...]


def widen(kind: str, other: str) -> str:
    """Return the kind, such as `DOUBLE`, of a column of one kind that meets another.

    An integer and a float are a double, unless the integer is beyond 2^53: then they are numeric.
    A column of another family stays what it is.
    """
    if kind == UNDEFINED:
        return other
    if kind == other or kind not in _NUMBERS or other not in _NUMBERS:
        return kind
    if NUMERIC in (kind, other):
        return NUMERIC
    if DOUBLE not in (kind, other):
        return WIDE_BIGINT
    return NUMERIC if WIDE_BIGINT in (kind, other) else DOUBLE


def widen_by_all(kind: str, wanted: Wanted) -> str:
    """Return the kind of a column that meets one kind after the other."""
    for other in (wanted,) if isinstance(wanted, str) else wanted:
        kind = widen(kind, other)
    return kind


def family_of(kind: str) -> str:
    """Return the family of a kind: `NUMERIC` of all numbers, itself of any other."""
    return NUMERIC if kind in _NUMBERS else kind


@cache
def fits(kind: str, column: str) -> bool:
    """Tell whether a column of one kind takes values of another as it is."""
    if UNDEFINED in (kind, column):
        return kind == UNDEFINED
    is_wide_enough = SQL_TYPES[widen(column, kind)] == SQL_TYPES[column]
    return family_of(kind) == family_of(column) and is_wide_enough
