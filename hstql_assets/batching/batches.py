"""A batch of keys: each is decided by a worker, and all decisions are recorded in one transaction.

What is decided belongs to the domains. Dagster is not known here; `presentation` tells it.
"""

import errno
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol, cast

from sqlalchemy import Table, Text, and_, any_, literal, not_, select
from sqlalchemy.dialects.postgresql import ARRAY

from hstql_assets.batching.ownership import OwnedTable
from hstql_resources import tables
from hstql_resources.postgres.database import Database, Writer

_log = logging.getLogger(__name__)

# What goes to the workers at most, and comes back, of one batch: a message for each of a thousand
# keys costs as much as a key that takes a millisecond.
PARCELS = 100
FAULT = "Fault"  # of the program, not of the data
CONCERN_ALL_KEYS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}
)

Status = Literal["made", "none", "bad", "missing"]
Rows = Mapping[type[tables.Base], Sequence[Mapping[str, object]]]


@dataclass(frozen=True)
class BadFile:
    """A file that is left out downstream.

    Attributes
    ----------
    filename : str
        Without folder and without `.gz`.
    reason : str
        The check that it failed.
    detail : str
        One sentence with the numbers.
    """

    filename: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Outcome:
    """What became of one key.

    Attributes
    ----------
    key : str
        The partition key.
    status : str
        `made`: the product is there; `none`: there is nothing to make; `bad`: see `bad_files`;
        `missing`: what it is made from is not there.
    reason : str or None
        Why it was not made, one sentence.
    rows : mapping of table to rows
        What goes into the database.
    bad_files : tuple of BadFile
        Files of this key that failed; also a key that was made can have some.
    facts : mapping of str to object
        What the user interface shows about this key: numbers, texts, paths, pictures.
    is_upstream_unmade : bool
        True if `missing` means that an asset before this one was never run for the key.
    cargo : object
        What the asset records in a way of its own, in the same transaction.
    is_unchanged : bool
        True if the result is that of the last decision, so that nothing need follow from it.
    """

    key: str
    status: Status
    reason: str | None = None
    rows: Rows = field(default_factory=dict)
    bad_files: tuple[BadFile, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    is_upstream_unmade: bool = False
    cargo: Any = None
    is_unchanged: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether what was there before gives way to this.

        A missing input, or a fault of the program, proves nothing against it.
        """
        return self.status != "missing" and all(bad.reason != FAULT for bad in self.bad_files)


class Task(Protocol):
    """What a worker gets: anything that says which key it is about."""

    @property
    def key(self) -> str:
        """The partition key."""


def decide_batch(
    workers: Executor,
    decide: Callable[[Any], Outcome],
    tasks: Sequence[Task | Outcome],
    on_outcome: Callable[[Outcome], None],
) -> list[Outcome]:
    """Have the workers decide each key; one key's fault never touches another.

    Parameters
    ----------
    workers : concurrent.futures.Executor
        Who computes. A single task is computed here, which saves starting them.
    decide : callable
        Takes a task, returns its outcome. Module-level, for it is pickled.
    tasks : sequence of Task or Outcome
        What to decide, and what is decided already.
    on_outcome : callable
        Called for each key as it is decided.

    Returns
    -------
    list of Outcome
        In the order of `tasks`.
    """
    outcomes: dict[str, Outcome] = {}
    for outcome in _decide_all(workers, decide, tasks):
        outcomes[outcome.key] = outcome
        on_outcome(outcome)
    return [outcomes[task.key] for task in tasks]


def _decide_all(
    workers: Executor, decide: Callable[[Any], Outcome], tasks: Sequence[Task | Outcome]
) -> Iterator[Outcome]:
    yield from (task for task in tasks if isinstance(task, Outcome))
    open_tasks = [task for task in tasks if not isinstance(task, Outcome)]
    if len(open_tasks) == 1:
        yield _decide_one(decide, open_tasks[0])
        return
    yield from _decide_group(workers, decide, open_tasks)


def _decide_group(
    workers: Executor, decide: Callable[[Any], Outcome], tasks: Sequence[Task]
) -> Iterator[Outcome]:
    """Decide tasks together.

    One worker's death takes the tasks of all others with it. Which one was to blame cannot be
    told, so the open tasks are tried again in two halves, down to the one that kills its worker.
    """
    size = max(1, len(tasks) // PARCELS)
    parcels = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    futures = {workers.submit(_decide_some, decide, parcel): parcel for parcel in parcels}
    orphans: list[Task] = []
    for future in as_completed(futures):
        parcel = futures.pop(future)  # so that its result is not kept longer than needed
        try:
            yield from future.result()
        except BrokenProcessPool:
            orphans += parcel
    if len(orphans) == 1 == len(tasks):
        key = orphans[0].key
        _log.error("The worker of %s died", key)
        reason = f"The worker process for {key} died: it was killed, or memory ran out."
        yield Outcome(key, "missing", reason)
    elif orphans:
        half = (len(orphans) + 1) // 2
        yield from _decide_group(workers, decide, orphans[:half])
        if orphans[half:]:
            yield from _decide_group(workers, decide, orphans[half:])


def _decide_some(decide: Callable[[Any], Outcome], tasks: Sequence[Task]) -> list[Outcome]:
    return [_decide_one(decide, task) for task in tasks]


def _decide_one(decide: Callable[[Any], Outcome], task: Task) -> Outcome:
    """Decide one key; what nobody foresaw about its data stays with this key.

    Memory and a full or broken disk concern all keys and go on to the caller.
    """
    try:
        return decide(task)
    except MemoryError:
        raise
    except OSError as error:
        if error.errno in CONCERN_ALL_KEYS or error.filename is None:
            raise
        return Outcome(task.key, "missing", f"{error.filename}: {error.strerror}.")
    except Exception as error:
        _log.exception("Unforeseen fault of %s", task.key)
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return Outcome(task.key, "bad", reason, bad_files=(BadFile(task.key, FAULT, reason),))


def record_batch(
    database: Database,
    asset: str,
    outcomes: Sequence[Outcome],
    owned: Sequence[OwnedTable],
    also: Callable[[Writer, Sequence[Outcome]], None] | None = None,
) -> None:
    """Record all decisions of a batch in one transaction, in a fixed number of statements.

    Rows that these keys had in the asset's own tables, and have no longer, are removed; those of
    a key that is not settled stay.

    Parameters
    ----------
    database : Database
        Where to.
    asset : str
        Name of the asset, such as `cos/lightcurves`.
    outcomes : sequence of Outcome
        One per key.
    owned : sequence of OwnedTable
        The tables that the outcomes have rows for.
    also : callable, optional
        What else the asset writes in this transaction, such as the cargo of the outcomes. Called
        again if the transaction has to be repeated.
    """
    now = datetime.now(UTC)

    def record(writer: Writer) -> None:
        for table in owned:
            rows = [row for outcome in outcomes for row in outcome.rows.get(table.model, ())]
            _replace_rows(writer, table, _stale_keys(table, outcomes), rows)
        if also is not None:
            also(writer, outcomes)
        bad_data = OwnedTable(tables.BadData, "rootname", tables.BadData.step == asset)
        bad_rows = _bad_data_rows(asset, outcomes, now)
        unclaimed = _unclaimed(writer, asset, bad_rows)
        _replace_rows(writer, bad_data, _stale_keys(bad_data, outcomes), unclaimed)
        for is_unchanged, kept in ((False, ()), (True, ("changed_at",))):
            decided = [one for one in outcomes if one.is_unchanged == is_unchanged]
            writer.upsert(tables.Outcome, _outcome_rows(asset, decided, now), keep=kept)

    database.transact(record)


def _stale_keys(owned: OwnedTable, outcomes: Sequence[Outcome]) -> list[str]:
    """Return the keys whose rows go, unless they are written anew."""
    return [
        outcome.key
        for outcome in outcomes
        if outcome.is_settled and not (owned.outlives_bad and outcome.status == "bad")
    ]


def _outcome_rows(
    asset: str, outcomes: Sequence[Outcome], now: datetime
) -> list[dict[str, object]]:
    return [
        {
            "asset": asset,
            "key": outcome.key,
            "status": outcome.status,
            "reason": outcome.reason,
            "decided_at": now,
            "changed_at": now,
        }
        for outcome in outcomes
    ]


def _replace_rows(
    writer: Writer, owned: OwnedTable, keys: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> None:
    if owned.is_shared:
        writer.update(owned.model, rows)
        return
    table = cast("Table", owned.model.__table__)
    key_column = table.c[owned.key_column]
    stale = key_column == any_(literal(list(keys), ARRAY(key_column.type)))
    if owned.only is not None:
        stale = and_(stale, owned.only)
    primary, *others = table.primary_key.columns
    if others:
        writer.execute(table.delete().where(stale))
    writer.upsert(owned.model, rows, keep=owned.keep)
    if not others:
        names = literal([row[primary.name] for row in rows], ARRAY(primary.type))
        writer.execute(table.delete().where(stale, not_(primary == any_(names))))


def _unclaimed(
    writer: Writer, asset: str, rows: Sequence[Mapping[str, object]]
) -> Sequence[Mapping[str, object]]:
    """Leave out the files that another step has found bad: who found it first keeps the row."""
    if not rows:
        return rows
    bad = tables.BadData
    names = literal([str(row["filename"]) for row in rows], ARRAY(Text))
    statement = select(bad.filename).where(bad.filename == any_(names), bad.step != asset)
    claimed = set(writer.connection.execute(statement).scalars())
    return [row for row in rows if row["filename"] not in claimed]


def _bad_data_rows(
    asset: str, outcomes: Sequence[Outcome], now: datetime
) -> list[dict[str, object]]:
    return [
        {
            "filename": bad.filename.removesuffix(".gz"),
            "rootname": outcome.key,
            "reason": bad.reason,
            "detail": bad.detail,
            "step": asset,
            "ingest_date": now,
        }
        for outcome in outcomes
        for bad in outcome.bad_files
    ]
