"""What passes decides nothing: attempts are counted, delays grow, and a deadly key ends as bad."""

import errno
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from hstql_assets.batching.attempts import (
    DEATHS,
    Attempt,
    find_delay,
    find_due,
    find_suspects,
    give_up,
    marking_death,
    noting_faults,
    read_attempts,
)
from hstql_assets.batching.checks import check_tables
from hstql_assets.batching.decisions import forget
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import record_batch
from hstql_resources import tables
from hstql_resources.archive import ArchiveError
from hstql_resources.postgres.database import Database

ASSET = "cos/raw_files"
KEY, OTHER = "lb00000aq", "lb00000bq"
WAITING = Outcome(KEY, "waiting", "The archive did not answer.")
MINUTE = timedelta(minutes=1)


def record(database: Database, *outcomes: Outcome) -> None:
    before = read_attempts(database, [ASSET], [outcome.key for outcome in outcomes])
    record_batch(database, ASSET, [give_up(one, before) for one in outcomes], [], before=before)


def decisions(database: Database) -> dict[str, str]:
    outcome = tables.Outcome
    return {row.key: row.status for row in database.read(outcome.__table__.select())}


def test_a_key_that_waits_is_not_decided_and_sensors_leave_it_alone_for_longer_each_time(
    database: Database,
) -> None:
    delays = []
    for number in range(1, 7):
        record(database, WAITING, Outcome(OTHER, "made"))
        attempt = read_attempts(database, [ASSET])[KEY]
        assert (attempt.attempts, attempt.deaths, attempt.reason) == (number, 0, WAITING.reason)
        delays.append((attempt.next_at - attempt.tried_at) / MINUTE)
    assert delays == [5, 20, 80, 320, 1280, 1440]
    assert find_delay(10_000) == timedelta(days=1)
    assert decisions(database) == {OTHER: "made"}


def test_a_key_that_waits_fails_the_check_for_missing_keys_until_it_is_made(
    database: Database,
) -> None:
    def judge() -> tuple[bool, object]:
        missing = check_tables(database, dg.AssetKey(ASSET.split("/")))[1]
        return missing.passed, missing.metadata["count"].value

    record(database, WAITING, Outcome(OTHER, "missing", "No raw files."))
    assert judge() == (False, 2)
    record(database, Outcome(OTHER, "made"))
    assert judge() == (False, 1)
    record(database, Outcome(KEY, "made"))
    assert judge() == (True, 0)


def test_a_decision_ends_the_waiting_and_an_earlier_one_stays_until_then(
    database: Database,
) -> None:
    record(database, Outcome(KEY, "none", "Nothing."))
    record(database, WAITING)
    assert decisions(database) == {KEY: "none"}
    record(database, Outcome(KEY, "made"))
    assert decisions(database) == {KEY: "made"}
    assert read_attempts(database, [ASSET]) == {}
    record(database, WAITING)
    assert read_attempts(database, [ASSET])[KEY].attempts == 1
    with database.write() as writer:
        forget(writer, [ASSET], [KEY])
    assert read_attempts(database, [ASSET]) == {}


def test_what_waits_for_an_asset_before_it_may_be_tried_at_once(database: Database) -> None:
    record(database, Outcome(KEY, "waiting", "Not made.", is_upstream_unmade=True))
    attempt = read_attempts(database, [ASSET])[KEY]
    assert attempt.next_at == attempt.tried_at


def test_a_key_that_ends_its_worker_three_times_is_bad(database: Database) -> None:
    died = Outcome(KEY, "waiting", "Its worker died.", has_ended_worker=True)
    record(database, died)
    record(database, WAITING)  # no death
    record(database, died)
    assert decisions(database) == {}
    record(database, died)
    assert decisions(database) == {KEY: "bad"}
    (bad,) = database.read(tables.BadData.__table__.select())
    assert (bad.rootname, bad.reason) == (KEY, "Ends its worker")
    assert read_attempts(database, [ASSET]) == {}


def start_alone(database: Database, tasks: Sequence[Any]) -> Any:
    before = read_attempts(database, [ASSET], [task.key for task in tasks])
    return marking_death(database, ASSET, tasks, before)


class Task:
    """A key, as a worker gets it."""

    key = KEY


def test_a_process_that_dies_at_its_only_key_has_left_a_note_and_a_worker_is_next(
    database: Database,
) -> None:
    processes = []  # of which none comes to its end: commands that were killed, say
    for _ in range(DEATHS + 1):
        processes.append(start_alone(database, [Task(), Outcome(OTHER, "made")]))
        processes[-1].__enter__()
        before = read_attempts(database, [ASSET])
        assert before[KEY].deaths == 1
        assert find_suspects(before) == {KEY}
    assert isinstance(give_up(Task(), before), Task)


def test_what_is_given_up_is_bad_and_what_was_made_of_it_before_may_stay() -> None:
    now = datetime.now(UTC)
    given_up = give_up(Task(), {KEY: Attempt(3, DEATHS, "", now, now)})
    assert isinstance(given_up, Outcome)
    assert given_up.status == "bad"
    assert not given_up.is_settled


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ArchiveError("It is away.")])
def test_an_exception_is_no_death(database: Database, error: Any) -> None:
    record(database, WAITING)
    before = read_attempts(database, [ASSET])
    with pytest.raises(BaseException), start_alone(database, [Task()]):  # noqa: PT011, B017
        raise error
    assert read_attempts(database, [ASSET]) == before


def test_several_keys_leave_no_note_for_their_workers_can_tell(database: Database) -> None:
    other = Task()
    other.key = OTHER
    with start_alone(database, [Task(), other]):
        assert read_attempts(database, [ASSET]) == {}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ArchiveError("MAST does not answer."), "MAST does not answer."),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "[Errno 28] No space left on device"),
        (MemoryError(), "Memory ran out."),
    ],
)
def test_a_fault_that_concerns_all_keys_is_noted_for_each_and_goes_on(
    database: Database, error: Exception, reason: str
) -> None:
    with pytest.raises(type(error)), noting_faults(database, ASSET, [KEY, OTHER]):
        raise error
    found = read_attempts(database, [ASSET])
    assert {key: attempt.reason for key, attempt in found.items()} == {KEY: reason, OTHER: reason}
    assert decisions(database) == {}


def test_only_what_is_due_is_requested_again_and_in_a_state_of_its_own() -> None:
    now = datetime.now(UTC)
    due = Attempt(2, 0, "", now - 2 * MINUTE, now - MINUTE)
    later = Attempt(2, 0, "", now, now + MINUTE)
    states = {KEY: "new", OTHER: "new", "lb00000cq": "new"}
    assert find_due({KEY: due, OTHER: later}, states) == {KEY: "new after 2 attempts"}
