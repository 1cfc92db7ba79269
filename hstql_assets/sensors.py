"""What the sensors share: runs over ranges of keys, asked for, read, and buried if killed.

What follows from them is found in `run_ranges`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC

import dagster as dg

from hstql_assets.run_ranges import RunRange, name_request
from hstql_resources.processes import PROCESS_TAG, is_alive

PARTITION_TAG, SENSOR_TAG = "dagster/partition", "dagster/sensor_name"
OPEN = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
FAILED = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
RUNS_REMEMBERED = 200  # of a sensor
START_TAG, END_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def request_range(
    keys: Sequence[str], states: Mapping[str, str], job: str | None = None
) -> dg.RunRequest:
    """Return the request of a range; Dagster runs the same keys in the same states only once."""
    return dg.RunRequest(
        run_key=name_request(keys, states),
        job_name=job,
        tags={START_TAG: keys[0], END_TAG: keys[-1]},
    )


def read_open_runs(instance: dg.DagsterInstance) -> list[RunRange]:
    """Return the runs over keys that wait or work, as Dagster has them: see `bury_dead_runs`."""
    return _read_runs(instance, dg.RunsFilter(statuses=OPEN))


def read_ended_runs(instance: dg.DagsterInstance, sensor: str) -> list[RunRange]:
    """Return the runs that a sensor asked for and that ended, the last one first."""
    filters = dg.RunsFilter(statuses=[*FAILED, dg.DagsterRunStatus.SUCCESS],
                            tags={SENSOR_TAG: sensor})  # fmt: skip
    return _read_runs(instance, filters, limit=RUNS_REMEMBERED)


def _read_runs(
    instance: dg.DagsterInstance, filters: dg.RunsFilter, limit: int | None = None
) -> list[RunRange]:
    found = []
    for record in instance.get_run_records(filters, limit=limit):
        run = record.dagster_run
        key = run.tags.get(PARTITION_TAG, "")
        start, end = run.tags.get(START_TAG, key), run.tags.get(END_TAG, key)
        created_at = record.create_timestamp.replace(tzinfo=UTC)
        has_failed = run.status in FAILED
        if start:
            found.append(RunRange(run.run_id, run.job_name, start, end, created_at, has_failed))
    return found


def bury_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark as failed the runs whose process was killed; else they count as running for ever.

    Their places in pools are free then.
    """
    filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    for run in instance.get_runs(filters):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and is_alive(process) is False:
            instance.report_run_failed(run, "Its process was killed.")
            if instance.event_log_storage.supports_global_concurrency_limits:
                instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
