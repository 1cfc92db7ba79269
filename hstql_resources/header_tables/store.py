"""Write the headers of a batch: tables as needed, old rows out, new rows in, kinds that follow."""

import io
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import chain

from psycopg2 import sql
from psycopg2.errors import UniqueViolation
from sqlalchemy import Connection, text

from hstql_resources.header_tables.alter_tables import REFUSALS, ensure_tables
from hstql_resources.header_tables.column_layout import place_lines
from hstql_resources.header_tables.copy_lines import EncodedHeaders, Shape
from hstql_resources.header_tables.follow_values import follow_values
from hstql_resources.header_tables.kinds import Wanted
from hstql_resources.header_tables.layout import HeaderTable, merge_wanted
from hstql_resources.header_tables.names import EXTRAS, HEADERS
from hstql_resources.postgres.database import CONFLICTS, sqlstate
from hstql_resources.tables import DrizzleData, Header, HeaderCommentary, HeaderExtra

Lines = dict[str, dict[Shape, list[bytes]]]  # by name of the table

# By name of a table for what has no header table, or no column in one: its columns, as in lines.
OTHER_CARD_COLUMNS = {
    model.__tablename__: tuple(model.__table__.columns.keys())
    for model in (Header, HeaderExtra, HeaderCommentary, DrizzleData)
}
_log = logging.getLogger(__name__)
_CHUNK_BYTES = 1 << 16  # that are sent to the server at a time


def replace_headers(
    connection: Connection, rootnames: Sequence[str], headers: Iterable[EncodedHeaders]
) -> None:
    """Write all headers of rootnames, and remove those that they had.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that has the lock of `Database.write`.
    rootnames : sequence of str
        Whose rows are removed; those of all headers among them.
    headers : iterable of EncodedHeaders
        What there is now.
    """
    lines: Lines = defaultdict(lambda: defaultdict(list))
    other_cards: dict[str, list[bytes]] = {name: [] for name in OTHER_CARD_COLUMNS}
    for encoded in headers:
        for shape, line in encoded.rows:
            if shape.table == HEADERS:
                other_cards[HEADERS].append(line + b"\n")
            else:
                lines[shape.table][shape].append(line)
        for name, piece in encoded.other_cards.items():
            other_cards[name].append(piece)
    wanted = {
        name: merge_wanted((shape.keywords, shape.kinds) for shape in shapes)
        for name, shapes in lines.items()
    }
    tables = _make_room(connection, wanted)
    _delete(connection, "rootname", rootnames)
    try:
        with connection.begin_nested():
            _copy_all(connection, tables, lines, other_cards)
    except UniqueViolation:
        # Rows of another rootname: a file that lay in two folders, or has changed its place.
        _delete(connection, "filename", _filenames(lines, other_cards[HEADERS]))
        _copy_all(connection, tables, lines, other_cards)
    follow_values(connection)


def _make_room(
    connection: Connection, wanted: Mapping[str, Mapping[str, Wanted]]
) -> dict[str, HeaderTable]:
    """Make or widen the tables; where that is refused, leave the columns of a table as they are.

    What users made on a header table (a view that computes, an index of an expression, a generated
    column) may not take a column of another kind. One card must not stop all that comes after.
    """
    try:
        with connection.begin_nested():
            return ensure_tables(connection, wanted)
    except REFUSALS as refusal:
        if sqlstate(refusal) in CONFLICTS:
            raise
        if len(wanted) == 1:
            _log.warning(
                "%s was not widened; values that its columns do not take are in %s. %s",
                *wanted, EXTRAS, refusal,
            )  # fmt: skip
            return ensure_tables(connection, wanted, may_widen=False)
    tables: dict[str, HeaderTable] = {}
    for name, keywords in wanted.items():
        tables |= _make_room(connection, {name: keywords})
    return tables


def _delete(connection: Connection, column: str, names: Sequence[str]) -> None:
    """Remove the rows with these names from all header tables and the tables beside them."""
    # Without statistics Postgres would take a thousand names for most of a table, and read it all.
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    for table in OTHER_CARD_COLUMNS:
        statement = f"DELETE FROM {table} WHERE {column} = ANY(:names)"  # noqa: S608, our own words
        connection.execute(text(statement), {"names": list(names)})
    connection.execute(text("SET LOCAL enable_seqscan TO DEFAULT"))


def _filenames(lines: Lines, others: Iterable[bytes]) -> list[str]:
    """Return the file names of lines; they are escaped there, but no name of a file needs that."""
    tables = (line for shapes in lines.values() for some in shapes.values() for line in some)
    return sorted({line.partition(b"\t")[0].decode() for line in chain(tables, others)})


def _copy_all(
    connection: Connection,
    tables: Mapping[str, HeaderTable],
    lines: Lines,
    other_cards: Mapping[str, Sequence[bytes]],
) -> None:
    refused: list[bytes] = []
    for name, table in tables.items():
        placed = place_lines(table, lines[name])
        _copy(connection, name, placed.columns, placed.lines)
        refused += placed.extras
    for name, columns in OTHER_CARD_COLUMNS.items():
        extras = refused if name == EXTRAS else ()
        _copy(connection, name, columns, (*other_cards[name], *extras))


def _copy(
    connection: Connection, table: str, columns: Sequence[str], pieces: Iterable[bytes]
) -> None:
    content = b"".join(pieces)
    if not content:
        return
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(statement, io.BytesIO(content), _CHUNK_BYTES)
