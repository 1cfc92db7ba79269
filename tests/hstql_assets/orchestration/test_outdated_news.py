"""A sensor that looks at what is new only requests what one that looks at everything does."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text, update

from builders.sensor_station import SensorStation, open_sensor_station, ranges
from hstql_assets.batching.decisions import forget
from hstql_assets.batching.news import MOST_LEFT, read_mark
from hstql_assets.lightcurves.extractions.definitions import FILENAME
from hstql_assets.orchestration.asset_list import list_nodes
from hstql_assets.orchestration.sensors import NOTHING
from hstql_resources import tables
from hstql_resources.postgres.database import Database

SENSOR, SETS = "cos_outdated", ("cos_rootname", "cos_timetag_rootname")
NODES = [one for one in list_nodes() if one.partition_set in SETS]
KEYS = [f"lb0000{first}{second}q" for first in "ab" for second in "abcdef"]
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
DEFINITION = '[slow]\nabout = "Wide bins."\nsource = "This test."\ndefault = true\n'
ENDED = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.STARTED)


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[SensorStation]:
    """Twelve exposures, six of them TIME-TAG, of which everything is made."""
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        for name, keys in zip(SETS, (KEYS, KEYS[:6]), strict=True):
            opened.instance.add_dynamic_partitions(name, keys)
            for node in (node for node in NODES if node.partition_set == name):
                opened.decide(node.name, keys, LONG_AGO)
        yield opened


def describe(result: dg.SensorResult) -> list[tuple[object, ...]]:
    spans = ranges(result)
    requests = result.run_requests or []
    return [(one.job_name, one.run_key, span) for one, span in zip(requests, spans, strict=True)]


def read_reason(result: dg.SensorResult) -> str:
    assert isinstance(result.skip_reason, dg.SkipReason)
    return str(result.skip_reason.skip_message)


def change_anything(station: SensorStation, chance: random.Random, at: datetime) -> None:
    """Do one of all that can happen to a graph."""
    node = chance.choice(NODES)
    name = node.partition_set
    keys = chance.sample(KEYS, 2)
    match chance.randrange(7):
        case 0 | 1:
            status = chance.choice(("made", "made", "none", "missing"))
            station.decide(node.name, keys, at, chance.choice((at, LONG_AGO)), status)
        case 2:
            with station.database.write() as writer:
                forget(writer, [node.name], keys)
        case 3:
            station.instance.add_dynamic_partitions(name, keys)
        case 4:
            station.instance.delete_dynamic_partition(name, keys[0])
        case 5:
            station.wait(node.name, keys[:1], at + timedelta(minutes=chance.choice((-9, 9))), 1)
        case 6:
            for request in station.tick(SENSOR).run_requests or []:
                job, status = str(request.job_name), chance.choice(ENDED)
                station.record_run(request, job, status, SENSOR)


@pytest.mark.parametrize(
    ("seeds", "steps"), [([1], 15), pytest.param(range(1, 20), 40, marks=pytest.mark.full)]
)
def test_whatever_happens_the_same_is_requested_as_without_a_cursor(
    station: SensorStation, seeds: Sequence[int], steps: int
) -> None:
    cursor = None
    found = set()
    for seed in seeds:
        chance = random.Random(seed)
        for _ in range(steps):
            at = datetime.now(UTC) + timedelta(hours=chance.randrange(-1, 2))  # clocks differ
            change_anything(station, chance, at)
            # Only the first one registers again what was taken out of a set though it is made.
            result, expected = station.tick(SENSOR, cursor), station.tick(SENSOR)
            assert describe(result) == describe(expected)
            cursor = result.cursor or cursor
            found.add(bool(result.run_requests))
    assert found == {True, False}
    assert cursor is not None


def test_of_transactions_that_end_in_another_order_nothing_is_missed(
    station: SensorStation,
) -> None:
    outcome = tables.Outcome
    change = update(outcome).where(outcome.asset == "cos/raw_files")
    values = {"decided_at": datetime.now(UTC), "changed_at": datetime.now(UTC)}
    with station.database.engine.connect() as first:
        first.execute(change.where(outcome.key == KEYS[0]).values(values))
        with station.database.engine.begin() as second:
            second.execute(change.where(outcome.key == KEYS[4]).values(values))
        tick = station.tick(SENSOR)
        assert ranges(tick) == [(KEYS[4], KEYS[4])]
        station.decide("cos/raw_files", [KEYS[4]], LONG_AGO)
        tick = station.tick(SENSOR, tick.cursor)
        assert ranges(tick) == []
        first.commit()
    assert ranges(station.tick(SENSOR, tick.cursor)) == [(KEYS[0], KEYS[0])]


def test_what_was_rolled_back_is_not_requested(station: SensorStation) -> None:
    cursor = station.tick(SENSOR).cursor
    with station.database.engine.connect() as connection:
        connection.execute(update(tables.Outcome).values(changed_at=datetime.now(UTC)))
        connection.rollback()
    assert ranges(station.tick(SENSOR, cursor)) == []


@pytest.mark.parametrize("cursor", ["", "x", "[]", "{}", '{"version": 0}', '{"version": 1}'])
def test_with_a_cursor_of_somebody_else_everything_is_looked_at(
    station: SensorStation, cursor: str
) -> None:
    station.decide("cos/raw_files", [KEYS[4]], datetime.now(UTC))
    assert ranges(station.tick(SENSOR, cursor)) == [(KEYS[4], KEYS[4])]


def test_tables_that_were_restored_are_others(station: SensorStation) -> None:
    before = read_mark(station.database)
    with station.database.write() as writer:
        writer.execute(text("CREATE TEMPORARY TABLE kept AS SELECT * FROM outcomes"))
        writer.execute(text("TRUNCATE outcomes"))
        writer.execute(text("INSERT INTO outcomes SELECT * FROM kept"))
    assert not before.is_before(read_mark(station.database))


def test_while_more_is_left_than_a_cursor_holds_it_stays(station: SensorStation) -> None:
    many = [f"lc{number:06}q" for number in range(MOST_LEFT + 1)]
    cursor = station.tick(SENSOR).cursor
    station.instance.add_dynamic_partitions(SETS[0], many)
    for asset in ("cos/raw_files", "cos/calibrated_files"):
        station.decide(asset, many, LONG_AGO)
    result = station.tick(SENSOR, cursor)
    assert ranges(result) == [(many[0], many[-2]), (many[-1], many[-1])]
    assert result.cursor is None


def test_a_tick_whose_question_takes_too_long_is_skipped_and_not_lost(
    station: SensorStation,
) -> None:
    cursor = station.tick(SENSOR).cursor
    station.decide("cos/raw_files", [KEYS[4]], datetime.now(UTC))
    patient = station.database
    url = patient.engine.url.update_query_dict({"options": "-c statement_timeout=100"})
    station.database = Database(url)
    with patient.engine.begin() as blocker:
        blocker.execute(text("LOCK TABLE outcomes"))
        result = station.tick(SENSOR, cursor)
    station.database.dispose()
    station.database = patient
    assert "statement timeout" in str(result.skip_reason)
    assert result.cursor is None
    assert ranges(station.tick(SENSOR, cursor)) == [(KEYS[4], KEYS[4])]


def test_a_change_of_definitions_is_seen_and_requests_what_was_made_by_others(
    station: SensorStation,
) -> None:
    result = station.tick(SENSOR)
    assert not result.run_requests
    (station.home / FILENAME).write_text(DEFINITION)
    result = station.tick(SENSOR, result.cursor)
    assert [one.job_name for one in result.run_requests or []] == ["cos_timetag"]
    assert ranges(result) == [(KEYS[0], KEYS[5])]
    run_key = (result.run_requests or [])[0].run_key
    (station.home / FILENAME).write_text(DEFINITION + "bin_s = 5.0\n")
    (request,) = station.tick(SENSOR, result.cursor).run_requests or []
    assert request.run_key != run_key  # else Dagster takes it for the same

    (station.home / FILENAME).write_text("nonsense")
    assert station.tick(SENSOR, result.cursor).run_requests


@pytest.mark.parametrize(
    "number", [300, pytest.param(3_000, marks=pytest.mark.full)], ids=["some", "many"]
)
def test_keys_that_were_deleted_in_the_user_interface_are_there_again_once_and_are_told(
    station: SensorStation, number: int
) -> None:
    many = [f"ld{one:06d}q" for one in range(number)]
    for name in SETS:
        for start in range(0, number, 10_000):
            station.instance.add_dynamic_partitions(name, many[start : start + 10_000])
    for node in NODES:
        station.decide(node.name, many, LONG_AGO)
    cursor = station.tick(SENSOR).cursor
    for name in SETS:
        for key in many:  # as the user interface does
            station.instance.delete_dynamic_partition(name, key)
    tick = station.tick(SENSOR, cursor)
    assert ranges(tick) == []
    said = read_reason(tick)
    for name in SETS:
        assert said.count(f"{number} keys were deleted from {name} though") == 1
        kept = KEYS if name == SETS[0] else KEYS[:6]
        assert sorted(station.keys(name)) == sorted([*kept, *many])
    again = station.tick(SENSOR, tick.cursor)
    assert (ranges(again), read_reason(again)) == ([], NOTHING)


def test_a_key_that_was_never_made_stays_deleted(station: SensorStation) -> None:
    station.instance.add_dynamic_partitions(SETS[0], ["lb0000zzq", "no rootname"])
    for key in ("lb0000zzq", "no rootname"):
        station.decide("cos/header_tables", [key], LONG_AGO, status="missing")
    station.decide("cos/header_tables", ["no rootname"], LONG_AGO)
    cursor = station.tick(SENSOR).cursor
    for key in ("lb0000zzq", "no rootname"):
        station.instance.delete_dynamic_partition(SETS[0], key)
    assert read_reason(station.tick(SENSOR, cursor)) == NOTHING
    assert sorted(station.keys(SETS[0])) == KEYS
