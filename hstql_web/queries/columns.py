"""Read further columns of the exposures of a list, and write the list as SQL to be copied."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Label, Text, cast, func, select
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.sql.elements import ClauseElement

from hstql_web.exports import BETWEEN
from hstql_web.queries.keys import OBSERVATIONS, Key, name_table
from hstql_web.queries.lists import OBSERVATION, SORTS, Choice, Order, conditions

LISTED = (
    "rootname", "exp_start_mjd", "instrument", "detector", "filter", "opt_elem", "cenwave",
    "exp_time_s", "target_name", "proposal_id", "visit", "image_type", "exposure_type", "exp_flag",
)  # fmt: skip


def read_columns(
    connection: Connection, keys: Sequence[Key], rows: Sequence[Any]
) -> dict[str, list[str]]:
    """Return the values of columns, as text, of some rows of a list, by exposure."""
    names = [row.rootname for row in rows]
    found: dict[str, list[str]] = {name: [] for name in names}
    by_table: dict[str, dict[str, Any]] = {}
    for table in {key.table for key in keys}:
        those = [key for key in keys if key.table == table]
        source = name_table(table, those)
        values = (_join(source.c[key.name]).label(key.name) for key in those)
        statement = select(source.c.rootname.label("rootname"), *values).group_by(source.c.rootname)
        read = connection.execute(statement.where(source.c.rootname.in_(names)))
        by_table[table] = {row.rootname: row._mapping for row in read}
    for name, texts in found.items():
        texts += [by_table[key.table].get(name, {}).get(key.name) or "" for key in keys]
    return found


def _join(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.string_agg(cast(column, Text).distinct(), BETWEEN)


def write_sql(choice: Choice, order: Order, keys: Iterable[Key], person: str) -> str:
    """Return a list as SQL that runs as it is, with the values in it."""
    columns = [f"       {name}" for name in LISTED]
    columns += [f"       {_write_column(key)}" for key in keys]
    tests = [_write(test) for test in conditions(choice, person)]
    end = " DESC" if order.is_descending else ""
    sorts = (
        [f"{order.column}{end} NULLS LAST"]
        if SORTS[order.column] is not OBSERVATION.rootname
        else []
    )
    where = "\nWHERE " + "\n  AND ".join(tests) if tests else ""
    listed = ",\n".join(columns).strip()
    sorted_by = ", ".join([*sorts, f"rootname{end}"])
    return f"SELECT {listed}\nFROM {OBSERVATIONS}{where}\nORDER BY {sorted_by};"


def select_column(key: Key) -> Label[Any]:
    """Return a column of a list: of another table as text, with all values of the exposure."""
    source = name_table(key.table, [key])
    if key.table == OBSERVATIONS:
        return source.c[key.name].label(key.text)
    joined = select(_join(source.c[key.name])).where(source.c.rootname == OBSERVATION.rootname)
    return joined.correlate(OBSERVATION.__table__).scalar_subquery().label(key.text)


def _write_column(key: Key) -> str:
    text = _write(select_column(key).element)
    return key.name if key.table == OBSERVATIONS else f'{text} AS "{key.text}"'


def _write(part: ClauseElement) -> str:
    dialect: Dialect = PGDialect(paramstyle="named")  # type: ignore[no-untyped-call]
    dialect._backslash_escapes = False  # type: ignore[attr-defined]
    text = str(part.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return text.replace("\n", " ")  # values have none
