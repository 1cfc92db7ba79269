"""Build the sensors that ask the archive for new observations, and for files delivered again.

They register keys, record what the archive lists, and request runs; the runs fetch. A poll that
fails is a failed tick: it is red in the list of ticks with the archive's sentence, nothing is
registered or recorded, the cursor stays, and the next good tick is green again. Nothing is
requested in such a tick either, for runs would meet the same archive.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import dagster as dg

from hstql_assets.batching.attempts import Attempts, read_attempts
from hstql_assets.batching.job_names import file_assets, set_of_job
from hstql_assets.batching.news import MOST_LEFT, Keys, Mark, Seen, has_deletions, read_mark
from hstql_assets.batching.partitions import ROOTNAMES, read_growth, register_keys, set_name
from hstql_assets.batching.run_ranges import (
    RANGES_PER_TICK,
    RunRange,
    find_busy,
    find_failed,
)
from hstql_assets.batching.run_requests import (
    read_ended_runs,
    read_open_runs,
    request_ranges,
    skip_without_database,
)
from hstql_assets.observations.cursors import Cursor, advance
from hstql_assets.observations.discovery import Poll
from hstql_assets.observations.listing import (
    find_stale,
    read_listed_keys,
    record_products,
    select_news,
)
from hstql_assets.observations.polling import poll_archive
from hstql_assets.observations.raw_changes import (
    find_released,
    find_uncalibrated,
    find_undecided,
)
from hstql_resources.archive import Archive, Search
from hstql_resources.dagster_keys import find_registered
from hstql_resources.dagster_runs import fail_dead_runs
from hstql_resources.filenames import letter_of
from hstql_resources.postgres.database import Database

_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)  # before the launch of HST
RETRY_AFTER = timedelta(hours=6)  # a run that failed as a whole: most often the archive was away


@dataclass(frozen=True)
class _Runs:
    """What Dagster is doing and did about the keys of an instrument."""

    stored: Sequence[str]
    busy: set[str]
    failed: Mapping[str, RunRange]
    attempts: Attempts
    room: int

    def describe(self, key: str, state: str) -> str:
        """Return the state of a key with what failed for it before: it may be tried again."""
        if key in self.attempts:
            return f"{state} after {self.attempts[key].attempts} attempts"
        run = self.failed.get(key)
        return state if run is None else f"{state} after {run.run_id}"

    def is_free(self, key: str) -> bool:
        """Tell whether no run is at work on a key, and none has failed too lately."""
        if key in self.busy:
            return False
        now = datetime.now(UTC)
        if key in self.attempts:
            return self.attempts[key].next_at <= now
        run = self.failed.get(key)
        return run is None or run.created_at <= now - RETRY_AFTER

    def request(self, states: Mapping[str, str]) -> tuple[list[dg.RunRequest], set[str]]:
        """Return requests for keys with their states, and the keys that are in them."""
        free = {key: self.describe(key, text) for key, text in states.items() if self.is_free(key)}
        requests = request_ranges(self.stored, free, self.room)
        return list(requests.values()), {key for keys in requests for key in keys}


@dataclass(frozen=True)
class _News:
    """What an instrument's sensor has to look at: keys that are new or were left, and a mark."""

    instance: dg.DagsterInstance
    instrument: str
    now: Seen
    before: Seen | None
    new: Sequence[str] | None

    @classmethod
    def look(
        cls,
        instance: dg.DagsterInstance,
        database: Database,
        instrument: str,
        before: Seen | None,
        mark: Mark,
    ) -> "_News":
        """Find which keys came since something was seen; the mark is of the tick's begin."""
        name = set_name(ROOTNAMES[instrument])
        size, new = read_growth(instance, name, before.sizes.get(name) if before else None)
        lost = [*file_assets(instrument), f"files/{letter_of(instrument)}"]
        if before is not None and has_deletions(database, lost, before.mark):
            before = None
        return cls(instance, instrument, Seen(mark, {name: size}, (), instrument), before, new)

    def read_keys(self) -> Sequence[str]:
        """Return the keys that may be undecided: all, or the new ones and those that were left."""
        if self.before is None or self.new is None:
            return self.instance.get_dynamic_partitions(set_name(ROOTNAMES[self.instrument]))
        return [*self.before.left, *self.new]

    def select(self, asked: Collection[str]) -> Keys | None:
        """Return the query for the keys that may be stale; None for all."""
        if self.before is None:
            return None
        return select_news(self.instrument, self.before.mark, [*self.before.left, *asked])

    def keep(self, cursor: Cursor, left: Collection[str]) -> Cursor:
        """Return a cursor that has seen all but what is left; unless that is too much for it."""
        if len(left) > MOST_LEFT:
            return cursor
        return replace(cursor, seen=replace(self.now, left=tuple(left)).write())


ReadRuns = Callable[[], _Runs]


def build_new_observations(instrument: str, job: Any, **options: Any) -> dg.SensorDefinition:
    """Return the sensor that registers and requests what became public.

    Parameters
    ----------
    instrument : str
        Such as `cos`.
    job : job
        Brings in the files of observations and makes what follows from them.
    **options
        Of `dagster.sensor`: whether it is on from the start, and the time between two polls.
    """
    return _build_poll(
        instrument,
        lambda cursor: Search(instrument, released_since=cursor.since),
        _request_new,
        name=f"{instrument}_new_observations",
        job=job,
        **options,
        description="Asks the archive for observations that became public, registers their keys "
        "and requests their files and what follows. Keys whose files were not public when they "
        "were tried are requested again after their release. The first poll takes several ticks.",
    )


