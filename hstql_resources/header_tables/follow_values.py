"""Give a column the kind of nearly all of its values, once these are of another than it is.

Values of another kind than their column are in `header_extras` (see `column_layout`), so the counts
are right whatever comes and goes. Numbers of all kinds are one family, as in `kinds`.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing

from psycopg2 import sql
from sqlalchemy import Connection, text

from hstql_resources.header_tables.alter_tables import REFUSALS, carry_out
from hstql_resources.header_tables.catalog import read_tables
from hstql_resources.header_tables.kinds import (
    BIGINT,
    NUMERIC,
    SQL_TYPES,
    TEXT,
    UNDEFINED,
    WIDE_BIGINT,
    family_of,
    widen_by_all,
)
from hstql_resources.header_tables.layout import (
    MAX_ROW_BYTES,
    Change,
    Column,
    HeaderTable,
    longest_row_bytes,
)
from hstql_resources.header_tables.names import ODD
from hstql_resources.header_tables.statements import convert
from hstql_resources.postgres.database import CONFLICTS, sqlstate
from hstql_resources.tables.old_systems.usual_keywords import usual_tables

FEWEST = 20  # values from which on their share counts
PERCENT = 99
EXACT_DIGITS = 15  # of an integer that a double certainly holds

Families = dict[str, Counter[str]]  # how many values there are of each kind, by family

_log = logging.getLogger(__name__)
_ODD_KINDS = text(f"""
SELECT table_name, keyword, kind, count(*) AS number, max(length(value)) AS digits
FROM header_extras WHERE reason = '{ODD}' GROUP BY 1, 2, 3
""")  # noqa: S608, of constants only
_SET_APART = sql.SQL(
    "INSERT INTO header_extras (filename, ext, keyword, occurrence, rootname, table_name, kind, "
    "value, reason) SELECT filename, ext, {keyword}, 1, rootname, {table}, {kind}, {as_text}, "
    "{reason} FROM {name} WHERE {column} IS NOT NULL"
)
_THESE = sql.SQL(
    "e.table_name = {table} AND e.keyword = {keyword} AND e.kind = ANY({kinds}) "
    "AND e.reason = {reason}"
)
_TAKE_BACK = sql.SQL(
    "UPDATE {name} AS t SET {column} = CAST(e.value AS {type}) FROM header_extras AS e "
    "WHERE {these} AND e.filename = t.filename AND e.ext = t.ext; "
    "DELETE FROM header_extras AS e WHERE {these}"
)


def follow_values(connection: Connection) -> None:
    """Retype the columns whose values are of another kind, in the transaction at hand.

    A column is retyped if at least 99 % of its values are of one kind, of 20 or more. One that is
    not of numbers, and has no value of its own any more, takes the kind of its values, unless old
    queries expect it as it is. Where what users made on it does not let it be retyped, it stays.
    """
    found: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for row in connection.execute(_ODD_KINDS):
        is_wide = row.kind == BIGINT and row.digits > EXACT_DIGITS
        kind = WIDE_BIGINT if is_wide else row.kind
        found[row.table_name, row.keyword][family_of(kind)][kind] += row.number
    tables = read_tables(connection, {name for name, _ in found}) if found else {}
    for (name, keyword), families in found.items():
        column = tables[name].by_keyword.get(keyword) if name in tables else None
        if column is not None and (kinds := _choose(connection, name, column, families)):
            tables[name] = _retype(connection, tables[name], column, kinds)


def _choose(connection: Connection, name: str, column: Column, families: Families) -> Sequence[str]:
    """Return the kinds of the values that a column has to follow; none if it stays."""
    odd = sum(kinds.total() for kinds in families.values())
    most = max(families.values(), key=Counter.total)
    may_be_empty = family_of(column.kind) != NUMERIC and column.keyword not in usual_tables().get(
        name, {}
    )
    if column.kind == UNDEFINED or (most.total() < FEWEST and not may_be_empty):
        return ()
    limit = most.total() * 100 // PERCENT - odd  # of values of its own that it may have
    query = sql.SQL(
        "SELECT count(*) FROM (SELECT FROM {} WHERE {} IS NOT NULL LIMIT {}) AS found"
    ).format(sql.Identifier(name), sql.Identifier(column.name), sql.Literal(max(limit, 0) + 1))
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        (own,) = cursor.fetchone() or (0,)
    is_empty = may_be_empty and own == 0
    return list(most) if is_empty or (own <= limit and own + odd >= FEWEST) else ()


def _retype(
    connection: Connection, table: HeaderTable, column: Column, kinds: Sequence[str]
) -> HeaderTable:
    """Change the kind of a column; its own values go to `header_extras`, others come from there."""
    kind = widen_by_all(UNDEFINED, tuple(kinds))
    columns = tuple(Column(c.name, c.keyword, kind) if c == column else c for c in table.columns)
    if longest_row_bytes(c.kind for c in columns) > MAX_ROW_BYTES:
        return table
    change = Change(table, HeaderTable(table.name, columns, table.slots), [], [(column, kind)])
    words = {
        "name": sql.Identifier(table.name),
        "column": sql.Identifier(column.name),
        "table": sql.Literal(table.name),
        "keyword": sql.Literal(column.keyword),
        "kind": sql.Literal(column.kind),
        "as_text": convert(sql.Identifier(column.name), column.kind, TEXT),
        "reason": sql.Literal(ODD),
        "kinds": sql.Literal([*{SQL_TYPES[kind] for kind in kinds}]),
        "type": sql.SQL(SQL_TYPES[kind]),
    }
    try:
        with connection.begin_nested(), closing(connection.connection.cursor()) as cursor:
            cursor.execute(_SET_APART.format(**words))
            carry_out(connection, [change], [table.name])
            cursor.execute(_TAKE_BACK.format(**words, these=_THESE.format(**words)))
    except REFUSALS as refusal:
        if sqlstate(refusal) in CONFLICTS:
            raise
        _log.warning("%s of %s keeps its type. %s", column.name, table.name, refusal)
        return table
    return change.after
