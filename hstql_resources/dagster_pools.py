"""Wait for a place in one of Dagster's pools, and tell whose place is free: whose process is gone.

A part of `dagster_storage.EventLogStorage`. Which pools there are is in `dagster.yaml`.
"""

import time
from collections.abc import Collection
from typing import Any

from dagster._core.storage.event_log import EventLogStorage
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._utils.concurrency import ConcurrencyClaimStatus

from hstql_resources.postgres.presence import COMES_BACK_S, find_absent
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

    def find_absent(self, processes: Collection[str]) -> set[str]:
        """Return the processes that have no connection to the server."""
        with self.index_connection() as connection:
            return find_absent(connection, processes)

    def _free_places_of_dead_runs(self, waiting: str) -> None:
        holders = self.get_concurrency_run_ids() - {waiting}
        runs: dict[str, Any] = {one: self._instance.get_run_by_id(one) for one in holders}
        at_work = {one: run for one, run in runs.items() if run is not None and not run.is_finished}
        processes = {one: run.tags.get(PROCESS_TAG) for one, run in at_work.items()}
        gone = find_gone(self, {name for name in processes.values() if name is not None})
        for run_id in holders:
            if run_id not in at_work or processes[run_id] in gone:
                self.free_concurrency_slots_for_run(run_id)


def find_gone(storage: EventLogStorage, processes: Collection[str]) -> set[str]:
    """Return the processes, named as by `process_name`, that have ended, on whatever host.

    One on another host that lost its connection, as when the server was away, has some seconds to
    come back.
    """
    states = {name: is_alive(name) for name in processes}
    gone = {name for name, state in states.items() if state is False}
    elsewhere = {name for name, state in states.items() if state is None}
    if not elsewhere or not isinstance(storage, PatientClaims):
        return gone
    absent = storage.find_absent(elsewhere)
    if absent:
        time.sleep(COMES_BACK_S)
        absent = storage.find_absent(absent)
    return gone | absent
