"""Run a user's own SQL: one statement, that reads and no more.

Asking belongs here; how the answer is shown does not.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg2
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

QUERY_LIMIT = timedelta(minutes=5)

# What may hold a semicolon that does not end a statement: comments, strings, names.
_OPAQUE = re.compile(
    r"""
      --[^\n]*
    | /\*.*?\*/
    | \b[eE]'(?:[^'\\]|\\.|'')*'
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$
    """,
    re.VERBOSE | re.DOTALL,
)
# A superuser could still write files, so the query runs as a role that reads all and no more.
_LESS_POWER = """
    SELECT set_config('statement_timeout', :limit_ms, true),
           CASE WHEN rolsuper THEN set_config('role', 'pg_read_all_data', true) END
    FROM pg_roles WHERE rolname = current_user
"""


class QueryError(Exception):
    """A query that cannot be answered; the message is one sentence for the user."""


@dataclass(frozen=True)
class Answer:
    """The answer to a query.

    Attributes
    ----------
    columns : tuple of str
        Names of the columns.
    rows : tuple of tuples
        Values, one tuple per row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def ask(engine: Engine, query: str, limit: timedelta = QUERY_LIMIT) -> Answer:
    """Run one query in a read-only transaction.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of the database.
    query : str
        One SQL statement; a semicolon at its end is allowed.
    limit : timedelta
        After which the server gives the query up.

    Returns
    -------
    Answer

    Raises
    ------
    QueryError
        If it is not one statement, is wrong, writes, or takes too long.
    """
    if ";" in _OPAQUE.sub(" ", query).rstrip().removesuffix(";"):
        raise QueryError("Only one statement can be asked at a time: remove the other ones.")
    try:
        # Without parameters the driver would still read a % in the query as the place of one.
        options = {"postgresql_readonly": True, "no_parameters": True}
        with engine.connect().execution_options(**options) as connection:
            limit_ms = str(round(limit.total_seconds() * 1000))
            connection.execute(text(_LESS_POWER), {"limit_ms": limit_ms})
            result = connection.exec_driver_sql(query)
            if not result.returns_rows:
                raise QueryError("The statement has no rows for an answer: begin it with SELECT.")
            return Answer(tuple(result.keys()), tuple(tuple(row) for row in result))
    except DBAPIError as error:
        raise QueryError(f"The database refused the query: {complaint(error)}.") from None


def complaint(error: DBAPIError | psycopg2.Error) -> str:
    """Return what Postgres complained about, without the statement and the rows."""
    reason = error.orig if isinstance(error, DBAPIError) else error
    diagnosis = getattr(reason, "diag", None)
    said = (diagnosis and diagnosis.message_primary) or str(reason)
    # Of the contexts only that of COPY is short; it names the column.
    if diagnosis and (diagnosis.context or "").startswith("COPY"):
        said = f"{said} ({diagnosis.context})"
    return " ".join(said.split()).rstrip(".")
