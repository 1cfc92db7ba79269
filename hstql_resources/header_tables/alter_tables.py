"""Make and widen header tables, with the views over them, in the transaction at hand."""

from collections.abc import Collection, Mapping
from contextlib import closing

import psycopg2
from psycopg2 import sql
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from hstql_resources.header_tables.catalog import read_tables
from hstql_resources.header_tables.kinds import (
    BIGINT,
    DOUBLE,
    EXACT_IN_DOUBLE,
    WIDE_BIGINT,
    Wanted,
    widen_by_all,
)
from hstql_resources.header_tables.layout import Change, Column, HeaderTable, plan_change
from hstql_resources.header_tables.locking import lock_tables
from hstql_resources.header_tables.statements import alter, comment, create, index
from hstql_resources.header_tables.views import drop_views, make_views
from hstql_resources.postgres.database import DatabaseError

REFUSALS = (DatabaseError, DBAPIError, psycopg2.Error)  # of what users made on a header table


def ensure_tables(
    connection: Connection, wanted: Mapping[str, Mapping[str, Wanted]], *, may_widen: bool = True
) -> dict[str, HeaderTable]:
    """Make header tables, or add and widen columns, so that they hold what is wanted.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        In a transaction that has the lock of `Database.write`.
    wanted : mapping of str to mapping of str to Wanted
        By name of the table: kinds (see `kinds`) by FITS keyword, such as
        `{"acs_wfc_flt_primary": {"DATE-OBS": "text", "EXPTIME": "double precision"}}`.
    may_widen : bool
        Whether the columns that are there may change their kind.

    Returns
    -------
    dict of str to HeaderTable
        The tables as they are now. A keyword that has no column there, or one that does not take
        its kind, had no room.

    Raises
    ------
    DatabaseError, sqlalchemy.exc.DBAPIError, psycopg2.Error
        If the database refuses, such as for a view of a user that does not take a wider column.
    """
    found = read_tables(connection, wanted)
    changes = []
    for name, keywords in wanted.items():
        table = _see_wide_integers(connection, found.get(name, HeaderTable(name)), keywords)
        changes.append(plan_change(table, keywords, may_widen=may_widen))
    needed = [c for c in changes if c.before.name not in found or not c.is_empty]
    if needed:
        carry_out(connection, needed, found.keys())
    return {change.after.name: change.after for change in changes}


def _see_wide_integers(
    connection: Connection, table: HeaderTable, wanted: Mapping[str, Wanted]
) -> HeaderTable:
    """Look which integers that are to become double would not stay what they are."""
    doubtful = [
        column
        for column in table.columns
        if column.kind == BIGINT
        and widen_by_all(BIGINT, wanted.get(column.keyword or "", BIGINT)) == DOUBLE
    ]
    if not doubtful:
        return table
    limit = sql.Literal(EXACT_IN_DOUBLE)
    query = sql.SQL("SELECT {} FROM {}").format(
        sql.SQL(", ").join(
            sql.SQL("bool_or({} NOT BETWEEN -{} AND {})").format(
                sql.Identifier(column.name), limit, limit
            )
            for column in doubtful
        ),
        sql.Identifier(table.name),
    )
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        answers = cursor.fetchone() or ()
    wide = {c.name for c, is_wide in zip(doubtful, answers, strict=True) if is_wide}
    columns = tuple(
        Column(c.name, c.keyword, WIDE_BIGINT) if c.name in wide else c for c in table.columns
    )
    return HeaderTable(table.name, columns, table.slots)


def carry_out(connection: Connection, changes: list[Change], found: Collection[str]) -> None:
    """Change tables, of which these were found, in one go: so a table is rewritten once."""
    old = [change.before.name for change in changes if change.before.name in found]
    widened = [change.before.name for change in changes if change.widened]
    lock_tables(connection, old)
    dropped = drop_views(connection, widened) if widened else ()
    statements = [sql.SQL("SET LOCAL extra_float_digits = 1")]  # exact text of doubles
    for change in changes:
        if change.before.name in found:
            statements += alter(change)
        else:
            statements += create(change.after)
        statements += comment(change)
        statements += index(change)
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(sql.SQL(";\n").join(statements))
    make_views(connection, [change.after.name for change in changes], dropped)
