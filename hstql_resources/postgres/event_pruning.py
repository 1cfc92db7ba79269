"""Delete from Dagster's database what its user interface does not need any more.

By SQL, as sets, in batches that are each a transaction: Dagster itself can only delete whole runs,
and with a run the only materialization of a key, or the reason why it counts as failed. Only events
of runs that ended before a given time go. What stays is in docs/events.md.
"""

# ruff: noqa: S608, the statements are made of the words of this module

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, create_engine, text

from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.settings import Settings

IDS_AT_ONCE = 50_000  # rows of a table that one transaction looks at
_LOCK = 0x6873_746C_0004  # any number that nobody else locks in the same database
ENDED = """r.status IN ('SUCCESS', 'FAILURE', 'CANCELED')
    AND coalesce(r.end_time, extract(epoch FROM r.update_timestamp)) < :before"""
LATER = """SELECT FROM event_logs n WHERE n.asset_key = e.asset_key AND n.id > e.id
    AND n.dagster_event_type = e.dagster_event_type AND n.partition"""
SUPERSEDED = f"""e.dagster_event_type = 'ASSET_MATERIALIZATION' AND (EXISTS ({LATER} = e.partition)
    OR e.partition IS NULL AND EXISTS ({LATER} IS NULL))"""
# The last plan of an asset stays; that of a key, unless the same run made it last: see
# EventLogStorage.get_latest_planned_materialization_info.
OVERTAKEN = f"""e.dagster_event_type = 'ASSET_MATERIALIZATION_PLANNED'
    AND e.id < (SELECT max(n.id) FROM event_logs n WHERE n.asset_key = e.asset_key
        AND n.dagster_event_type = e.dagster_event_type)
    AND (e.partition IS NULL OR EXISTS ({LATER} = e.partition) OR e.run_id = (
        SELECT n.run_id FROM event_logs n WHERE n.asset_key = e.asset_key AND n.id > e.id
        AND n.dagster_event_type = 'ASSET_MATERIALIZATION' AND n.partition = e.partition
        ORDER BY n.id DESC LIMIT 1))"""
# A run that failed or was cancelled keeps its log: it says why, and where it can go on.
OF_STEPS = """r.status = 'SUCCESS' AND e.dagster_event_type IN ('STEP_START', 'STEP_OUTPUT',
    'ENGINE_EVENT', 'RESOURCE_INIT_STARTED', 'RESOURCE_INIT_SUCCESS', 'LOGS_CAPTURED',
    'ASSET_CHECK_EVALUATION_PLANNED')"""
CHECKED_LATER = """EXISTS (SELECT FROM asset_check_executions n WHERE n.asset_key = c.asset_key
    AND n.check_name = c.check_name AND n.partition IS NOT DISTINCT FROM c.partition
    AND n.id > c.id AND n.execution_status IN ('SUCCEEDED', 'FAILED'))"""


@dataclass(frozen=True)
class _Rule:
    """Rows of a table, named by a letter, that go; `r` is their run."""

    what: str
    table: str
    row: str
    condition: str
    runs: str = "runs r"

    def bounded(self) -> str:
        of_run = f"AND r.run_id = {self.row}.run_id AND {ENDED}" if self.runs else ""
        return (
            f"WHERE {self.row}.id > :low AND {self.row}.id <= :high {of_run} AND {self.condition}"
        )

    def count(self) -> str:
        also = f", {self.runs}" if self.runs else ""
        return f"SELECT count(*) FROM {self.table} {self.row}{also} {self.bounded()}"

    def delete(self) -> str:
        also = f"USING {self.runs}" if self.runs else ""
        return f"DELETE FROM {self.table} {self.row} {also} {self.bounded()}"


