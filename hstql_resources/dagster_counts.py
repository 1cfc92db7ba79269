"""Keep the counts of partitions, which the user interface shows, up to date when runs end.

A part of `dagster_storage.EventLogStorage`.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress

from dagster import (
    AssetKey,
    DagsterEventType,
    DynamicPartitionsDefinition,
    PartitionsDefinition,
)
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.events.log import EventLogEntry
from dagster._core.instance.types import CachingDynamicPartitionsLoader, DynamicPartitionsStore
from dagster._core.loader import LoadingContext
from dagster._core.storage.event_log.base import AssetRecord
from dagster._core.storage.event_log.schema import DynamicPartitionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.partition_status_cache import (
    AssetStatusCacheValue,
    build_failed_and_in_progress_partition_subset,
    get_and_update_asset_status_cache_value,
    get_last_planned_storage_id,
)
from sqlalchemy import Text, cast, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from hstql_resources.dagster_keys import is_made

_KEYS = DynamicPartitionsTable.c
_NAMES_ASKED = 20_000  # keys that are asked about by name; of more, all of a set are read
_RUN_ENDS = (DagsterEventType.RUN_SUCCESS, DagsterEventType.RUN_FAILURE)
_PARTITIONS: dict[str, tuple[AssetKey, PartitionsDefinition]] = {}  # by asset key, as it is stored
# The assets that a run made, but for those of more than some 50,000 keys that were counted a short
# while ago: that takes half a second each time, and counting the rest for who looks hardly more.
_UNCOUNTED = text("""
SELECT asset_key FROM asset_keys WHERE asset_key IN (
    SELECT asset_key FROM event_logs
    WHERE run_id = :run_id AND dagster_event_type = 'ASSET_MATERIALIZATION'
) AND (
    cached_status_data IS NULL OR pg_column_size(cached_status_data) < 200000
    OR substring(left(cached_status_data, 400) FROM '"latest_storage_id": ([0-9]+)')::bigint
        < (SELECT max(id) - 100000 FROM event_logs)
)""")


def count_partitions_of(key: AssetKey, partitions: PartitionsDefinition) -> None:
    """Keep the counts of an asset, which the user interface shows, up to date after each run.

    Who looks first would else wait for all that was made since someone looked last: at 341,000
    keys some seconds for each asset.
    """
    _PARTITIONS[key.to_string()] = (key, partitions)


class PartitionCounts(SqlEventLogStorage):
    """An event log that counts the partitions of a run when it has ended."""

    def store_event(self, event: EventLogEntry) -> None:
        """Store an event; with the last of a run, count the partitions that it made."""
        super().store_event(event)
        if event.dagster_event_type in _RUN_ENDS:
            # The counts are for those who look; the run is done, whatever becomes of them.
            with suppress(DBAPIError):
                self._count_partitions(event.run_id)

    def _count_partitions(self, run_id: str) -> None:
        with self.index_connection() as connection:
            names = connection.execute(_UNCOUNTED, {"run_id": run_id}).scalars().all()
        read_once = CachingDynamicPartitionsLoader(self._instance)
        for name in names:
            if name in _PARTITIONS:
                self._count(*_PARTITIONS[name], read_once)

    def get_asset_status_cache_values(
        self,
        partitions_defs_by_key: Iterable[tuple[AssetKey, PartitionsDefinition | None]],
        context: LoadingContext,
    ) -> Sequence[AssetStatusCacheValue | None]:
        """Return which partitions of assets are made, failed or at work, and keep that."""
        read_once = getattr(context, "dynamic_partitions_loader", self._instance)
        return [self._count(*pair, read_once, context) for pair in partitions_defs_by_key]

    def _count(
        self,
        key: AssetKey,
        partitions: PartitionsDefinition | None,
        read_once: DynamicPartitionsStore,
        context: LoadingContext | None = None,
    ) -> AssetStatusCacheValue | None:
        """Do what the stock function does, without a list of all keys in Python if that can be.

        It writes the list anew to see that nothing is new, and asks for each key whether it is in
        the set. The list is no longer of use once a key was added to the set.
        """
        if context is None:
            record = next(iter(self.get_asset_records([key])), None)
        else:
            record = AssetRecord.blocking_get(context, key)
        with partition_loading_context(None, read_once):
            if record is not None and isinstance(partitions, DynamicPartitionsDefinition):
                stored = record.asset_entry.cached_status
                identity = partitions.get_serializable_unique_identifier()
                planned = get_last_planned_storage_id(self._instance, key, record)
                last = max(planned, record.asset_entry.last_materialization_storage_id or 0)
                if last and (stored is None or stored.partitions_def_id != identity):
                    return self._count_anew(key, partitions, (last, planned), identity)
                if stored is not None and _is_final(stored, last):
                    return stored
            return get_and_update_asset_status_cache_value(
                self._instance, key, partitions, read_once, context
            )

    def _count_anew(
        self,
        key: AssetKey,
        partitions: DynamicPartitionsDefinition,
        events: tuple[int, int],
        identity: str,
    ) -> AssetStatusCacheValue:
        """Have the database write the list of keys that are made; `events` are last and planned."""
        names = select(cast(func.json_agg(_KEYS.partition), Text)).where(
            _KEYS.partitions_def_name == partitions.name, is_made(self, key)
        )
        with self.index_connection() as connection:
            made = connection.execute(names).scalar_one()
        empty = partitions.empty_subset()
        failed, at_work, earliest = build_failed_and_in_progress_partition_subset(
            self._instance, key, partitions, events[1]
        )
        lists = (
            empty.serialize().replace("[]", made or "[]"),
            failed.serialize(),
            at_work.serialize(),
        )
        value = AssetStatusCacheValue(events[0], identity, *lists, earliest)
        self._instance.update_asset_cached_status_data(key, value)
        return value

    def get_latest_asset_partition_materialization_attempts_without_materializations(
        self, asset_key: AssetKey, after_storage_id: int | None = None
    ) -> Mapping[str, tuple[str, int]]:
        """Return the run and event that planned each partition last, of those not made since.

        The stock method reads those that were made, too, and leaves them out afterwards.
        """
        planned = self._latest_event_ids_by_partition_subquery(
            asset_key,
            [DagsterEventType.ASSET_MATERIALIZATION_PLANNED],
            after_cursor=after_storage_id,
        )
        event, later = SqlEventLogStorageTable.c, SqlEventLogStorageTable.alias("later").c
        is_made_later = exists().where(
            later.asset_key == asset_key.to_string(),
            later.dagster_event_type == DagsterEventType.ASSET_MATERIALIZATION.value,
            later.partition == planned.c.partition,
            later.id > planned.c.id,
        )
        query = (
            select(event.partition, event.run_id, event.id)
            .join(planned, planned.c.id == event.id)
            .where(~is_made_later)
        )
        with self.index_connection() as connection:
            return {row[0]: (row[1], row[2]) for row in connection.execute(query)}

    def get_dynamic_partitions(self, partitions_def_name: str) -> Sequence[str]:
        """Return the keys of a set in their order, without the name of the set beside each."""
        query = select(_KEYS.partition).where(_KEYS.partitions_def_name == partitions_def_name)
        with self.index_connection() as connection:
            return list(connection.execute(query.order_by(_KEYS.id)).scalars())

    def get_existing_dynamic_partitions(
        self, partitions_def_name: str, partition_keys: Sequence[str]
    ) -> Set[str]:
        """Return those of some keys that are in a set; of very many by reading the whole set."""
        if len(partition_keys) <= _NAMES_ASKED:
            return super().get_existing_dynamic_partitions(partitions_def_name, partition_keys)
        return set(self.get_dynamic_partitions(partitions_def_name)).intersection(partition_keys)


def _is_final(stored: AssetStatusCacheValue, last: int) -> bool:
    """Return whether nothing was planned or made since, nor is anything at work."""
    is_at_work = stored.earliest_in_progress_materialization_event_id is not None
    return stored.latest_storage_id == last and not is_at_work
