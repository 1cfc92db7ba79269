"""Ask for all rows of a list, with the columns that other programs get."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import Connection, func, select

from hstql_resources import tables
from hstql_resources.table_files.columns import Column
from hstql_resources.tables.describing import describe
from hstql_web.queries.columns import select_column
from hstql_web.queries.keys import Key
from hstql_web.queries.lists import OBSERVATION, SORTS, Choice, Order, conditions

_HIDDEN = frozenset({"path", "sky_cell", "has_undated"})
_ROWS_AT_ONCE = 2000


def list_columns(keys: Sequence[Key] = ()) -> list[Column]:
    """Return the columns of a list: those of observations, flags, and those of other tables."""
    return [
        *map(describe, _columns()),
        Column("anomalies", "Kinds of anomalies that were flagged, separated by blanks", str),
        *(Column(key.text, key.about, str) for key in keys),
    ]


def _columns() -> list[TableColumn[Any]]:
    return [one for one in OBSERVATION.__table__.columns if one.name not in _HIDDEN]  # type: ignore[misc]


def read_all(
    connection: Connection,
    choice: Choice,
    person: str,
    order: Order,
    limit: int | None = None,
    keys: Sequence[Key] = (),
) -> Iterator[Sequence[Any]]:
    """Yield all rows of a list, without having all of them in memory."""
    column, flag = SORTS[order.column], tables.AnomalyFlag
    flagged = (
        select(func.string_agg(flag.kind, " "))
        .where(flag.rootname == OBSERVATION.rootname, flag.unset_at.is_(None))
        .scalar_subquery()
    )
    names = (column.desc() if order.is_descending else column.asc()).nulls_last()
    last = OBSERVATION.rootname.desc() if order.is_descending else OBSERVATION.rootname.asc()
    statement = select(*_columns(), flagged, *map(select_column, keys)).where(
        *conditions(choice, person)
    )
    result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(
        statement.order_by(names, last).limit(limit)
    )
    yield from result


def name_file(form: str, at: datetime) -> str:
    """Return what a file of a list is called."""
    ending = {"votable": "xml", "ids": "txt"}.get(form, form)
    return f"hstql_exposures_{at:%Y%m%dT%H%M%S}.{ending}"
