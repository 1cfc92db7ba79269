"""A sensor on a real database and an instance of its own: ticks, and runs as Dagster keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from sqlalchemy import update

from builders.listed_archive import ListedArchive
from hstql_assets.definitions import build_definitions
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

DEFINITIONS = build_definitions()
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@dataclass
class SensorStation:
    """What a sensor sees."""

    instance: dg.DagsterInstance
    database: Database
    home: Path
    archive: ListedArchive = field(default_factory=ListedArchive)

    def tick(self, name: str, cursor: str | None = None) -> dg.SensorResult:
        sensor = DEFINITIONS.resolve_sensor_def(name)
        resources = {
            "archive": self.archive,
            "database": self.database,
            "filesystem": Filesystem(self.home),
        }
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=cursor,
            resources={key: resources[key] for key in sensor.required_resource_keys},
            definitions=DEFINITIONS,
        )
        result = sensor(context)
        if isinstance(result, dg.SkipReason):
            return dg.SensorResult(skip_reason=result)
        assert isinstance(result, dg.SensorResult)
        return result

    def keys(self, name: str) -> list[str]:
        return list(self.instance.get_dynamic_partitions(name))

    def decide(
        self,
        asset: str,
        keys: Sequence[str],
        at: datetime,
        changed_at: datetime | None = None,
        status: str = "made",
    ) -> None:
        with self.database.write() as writer:
            writer.upsert(
                tables.Outcome,
                [{"asset": asset, "key": key, "status": status, "reason": None, "decided_at": at,
                  "changed_at": changed_at or at} for key in keys],
            )  # fmt: skip

    def wait(self, asset: str, keys: Sequence[str], next_at: datetime, attempts: int = 1) -> None:
        """Note keys that something passing stood in the way of."""
        with self.database.write() as writer:
            writer.upsert(
                tables.Attempt,
                [{"asset": asset, "key": key, "attempts": attempts, "deaths": 0, "reason": "away",
                  "tried_at": datetime.now(UTC), "next_at": next_at} for key in keys],
            )  # fmt: skip

    def record_run(
        self,
        request: dg.RunRequest,
        job: str,
        status: dg.DagsterRunStatus,
        sensor: str = "",
        age_s: float = 0,
    ) -> dg.DagsterRun:
        """Put a run of a request into the instance, as the daemon would."""
        tags = {**request.tags, "dagster/sensor_name": sensor, "dagster/run_key": request.run_key}
        run = self.instance.create_run_for_job(
            DEFINITIONS.resolve_job_def(job), tags=tags, status=status
        )
        if age_s:
            _age(self.instance, run.run_id, age_s)
        return run


def _age(instance: dg.DagsterInstance, run_id: str, age_s: float) -> None:
    """Set the time back at which a run was asked for; Dagster has no other way to say it."""
    from dagster._core.storage.runs.schema import RunsTable

    created = datetime.fromtimestamp(datetime.now(UTC).timestamp() - age_s, UTC)
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        connection.execute(
            update(RunsTable)
            .where(RunsTable.c.run_id == run_id)
            .values(create_timestamp=created.replace(tzinfo=None))
        )


def ranges(result: dg.SensorResult) -> list[tuple[str, str]]:
    return [(one.tags[START], one.tags[END]) for one in result.run_requests or []]


def open_sensor_station(folder: Path, database: Database) -> SensorStation:
    return SensorStation(dg.DagsterInstance.ephemeral(tempdir=str(folder)), database, folder)
