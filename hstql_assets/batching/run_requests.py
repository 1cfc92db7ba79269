"""Request runs over ranges of keys, and read what became of them.

What follows from them is found in `run_ranges`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import wraps
from types import MappingProxyType
from typing import ParamSpec

import dagster as dg

from hstql_assets.batching.run_ranges import (
    KEYS_PER_RANGE,
    RANGES_PER_TICK,
    RunRange,
    plan_ranges,
)
from hstql_resources.dagster_runs import OPEN
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.run_tags import END_TAG, PARTITION_TAG, SENSOR_TAG, START_TAG

Params = ParamSpec("Params")
FAILED = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
RUNS_REMEMBERED = 200  # of a sensor
DIGITS = 12  # of a digest in a cursor; two states that share it are one in 10^14


def skip_without_database(
    evaluate: Callable[Params, dg.SensorResult],
) -> Callable[Params, dg.SensorResult | dg.SkipReason]:
    """Skip a tick with one sentence where the database does not do what it is asked.

    Nothing is lost: the cursor stays, and the next tick finds the same.
    """

    @wraps(evaluate)
    def evaluated(*args: Params.args, **kwargs: Params.kwargs) -> dg.SensorResult | dg.SkipReason:
        try:
            return evaluate(*args, **kwargs)
        except DatabaseError as error:
            return dg.SkipReason(str(error))

    return evaluated


def request_ranges(
    stored: Sequence[str], states: Mapping[str, str], room: int, job: str | None = None
) -> dict[tuple[str, ...], dg.RunRequest]:
    """Return requests by the keys that they are about, which are neighbours in their set.

    Dagster runs the same keys in the same states by the same job only once.

    Parameters
    ----------
    stored : sequence of str
        All keys of the set, in its order.
    states : mapping of str to str
        The keys to be made, each with what it is requested for, such as a digest.
    room : int
        How many requests there may be.
    job : str, optional
        Where a sensor has several.
    """
    return {
        keys: dg.RunRequest(
            run_key=_name_request(job, keys, states),
            job_name=job,
            tags={START_TAG: keys[0], END_TAG: keys[-1]},
        )
        for keys in plan_ranges(stored, states, KEYS_PER_RANGE, max(room, 0))
    }


def _name_request(job: str | None, keys: Sequence[str], states: Mapping[str, str]) -> str:
    """Return the run key of a range: the same for one job, the same keys and states only."""
    state = "\n".join([job or "", *(f"{key} {states[key]}" for key in keys)])
    return hashlib.sha256(state.encode()).hexdigest()


def request_changed(
    cursor: str | None,
    stored: Sequence[str],
    changed: Mapping[str, str],
    nothing: str,
    again: Mapping[str, str] = MappingProxyType({}),
) -> dg.SensorResult:
    """Return requests of the keys whose state is another than when they were last requested.

    Parameters
    ----------
    cursor : str or None
        What the last result had.
    stored : sequence of str
        All keys of the set, in its order.
    changed : mapping of str to str
        The keys to be made, each with a digest of what it is made from.
    nothing : str
        What to say if there is nothing to request.
    again : mapping of str to str
        Keys that are requested once more though they have not changed since.
    """
    before = _read_cursor(cursor)
    fresh = {key: state for key, state in changed.items() if before.get(key) != state[:DIGITS]}
    fresh = {**fresh, **again}
    requests = request_ranges(stored, fresh, RANGES_PER_TICK)
    asked = {key for keys in requests for key in keys} | (changed.keys() - fresh.keys())
    return dg.SensorResult(
        run_requests=list(requests.values()),
        skip_reason=None if requests else nothing,
        cursor=json.dumps({key: changed[key][:DIGITS] for key in sorted(asked)}),
    )


def _read_cursor(cursor: str | None) -> Mapping[str, str]:
    """Return the states that were requested; a cursor that someone else wrote counts as none."""
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def read_open_runs(instance: dg.DagsterInstance) -> list[RunRange]:
    """Return the runs over keys that wait or work, as Dagster has them: see `fail_dead_runs`."""
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
