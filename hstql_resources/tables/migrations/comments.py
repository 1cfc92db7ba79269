"""Bring the comments of tables and columns, which stand in the models alone, to the database."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

from psycopg2 import sql
from sqlalchemy import Connection, text

from hstql_resources.tables import Base

# Only its owner may comment on a table. Names of columns are looked up one by one: a join would
# read all columns of all header tables.
_COMMENTS = """
SELECT relname AS table_name, description,
       (SELECT attname FROM pg_attribute
        WHERE attrelid = relation.oid AND attnum = objsubid AND objsubid > 0) AS column_name
FROM pg_class AS relation
LEFT JOIN pg_description ON objoid = relation.oid AND classoid = 'pg_class'::regclass
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
  AND pg_has_role(relowner, 'USAGE')
"""
_READ_STATE = text(f"""
WITH line AS MATERIALIZED (
    SELECT concat_ws('|', table_name, column_name, description) AS comment
    FROM ({_COMMENTS}) AS found
)
SELECT version_num,
       (SELECT md5(string_agg(comment, E'\\n' ORDER BY comment COLLATE "C")) FROM line)
FROM alembic_version
""")  # noqa: S608, of constants only


class Comment(NamedTuple):
    """What a table is, or one of its columns."""

    table: str
    column: str | None
    text: str | None


def read_version(connection: Connection) -> tuple[str | None, bool]:
    """Return the last migration of a database, and whether its comments are those of the models.

    One query with one row, for every command asks this when it starts.
    """
    row = connection.execute(_READ_STATE, {"tables": list(Base.metadata.tables)}).first()
    lines = sorted("|".join(part for part in one if part is not None) for one in _list_comments())
    digest = hashlib.md5("\n".join(lines).encode(), usedforsecurity=False).hexdigest()
    return (None, False) if row is None else (row[0], row[1] == digest)


def write_comments(connection: Connection) -> None:
    """Make the comments in the database those of the models, where they differ."""
    rows = connection.execute(text(_COMMENTS), {"tables": list(Base.metadata.tables)}).all()
    found = {Comment(row.table_name, row.column_name, row.description) for row in rows}
    here = {comment.table for comment in found}
    wanted = [one for one in _list_comments() if one.table in here and one not in found]
    if wanted:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(sql.SQL(";\n").join(_state(comment) for comment in wanted))


def _list_comments() -> Iterator[Comment]:
    for name, table in Base.metadata.tables.items():
        yield Comment(name, None, table.comment)
        for column in table.columns:
            yield Comment(name, column.name, column.comment)


def _state(comment: Comment) -> sql.Composed:
    names = [name for name in (comment.table, comment.column) if name is not None]
    return sql.SQL("COMMENT ON {} {} IS {}").format(
        sql.SQL("TABLE" if comment.column is None else "COLUMN"),
        sql.Identifier(*names),
        sql.Literal(comment.text),
    )
