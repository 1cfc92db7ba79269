"""Name kinds of values, their columns in Postgres, and which kind holds two others exactly.

A column begins as the narrowest kind that holds what was seen, and is only ever widened.
"""

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


def widen(kind: str, other: str) -> str:
    """Return the narrowest kind, such as `DOUBLE`, that holds the values of both exactly.

    An integer and a float are a double, unless the integer is beyond 2^53: then they are numeric.
    A logical and anything else are text, and so is a text with anything.
    """
    if kind == other or other == UNDEFINED:
        return kind
    if kind == UNDEFINED:
        return other
    if kind not in _NUMBERS or other not in _NUMBERS:
        return TEXT
    if NUMERIC in (kind, other):
        return NUMERIC
    if DOUBLE not in (kind, other):
        return WIDE_BIGINT
    return NUMERIC if WIDE_BIGINT in (kind, other) else DOUBLE


def fits(kind: str, column: str) -> bool:
    """Tell whether a column of one kind takes values of another as it is."""
    return SQL_TYPES[widen(column, kind)] == SQL_TYPES[column] and (
        column != UNDEFINED or kind == UNDEFINED
    )
