"""Run a user's own SQL: one statement, that reads and no more.

Asking belongs here; how the answer is shown does not. That nothing is written is for the login to
see to. That it is one statement is for Postgres: the text reaches it as a string, of which a cursor
is opened, and it opens none of two statements, nor of one that has no rows for an answer. A
protocol for single statements it has as well, but psycopg2 does not speak that.
"""

import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from hstql_resources.table_files.columns import Column

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
_COMMENTS = """
SELECT col_description(oid, number)
FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS one(oid, number, place) ORDER BY place
"""
# By the numbers that Postgres gives its types; whatever else there is, is a text.
KINDS = {16: bool, **dict.fromkeys((20, 21, 23), int), **dict.fromkeys((700, 701, 1700), float)}


class QueryError(Exception):
    """A query that cannot be answered; the message is one sentence for the user."""


@dataclass(frozen=True)
class Answer:
    """The answer to a query.

    Attributes
    ----------
    described : tuple of Column
        The columns; those of tables with their comments.
    rows : tuple of tuples
        Values, one tuple per row.
    """

    described: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.described)


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
    with stream(address, query, ROW_LIMIT + 1, limit) as (columns, batches):
        rows = next(batches, ())
        if len(rows) > ROW_LIMIT:
            raise QueryError(f"The answer has more than {ROW_LIMIT:,} rows: {SMALLER}.")
        return Answer(columns, tuple(rows))


@contextmanager
def stream(
    address: URL, query: str, size: int, limit: timedelta = QUERY_LIMIT
) -> Iterator[tuple[tuple[Column, ...], Iterator[Sequence[tuple[Any, ...]]]]]:
    """Run one query as `ask` does, and yield its columns and its rows in batches.

    Parameters
    ----------
    address, query, limit
        As `ask` takes them; each batch has the time of the limit.
    size : int
        Rows of a batch, so that never all of them are in memory.
    """
    if len(query) > TEXT_LIMIT:
        raise QueryError(f"The query has more than {TEXT_LIMIT:,} characters.")
    with _translated():
        connection = _Connection(address, limit.total_seconds() + _GRACE_S)
    with connection:
        with _translated():
            connection.execute(_BEGIN.format(limit_ms=round(limit.total_seconds() * 1000)))
            connection.open_cursor(query)
            columns = connection.describe()
        yield columns, connection.fetch(size)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of the driver into one sentence."""
    try:
        yield
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
        self._limit_s, self._deadline = limit_s, time.monotonic() + limit_s
        self._connection = psycopg2.connect(
            render_address(address, hide_password=False), async_=True
        )

    def __enter__(self) -> "_Connection":
        try:
            with _translated():
                self._wait()
        except BaseException:
            self._connection.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def execute(self, statement: str | sql.Composable, values: Sequence[Any] = ()) -> Any:
        """Run a statement of our own; return its cursor."""
        self._deadline = time.monotonic() + self._limit_s
        cursor = self._connection.cursor()
        cursor.execute(statement, values or None)
        self._wait()
        return cursor

    def describe(self) -> tuple[Column, ...]:
        """Return the columns of the opened cursor, those of tables with comments."""
        columns = self.execute("FETCH 0 FROM answer").description or ()
        places = [[one.table_oid or 0 for one in columns],
                  [one.table_column or 0 for one in columns]]  # fmt: skip
        comments = self.execute(_COMMENTS, places)
        return tuple(
            Column(one.name, about or "", KINDS.get(one.type_code, str))
            for one, (about,) in zip(columns, comments.fetchall(), strict=True)
        )

    def fetch(self, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Yield the rows of the opened cursor in batches."""
        while True:
            with _translated():
                rows = self.execute(f"FETCH {size} FROM answer").fetchall()
            if rows:
                yield rows
            if len(rows) < size:
                return

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