# Tags before their events, so that what is left by whoever was killed in between goes next time.
RULES = (
    _Rule(
        "tags of such materializations, or of none", "asset_event_tags", "t",
        "(NOT EXISTS (SELECT FROM event_logs e WHERE e.id = t.event_id) OR EXISTS (SELECT FROM "
        "event_logs e JOIN runs r ON r.run_id = e.run_id WHERE e.id = t.event_id "
        f"AND {ENDED} AND {SUPERSEDED}))",
        runs="",
    ),
    _Rule("superseded materializations", "event_logs", "e", SUPERSEDED),
    _Rule("plans that were overtaken or carried out", "event_logs", "e", OVERTAKEN),
    _Rule("events of the steps of runs that succeeded", "event_logs", "e", OF_STEPS),
    _Rule("executions of checks before the last", "asset_check_executions", "c", CHECKED_LATER),
    _Rule(
        "events of such executions", "event_logs", "e",
        "e.dagster_event_type = 'ASSET_CHECK_EVALUATION' AND NOT EXISTS (SELECT FROM "
        "asset_check_executions c WHERE c.evaluation_event_storage_id = e.id "
        f"AND NOT {CHECKED_LATER})",
    ),
)  # fmt: skip
TABLES = tuple(dict.fromkeys(rule.table for rule in RULES))


@dataclass(frozen=True)
class Pruned:
    """What went, or would go.

    Attributes
    ----------
    rows : dict of str to int
        By what they are.
    size_before, size_after : int
        Of the tables with their indexes, bytes.
    """

    rows: dict[str, int]
    size_before: int
    size_after: int


def prune(
    settings: Settings, days: float, *, is_dry: bool = False, is_full: bool = False
) -> Pruned:
    """Delete what runs that ended some days ago left and nobody needs; give its space back.

    Parameters
    ----------
    settings : Settings
        Which database.
    days : float
        How long ago a run has to have ended.
    is_dry : bool
        Only count.
    is_full : bool
        Hand the space back to the disk, and not only to later events: VACUUM FULL, which locks the
        tables meanwhile.

    Raises
    ------
    DatabaseError
        If the tables are to be locked while a run is open.
    """
    before = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    with _open(settings) as engine:
        with engine.connect() as connection:
            size = _measure(connection)
            if is_full and not is_dry:
                _refuse_open_runs(connection)
        rows = {rule.what: sum(_apply(engine, rule, before, is_dry)) for rule in RULES}
        if is_dry:
            return Pruned(rows, size, size)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            full = "FULL, " if is_full else ""
            connection.execute(text(f"VACUUM ({full}ANALYZE) {', '.join(TABLES)}"))
            return Pruned(rows, size, _measure(connection))


@contextmanager
def _open(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(dagster_database_url(settings))
    try:
        yield engine
    finally:
        engine.dispose()


def _apply(engine: Engine, rule: _Rule, before: float, is_dry: bool) -> Iterator[int]:
    """Yield the number of rows of each batch."""
    with engine.connect() as connection:
        ends = text(f"SELECT coalesce(min(id), 1) - 1, coalesce(max(id), 0) FROM {rule.table}")
        first, last = connection.execute(ends).one()
    for low in range(first, last, IDS_AT_ONCE):
        bounds = {"low": low, "high": low + IDS_AT_ONCE, "before": before}
        with engine.begin() as connection:
            if is_dry:
                yield int(connection.execute(text(rule.count()), bounds).scalar_one())
                continue
            # Two at once would wait for each other's rows, each in another order.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield connection.execute(text(rule.delete()), bounds).rowcount


def _measure(connection: Connection) -> int:
    sizes = " + ".join(f"pg_total_relation_size('{table}')" for table in TABLES)
    return int(connection.execute(text(f"SELECT {sizes}")).scalar_one())


def _refuse_open_runs(connection: Connection) -> None:
    is_open = text(
        "SELECT count(*) FROM runs WHERE status NOT IN ('SUCCESS', 'FAILURE', 'CANCELED')"
    )
    if number := connection.execute(is_open).scalar_one():
        raise DatabaseError(
            f"--full locks Dagster's tables, and {number} runs are open: wait until they have "
            "ended, or leave it out."
        )
