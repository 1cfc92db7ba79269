"""End the runs of Dagster whose process is gone, and those of this process when it stops."""

from collections.abc import Sequence

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from hstql_resources.dagster_pools import find_gone
from hstql_resources.processes import PROCESS_TAG, process_name

OPEN = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class WatchedRuns:
    """A part of a launcher that knows by the process of a run whether it goes on."""

    _instance: dg.DagsterInstance

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Have the daemon ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Mark a run as failed if its process is gone; Dagster then finds that it has ended."""
        ended = fail_gone(self._instance, [run])
        return CheckRunHealthResult(WorkerStatus.FAILED if ended else WorkerStatus.RUNNING)


def fail_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark as failed the runs whose process was killed; else they count as running for ever."""
    fail_gone(instance, instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])))


def fail_gone(instance: dg.DagsterInstance, runs: Sequence[dg.DagsterRun]) -> bool:
    """Mark as failed those runs whose process is gone, and free their places in pools.

    Returns
    -------
    bool
        Whether there was one.
    """
    processes = {run.run_id: run.tags[PROCESS_TAG] for run in runs if PROCESS_TAG in run.tags}
    gone = find_gone(instance.event_log_storage, set(processes.values()))
    lost = [run for run in runs if processes.get(run.run_id) in gone]
    for run in lost:
        _, _, host = processes[run.run_id].partition("@")
        instance.report_run_failed(run, f"Its process on {host} was killed: launch it again.")
        _free_places(instance, run)
    return bool(lost)


def cancel_own_runs(instance: dg.DagsterInstance) -> None:
    """Mark as canceled the runs of this process."""
    filters = dg.RunsFilter(statuses=OPEN, tags={PROCESS_TAG: process_name()})
    for run in instance.get_runs(filters):
        instance.report_run_canceled(run, "It was stopped.")
        _free_places(instance, run)


def _free_places(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    if instance.event_log_storage.supports_global_concurrency_limits:
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
