"""Give the runs of Dagster to Celery workers on many hosts, over the Redis of HSTQL_BROKER.

Dagster's own launcher does that; what it cannot say, how a run is whose worker was killed, is known
by the process of the run. Importing this module needs the extra `celery`.
"""

import warnings

import dagster as dg
from celery.exceptions import DuplicateTaskNameWarning
from dagster._serdes import ConfigurableClassData
from dagster_celery.defaults import broker_transport_options
from dagster_celery.launcher import CeleryRunLauncher
from dagster_celery.tags import DAGSTER_CELERY_TASK_ID_TAG

from hstql_resources.dagster_runs import WatchedRuns

# A worker asks for a run when it is free, not before. Nobody waits for ever for a broker that is
# away, and what a worker has not confirmed is given to no other: the daemon has ended that run.
SETTINGS = {
    "worker_prefetch_multiplier": 1,
    "broker_transport_options": broker_transport_options,
    "broker_connection_retry_on_startup": True,
    "task_ignore_result": True,
    "worker_redirect_stdouts": False,  # Dagster takes what a run prints into a file
}


# Dagster makes the task anew for each run.
warnings.filterwarnings("ignore", "Task name 'execute_job'", DuplicateTaskNameWarning)


class CeleryLauncher(WatchedRuns, CeleryRunLauncher):
    """Starts each run as a task of Celery."""

    def __init__(self, broker: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__("dagster", broker, "disabled://", None, dict(SETTINGS), inst_data)

    def terminate(self, run_id: str) -> bool:
        """Have a run stop: one that waits now, one that is at work at its worker's next look."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        has_begun = run.status == dg.DagsterRunStatus.STARTED
        self._instance.report_run_canceling(run)
        self.celery.control.revoke(run.tags.get(DAGSTER_CELERY_TASK_ID_TAG, ""))
        if not has_begun:
            self._instance.report_run_canceled(run)
        return True

    def get_run_worker_debug_info(
        self, run: dg.DagsterRun, include_container_logs: bool | None = True
    ) -> None:
        """Say nothing: Celery keeps no results."""
