"""Find the columns that one can ask by: of observations, of what was measured, of all headers.

A name that somebody typed is looked up in Postgres's own catalog, and what is used in a statement
is what stands there. Tables that the site may not read, and columns that are not for people, are
not found.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, Connection, NullPool, Row, create_engine, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import URL
from sqlalchemy.schema import MetaData
from sqlalchemy.types import BigInteger, Boolean, DateTime, Double, Text, TypeEngine

from hstql_resources import tables
from hstql_web.queries.exposures import HIDDEN, MEASURED

OBSERVATIONS = tables.Observation.__tablename__
_KNOWN = (OBSERVATIONS, tables.File.__tablename__, *(one.__tablename__ for one in MEASURED))
_KINDS = {
    "boolean": "truth", "smallint": "integer", "integer": "integer", "bigint": "integer",
    "real": "number", "double precision": "number", "numeric": "number", "text": "text",
    "timestamp with time zone": "time",
}  # fmt: skip
_TYPES: dict[str, type[TypeEngine[Any]]] = {
    "truth": Boolean, "integer": BigInteger, "number": Double, "text": Text, "time": DateTime
}  # fmt: skip
_KEPT_S = 60  # new columns come with new files
_MOST_KEPT = 500  # tables
_FROM = """
FROM pg_class AS relation
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND (relname = ANY(:known) OR EXISTS (
      SELECT FROM pg_inherits WHERE inhrelid = relation.oid AND inhparent = 'headers'::regclass))
  AND attname <> ALL(:hidden) AND format_type(atttypid, atttypmod) = ANY(:types)
  AND has_table_privilege(relation.oid, 'SELECT')
"""
_SELECT = """
SELECT relname::text AS table, attname::text AS name, format_type(atttypid, atttypmod) AS type,
       coalesce(col_description(attrelid, attnum), '') AS about
"""
_OF_TABLE = text(f"{_SELECT} {_FROM} AND relname = :table ORDER BY attnum")
_LIKE = text(f"""
{_SELECT} {_FROM} AND relname || '.' || attname LIKE ALL(:patterns)
ORDER BY relname <> '{OBSERVATIONS}', length(attname), attname, relname LIMIT :most
""")


class Key(NamedTuple):
    """A column that one can ask by.

    Attributes
    ----------
    table, name : str
        As in the database.
    kind : str
        truth, integer, number, text or time.
    about : str
        What it holds.
    """

    table: str
    name: str
    kind: str
    about: str

    @property
    def text(self) -> str:
        """The name that people write."""
        return self.name if self.table == OBSERVATIONS else f"{self.table}.{self.name}"

    @property
    def is_number(self) -> bool:
        """Whether it can be an axis."""
        return self.kind in ("integer", "number", "time")

    @property
    def column(self) -> Column[Any]:
        """The column in statements."""
        return name_table(self.table, [self]).c[self.name]


def name_table(table: str, keys: Sequence[Key]) -> SqlTable:
    """Return a table with its column rootname, and others."""
    if table == OBSERVATIONS:
        return cast("SqlTable", tables.Observation.__table__)
    kinds = {key.name: _TYPES[key.kind] for key in keys}
    columns = [Column(name, kind()) for name, kind in kinds.items()]
    return SqlTable(table, MetaData(), Column("rootname", Text), *columns)


class Keys:
    """The columns that there are, looked up when somebody names one.

    Parameters
    ----------
    address : sqlalchemy.URL
        With the login of the site.
    """

    def __init__(self, address: URL) -> None:
        # Not one of the connections that visits hold: they would wait for each other.
        self._engine = create_engine(address, poolclass=NullPool)
        self._found: dict[str, tuple[float, Mapping[str, Key]]] = {}

    def find(self, written: str) -> Key | None:
        """Return what somebody named: a column of observations, or `table.column`."""
        table, dot, name = written.strip().lower().rpartition(".")
        return self._of_table(table if dot else OBSERVATIONS).get(name)

    def _of_table(self, table: str) -> Mapping[str, Key]:
        at, keys = self._found.get(table, (0.0, {}))
        if keys and time.monotonic() < at + _KEPT_S:
            return keys
        with self._engine.connect() as connection:
            keys = {key.name: key for key in _read(connection, _OF_TABLE, table=table)}
        if keys:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[table] = time.monotonic(), keys
        return keys


def search_keys(connection: Connection, words: str, most: int) -> list[Key]:
    """Return columns in whose names, with that of their table, all words occur; not all of them."""
    escaped = words.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    patterns = [f"%{word}%" for word in escaped.split()]
    return _read(connection, _LIKE, patterns=patterns, most=most) if patterns else []


def _read(connection: Connection, statement: Any, **values: Any) -> list[Key]:
    fixed = {"known": list(_KNOWN), "hidden": sorted(HIDDEN), "types": list(_KINDS)}
    return [_key(row) for row in connection.execute(statement, {**fixed, **values})]


def _key(row: Row[Any]) -> Key:
    return Key(row.table, row.name, _KINDS[row.type], row.about)
