"""Ask for the numbers of a trend: one column against another, for any list of exposures."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Double, Select, Text, cast, func, or_, select

from hstql_web.queries.keys import OBSERVATIONS, Key, name_table
from hstql_web.queries.lists import OBSERVATION, Choice, conditions

POINTS = (5_000, 20_000)  # of a chart, at most
MOST_ROWS = 1_000_000  # of a file
_MJD_OF_1970, _S_PER_DAY = 40587.0, 86400.0
_TIME, _NAME = OBSERVATION.exp_start_mjd, OBSERVATION.rootname


def select_trend(
    choice: Choice, keys: Sequence[Key], extvers: Mapping[str, Key], person: str
) -> Select[Any]:
    """Return the statement for rows of rootname and numbers, in no order.

    Parameters
    ----------
    choice : Choice
        Which exposures.
    keys : sequence of Key
        What is asked for; of the first two, no row is without a value.
    extvers : mapping of str to Key
        The EXTVER of those tables that are of headers. Rows of two of them are held against each
        other where both are of one EXTVER, or one has none; of other tables, each against each.
    person : str
        Who asks.
    """
    sources: dict[str, Any] = {OBSERVATIONS: OBSERVATION.__table__}
    found = conditions(choice, person)
    for table in dict.fromkeys(key.table for key in keys if key.table != OBSERVATIONS):
        extver = [extvers[table]] if table in extvers else []
        source = name_table(table, [*(key for key in keys if key.table == table), *extver])
        found.append(source.c.rootname == OBSERVATION.rootname)
        others = [sources[name].c.extver for name in sources if extver and name in extvers]
        found += [_pair(source.c.extver, other) for other in others]
        sources[table] = source
    values = [_as_number(sources[key.table].c[key.name], key) for key in keys]
    found += [value.is_not(None) for value in values[:2]]
    named = (value.label(f"value_{place}") for place, value in enumerate(values))
    return select(OBSERVATION.rootname, *named).where(*found)


def sort_newest_first(statement: Select[Any]) -> Select[Any]:
    """Return all rows of a trend in order, those of exposures without a time last."""
    return statement.order_by(_TIME.desc().nulls_last(), _NAME.desc())


def read_newest(connection: Connection, statement: Select[Any], most: int) -> list[tuple[Any, ...]]:
    """Return the rows of the newest exposures of a trend, in the same order.

    Those with a time are asked for alone: an index has them in this order.
    """
    timed = statement.where(_TIME.is_not(None)).order_by(_TIME.desc(), _NAME.desc())
    rows = _read_columns(connection, timed.limit(most))
    if len(rows) == most:
        return rows
    others = statement.where(_TIME.is_(None)).order_by(_NAME.desc())
    return rows + _read_columns(connection, others.limit(most - len(rows)))


def _read_columns(connection: Connection, statement: Select[Any]) -> list[tuple[Any, ...]]:
    """Return rows that come column by column: in a third of the time, of as many as these."""
    ordered = statement.subquery()
    columns = connection.execute(select(*(func.array_agg(one) for one in ordered.c))).one()
    return list(zip(*(one or () for one in columns), strict=True))


def _pair(one: Any, other: Any) -> ColumnElement[bool]:
    return or_(one == other, one.is_(None), other.is_(None))


def _as_number(column: Any, key: Key) -> ColumnElement[Any]:
    """Return a column as a double, a time as MJD; what is no number as text."""
    if key.kind == "time":
        return func.extract("epoch", column) / _S_PER_DAY + _MJD_OF_1970
    return cast(column, Double if key.is_number else Text)
