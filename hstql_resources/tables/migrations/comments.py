"""Bring the comments of tables and columns, which stand in the models alone, to the database."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any, NamedTuple

from psycopg2 import sql
from sqlalchemy import Connection, Row, text

from hstql_resources.tables import Base

# A table without any comment has one row, too. Only its owner may comment on a table.
_READ = text("""
SELECT version_num AS version, relname, attname, description
FROM alembic_version
LEFT JOIN pg_class AS relation
       ON relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
      AND pg_has_role(relowner, 'USAGE')
LEFT JOIN pg_description ON objoid = relation.oid AND classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute ON attrelid = relation.oid AND attnum = objsubid AND attnum > 0
""")


class Comment(NamedTuple):
    """What a table is, or one of its columns."""

    table: str
    column: str | None
    text: str | None


def read_version(connection: Connection) -> tuple[str | None, list[Comment]]:
    """Return the last migration of a database, and the comments that differ, in one query.

    Returns
    -------
    version : str or None
        None before the first migration.
    comments : list of Comment
        Those of the models that the database does not have.
    """
    rows = connection.execute(_READ, {"tables": list(Base.metadata.tables)}).all()
    return (rows[0].version, _compare(rows)) if rows else (None, [])


def write_comments(connection: Connection) -> None:
    """Make the comments in the database those of the models."""
    _, comments = read_version(connection)
    if comments:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(sql.SQL(";\n").join(_state(comment) for comment in comments))


def _compare(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Comment]:
    found = {Comment(row.relname, row.attname, row.description) for row in rows}
    wanted = []
    for name in {row.relname for row in rows} - {None}:
        table = Base.metadata.tables[name]
        wanted.append(Comment(name, None, table.comment))
        wanted += [Comment(name, column.name, column.comment) for column in table.columns]
    return [comment for comment in wanted if comment not in found]


def _state(comment: Comment) -> sql.Composed:
    names = [name for name in (comment.table, comment.column) if name is not None]
    return sql.SQL("COMMENT ON {} {} IS {}").format(
        sql.SQL("TABLE" if comment.column is None else "COLUMN"),
        sql.Identifier(*names),
        sql.Literal(comment.text),
    )
