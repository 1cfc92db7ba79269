"""Keep the counts of partitions, which the user interface shows, up to date when runs end.

A part of `dagster_storage.EventLogStorage`.
"""

from contextlib import suppress

from dagster import AssetKey, DagsterEventType, PartitionsDefinition
from dagster._core.events.log import EventLogEntry
from dagster._core.instance.types import CachingDynamicPartitionsLoader
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

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
                get_and_update_asset_status_cache_value(
                    self._instance, *_PARTITIONS[name], dynamic_partitions_loader=read_once
                )
