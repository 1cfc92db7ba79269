"""Wait for a place in one of Dagster's pools, and tell whose place is free.

A part of `dagster_storage.EventLogStorage`. Which pools there are is in `dagster.yaml`.
"""

import time
from typing import Any

from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._utils.concurrency import ConcurrencyClaimStatus

from hstql_resources.processes import PROCESS_TAG, is_alive

PAUSE_S = 1.0


class PatientClaims(SqlEventLogStorage):
    """An event log in which a step waits for its place without taking a core for it.

    The in-process executor of Dagster asks for a place until it has one, and its pause in between
    is never longer than nothing. And it asks for ever if the run that has the place was killed, for
    only a daemon takes places back, and only from runs that it knows to have ended.
    """

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claim a place in a pool; where there is none, wait a second before saying so."""
        status = super().claim_concurrency_slot(concurrency_key, run_id, step_key, priority)
        if status.is_claimed:
            return status
        self._free_places_of_dead_runs(run_id)
        time.sleep(PAUSE_S)
        blocked: ConcurrencyClaimStatus = status.with_sleep_interval(0.0)
        return blocked

    def _free_places_of_dead_runs(self, waiting: str) -> None:
        for run_id in self.get_concurrency_run_ids() - {waiting}:
            run: Any = self._instance.get_run_by_id(run_id)
            if run is None or run.is_finished or _is_dead(run.tags.get(PROCESS_TAG)):
                self.free_concurrency_slots_for_run(run_id)


def _is_dead(process: str | None) -> bool:
    """Tell whether a process is known to be dead; of one on another host nothing is known."""
    return process is not None and is_alive(process) is False
