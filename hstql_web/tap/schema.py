"""Know which tables may be asked for, and write them as parts of a query: ObsCore and TAP_SCHEMA.

ObsCore is a view of the database, read by the login of the site in the transaction of a person.
TAP_SCHEMA is in no database: its tables are WITH queries of whatever is asked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hstql_resources.table_files.columns import Column, Short
from hstql_resources.tables import obscore

TAP = "TAP_SCHEMA"


@dataclass(frozen=True)
class Table:
    """A table that may be asked for."""

    schema: str
    name: str
    about: str
    columns: Sequence[Column]
    utype: str = ""

    @property
    def full_name(self) -> str:
        """As a question names it."""
        return f"{self.schema}.{self.name}"

    @property
    def alias(self) -> str:
        """What it is called in the query."""
        return f"tap_schema_{self.name}" if self.schema == TAP else self.full_name


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "", str) for name in names)


def _numbers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "", Short) for name in names)


_ALL = (
    Table(obscore.SCHEMA, obscore.NAME, obscore.ABOUT, obscore.COLUMNS, obscore.UTYPE),
    Table(TAP, "schemas", "Schemas that may be asked for",
          (*_texts("schema_name", "utype", "description"), *_numbers("schema_index"))),
    Table(TAP, "tables", "Tables that may be asked for",
          (*_texts("schema_name", "table_name", "table_type", "utype", "description"),
           *_numbers("table_index"))),
    Table(TAP, "columns", "Columns of these tables",
          (*_texts("table_name", "column_name", "datatype", "arraysize", "xtype", "description",
                   "utype", "unit", "ucd"),
           *_numbers("size", "indexed", "principal", "std", "column_index"))),
    Table(TAP, "keys", "Foreign keys: those of these tables",
          _texts("key_id", "from_table", "target_table", "utype", "description")),
    Table(TAP, "key_columns", "Columns of foreign keys",
          _texts("key_id", "from_column", "target_column")),
)  # fmt: skip
TABLES: Mapping[str, Table] = {one.full_name: one for one in _ALL}
SCHEMAS = {obscore.SCHEMA: "Data models of the IVOA", TAP: "What may be asked for"}
DATATYPES = {str: "unicodeChar", Short: "int", int: "long", float: "double", bool: "boolean"}
_TYPES = {str: "text", Short: "bigint"}
INDEXED = ("obs_id", "s_cell", "t_min", "s_ra", "s_dec")
# Foreign keys: of which table, which column, and those that it leads to.
KEYS = (
    (f"{TAP}.tables", "schema_name", f"{TAP}.schemas", "schema_name"),
    (f"{TAP}.columns", "table_name", f"{TAP}.tables", "table_name"),
    (f"{TAP}.keys", "from_table", f"{TAP}.tables", "table_name"),
    (f"{TAP}.keys", "target_table", f"{TAP}.tables", "table_name"),
    (f"{TAP}.key_columns", "key_id", f"{TAP}.keys", "key_id"),
)


def find_table(schema: str | None, name: str | None) -> Table | None:
    """Return a table by its names, in any case; None if there is none."""
    wanted = f"{schema}.{name}".lower()
    return next((one for one in _ALL if one.full_name.lower() == wanted), None)


def find_columns(schema: str | None, table: str | None, name: str | None) -> Sequence[Column]:
    """Return the column that a translated question names; * stands for all of the table."""
    found = find_table(schema, table)
    if found is None or name is None:
        return ()
    return [one for one in found.columns if name in ("*", one.name) or one.name == name.lower()]


def write_tables(names: Sequence[str]) -> str:
    """Return the WITH queries for those of some tables that are in no database."""
    written = [_write(TABLES[name]) for name in names if TABLES[name].schema == TAP]
    return f"WITH {', '.join(written)}" if written else ""


def _write(table: Table) -> str:
    rows = ", ".join(f"({', '.join(map(quote, row))})" for row in _ROWS[table.name]())
    names = ", ".join(f"c{place}" for place in range(len(table.columns)))
    typed = ", ".join(
        f'c{place}::{_TYPES[one.kind]} AS "{one.name}"' for place, one in enumerate(table.columns)
    )
    return f"{table.alias} AS (SELECT {typed} FROM (VALUES {rows}) AS one({names}))"  # noqa: S608


def quote(value: str | int | None) -> str:
    """Return a value as SQL has it."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    return "'" + value.replace("'", "''") + "'"


Row = tuple[str | int | None, ...]


def _list_schemas() -> Iterator[Row]:
    for place, (name, about) in enumerate(SCHEMAS.items()):
        yield name, None, about, place


def _list_tables() -> Iterator[Row]:
    for place, one in enumerate(_ALL):
        yield one.schema, one.full_name, "view", one.utype or None, one.about, place


def _list_columns() -> Iterator[Row]:
    for table in _ALL:
        for place, one in enumerate(table.columns):
            is_text = one.kind is str
            yield (
                table.full_name, _delimit(one.name), DATATYPES[one.kind],
                "*" if is_text else None, None, one.about, one.utype or None, one.unit,
                one.ucd or None, None, int(one.name in INDEXED), int(is_standard(table, one)),
                int(is_standard(table, one)), place,
            )  # fmt: skip


def is_standard(table: Table, column: Column) -> bool:
    """Return whether a standard of the IVOA has a column."""
    return bool(column.utype) or table.schema == TAP


def _delimit(name: str) -> str:
    """Return the name of a column as a question has to write it: SIZE is a word of ADQL."""
    return '"size"' if name == "size" else name


def _list_keys() -> Iterator[Row]:
    for number, (source, _, target, _) in enumerate(KEYS):
        yield str(number), source, target, None, None


def _list_key_columns() -> Iterator[Row]:
    for number, (_, column, _, other) in enumerate(KEYS):
        yield str(number), column, other


_ROWS: Mapping[str, Callable[[], Iterator[Row]]] = {
    "schemas": _list_schemas, "tables": _list_tables, "columns": _list_columns,
    "keys": _list_keys, "key_columns": _list_key_columns,
}  # fmt: skip
