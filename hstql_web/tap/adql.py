"""Translate a question in ADQL to a query of our own: what is not on the lists here is refused.

A person's text never reaches the database: what does is what the translator writes, after every
table, function and word in it was looked at. Functions matter most, for some would change who asks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from queryparser.adql import ADQLQueryTranslator
from queryparser.exceptions import QueryError as ParserError
from queryparser.exceptions import QuerySyntaxError
from queryparser.postgresql import PostgreSQLQueryProcessor

from hstql_resources.table_files.columns import Column
from hstql_web.tap import schema
from hstql_web.tap.geometry import GeometryError, rewrite_geometry

LONGEST = 20_000  # characters
MOST_NESTED = 20  # parentheses
FUNCTIONS = frozenset({
    "abs", "acos", "asin", "atan", "atan2", "ceiling", "cos", "cot", "degrees", "exp", "floor",
    "log", "mod", "pi", "power", "radians", "round", "sign", "sin", "sqrt", "tan", "truncate",
    "trunc", "ln", "lower", "upper", "count", "sum", "min", "max", "avg", "coalesce",
    # Geometry, which is rewritten.
    "spoint", "scircle",
})  # fmt: skip
# Words that may stand before a parenthesis, and are no functions.
_WORDS = frozenset({
    "and", "as", "between", "by", "distinct", "exists", "from", "having", "in", "join", "like",
    "not", "on", "or", "select", "union", "all", "intersect", "except", "using", "where", "then",
    "when", "else", "case", "any", "some", "inner", "left", "right", "full", "outer", "natural",
})  # fmt: skip
_TOKEN = re.compile(
    r"""\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|!=|<=|>=|<>|\|\||<->|!@|.""", re.DOTALL
)
_EXPONENT = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?[eE][+-]?\d+\b")
# By themselves they are harmless; two together would begin a comment, or be an operator of ours.
_SIGNS = frozenset("()*,+-/.=<>@!&%") | {"!=", "<=", ">=", "<>", "||", "<->", "!@"}


class AdqlError(ValueError):
    """A question that cannot be asked; the message is one sentence."""


@dataclass(frozen=True)
class Question:
    """A query that may be asked.

    Attributes
    ----------
    sql : str
        For Postgres, in the transaction of a person.
    columns : mapping of str to Column
        Those of the answer that are columns of tables, by their name in it.
    """

    sql: str
    columns: Mapping[str, Column]


def translate(adql: str) -> Question:
    """Return the query that a question in ADQL stands for.

    Raises
    ------
    AdqlError
        If it is no ADQL, or asks for what is not offered.
    """
    if len(adql) > LONGEST or "\0" in adql:
        raise AdqlError(f"A question has at most {LONGEST:,} characters, and no NUL.")
    adql = _EXPONENT.sub(_write_out, adql.strip().rstrip(";"))
    tokens = _TOKEN.findall(adql)
    if ";" in tokens:
        raise AdqlError("Only one question can be asked at a time.")
    depths = accumulate({"(": 1, ")": -1}.get(one, 0) for one in tokens)
    if max(depths, default=0) > MOST_NESTED:
        raise AdqlError(f"More than {MOST_NESTED} parentheses are open at once.")
    try:
        translated = _EXPONENT.sub(
            _write_out, ADQLQueryTranslator(adql).to_postgresql().rstrip().rstrip(";")
        )
        processor = PostgreSQLQueryProcessor(translated)
        processor.process_query()
    except QuerySyntaxError as error:
        places = ", ".join(f"line {line} at {place}: {word!r}"
                           for line, place, word in error.syntax_errors[:3])  # fmt: skip
        raise AdqlError(f"The question is no ADQL that is understood here ({places}).") from None
    except ParserError as error:
        raise AdqlError(f"The question cannot be asked: {error}") from None
    except (RecursionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        raise AdqlError("The question is no ADQL that is understood here.") from None
    used = [_require_table(*one) for one in processor.tables]
    try:
        sql = _rewrite(translated)
    except GeometryError as error:
        raise AdqlError(str(error)) from None
    described = {}
    for name, place in processor.display_columns:
        for column in schema.find_columns(*place):
            described[column.name if name == "*" else name] = column
    names = sorted({one.full_name for one in used})
    return Question(f"{schema.write_tables(names)} {sql}", described)


def _write_out(found: re.Match[str]) -> str:
    """Return a number without an exponent, which the parser of SQL does not know."""
    return found[0] if found[0].startswith("'") else f"{Decimal(found[0]):f}"


def _require_table(one: str | None, name: str) -> schema.Table:
    found = schema.find_table(one, name)
    if found is None:
        raise AdqlError(
            f"There is no table {'.'.join(filter(None, (one, name)))} here: ask for "
            f"{', '.join(schema.TABLES)}."
        )
    return found


def _rewrite(sql: str) -> str:
    """Return SQL in which each word was looked at, and tables are those of `schema`."""
    tokens = _TOKEN.findall(sql)
    literals = [one for one in tokens if one.startswith("'")]
    _check(tokens)
    text = "".join("'" if one.startswith("'") else one for one in tokens)
    text = rewrite_geometry(_name_tables(text))
    parts = text.split("'")
    return parts[0] + "".join(
        literal + part for literal, part in zip(literals, parts[1:], strict=True)
    )


def _check(tokens: list[str]) -> None:
    """Raise AdqlError at a function, sign or literal that is not one of a plain question."""
    for before, one in zip(["", *tokens], tokens, strict=False):
        if one.startswith("'") and (before == "&" or _is_name(before)):
            raise AdqlError(f"{before}{one} is no text of ADQL.")
        if one.startswith('"') and "'" in one:
            raise AdqlError(f"{one} is no name.")
        if before + one in ("--", "/*"):
            raise AdqlError("A question has no comments.")
    solid = [one for one in tokens if not one.isspace()]
    for before, one in zip(["", *solid], solid, strict=False):
        if one == "(" and (_is_name(before) or before.startswith('"')):
            if before.lower() not in FUNCTIONS | _WORDS:
                raise AdqlError(f"There is no function {before} here.")
        elif not (_is_name(one) or one.startswith(("'", '"')) or one in _SIGNS):
            raise AdqlError(f"{one!r} cannot stand in a question.")


def _is_name(token: str) -> bool:
    return bool(re.fullmatch(r"\w+", token))


def _name_tables(text: str) -> str:
    for name, table in schema.TABLES.items():
        text = re.sub(rf"\b{re.escape(name)}\b", table.alias, text, flags=re.IGNORECASE)
    return text