def build_changed_products(instrument: str, job: Any, **options: Any) -> dg.SensorDefinition:
    """Return the sensor that requests files which the archive has taken in again.

    Parameters are those of `build_new_observations`; the job only brings in files.
    """
    return _build_poll(
        instrument,
        lambda cursor: Search(instrument, archived_since=cursor.since or _LONG_AGO),
        _request_changed,
        name=f"{instrument}_changed_products",
        job=job,
        **options,
        description="Asks the archive for data sets that it took in again, and requests the files "
        "of exactly those keys whose list of files is another than that which was fetched. Where "
        "the bytes turn out to be the same, nothing follows.",
    )


def _build_poll(
    instrument: str,
    find_search: Callable[[Cursor], Search],
    request: Callable[[Database, str, ReadRuns, Cursor, _News], tuple[list[dg.RunRequest], Cursor]],
    *,
    name: str,
    job: Any,
    **options: Any,
) -> dg.SensorDefinition:
    """Return a sensor that polls, then requests by what the tables have.

    `request` takes the cursor after the poll, and returns it with what has to be remembered.
    """

    @dg.sensor(name=name, job=job, **options)
    @skip_without_database
    def poll(
        context: dg.SensorEvaluationContext,
        archive: dg.ResourceParam[Archive],
        database: dg.ResourceParam[Database],
    ) -> dg.SensorResult:
        cursor = Cursor.read(context.cursor)
        search = find_search(cursor)
        started, mark = datetime.now(UTC), read_mark(database)
        before = Seen.read(cursor.seen, mark, instrument)
        found, new = _poll(context.instance, archive, database, search, before)
        fail_dead_runs(context.instance)
        requests, after = request(
            database,
            instrument,
            lambda: _read_runs(context.instance, database, instrument, name, job.name),
            advance(cursor, search, found, started),
            _News.look(context.instance, database, instrument, before, mark),
        )
        return _answer(requests, after, found, len(new))

    return poll


def _request_new(
    database: Database, instrument: str, read_runs: ReadRuns, cursor: Cursor, news: _News
) -> tuple[list[dg.RunRequest], Cursor]:
    undecided = find_undecided(database, instrument, news.read_keys())
    states = dict.fromkeys(undecided, "new")
    for key, released_at in find_released(database, instrument).items():
        states[key] = f"released {released_at.isoformat()}"
    requests = read_runs().request(states)[0] if states else []
    return requests, news.keep(cursor, undecided)


def _request_changed(
    database: Database, instrument: str, read_runs: ReadRuns, cursor: Cursor, news: _News
) -> tuple[list[dg.RunRequest], Cursor]:
    stale = _find_stale(database, instrument, news.select(cursor.asked))
    if not stale:
        return [], news.keep(cursor.remember({}, ()), ())
    runs = read_runs()
    others = find_released(database, instrument)  # the other sensor's
    fresh = {
        key: state
        for key, state in stale.items()
        if key not in others
        and (not cursor.has_asked(key, state) or key in runs.failed or key in runs.attempts)
    }
    requests, asked = runs.request(fresh)
    asked |= {key for key in stale if cursor.has_asked(key, stale[key])}
    return requests, news.keep(cursor.remember(stale, asked), stale.keys() - asked)


def _find_stale(database: Database, instrument: str, among: Keys | None) -> dict[str, str]:
    """Return the keys to be fetched again, and those to be calibrated here again."""
    stale = dict(find_stale(database, instrument, among))
    for key, changed_at in find_uncalibrated(database, instrument, among).items():
        stale.setdefault(key, hashlib.sha256(changed_at.isoformat().encode()).hexdigest())
    return stale


def _poll(
    instance: dg.DagsterInstance,
    archive: Archive,
    database: Database,
    search: Search,
    before: Seen | None,
) -> tuple[Poll, list[str]]:
    """Ask the archive, then record what is listed, then register the keys.

    Nothing is lost wherever a tick dies: what is not recorded is listed again, and what was
    recorded since the last tick is registered, whoever recorded it.
    """
    partitions = ROOTNAMES[search.instrument]
    name = set_name(partitions)
    poll = poll_archive(archive, database, search, partial(find_registered, instance, name))
    record_products(database, poll.discovery)
    since = None if before is None else before.mark
    keys = read_listed_keys(database, search.instrument, since) | set(poll.discovery.rootnames)
    return poll, register_keys(instance, partitions, sorted(keys))


def _read_runs(
    instance: dg.DagsterInstance, database: Database, instrument: str, sensor: str, job: str
) -> _Runs:
    name = set_name(ROOTNAMES[instrument])
    stored = instance.get_dynamic_partitions(name)
    runs = read_open_runs(instance)
    return _Runs(
        stored=stored,
        busy=find_busy(runs, {name: stored}, set_of_job(), {name}),
        failed=find_failed(read_ended_runs(instance, sensor), stored),
        attempts=read_attempts(database, file_assets(instrument)),
        room=RANGES_PER_TICK - sum(run.job == job for run in runs),
    )


def _answer(
    requests: Sequence[dg.RunRequest], cursor: Cursor, poll: Poll, new: int
) -> dg.SensorResult:
    said = (
        f"{len(poll.discovery.datasets)} data sets were listed, {new} keys registered, "
        f"{len(poll.left)} data sets left for the next poll."
    )
    return dg.SensorResult(
        run_requests=list(requests),
        skip_reason=None if requests else f"No run is needed: {said}",
        cursor=cursor.write(),
    )
