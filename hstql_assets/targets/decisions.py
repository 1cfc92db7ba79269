"""Read the decisions about targets as they are stored, for people to look through."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, true

from hstql_resources import tables
from hstql_resources.postgres.database import Database

GROUPED = ("header name", "target", "exposures", "reason")
EACH = ("rootname", "header name", "target", "reason")


def list_decisions(
    database: Database, patterns: Sequence[str], *, each: bool
) -> tuple[tuple[str, ...], Sequence[Row[*tuple[Any, ...]]]]:
    """Return column names and rows of the decisions.

    Parameters
    ----------
    database : Database
        Where they are.
    patterns : sequence of str
        Header names, slugs or rootnames, of any case; `*` stands for anything. Empty for all.
    each : bool
        Whether each exposure has a row. Else those of one name and target share one, with the
        reason that most of them have.
    """
    name = tables.TargetName
    if each:
        columns = select(name.rootname, name.target_name, name.target, name.reason)
        chosen = columns.where(_match(patterns)).order_by(name.target, name.rootname)
        return EACH, database.read(chosen)
    reason = func.mode().within_group(name.reason)
    groups = (
        select(name.target_name, name.target, func.count(), reason)
        .where(_match(patterns))
        .group_by(name.target_name, name.target)
        .order_by(name.target, name.target_name)
    )
    return GROUPED, database.read(groups)


def _match(patterns: Sequence[str]) -> ColumnElement[bool]:
    if not patterns:
        return true()
    name = tables.TargetName
    return or_(
        *(
            column.ilike(_to_like(pattern), escape="\\")
            for pattern in patterns
            for column in (name.rootname, name.target_name, name.target)
        )
    )


def _to_like(pattern: str) -> str:
    for special in "\\%_":
        pattern = pattern.replace(special, "\\" + special)
    return pattern.replace("*", "%")
