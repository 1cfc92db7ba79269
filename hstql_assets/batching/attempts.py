"""Count the attempts at a key that faults of a passing kind stood in the way of.

A worker that died, an archive out of reach, a full disk decide nothing. Such a key stays undecided:
commands try it again at once, sensors after a delay that grows. Only a key that ended the process
working on it alone again and again is decided: it is bad.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, overload

from sqlalchemy import Select, select

from hstql_assets.batching.decisions import any_of, forget_attempts
from hstql_assets.batching.outcomes import ENDS_WORKER, BadFile, Outcome, Task
from hstql_resources import tables
from hstql_resources.archive import ArchiveError
from hstql_resources.postgres.database import Database, Writer

DEATHS = 3  # of the process that worked on a key alone, until the key is bad
FIRST_DELAY = timedelta(minutes=5)
GROWTH = 4  # from one delay to the next
LAST_DELAY = timedelta(days=1)


class Attempt(NamedTuple):
    """Vain attempts at a key: how many, of these deaths of its worker, and the last of them."""

    attempts: int
    deaths: int
    reason: str
    tried_at: datetime
    next_at: datetime


Attempts = Mapping[str, Attempt]  # by key


def read_attempts(
    database: Database, assets: Sequence[str], keys: Sequence[str] | None = None
) -> dict[str, Attempt]:
    """Return the vain attempts by key; of several assets those at the one that waits longest."""
    row = tables.Attempt
    columns = [getattr(row, name) for name in Attempt._fields]
    statement = select(row.key, *columns).where(row.asset == any_of(assets)).order_by(row.next_at)
    if keys is not None:
        statement = statement.where(row.key == any_of(keys))
    return {key: Attempt(*rest) for key, *rest in database.read(statement)}


def select_due(assets: Sequence[str]) -> Select[str]:
    """Return the query for the keys that sensors may try again now."""
    row = tables.Attempt
    return select(row.key).where(row.asset == any_of(assets), row.next_at <= datetime.now(UTC))


def find_due(attempts: Attempts, states: Mapping[str, str]) -> dict[str, str]:
    """Return the keys that a sensor may try again now, with what they are requested for.

    Parameters
    ----------
    attempts : mapping of str to Attempt
        The vain attempts by key.
    states : mapping of str to str
        The keys that are wanted, each with what it is requested for. The number of attempts is
        added, for Dagster runs the same keys in the same states only once.
    """
    now = datetime.now(UTC)
    return {
        key: f"{state} after {attempts[key].attempts} attempts"
        for key, state in states.items()
        if key in attempts and attempts[key].next_at <= now
    }


def find_delay(attempts: int) -> timedelta:
    """Return how long sensors leave a key alone after so many vain attempts, at least one."""
    factor: int = GROWTH ** min(attempts - 1, 10)  # the last delay is reached long before
    return min(FIRST_DELAY * factor, LAST_DELAY)


@overload
def give_up(one: Outcome, before: Attempts) -> Outcome: ...
@overload
def give_up(one: Task | Outcome, before: Attempts) -> Task | Outcome: ...
def give_up(one: Task | Outcome, before: Attempts) -> Task | Outcome:
    """Return a task, or its outcome, as it is; `bad` where its worker has died too often.

    Parameters
    ----------
    one : Task or Outcome
        Before it is worked on, or after.
    before : mapping of str to Attempt
        The vain attempts before, by key.
    """
    deaths = before[one.key].deaths if one.key in before else 0
    if isinstance(one, Outcome):
        deaths = deaths + 1 if one.has_ended_worker else 0
    if deaths < DEATHS:
        return one
    reason = (
        f"{one.key} ends the process that works on it: so it was {DEATHS} times, with no other "
        "key at work."
    )
    return Outcome(one.key, "bad", reason, bad_files=(BadFile(one.key, ENDS_WORKER, reason),))


def find_suspects(before: Attempts) -> set[str]:
    """Return the keys that a process died at before."""
    return {key for key, attempt in before.items() if attempt.deaths}


@contextmanager
def noting_faults(database: Database, asset: str, keys: Sequence[str]) -> Iterator[None]:
    """Note all keys of a batch as waiting where a passing fault concerns all of them.

    Raises
    ------
    ArchiveError, MemoryError, OSError
        As it came.
    """
    try:
        yield
    except (ArchiveError, MemoryError, OSError) as error:
        reason = str(error) or "Memory ran out."
        waiting = [Outcome(key, "waiting", reason) for key in keys]
        with database.write() as writer:
            write_attempts(writer, asset, waiting, read_attempts(database, [asset], keys))
        raise


@contextmanager
def marking_death(
    database: Database, asset: str, tasks: Sequence[Task | Outcome], before: Attempts
) -> Iterator[None]:
    """Note beforehand that this process died, where it works itself on the only open key.

    The decision takes the note away; so does an exception, for then it lives. A suspect is left to
    a worker, whose death this process can tell from its own, by which a command may have ended.
    """
    keys = [task.key for task in tasks if not isinstance(task, Outcome)]
    if len(keys) != 1 or keys[0] in find_suspects(before):
        yield
        return
    (key,) = keys
    reason = f"The process that worked on {key} died."
    note = Outcome(key, "waiting", reason, has_ended_worker=True)
    with database.write() as writer:
        write_attempts(writer, asset, [note], before)
    try:
        yield
    except BaseException:
        with database.write() as writer:
            forget_attempts(writer, [asset], keys)
            if key in before:
                writer.upsert(
                    tables.Attempt, [{"asset": asset, "key": key, **before[key]._asdict()}]
                )
        raise


def write_attempts(
    writer: Writer, asset: str, outcomes: Sequence[Outcome], before: Attempts
) -> None:
    """Note the keys that wait now, and forget the attempts at those that are decided."""
    waiting = [one for one in outcomes if one.status == "waiting"]
    forget_attempts(writer, [asset], [one.key for one in outcomes if one.status != "waiting"])
    now = datetime.now(UTC)
    writer.upsert(tables.Attempt, [_row(asset, one, before.get(one.key), now) for one in waiting])


def _row(asset: str, outcome: Outcome, before: Attempt | None, now: datetime) -> dict[str, object]:
    attempts = 1 + (before.attempts if before else 0)
    # What waits for an asset before it is tried as soon as that has decided.
    delay = timedelta(0) if outcome.is_upstream_unmade else find_delay(attempts)
    return {
        "asset": asset,
        "key": outcome.key,
        "attempts": attempts,
        "deaths": int(outcome.has_ended_worker) + (before.deaths if before else 0),
        "reason": outcome.reason or "",
        "tried_at": now,
        "next_at": now + delay,
    }
