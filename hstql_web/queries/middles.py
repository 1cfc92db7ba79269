"""Find exposures by the middle or the end of a text, before anything else is asked of them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Connection, Text, func, literal, select

from hstql_web.queries.keys import OBSERVATIONS
from hstql_web.queries.terms import Term, find_patterns

_MOST_ROWS = 10_000  # of more, those of the first page are soon met with


class Asked(NamedTuple):
    """Values of which a column has to have one, with * and ? as people write them."""

    table: str
    column: str
    values: Sequence[Any]


def list_asked(columns: Iterable[tuple[str, Sequence[Any]]], terms: Iterable[Term]) -> list[Asked]:
    """Return what is asked of texts, of columns of observations and in conditions."""
    found = [Asked(OBSERVATIONS, column, values) for column, values in columns]
    for term in terms:
        if term.sign == "=" and not any(part.is_range for part in term.parts):
            values = [part.low for part in term.parts]
            found.append(Asked(term.key.table, term.key.name, values))
    return found


def find_by_middles(connection: Connection, asked: Iterable[Asked]) -> list[list[str]]:
    """Return the exposures that have what is asked, by each text that is not known from its start.

    The database does so by a function: it compares all texts of an index, also those of rows that
    are closed to the person, and returns what they may see. Texts that too many have are left out.
    """
    found = []
    for one in asked:
        if patterns := find_patterns(one.values):
            texts = literal(patterns, ARRAY(Text))
            statement = select(func.site_find_like(one.table, one.column, texts, _MOST_ROWS))
            names = connection.scalar(statement)
            found += [] if names is None else [list(names)]
    return found
