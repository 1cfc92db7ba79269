"""Write the SQL that makes, alters, comments and indexes a header table; nothing is run.

Names are only ever quoted, and comments only ever literals.
"""

from collections.abc import Iterator

from psycopg2 import sql

from hstql_resources.header_tables.catalog import UNDEFINED_NOTE
from hstql_resources.header_tables.kinds import (
    BOOLEAN,
    DOUBLE,
    SQL_TYPES,
    TEXT,
    UNDEFINED,
    family_of,
)
from hstql_resources.header_tables.layout import INDEXED, Change, Column, HeaderTable
from hstql_resources.header_tables.names import PRIMARY, index_name
from hstql_resources.tables import Header

_TABLE_COMMENT = "One row per header: a column for each keyword, NULL where the header lacks it"
# Rows stay whole where a page holds them. Postgres would move texts out of those above 2 kB, which
# takes twice the time to write, and more room, for texts as short as these.
_STORAGE = sql.SQL("toast_tuple_target = 8160")


def create(table: HeaderTable) -> Iterator[sql.Composable]:
    """Yield the statements that make a table."""
    name = sql.Identifier(table.name)
    columns = [_define(column) for column in table.columns]
    yield sql.SQL("CREATE TABLE {} ({}) INHERITS (headers) WITH ({})").format(
        name, sql.SQL(", ").join([*columns, sql.SQL("PRIMARY KEY (filename, ext)")]), _STORAGE
    )
    yield sql.SQL("CREATE INDEX {} ON {} (rootname)").format(
        sql.Identifier(index_name(table.name, "rootname")), name
    )
    yield sql.SQL("CREATE INDEX {} ON {} (left(rootname, 8))").format(
        sql.Identifier(index_name(table.name, "rootname8")), name
    )
    yield sql.SQL("COMMENT ON TABLE {} IS {}").format(name, sql.Literal(_TABLE_COMMENT))
    for fixed in Header.__table__.columns:
        yield _comment_on(table.name, fixed.name, fixed.comment)


def alter(change: Change) -> Iterator[sql.Composable]:
    """Yield the statements that drop the indexes of widened columns, and alter the table.

    A column that comes to another family of kinds is NULL after that.
    """
    if change.before.name.endswith(f"_{PRIMARY}"):
        for column, _ in change.widened:
            for name in _index_names(change.before.name, column.name):
                yield sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(name))
    actions = [sql.SQL("ADD COLUMN {}").format(_define(column)) for column in change.added]
    for column, kind in change.widened:
        name = sql.Identifier(column.name)
        if SQL_TYPES[column.kind] != SQL_TYPES[kind]:
            is_same = family_of(column.kind) == family_of(kind)
            actions.append(
                sql.SQL("ALTER COLUMN {} TYPE {} USING {}").format(
                    name,
                    sql.SQL(SQL_TYPES[kind]),
                    convert(name, column.kind if is_same else UNDEFINED, kind),
                )
            )
    if actions:
        yield sql.SQL("ALTER TABLE {} {}").format(
            sql.Identifier(change.before.name), sql.SQL(", ").join(actions)
        )


def _define(column: Column) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(SQL_TYPES[column.kind]))


def comment(change: Change) -> Iterator[sql.Composable]:
    """Yield the statements that say which keyword a new or widened column holds."""
    changed = [*change.added, *(column for column, _ in change.widened)]
    kinds = {column.name: column.kind for column in change.after.columns}
    for column in changed:
        note = UNDEFINED_NOTE if kinds[column.name] == UNDEFINED else ""
        yield _comment_on(change.after.name, column.name, f"{column.keyword}{note}")


def _comment_on(table: str, column: str, about: str | None) -> sql.Composed:
    return sql.SQL("COMMENT ON COLUMN {} IS {}").format(
        sql.Identifier(table, column), sql.Literal(about)
    )


def index(change: Change) -> Iterator[sql.Composable]:
    """Yield the indexes of new or widened columns that people filter by."""
    if not change.after.name.endswith(f"_{PRIMARY}"):
        return
    changed = {column.name for column in (*change.added, *(c for c, _ in change.widened))}
    for column in change.after.columns:
        if column.name in changed & INDEXED:
            yield from _index_column(change.after.name, column)


def _index_column(table: str, column: Column) -> Iterator[sql.Composable]:
    """Index a column for =, < and >; a text also for LIKE 'NGC%', whatever the locale."""
    plain, pattern = _index_names(table, column.name)
    name = sql.Identifier(column.name)
    if SQL_TYPES[column.kind] == TEXT:
        yield sql.SQL("CREATE INDEX {} ON {} ({} text_pattern_ops)").format(
            sql.Identifier(pattern), sql.Identifier(table), name
        )
    if SQL_TYPES[column.kind] != TEXT or column.name == "date_obs":
        yield sql.SQL("CREATE INDEX {} ON {} ({})").format(
            sql.Identifier(plain), sql.Identifier(table), name
        )


def _index_names(table: str, column: str) -> tuple[str, str]:
    return index_name(table, column), index_name(table, f"{column}_like")


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
