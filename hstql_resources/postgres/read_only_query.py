"""Run a user's own SQL: one statement, that reads and no more.

Asking belongs here; how the answer is shown does not. That nothing is written is for the login to
see to. That it is one statement is for Postgres: the text reaches it as a string, of which a cursor
is opened, and it opens none of two statements, nor of one that has no rows for an answer. A
protocol for single statements it has as well, but psycopg2 does not speak that.
"""

import select
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psutil
import psycopg2
from psycopg2 import extensions, sql
from psycopg2.errors import InvalidCursorDefinition
from sqlalchemy.engine import URL

from hstql_resources.postgres.address import render_address
from hstql_resources.postgres.complaints import complaint

QUERY_LIMIT = timedelta(minutes=5)
TEXT_LIMIT = 1_000_000
ROW_LIMIT = 1_000_000
MEMORY_LIMIT_BYTES = 192 << 20
SMALLER = "ask for less, with LIMIT or WHERE, or by psql with what `hstql database url` says"

_GRACE_S = 10.0  # for the server to say that the time is over
_BEGIN = """
BEGIN READ ONLY;
SET LOCAL statement_timeout = {limit_ms};
SET LOCAL cursor_tuple_fraction = 1;
SET LOCAL client_connection_check_interval = '5s'
"""
_OPEN = "DECLARE answer refcursor := 'answer'; BEGIN OPEN answer NO SCROLL FOR EXECUTE {}; END"
_FETCH = f"FETCH {ROW_LIMIT + 1} FROM answer"


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


def ask(address: URL, query: str, limit: timedelta = QUERY_LIMIT) -> Answer:
    """Run one query in a read-only transaction.

    Parameters
    ----------
    address : sqlalchemy.URL
        Of the database, with the login that may read only.
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
        If it is not one statement, is wrong or too long, writes, takes too long, or has too long an
        answer.
    """
    if len(query) > TEXT_LIMIT:
        raise QueryError(f"The query has more than {TEXT_LIMIT:,} characters.")
    try:
        with _Connection(address, limit.total_seconds() + _GRACE_S) as connection:
            connection.execute(_BEGIN.format(limit_ms=round(limit.total_seconds() * 1000)))
            connection.open_cursor(query)
            answer = connection.execute(_FETCH)
            if answer.rowcount > ROW_LIMIT:
                raise QueryError(f"The answer has more than {ROW_LIMIT:,} rows: {SMALLER}.")
            columns = tuple(column.name for column in answer.description)
            return Answer(columns, tuple(answer.fetchall()))
    except psycopg2.Error as error:
        raise QueryError(f"The database refused the query: {complaint(error)}.") from None
    except (ValueError, OverflowError, MemoryError) as error:
        raise QueryError(
            f"The query or its answer has a value that cannot be read ({error}): cast it to text."
        ) from None


class _Connection:
    """A connection for one query, waited for here: libpq itself waits for ever, and takes all.

    Parameters
    ----------
    address : sqlalchemy.URL
        Where to.
    limit_s : float
        After which a server that does not answer is given up, s.
    """

    def __init__(self, address: URL, limit_s: float) -> None:
        self._deadline = time.monotonic() + limit_s
        self._connection = psycopg2.connect(
            render_address(address, hide_password=False), async_=True
        )

    def __enter__(self) -> "_Connection":
        try:
            self._wait()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, statement: str | sql.Composable) -> Any:
        """Run a statement of our own; return its cursor."""
        cursor = self._connection.cursor()
        cursor.execute(statement)
        self._wait()
        return cursor

    def open_cursor(self, query: str) -> None:
        """Open the cursor `answer` for the text of a user."""
        text = sql.Literal(query).as_string(self._connection)
        try:
            self.execute(sql.SQL("DO {}").format(sql.Literal(_OPEN.format(text))))
        except InvalidCursorDefinition as error:
            if "multi-query" in str(error):
                raise QueryError(
                    "Only one statement can be asked at a time: the database refused the query, "
                    "which has more, or none."
                ) from None
            raise QueryError(
                "The database refused the query: it is read-only and needs rows for an answer, "
                "begin it with SELECT."
            ) from None

    def _wait(self) -> None:
        before_bytes = psutil.Process().memory_info().rss
        poller = select.poll()
        while (state := self._connection.poll()) != extensions.POLL_OK:
            is_reading = state == extensions.POLL_READ
            poller.register(self._connection, select.POLLIN if is_reading else select.POLLOUT)
            if not poller.poll(max(0.0, self._deadline - time.monotonic()) * 1000):
                raise QueryError("The database does not answer any more, so the query is given up.")
            _check_memory(before_bytes)
        _check_memory(before_bytes)


def _check_memory(before_bytes: int) -> None:
    if psutil.Process().memory_info().rss - before_bytes > MEMORY_LIMIT_BYTES:
        limit_mb = MEMORY_LIMIT_BYTES >> 20
        raise QueryError(f"The answer needs more than {limit_mb} MB of memory: {SMALLER}.")
