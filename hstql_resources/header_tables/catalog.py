"""Read what columns header tables have, as Postgres's own catalog tells it.

A header table is a table that inherits from `headers`; nothing else is kept about it. The comment
of a column is its keyword.
"""

from collections.abc import Collection

from sqlalchemy import Connection, text

from hstql_resources.header_tables.kinds import TEXT, UNDEFINED
from hstql_resources.header_tables.layout import Column, HeaderTable
from hstql_resources.header_tables.names import FIXED

UNDEFINED_NOTE = ", undefined in all headers so far"

# Comments are looked up one by one: a join would hold each column against all of its table.
_READ = text("""
SELECT relname, relnatts, array_agg(attname::text ORDER BY attnum) AS names,
       array_agg(format_type(atttypid, atttypmod) ORDER BY attnum) AS types,
       array_agg(coalesce((
           SELECT description FROM pg_description
           WHERE objoid = attrelid AND classoid = 'pg_class'::regclass AND objsubid = attnum
       ), '') ORDER BY attnum) AS comments
FROM pg_inherits
JOIN pg_class AS relation ON relation.oid = inhrelid
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
WHERE inhparent = 'headers'::regclass AND relname = ANY(:names)
GROUP BY relation.oid
""")


def read_tables(connection: Connection, names: Collection[str]) -> dict[str, HeaderTable]:
    """Return those of the header tables that are there, in one query."""
    rows = connection.execute(_READ, {"names": list(names)})
    return {
        row.relname: HeaderTable(
            row.relname,
            tuple(
                _column(*column)
                for column in zip(row.names, row.types, row.comments, strict=True)
                if column[0] not in FIXED
            ),
            row.relnatts,
        )
        for row in rows
    }


def _column(name: str, sql_type: str, comment: str) -> Column:
    keyword = comment.removesuffix(UNDEFINED_NOTE)
    kind = UNDEFINED if sql_type == TEXT and keyword != comment else sql_type
    return Column(name, keyword or None, kind)
