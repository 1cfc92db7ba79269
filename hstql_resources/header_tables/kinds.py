"""Kinds of values, what a column of them is in Postgres, and which kind holds two others exactly.

A column begins as the narrowest kind that holds what was seen, and is only ever widened.
"""

from psycopg2 import sql

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
    """Return the narrowest kind that holds the values of both exactly.

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


def convert(column: sql.Identifier, kind: str, wider: str) -> sql.Composable:
    """Return the SQL expression of a stored value as the wider kind, with nothing changed.

    A cast from double to numeric would keep 15 digits, hence the way over text. As text a value
    reads as Python's `repr` has it, which is also what a new row gets.
    """
    if kind == UNDEFINED:
        return sql.SQL("NULL::{}").format(sql.SQL(SQL_TYPES[wider]))
    if kind == BOOLEAN:
        template = "CASE {c} WHEN true THEN 'T' WHEN false THEN 'F' END"
    elif kind == DOUBLE and wider == TEXT:
        template = _DOUBLE_TO_TEXT
    elif kind == DOUBLE:
        template = "{c}::text::numeric"
    else:
        return sql.SQL("{}::{}").format(column, sql.SQL(SQL_TYPES[wider]))
    return sql.SQL(template).format(c=column)


# Postgres writes 1 for 1.0, and 1e+15 for what Python writes as 1000000000000000.0.
_DOUBLE_TO_TEXT = """
CASE WHEN abs({c}) >= 1e15 AND abs({c}) < 1e16
     THEN CASE WHEN {c}::text::numeric::text LIKE '%.%' THEN {c}::text::numeric::text
               ELSE {c}::text::numeric::text || '.0' END
     WHEN {c}::text ~ '[.eIN]' THEN {c}::text
     ELSE {c}::text || '.0' END
"""
