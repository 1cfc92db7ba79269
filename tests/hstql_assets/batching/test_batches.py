"""One key's fault stays with that key; a batch costs a fixed number of statements."""

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from hstql_assets.batching.batch_asset import describe_outcome
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.recording import record_batch
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.workers import LocalWorkers

NOW = datetime.now(UTC)
CURVES = [
    OwnedTable(tables.Lightcurve, "rootname"),
    OwnedTable(tables.Observation, "rootname", is_shared=True),
]


@dataclass(frozen=True)
class Task:
    key: str


def decide(task: Task) -> Outcome:
    """Do what the key says."""
    match task.key.split("-")[0]:
        case "kill":
            os.kill(os.getpid(), 9)
        case "fault":
            raise ZeroDivisionError(f"{task.key} was not foreseen")
        case "disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        case "memory":
            raise MemoryError
    return Outcome(task.key, "made", metadata={"process": os.getpid()})


def run(
    workers: LocalWorkers, keys: Sequence[str], suspects: Sequence[str] = ()
) -> dict[str, Outcome]:
    seen: list[str] = []
    outcomes = decide_batch(
        workers,
        decide,
        [Task(key) for key in keys],
        lambda outcome: seen.append(outcome.key),
        suspects,
    )
    assert [outcome.key for outcome in outcomes] == list(keys)
    assert sorted(seen) == sorted(keys)
    return {outcome.key: outcome for outcome in outcomes}


def test_outcomes_come_in_the_order_of_the_tasks_and_are_told_one_by_one(
    workers: LocalWorkers,
) -> None:
    outcomes = run(workers, [f"k-{number}" for number in range(40, 0, -1)])
    assert {outcome.status for outcome in outcomes.values()} == {"made"}
    assert all(outcome.metadata["process"] != os.getpid() for outcome in outcomes.values())


def test_a_killed_worker_costs_only_its_own_key(workers: LocalWorkers) -> None:
    outcomes = run(workers, ["k-1", "k-2", "kill-1", "k-3", "kill-2", "k-4"])
    for key, outcome in outcomes.items():
        assert outcome.status == ("waiting" if key.startswith("kill") else "made"), key
    assert outcomes["kill-1"].reason.startswith("The worker process for kill-1 died")
    assert run(workers, ["k-5", "k-6"])["k-6"].status == "made"


def test_a_single_key_is_computed_here_unless_a_process_died_of_it_before(
    workers: LocalWorkers,
) -> None:
    assert run(workers, ["k-1"])["k-1"].metadata["process"] == os.getpid()
    assert run(workers, ["k-1"], ["k-1"])["k-1"].metadata["process"] != os.getpid()
    assert run(workers, ["kill-1"], ["kill-1"])["kill-1"].has_ended_worker


def test_an_unforeseen_exception_costs_only_its_own_key(workers: LocalWorkers) -> None:
    outcomes = run(workers, ["k-1", "fault-1", "k-2"])
    assert [outcome.status for outcome in outcomes.values()] == ["made", "bad", "made"]
    (bad,) = outcomes["fault-1"].bad_files
    assert (bad.filename, bad.reason) == ("fault-1", "Fault")
    assert "ZeroDivisionError: fault-1 was not foreseen (decide, line" in bad.detail


def test_an_unforeseen_exception_of_a_single_key_is_treated_alike(workers: LocalWorkers) -> None:
    assert run(workers, ["fault-1"])["fault-1"].status == "bad"


@pytest.mark.parametrize("keys", [["k-1", "disk-1", "k-2"], ["disk-1"]])
def test_a_full_disk_stops_the_batch(workers: LocalWorkers, keys: list[str]) -> None:
    with pytest.raises(OSError, match="No space left"):
        run(workers, keys)


def test_no_memory_stops_the_batch(workers: LocalWorkers) -> None:
    with pytest.raises(MemoryError):
        run(workers, ["k-1", "memory-1"])


def test_what_is_decided_already_is_passed_through(workers: LocalWorkers) -> None:
    decided = Outcome("k-2", "missing", "It is not there.")
    outcomes = decide_batch(workers, decide, [Task("k-1"), decided, Task("k-3")], lambda _: None)
    assert [outcome.status for outcome in outcomes] == ["made", "missing", "made"]
    assert outcomes[1] is decided


def test_an_empty_batch_is_no_work(workers: LocalWorkers, database: Database) -> None:
    assert decide_batch(workers, decide, [], lambda _: None) == []
    record_batch(database, "cos/lightcurves", [], CURVES)


