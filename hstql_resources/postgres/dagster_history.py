"""Ask Dagster's tables what ran, when, how it ended and what it said, without Dagster.

Nothing is there before Dagster was used once.
"""

# ruff: noqa: S608, the statements are made of the words of this module

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from psycopg2.errors import UndefinedTable
from sqlalchemy import URL, TextClause, create_engine, text
from sqlalchemy.exc import ProgrammingError

from hstql_resources.postgres.packed_events import unpack
from hstql_resources.run_tags import (
    END_TAG,
    LOG_TAG,
    PARTITION_TAG,
    SCHEDULE_TAG,
    SENSOR_TAG,
    START_TAG,
)  # fmt: skip
from hstql_resources.site.rows import AnyRow

STATEMENT_LIMIT_S = 15
_CONNECTIONS = 3
_OF_KEYS = ("ASSET_MATERIALIZATION_PLANNED", "ASSET_MATERIALIZATION")
_TAGS = (LOG_TAG, SENSOR_TAG, SCHEDULE_TAG, PARTITION_TAG, START_TAG, END_TAG)
_RUN = """
SELECT id AS number, run_id, pipeline_name, status, start_time, end_time, create_timestamp,
       run_body, (SELECT json_object_agg(key, value) FROM run_tags
                  WHERE run_tags.run_id = runs.run_id AND key = ANY(:tags)) AS tags
FROM runs
"""
_RUNS = text(f"{_RUN} WHERE id < :behind ORDER BY id DESC LIMIT :most")
_FAILED_RUNS = text(
    f"{_RUN} WHERE id < :behind AND status IN ('FAILURE', 'CANCELED') ORDER BY id DESC LIMIT :most"
)
_ONE_RUN = text(f"{_RUN} WHERE run_id = :run")
_RUNS_OF_LOG = text(f"""
{_RUN} WHERE run_id IN (SELECT run_id FROM run_tags WHERE key = '{LOG_TAG}' AND value = :log)
ORDER BY id DESC LIMIT :most""")
_IS_OF_KEY = f"dagster_event_type IN {_OF_KEYS} AND partition IS NOT NULL"
_IS_PLAN = "dagster_event_type LIKE '%_PLANNED'"
_EVENTS = text(f"""
SELECT id AS number, event FROM event_logs
WHERE run_id = :run AND id > :behind
AND (:details OR ({_IS_OF_KEY} OR {_IS_PLAN}) IS NOT TRUE)
ORDER BY id LIMIT :most""")
_KEYS = text(f"""
SELECT dagster_event_type, count(*) FROM event_logs WHERE run_id = :run AND {_IS_OF_KEY} GROUP BY 1
""")
_TICK = "SELECT id AS number, status, timestamp, tick_body FROM job_ticks"
_AUTOMATIONS = text("""
SELECT one.id AS number, one.instigator_type, one.status, one.instigator_body,
       (SELECT max(id) FROM job_ticks WHERE selector_id = one.selector_id
        AND timestamp = (SELECT max(timestamp) FROM job_ticks WHERE selector_id = one.selector_id)
       ) AS last,
       (SELECT max(id) FROM job_ticks WHERE selector_id = one.selector_id
        AND timestamp = (SELECT max(timestamp) FROM job_ticks
                         WHERE selector_id = one.selector_id AND status <> 'SKIPPED')) AS deed
FROM instigators AS one ORDER BY one.id
""")
_SOME_TICKS = text(f"{_TICK} WHERE id = ANY(:numbers)")
_TICKS_OF = text(f"""
{_TICK} WHERE selector_id = (SELECT selector_id FROM instigators WHERE id = :automation)
AND id < :behind ORDER BY timestamp DESC, id DESC LIMIT :most""")
# The last plan of a run that failed is later than what was made before.
_LAST_OF_KEY = " UNION ALL ".join(
    f"""(SELECT id, run_id FROM event_logs WHERE asset_key = asset AND partition = :key
    AND dagster_event_type = '{kind}' ORDER BY id DESC LIMIT 1)"""
    for kind in _OF_KEYS
)
_MAKERS = text(f"""
SELECT asset, (SELECT run_id FROM ({_LAST_OF_KEY}) AS last ORDER BY id DESC LIMIT 1) AS run_id
FROM unnest(CAST(:assets AS text[])) AS asset""")
_SIZE = text("""
SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace""")
_FAR = 2**62


