"""Write a batch in one short transaction, and read.

How rows travel belongs here; what the tables are is in `tables`, where the server is in
`address`. Worker processes do not use it: they hand their rows back, and the process
that runs the batch writes them all at once.
"""

import io
import logging
import math
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any, NoReturn, cast
from weakref import WeakSet

import psycopg2
from sqlalchemy import (
    ARRAY,
    URL,
    Boolean,
    ColumnElement,
    Connection,
    Double,
    Engine,
    Executable,
    Float,
    Integer,
    Row,
    Select,
    Table,
    TableClause,
    and_,
    any_,
    bindparam,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
    text,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, OperationalError

from hstql_resources.postgres.complaints import advise, complaint
from hstql_resources.postgres.copy_text import encode_rows
from hstql_resources.postgres.read_only_query import Answer, ask, stream
from hstql_resources.postgres.server_access import READER
from hstql_resources.table_files.columns import Column
from hstql_resources.tables import Base
from hstql_resources.tables.migrations import MigrationError, upgrade

if TYPE_CHECKING:
    from hstql_resources.columns import Columns

_log = logging.getLogger(__name__)

# A deadlock, a lock that took too long, a transaction that another one overtook.
CONFLICTS = frozenset({"40P01", "55P03", "40001"})
CONFLICT_PAUSES_S = (0.1, 0.5, 2.0, 5.0, 10.0)

LOCK_PAUSE_S = 0.2
_WRITE_LOCK = 0x6873_746C_0002  # any number that nobody else locks in the same database


class DatabaseError(Exception):
    """The database did not do what it was asked; the message is one sentence for the user."""


class Database:
    """A connection pool, made when it is first used.

    Parameters
    ----------
    url : sqlalchemy.URL or str
        Address, see `address.database_url`.
    find_reader : callable, optional
        Returns the address for the login that can only read, see `reader.reader_url`; without it
        that of the embedded server.

    Attributes
    ----------
    statements : int
        How many statements were sent, COPY included, BEGIN and COMMIT not. Tests hold it against
        the number of keys: a batch must not cost a round trip for each of them.
    """

    def __init__(self, url: URL | str, find_reader: Callable[[], URL] | None = None) -> None:
        self._url = make_url(url)
        self._find_reader = find_reader or (lambda: self._url.set(username=READER))
        self.statements = 0
        self._opened: WeakSet[Any] = WeakSet()

    def __getstate__(self) -> NoReturn:
        raise TypeError("A Database stays in its process: let workers return their rows instead.")

    @cached_property
    def engine(self) -> Engine:
        """The pool of connections."""
        engine = create_engine(self._url, pool_pre_ping=True, pool_size=2)
        event.listen(engine, "before_cursor_execute", self._count)
        event.listen(engine, "connect", lambda opened, _record: self._opened.add(opened))
        return engine

    def dispose(self) -> None:
        """Close all idle connections; the next use makes new ones."""
        self.engine.dispose()

    def abandon(self) -> None:
        """End what all threads are asking, for this process is about to end; locks go with it."""
        for connection in list(self._opened):
            with suppress(psycopg2.Error, OSError):
                connection.cancel()
                with socket.socket(fileno=os.dup(connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)

    def migrate(self) -> None:
        """Bring the tables to their present shape."""
        with _translated():
            upgrade(self.engine)

    @contextmanager
    def write(self) -> Iterator["Writer"]:
        """Open the one transaction of a batch; it is undone if the block ends with an error.

        All writers of all processes take turns, so that batches with the same keys in another
        order cannot block each other. Keep the block short: compute before, then write.
        """
        with _translated(), self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK})
            yield Writer(self, connection)

    def transact(self, work: Callable[["Writer"], object]) -> None:
        """Do work in the transaction of `write`; all of it again if readers stood in its way.

        Parameters
        ----------
        work : callable
            Takes the Writer. It may be called several times, each time on a fresh transaction.

        Raises
        ------
        DatabaseError
            If the database refuses the work, or readers were in its way too often.
        """
        for pause_s in (*CONFLICT_PAUSES_S, None):
            try:
                with self.write() as writer:
                    work(writer)
            except DatabaseError as error:
                if pause_s is None or sqlstate(error) not in CONFLICTS:
                    raise
                _log.warning("%s It is tried again.", error)
                time.sleep(pause_s)
            else:
                return

    @contextmanager
    def hold(self, lock: int, *, is_shared: bool = False, waits: bool = True) -> Iterator[bool]:
        """Hold a lock of the server during the block; yield whether it was to be had.

        It is gone with this process, however that ends.

        Parameters
        ----------
        lock : int
            Its number.
        is_shared : bool
            Whether others may hold it in the same way.
        waits : bool
            Whether to wait for it.

        Raises
        ------
        DatabaseError
            If the connection was lost in the meantime, and with it the lock.
        """
        way = "_shared" if is_shared else ""
        ask, free = (text(f"SELECT pg_{verb}{way}(:key)").bindparams(key=lock)
                     for verb in ("try_advisory_lock", "advisory_unlock"))  # fmt: skip
        with _translated(), self.engine.connect() as opened:
            connection = opened.execution_options(isolation_level="AUTOCOMMIT")
            while not (is_held := bool(connection.execute(ask).scalar())) and waits:
                time.sleep(LOCK_PAUSE_S)
            try:
                yield is_held
            finally:
                if is_held:
                    connection.execute(free)

    def read(self, statement: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return all rows of a select."""
        with _translated(), self.engine.connect() as connection:
            return connection.execute(statement).all()

    def stream(self, statement: Executable, size: int) -> Iterator[Sequence[Row[*tuple[Any, ...]]]]:
        """Yield the rows of a select in batches, so that never all of them are in memory."""
        with _translated(), self.engine.connect() as connection:
            options = {"yield_per": size}
            yield from connection.execute(statement, execution_options=options).partitions()

    def read_columns(self, statement: Select[*tuple[Any, ...]]) -> "Columns":
        """Return all rows of a select as columns: numbers, texts and bool; of millions of rows.

        They come by COPY, which makes no objects of rows; all numbers of a row in one value, for
        to read each from its digits would take most of the time.
        """
        from hstql_resources.columns import Gathering  # numpy: commands that only ask go without

        rows = statement.subquery().c  # whose order stays
        kinds = {one.name: _kind(one) for one in rows}
        numbers = [
            func.float8send(func.coalesce(sql_cast(one, Double), math.nan))
            for one in rows if kinds[one.name] is float
        ]  # fmt: skip
        packed = reduce(lambda one, other: one.op("||")(other), [literal(b""), *numbers])
        others = [one for one in rows if kinds[one.name] is not float]
        gathering = Gathering(kinds)
        self._copy_out(select(func.encode(packed, "hex"), *others), gathering)
        return gathering.finish()

    def _copy_out(self, statement: Select[*tuple[Any, ...]], file: Any) -> None:
        self.statements += 1
        with (
            _translated(),
            self.engine.connect() as connection,
            closing(connection.connection.cursor()) as cursor,
        ):
            compiled = statement.compile(self.engine, compile_kwargs={"render_postcompile": True})
            query = cursor.mogrify(str(compiled), compiled.params).decode()
            cursor.copy_expert(f"COPY ({query}) TO STDOUT", file)

    def query_read_only(self, query: str) -> Answer:
        """Return the answer to a user's own SQL; see `read_only_query.ask`."""
        return ask(self._find_reader(), query)

    def stream_read_only(
        self, query: str, size: int
    ) -> AbstractContextManager[tuple[tuple[Column, ...], Iterator[Sequence[tuple[Any, ...]]]]]:
        """Yield columns and batches of such an answer; see `read_only_query.stream`."""
        return stream(self._find_reader(), query, size)

    def _count(self, *_: object) -> None:
        self.statements += 1


class Writer:
    """What can be done in the transaction of `Database.write`.

    Attributes
    ----------
    connection : sqlalchemy.Connection
        The transaction itself, for what has no method here, such as making tables.
    """

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database = database
        self.connection = connection
        self._uploads = 0

    def upsert(
        self,
        model: type[Base] | Table,
        rows: Iterable[Mapping[str, object]],
        keep: Sequence[str] = (),
    ) -> int:
        """Insert rows, or update those whose key is there already; three statements in all.

        Parameters
        ----------
        model : mapped class or Table
            Where to.
        rows : iterable of mappings
            All with the same columns, the primary key among them. Columns that are not in the
            rows are left as they are. Of several rows with one key the last one counts.
        keep : sequence of str
            Columns whose value stays where the row exists, such as a first date.

        Returns
        -------
        int
            The number of rows written.

        Raises
        ------
        ValueError
            If the rows differ in their columns, lack the key or have a column too many.
        DatabaseError
            If a value does not fit its column.
        """
        table = _table(model)
        by_key = _last_by_key(table, rows)
        if by_key:
            self._merge(table, self._upload(table, list(by_key.values())), keep)
        return len(by_key)

    def update(self, model: type[Base] | Table, rows: Iterable[Mapping[str, object]]) -> int:
        """Update rows that are there, in three statements; those that are not do not matter.

        Parameters, result and errors are those of `upsert`.
        """
        table = _table(model)
        by_key = _last_by_key(table, rows)
        if not by_key:
            return 0
        source = self._upload(table, list(by_key.values()))
        keys = table.primary_key.columns.keys()
        is_same = and_(*(table.c[name] == source.c[name] for name in keys))
        changes = {name: column for name, column in source.c.items() if name not in keys}
        return self.execute(table.update().where(is_same).values(changes))

    def delete(self, model: type[Base] | Table, column: str, values: Iterable[object]) -> int:
        """Delete the rows with one of the values in a column; return how many there were."""
        target = _table(model).c[column]
        array = bindparam("values", list(values), type_=ARRAY(target.type))
        return self.execute(_table(model).delete().where(target == any_(array)))

    def execute(self, statement: Executable) -> int:
        """Run any other statement; return how many rows it touched."""
        return int(self.connection.execute(statement).rowcount)

    def _upload(self, table: Table, rows: Sequence[Mapping[str, object]]) -> TableClause:
        """Copy rows, one at least, into a temporary table without constraints and return that."""
        columns = tuple(rows[0])
        lines = b"".join(encode_rows(rows, columns))
        preparer = self.connection.dialect.identifier_preparer
        upload = f"upload_{self._uploads}"
        self._uploads += 1
        names = ", ".join(preparer.quote(name) for name in columns)
        self.connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {upload} ON COMMIT DROP AS "  # noqa: S608, quoted above
            f"SELECT {names} FROM {preparer.format_table(table)} WITH NO DATA"
        )
        self._database.statements += 1
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.copy_expert(f"COPY {upload} FROM STDIN", io.BytesIO(lines))
        return sql_table(upload, *(sql_column(name) for name in columns))

    def _merge(self, table: Table, source: TableClause, keep: Sequence[str]) -> None:
        """Move uploaded rows to where they belong."""
        columns = source.c.keys()
        statement = insert(table).from_select(columns, select(source))
        key = table.primary_key.columns.keys()
        fixed = {*key, *keep}
        changes = {name: statement.excluded[name] for name in columns if name not in fixed}
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_=changes)
            if changes
            else statement.on_conflict_do_nothing()
        )