def made(rootname: str) -> Outcome:
    row = {
        "rootname": rootname,
        "target": "a-star",
        "path": f"/home/{rootname}_curve.fits",
        "bin_s": 2.0,
        "bins": 10,
        "gross_counts": 7,
        "is_flux_calibrated": False,
        "exposure_s": 20.0,
        "ingest_date": NOW,
    }
    bad = BadFile(f"{rootname}_corrtag_b.fits.gz", "No events", "none")
    return Outcome(
        rootname,
        "made",
        rows={
            "lightcurves": [row],
            "observations": [{"rootname": rootname, "target": "a-star"}],
        },
        bad_files=(bad,),
    )


def rootnames(number: int) -> list[str]:
    return [f"l{index:08d}" for index in range(number)]


def count_statements(database: Database, number: int) -> int:
    before = database.statements
    record_batch(database, "cos/lightcurves", [made(name) for name in rootnames(number)], CURVES)
    return database.statements - before


def test_a_batch_is_recorded_in_a_fixed_number_of_statements(database: Database) -> None:
    database.read(tables.Outcome.__table__.select())  # so that connecting is not counted
    numbers = {count_statements(database, number) for number in (1, 50, 500)}
    assert len(numbers) == 1
    assert numbers.pop() < 20
    assert len(database.read(tables.Lightcurve.__table__.select())) == 500


def read(database: Database, model: type[tables.Base]) -> list[object]:
    (key, *_) = model.__table__.primary_key.columns
    return [row[0] for row in database.read(model.__table__.select().order_by(key))]


def test_rows_of_a_key_that_is_bad_now_are_removed_and_others_stay(database: Database) -> None:
    record_batch(database, "cos/lightcurves", [made(name) for name in rootnames(3)], CURVES)
    first, second, third = rootnames(3)
    record_batch(database, "cos/lightcurves", [Outcome(second, "bad", "It is bad.")], CURVES)
    assert read(database, tables.Lightcurve) == [first, third]
    assert read(database, tables.BadData) == [
        f"{first}_corrtag_b.fits", f"{third}_corrtag_b.fits"
    ]  # fmt: skip


def test_bad_data_of_another_step_stay(database: Database) -> None:
    (key,) = rootnames(1)
    header = Outcome(key, "made", bad_files=(BadFile(f"{key}_x1d.fits", "Unreadable", "cut"),))
    record_batch(database, "cos/header_tables", [header], [])
    record_batch(database, "cos/lightcurves", [made(key)], CURVES)
    record_batch(database, "cos/lightcurves", [Outcome(key, "none", "Nothing to make.")], CURVES)
    assert read(database, tables.BadData) == [f"{key}_x1d.fits"]
    record_batch(database, "cos/header_tables", [Outcome(key, "made")], [])
    assert read(database, tables.BadData) == []


def test_a_shared_table_gets_columns_but_never_rows(database: Database) -> None:
    (key,) = rootnames(1)
    record_batch(database, "cos/lightcurves", [made(key)], CURVES)
    assert read(database, tables.Observation) == []
    observation = Outcome(
        key, "made", rows={"observations": [{"rootname": key, "detector": "FUV"}]}
    )
    record_batch(
        database, "cos/header_tables", [observation], [OwnedTable(tables.Observation, "rootname")]
    )
    record_batch(database, "cos/lightcurves", [made(key)], CURVES)
    (row,) = database.read(tables.Observation.__table__.select())
    assert (row.detector, row.target) == ("FUV", "a-star")


def test_remarks_stand_in_the_decision_and_in_the_row_but_not_in_a_shared_one(
    database: Database,
) -> None:
    first, second = rootnames(2)
    cut = replace(made(first), remarks=("FUVB ends early.", "Its x1d is older."))
    record_batch(database, "cos/lightcurves", [cut, made(second)], CURVES)
    said = "FUVB ends early. Its x1d is older."
    for table in (tables.Outcome, tables.Lightcurve):
        rows = database.read(table.__table__.select().order_by(table.__table__.columns[0]))
        assert sorted((row.remarks for row in rows), key=str) == sorted((said, None), key=str)
    assert describe_outcome(cut)["remarks"] == said
    assert "remarks" not in describe_outcome(made(second))
    record_batch(database, "cos/lightcurves", [made(first)], CURVES)
    assert [row.remarks for row in database.read(tables.Outcome.__table__.select())] == [None, None]


def test_rows_for_a_table_that_there_is_not_are_refused(database: Database) -> None:
    lost = Outcome("lsim01aaq", "made", rows={"lightcurve": [{"rootname": "lsim01aaq"}]})
    with pytest.raises(ValueError, match="no table, of the name lightcurve"):
        record_batch(database, "cos/lightcurves", [lost], CURVES)


def test_a_batch_that_fails_leaves_nothing(database: Database) -> None:
    good, wrong = rootnames(2)
    outcomes = [made(good), Outcome(wrong, "odd")]  # the table refuses such a status
    with pytest.raises(Exception, match="status"):
        record_batch(database, "cos/lightcurves", outcomes, CURVES)
    assert read(database, tables.Lightcurve) == []
    assert read(database, tables.Outcome) == []