class DagsterRun(NamedTuple):
    """A run.

    Attributes
    ----------
    number : int
        The later a run was asked for, the larger.
    run_id : str
        Its name.
    job : str
        Its job; empty if it makes assets that somebody chose.
    status : str
        In Dagster's words, in lower case, such as success.
    asked_at, started_at, ended_at : datetime or None
        UTC.
    assets : tuple of str
        What was chosen.
    tags : mapping of str to str
        Some of its tags.
    """

    number: int
    run_id: str
    job: str
    status: str
    asked_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    assets: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def keys(self) -> str:
        """Its keys: one, or the first and the last."""
        start = self.tags.get(START_TAG, "")
        end = self.tags.get(END_TAG, start)
        if not start:
            return self.tags.get(PARTITION_TAG, "")
        return start if start == end else f"{start} to {end}"

    @property
    def asker(self) -> str:
        """The sensor or schedule that asked for it."""
        found = (self.tags.get(tag) for tag in (SENSOR_TAG, SCHEDULE_TAG))
        return next((name for name in found if name), "")


class DagsterEvent(NamedTuple):
    """What a run said.

    Attributes
    ----------
    number : int
        The later, the larger.
    at : datetime
        When, UTC.
    level : int
        As in `logging`.
    step : str
        Of which step, empty if of none.
    text : str
        What was said, with the error that came with it.
    """

    number: int
    at: datetime
    level: int
    step: str
    text: str


class Tick(NamedTuple):
    """One look of a sensor or schedule whether something is to be done.

    Attributes
    ----------
    number : int
        The later, the larger.
    automation : str
        Of which sensor or schedule.
    status : str
        started, skipped, success or failure.
    began_at, ended_at : datetime or None
        UTC.
    text : str
        Why nothing was to be done, or what went wrong.
    run_ids : tuple of str
        The runs that it asked for.
    log_key : tuple of str
        Where its log is, see `captured_logs`.
    """

    number: int
    automation: str
    status: str
    began_at: datetime | None
    ended_at: datetime | None
    text: str
    run_ids: tuple[str, ...]
    log_key: tuple[str, ...]


class Automation(NamedTuple):
    """A sensor or schedule that was turned on once.

    Attributes
    ----------
    number : int
        Which.
    name : str
        Its name.
    kind : str
        sensor or schedule.
    is_on : bool
        Whether it looks.
    last : Tick or None
        When it looked last.
    deed : Tick or None
        When it last asked for runs or failed.
    """

    number: int
    name: str
    kind: str
    is_on: bool
    last: Tick | None
    deed: Tick | None


class DagsterHistory:
    """What Dagster recorded.

    Parameters
    ----------
    address : sqlalchemy.URL
        Of its tables, for a login that reads all of them.
    """

    def __init__(self, address: URL) -> None:
        self._engine = create_engine(
            address, pool_pre_ping=True, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS
        ).execution_options(postgresql_readonly=True)

    def dispose(self) -> None:
        """Close all connections that nobody uses."""
        self._engine.dispose()

    def list_runs(
        self, most: int, behind: int | None = None, *, failed: bool = False
    ) -> list[DagsterRun]:
        """Return the last runs before one, or those of them that failed or were canceled."""
        statement = _FAILED_RUNS if failed else _RUNS
        return self._read_runs(statement, behind=behind or _FAR, most=most)

    def find_run(self, run_id: str) -> DagsterRun | None:
        """Return a run by its name."""
        return next(iter(self._read_runs(_ONE_RUN, run=run_id)), None)

    def list_runs_of(self, log: str, most: int) -> list[DagsterRun]:
        """Return the last runs of a command by the id of its log."""
        return self._read_runs(_RUNS_OF_LOG, log=log, most=most)

    def _read_runs(self, statement: TextClause, **values: object) -> list[DagsterRun]:
        return [_read_run(row) for row in self._ask(statement, tags=list(_TAGS), **values)]

    def read_events(
        self, run_id: str, behind: int, most: int, *, in_detail: bool = False
    ) -> list[DagsterEvent]:
        """Return what a run said after an event; where wanted, also its plans and of each key."""
        rows = self._ask(_EVENTS, run=run_id, behind=behind, most=most, details=in_detail)
        return [_read_event(row) for row in rows]

    def count_keys(self, run_id: str) -> tuple[int, int]:
        """Return how many keys of assets a run planned to make, and how many it made."""
        counts = {row[0]: int(row[1]) for row in self._ask(_KEYS, run=run_id)}
        planned, made = (counts.get(kind, 0) for kind in _OF_KEYS)
        return planned, made

    def list_automations(self) -> list[Automation]:
        """Return sensors and schedules that were turned on once, by name."""
        rows = self._ask(_AUTOMATIONS)
        numbers = [number for row in rows for number in (row.last, row.deed) if number is not None]
        ticks = {row.number: _read_tick(row) for row in self._ask(_SOME_TICKS, numbers=numbers)}
        found = [
            Automation(
                row.number, _name_automation(row.instigator_body), row.instigator_type.lower(),
                row.status != "STOPPED", ticks.get(row.last), ticks.get(row.deed),
            )
            for row in rows
        ]  # fmt: skip
        return sorted(found, key=lambda one: one.name)

    def list_ticks(self, automation: int, most: int, behind: int | None = None) -> list[Tick]:
        """Return the last looks of a sensor or schedule before one."""
        rows = self._ask(_TICKS_OF, automation=automation, most=most, behind=behind or _FAR)
        return [_read_tick(row) for row in rows]

    def find_tick(self, number: int) -> Tick | None:
        """Return a look of a sensor or schedule."""
        return next((_read_tick(row) for row in self._ask(_SOME_TICKS, numbers=[number])), None)

    def find_makers(self, key: str, assets: Sequence[str]) -> dict[str, str]:
        """Return by asset the run that last made a key in it, or was to make it."""
        names = {json.dumps(asset.split("/")): asset for asset in assets}
        rows = self._ask(_MAKERS, key=key, assets=list(names))
        return {names[row.asset]: row.run_id for row in rows if row.run_id is not None}

    def measure(self) -> int:
        """Return how large the tables are with their indexes, bytes."""
        return next((int(row[0]) for row in self._ask(_SIZE)), 0)

    def _ask(self, statement: TextClause, **values: object) -> Sequence[AnyRow]:
        try:
            with self._engine.begin() as connection:
                limit = f"SET LOCAL statement_timeout = '{STATEMENT_LIMIT_S}s'"
                connection.exec_driver_sql(limit)
                return connection.execute(statement, values).all()
        except ProgrammingError as error:
            if isinstance(error.orig, UndefinedTable):
                return []
            raise