def _kind(column: ColumnElement[Any]) -> type:
    """Return float for a column of any numbers, bool, or str."""
    if isinstance(column.type, Float | Integer):
        return float
    return bool if isinstance(column.type, Boolean) else str


def _table(model: type[Base] | Table) -> Table:
    return model if isinstance(model, Table) else cast("Table", model.__table__)


def _last_by_key(
    table: Table, rows: Iterable[Mapping[str, object]]
) -> dict[tuple[object, ...], Mapping[str, object]]:
    """Return the rows by primary key after checking that all have the same, known columns."""
    key = table.primary_key.columns.keys()
    by_key: dict[tuple[object, ...], Mapping[str, object]] = {}
    columns: set[str] | None = None
    for row in rows:
        if columns is None:
            columns = set(row)
            if unknown := columns - set(table.columns.keys()):
                raise ValueError(f"Table {table.name} has no column {', '.join(sorted(unknown))}.")
            if missing := set(key) - columns:
                raise ValueError(f"A row for {table.name} needs {', '.join(sorted(missing))}.")
        elif row.keys() != columns:
            odd = ", ".join(sorted(columns ^ row.keys()))
            raise ValueError(f"The rows for {table.name} do not all have the column {odd}.")
        by_key[tuple(row[name] for name in key)] = row
    return by_key


def sqlstate(error: BaseException) -> str | None:
    """Return the code by which Postgres names the cause of an error; None if it is not its own."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    reason = cause.orig if isinstance(cause, DBAPIError) else cause
    return getattr(reason, "pgcode", None)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors of the driver into one sentence."""
    try:
        yield
    except MigrationError as error:
        raise DatabaseError(str(error)) from error
    except (DBAPIError, psycopg2.Error) as error:
        verdict = "does not answer" if _is_lost(error) else "refused the work"
        said = f"{complaint(error)}{advise(error)}"
        raise DatabaseError(f"The database {verdict}: {said}.") from error


def _is_lost(error: Exception) -> bool:
    """Tell whether an error is about the connection or the server, not about what was asked."""
    if not isinstance(error, OperationalError | psycopg2.OperationalError):
        return False
    code = sqlstate(error)
    return code is None or code.startswith(("08", "57P"))
