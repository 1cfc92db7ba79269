"""Keep Dagster's events small: packed, without rows of tags, and some of them pruned.

A part of `dagster_storage.EventLogStorage`.
"""

import json
from collections.abc import Mapping, Sequence

from dagster import AssetKey, AssetRecordsFilter, DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import AssetKeyTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.base import PlannedMaterializationInfo
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from sqlalchemy import select

from hstql_resources.postgres.packed_events import PackedText

# All reading and writing of events goes through these descriptions of tables.
for _column in (
    SqlEventLogStorageTable.c.event,
    AssetKeyTable.c.last_materialization,
    AssetCheckExecutionsTable.c.evaluation_event,
):
    _column.type = PackedText()


class SmallEvents(SqlEventLogStorage):
    """An event log that finds in few and small events what the stock class has rows for."""

    def _tags_for_asset_event(self, event: EventLogEntry) -> Mapping[str, str]:
        """Return the tags that get rows of their own: none where there is one event for each key.

        They would take as much as two indexes, and those who ask for them name few keys.
        """
        is_of_key = event.get_dagster_event().partition is not None
        return {} if is_of_key else super()._tags_for_asset_event(event)

    def get_latest_tags_by_partition(
        self,
        asset_key: AssetKey,
        event_type: DagsterEventType,
        tag_keys: Sequence[str],
        asset_partitions: Sequence[str] | None = None,
        before_cursor: int | None = None,
        after_cursor: int | None = None,
    ) -> Mapping[str, Mapping[str, str]]:
        """Return tags of the latest events, from these themselves."""
        latest = self._latest_event_ids_by_partition_subquery(
            asset_key, [event_type], asset_partitions, before_cursor, after_cursor
        )
        table = SqlEventLogStorageTable.c
        query = select(table.partition, table.event).join(latest, table.id == latest.c.id)
        with self.index_connection() as connection:
            rows = connection.execute(query).all()
        found = {str(key): _read_tags(event) for key, event in rows}
        return {
            key: {name: tags[name] for name in tag_keys if name in tags}
            for key, tags in found.items()
        }

    def get_latest_planned_materialization_info(
        self, asset_key: AssetKey, partition: str | None = None
    ) -> PlannedMaterializationInfo | None:
        """Return which run was the last to plan; of a pruned partition, which made it last."""
        planned = super().get_latest_planned_materialization_info(asset_key, partition)
        if planned is not None or partition is None:
            return planned
        last = AssetRecordsFilter(asset_key, asset_partitions=[partition])
        for record in self.fetch_materializations(last, limit=1).records:
            return PlannedMaterializationInfo(storage_id=record.storage_id, run_id=record.run_id)
        return None


def _read_tags(event: str) -> Mapping[str, str]:
    """Return the tags of a materialization, which is JSON here; reading all of it takes longer."""
    data = json.loads(event)["dagster_event"]["event_specific_data"]
    tags: Mapping[str, str] = data.get("materialization", {}).get("tags") or {}
    return tags
