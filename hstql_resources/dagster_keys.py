"""Ask Dagster's tables for keys as sets: how many there are, which are new, which are not made.

Dagster's own methods return all keys of a set. Its tables and a private method are used here; see
`dagster_storage` for why that is safe.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import dagster as dg
from dagster._core.storage.event_log.schema import DynamicPartitionsTable, SqlEventLogStorageTable
from sqlalchemy import ColumnElement, Select, func, literal, select

_KEYS = DynamicPartitionsTable.c
_NAMES_PER_QUESTION = 10_000  # of the values that a statement may have


class SetSize(NamedTuple):
    """How large a partition set is; two states that have the same are one.

    Attributes
    ----------
    keys : int
        How many there are.
    total : int
        The sum of their numbers, which Dagster never gives twice.
    last : int
        The largest of these.
    """

    keys: int
    total: int
    last: int


def read_size(instance: dg.DagsterInstance, name: str, last: int | None = None) -> SetSize:
    """Return the size of a set, or that of its part up to a number."""
    statement = select(
        func.count(), func.coalesce(func.sum(_KEYS.id), 0), func.coalesce(func.max(_KEYS.id), 0)
    ).where(_KEYS.partitions_def_name == name)
    if last is not None:
        statement = statement.where(_KEYS.id <= last)
    ((keys, total, found),) = _ask(instance, statement)
    return SetSize(int(keys), int(total), int(found))


def read_later(instance: dg.DagsterInstance, name: str, last: int) -> tuple[SetSize, list[str]]:
    """Return the keys with larger numbers in order, and their size."""
    statement = (
        select(_KEYS.id, _KEYS.partition)
        .where(_KEYS.partitions_def_name == name, _KEYS.id > last)
        .order_by(_KEYS.id)
    )
    rows = _ask(instance, statement)
    numbers = [int(row[0]) for row in rows]
    return SetSize(len(rows), sum(numbers), max(numbers, default=last)), [row[1] for row in rows]


def find_registered(
    instance: dg.DagsterInstance, name: str, keys: Collection[str]
) -> frozenset[str]:
    """Return those of some keys that are in a set."""
    statement = select(_KEYS.partition).where(_KEYS.partitions_def_name == name)
    return _find_among(instance, statement, keys)


def find_unmaterialized(
    instance: dg.DagsterInstance,
    asset: dg.AssetKey,
    name: str,
    among: Collection[str] | None = None,
) -> frozenset[str]:
    """Return the keys of a set, or those of some, that Dagster does not show as made."""
    statement = select(_KEYS.partition).where(
        _KEYS.partitions_def_name == name, ~is_made(instance.event_log_storage, asset)
    )
    if among is None:
        return frozenset(row[0] for row in _ask(instance, statement))
    return _find_among(instance, statement, among)


def is_made(storage: Any, asset: dg.AssetKey) -> ColumnElement[bool]:
    """Return the condition that a key was materialized, and not wiped since."""
    event = SqlEventLogStorageTable.c
    made = select(literal(1)).where(
        event.asset_key == asset.to_string(),
        event.dagster_event_type == dg.DagsterEventType.ASSET_MATERIALIZATION.value,
        event.partition == _KEYS.partition,
    )
    details = storage._get_assets_details([asset])
    made = storage._add_assets_wipe_filter_to_query(made, details, [asset])
    condition: ColumnElement[bool] = made.correlate(DynamicPartitionsTable).exists()
    return condition


def _find_among(
    instance: dg.DagsterInstance, statement: Select[Any], keys: Collection[str]
) -> frozenset[str]:
    wanted = list(keys)
    found: list[str] = []
    for start in range(0, len(wanted), _NAMES_PER_QUESTION):
        some = wanted[start : start + _NAMES_PER_QUESTION]
        found += (row[0] for row in _ask(instance, statement.where(_KEYS.partition.in_(some))))
    return frozenset(found)


def _ask(instance: dg.DagsterInstance, statement: Select[Any]) -> list[Any]:
    with instance.event_log_storage.index_connection() as connection:  # type: ignore[attr-defined]
        return list(connection.execute(statement).fetchall())