def _read_run(row: AnyRow) -> DagsterRun:
    body = json.loads(row.run_body)
    job = "" if row.pipeline_name.startswith("__") else row.pipeline_name
    assets = () if job else tuple(sorted(_find_assets(body.get("asset_selection"))))
    asked_at = row.create_timestamp and row.create_timestamp.replace(tzinfo=UTC)
    started_at, ended_at = _to_time(row.start_time), _to_time(row.end_time)
    return DagsterRun(
        row.number, row.run_id, job, row.status.lower().replace("_", " "), asked_at, started_at,
        ended_at, assets, row.tags or {},
    )  # fmt: skip


def _find_assets(value: Any) -> Iterator[str]:
    """Yield the names of all assets in something that Dagster wrote."""
    if isinstance(value, list):
        for inner in value:
            yield from _find_assets(inner)
    elif isinstance(value, dict):
        if value.get("__class__") == "AssetKey":
            yield "/".join(value["path"])
        else:
            yield from _find_assets(list(value.values()))


def _read_event(row: AnyRow) -> DagsterEvent:
    entry = json.loads(unpack(row.event))
    event = entry.get("dagster_event") or {}
    said = entry.get("user_message") or event.get("message") or entry.get("message") or ""
    fault = (event.get("event_specific_data") or {}).get("error") or entry.get("error_info")
    parts = [said, *_write_fault(fault)]
    at = datetime.fromtimestamp(entry["timestamp"], UTC)
    step = entry.get("step_key") or ""
    return DagsterEvent(row.number, at, int(entry["level"]), step, "\n".join(filter(None, parts)))


def _write_fault(fault: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield what Dagster keeps of an exception, what caused it last."""
    while fault is not None:
        yield fault["message"].strip()
        if stack := "".join(fault.get("stack") or ()).rstrip():
            yield stack
        fault = fault.get("cause")
        if fault is not None:
            yield "Caused by:"


def _read_tick(row: AnyRow) -> Tick:
    body = json.loads(row.tick_body)
    parts = [body.get("skip_reason") or "", *_write_fault(body.get("error"))]
    began_at = row.timestamp and row.timestamp.replace(tzinfo=UTC)
    return Tick(
        row.number, body.get("job_name") or "", row.status.lower(), began_at,
        _to_time(body.get("end_timestamp")), "\n".join(filter(None, parts)),
        tuple(body.get("run_ids") or ()), tuple(body.get("log_key") or ()),
    )  # fmt: skip


def _name_automation(body: str) -> str:
    origin = json.loads(body).get("origin") or {}
    return str(origin.get("job_name") or origin.get("instigator_name") or "")


def _to_time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
