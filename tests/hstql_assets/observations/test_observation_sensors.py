"""The sensors that ask the archive: what they register, record and request, and never twice."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import func, select

from builders.listed_archive import DAY, NOW, names
from builders.sensor_station import SensorStation, open_sensor_station, ranges
from hstql_assets.batching.decisions import forget
from hstql_assets.batching.run_ranges import KEYS_PER_RANGE, RANGES_PER_TICK
from hstql_assets.observations import polling
from hstql_assets.observations.cursors import OVERLAP, Cursor
from hstql_assets.observations.discovery import discover
from hstql_assets.observations.listing import write_products
from hstql_resources import tables
from hstql_resources.archive import ArchiveError, Search
from hstql_resources.postgres.database import Database

NEW, CHANGED = "cos_new_observations", "cos_changed_products"
WAITING, FAILURE, SUCCESS = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.SUCCESS,
)


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[SensorStation]:
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        yield opened


def retrieve(station: SensorStation, *keys: str, status: str = "made") -> None:
    """Leave what the two assets of files leave: decisions, and a row for each file."""
    for kind in ("raw", "calibrated"):
        station.decide(f"cos/{kind}_files", keys, datetime.now(UTC), status=status)
    listed = [one for _, products in station.archive.listed.values() for one in products]
    dates = {
        one.rootname: dataset.archived_at
        for dataset, products in station.archive.listed.values()
        for one in products
    }
    with station.database.write() as writer:
        writer.upsert(
            tables.File,
            [{"filename": one.filename, "rootname": one.rootname, "filetype": "rawtag",
              "kind": "raw", "path": f"/x/{one.filename}", "size_bytes": one.size_bytes,
              "origin": "archive", "archived_at": dates[one.rootname],
              "ingest_date": datetime.now(UTC)}
             for one in listed if one.rootname in keys and status == "made"],
        )  # fmt: skip


def recorded(station: SensorStation) -> int:
    statement = select(func.count()).select_from(tables.Product)
    return int(station.database.read(statement)[0][0])


def test_new_keys_are_registered_sorted_and_requested_as_a_range(station: SensorStation) -> None:
    station.archive.add("lb0000020", "lb00000cq", "lb00000aq")
    station.archive.add("lb0000010")
    result = station.tick(NEW)
    assert station.keys("cos_rootname") == ["lb0000010", "lb0000020", "lb00000aq", "lb00000cq"]
    assert ranges(result) == [("lb0000010", "lb00000cq")]
    assert recorded(station) == 4


def test_the_next_poll_asks_from_a_week_before_the_last_one_and_lists_nothing_again(
    station: SensorStation,
) -> None:
    station.archive.add("lb0000010")
    before = datetime.now(UTC)
    first = station.tick(NEW)
    polled_at = Cursor.read(first.cursor).polled_at
    assert polled_at is not None
    assert before <= polled_at <= datetime.now(UTC)
    station.archive.questions.clear()
    station.tick(NEW, first.cursor)
    assert station.archive.searches[-1].released_since == polled_at - OVERLAP
    assert station.archive.questions == []


def test_what_enters_the_archive_days_after_the_date_it_bears_is_found(
    station: SensorStation,
) -> None:
    first = station.tick(NEW)
    station.archive.add("lb0000010", released_at=NOW - 6 * DAY, archived_at=NOW - 6 * DAY)
    assert ranges(station.tick(NEW, first.cursor)) == [("lb0000010", "lb0000010")]


@pytest.mark.parametrize(
    "cursor",
    [None, "", "not ours", "[]", "7", '{"version": 2, "polled_at": "2026-01-01T00:00:00+00:00"}',
     '{"version": 1, "polled_at": "yesterday"}', '{"version": 1, "polled_at": 3, "asked": 4}',
     '{"version": 1, "polled_at": "0001-01-01T00:00:00+00:00"}',
     '{"version": 1, "polled_at": "9999-12-31T23:59:59-12:00"}',
     '{"version": 1, "polled_at": "2999-01-01T00:00:00+00:00"}'],
)  # fmt: skip
def test_a_cursor_that_someone_else_wrote_counts_as_none(
    station: SensorStation, cursor: str | None
) -> None:
    station.archive.add("lb0000010", released_at=datetime(2012, 1, 1, tzinfo=UTC))
    assert ranges(station.tick(NEW, cursor)) == [("lb0000010", "lb0000010")]
    assert station.archive.searches[0].released_since is None


@pytest.mark.parametrize("sensor", [NEW, CHANGED])
def test_a_failed_poll_changes_nothing_and_says_so(station: SensorStation, sensor: str) -> None:
    station.archive.add("lb0000010")
    station.archive.fault = "MAST did not answer: 503 after 5 attempts; it is asked again."
    with pytest.raises(ArchiveError, match="503 after 5 attempts"):
        station.tick(sensor)
    assert station.keys("cos_rootname") == []
    assert recorded(station) == 0


def test_a_poll_that_fails_in_the_middle_of_the_lists_changes_nothing(
    station: SensorStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in names("lb0", 3):
        station.archive.add(name)
    monkeypatch.setattr(polling, "DATASETS_PER_LOOK", 1)
    real = station.archive.list_products

    def fail_at_the_third(datasets: list[str]) -> object:
        if len(station.archive.questions) == 2:
            raise ArchiveError("The connection was dropped.")
        return real(datasets)

    monkeypatch.setattr(station.archive, "list_products", fail_at_the_third)
    with pytest.raises(ArchiveError):
        station.tick(NEW)
    assert (station.keys("cos_rootname"), recorded(station)) == ([], 0)


def test_a_big_first_poll_takes_several_ticks_and_misses_nothing(
    station: SensorStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "DATASETS_PER_POLL", 40)
    for index, name in enumerate(names("lb0", 100)):
        # Many on one day, and the order of names is not that of dates.
        station.archive.add(name, released_at=NOW - (1000 - (index * 7 % 5)) * DAY)
    cursor, found = None, []
    for _ in range(3):
        result = station.tick(NEW, cursor)
        cursor = result.cursor
        found.append(len(station.keys("cos_rootname")))
    assert found == [40, 80, 100]
    assert set(station.keys("cos_rootname")) == set(names("lb0", 100))
    polled_at = Cursor.read(cursor).polled_at
    assert polled_at is not None
    assert polled_at > NOW - DAY
    assert recorded(station) == 100


def test_data_sets_without_files_do_not_stand_in_the_way(
    station: SensorStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "DATASETS_PER_POLL", 2)
    for name in names("lb0", 5):
        station.archive.add(name)
        station.archive.listed[name] = (station.archive.listed[name][0], [])
    cursor = None
    for _ in range(4):
        cursor = station.tick(NEW, cursor).cursor
    assert len(station.keys("cos_rootname")) == 5
    assert (Cursor.read(cursor).polled_at or NOW - DAY) > NOW


def test_runs_are_bounded_and_what_is_left_is_asked_of_the_tables(
    station: SensorStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hstql_assets.batching import run_requests
    from hstql_assets.observations import sensors

    monkeypatch.setattr(run_requests, "KEYS_PER_RANGE", 10)
    monkeypatch.setattr(sensors, "RANGES_PER_TICK", 3)
    for name in names("lb0", 50):
        station.archive.add(name)
    first = station.tick(NEW)
    assert ranges(first) == [("lb000000q", "lb000009q"), ("lb000010q", "lb000019q"),
                             ("lb000020q", "lb000029q")]  # fmt: skip
    runs = [station.record_run(one, "cos_files", WAITING, NEW) for one in first.run_requests or []]
    assert ranges(station.tick(NEW, first.cursor)) == []  # as many wait as may
    station.instance.report_run_canceled(runs[2])
    retrieve(station, *station.keys("cos_rootname")[:20])
    for run in runs[:2]:
        station.instance.delete_run(run.run_id)
    # Without the cursor, too; the cancelled ones wait a while.
    expected = [("lb000030q", "lb000039q"), ("lb000040q", "lb000049q")]
    assert ranges(station.tick(NEW)) == expected
    assert RANGES_PER_TICK == 25
    assert KEYS_PER_RANGE == 1000


def test_keys_in_a_run_are_not_requested_again(station: SensorStation) -> None:
    for name in names("lb0", 3):
        station.archive.add(name)
    first = station.tick(NEW)
    assert ranges(first) == [("lb000000q", "lb000002q")]
    for status in (WAITING, dg.DagsterRunStatus.STARTED):
        run = station.record_run((first.run_requests or [])[0], "cos_files", status, NEW)
        result = station.tick(NEW, first.cursor)
        assert ranges(result) == []
        assert "No run is needed" in str(result.skip_reason)
        station.instance.delete_run(run.run_id)
    assert ranges(station.tick(NEW, first.cursor)) == [("lb000000q", "lb000002q")]


def test_two_ticks_at_once_ask_for_one_run(station: SensorStation) -> None:
    """Dagster runs a run key once; both ticks see the same keys in the same state."""
    for name in names("lb0", 3):
        station.archive.add(name)
    (one,) = station.tick(NEW).run_requests or []
    (other,) = station.tick(NEW).run_requests or []
    assert one.run_key == other.run_key
    assert station.keys("cos_rootname") == list(names("lb0", 3))


def test_a_run_that_failed_as_a_whole_is_tried_again_after_hours(station: SensorStation) -> None:
    station.archive.add("lb0000010")
    first = station.tick(NEW)
    (request,) = first.run_requests or []
    station.record_run(request, "cos_files", FAILURE, NEW)
    assert ranges(station.tick(NEW, first.cursor)) == []
    station.instance.delete_run(station.instance.get_runs()[0].run_id)
    station.record_run(request, "cos_files", FAILURE, NEW, age_s=7 * 3600)
    (again,) = station.tick(NEW, first.cursor).run_requests or []
    assert again.run_key != request.run_key


def test_keys_that_wait_are_tried_again_when_they_are_due(station: SensorStation) -> None:
    station.archive.add("lb0000010")
    first = station.tick(NEW)
    now = datetime.now(UTC)
    station.wait("cos/raw_files", ["lb0000010"], now + DAY)
    assert ranges(station.tick(NEW, first.cursor)) == []
    station.wait("cos/raw_files", ["lb0000010"], now - DAY)
    (again,) = station.tick(NEW, first.cursor).run_requests or []
    assert again.run_key != (first.run_requests or [])[0].run_key


def test_a_dead_run_does_not_hold_its_keys(station: SensorStation) -> None:
    station.archive.add("lb0000010")
    first = station.tick(NEW)
    (request,) = first.run_requests or []
    run = station.record_run(request, "cos_files", dg.DagsterRunStatus.STARTED)
    from hstql_resources.processes import PROCESS_TAG, process_name

    host = process_name().split("@")[1]
    station.instance.add_run_tags(run.run_id, {PROCESS_TAG: f"999999.1@{host}"})
    assert ranges(station.tick(NEW, first.cursor)) == [("lb0000010", "lb0000010")]
    dead = station.instance.get_run_by_id(run.run_id)
    assert dead is not None
    assert dead.status == FAILURE


def test_proprietary_data_are_tried_again_when_they_are_released(station: SensorStation) -> None:
    station.archive.add("lb0000010", "lb00000aq", released_at=NOW + DAY, access=False)
    station.archive.add("lb0000020", released_at=NOW + 300 * DAY, access=False)
    first = station.tick(NEW)
    assert ranges(first) == [("lb0000010", "lb00000aq")]
    retrieve(station, *station.keys("cos_rootname"), status="missing")
    assert ranges(station.tick(NEW, first.cursor)) == []
    station.archive.add("lb0000010", "lb00000aq", released_at=datetime.now(UTC))
    second = station.tick(NEW, first.cursor)
    assert sorted(ranges(second)) == [("lb0000010", "lb0000010"), ("lb00000aq", "lb00000aq")]
    # The other sensor sees the same and leaves it to this one.
    assert ranges(station.tick(CHANGED, first.cursor)) == []
    retrieve(station, "lb0000010", "lb00000aq")
    assert ranges(station.tick(NEW, second.cursor)) == []


def test_only_the_keys_whose_files_changed_are_requested(station: SensorStation) -> None:
    station.archive.add("lb0000010", "lb00000aq", "lb00000bq")
    for name in names("lb1", 5):
        station.archive.add(name)
    station.tick(NEW)
    cursor = station.tick(CHANGED).cursor
    retrieve(station, *station.keys("cos_rootname"))
    assert ranges(station.tick(CHANGED, cursor)) == []
    later = datetime.now(UTC)
    station.archive.add("lb100002q", archived_at=later, size_bytes=2000)
    result = station.tick(CHANGED, cursor)
    assert ranges(result) == [("lb100002q", "lb100002q")]
    assert station.archive.questions[-1] == ("lb100002q",)
    # Once for what is listed now, also if it could not be had; and again for what is listed next.
    assert json.loads(result.cursor or "")["asked"].keys() == {"lb100002q"}
    assert ranges(station.tick(CHANGED, result.cursor)) == []
    station.archive.add("lb100002q", archived_at=later, size_bytes=3000)
    station.archive.add("lb100002q", archived_at=datetime.now(UTC), size_bytes=3000)
    again = station.tick(CHANGED, result.cursor)
    assert ranges(again) == [("lb100002q", "lb100002q")]
    retrieve(station, "lb100002q")
    done = station.tick(CHANGED, again.cursor)
    assert ranges(done) == []
    assert "asked" not in json.loads(done.cursor or "")


def test_a_run_that_writes_a_part_of_an_old_list_hides_no_change(station: SensorStation) -> None:
    station.archive.add("lb0000010", "lb00000aq")
    old = discover(station.archive, Search("cos"))
    cursor = station.tick(CHANGED).cursor
    retrieve(station, "lb0000010", "lb00000aq")
    station.archive.add("lb0000010", "lb00000aq", archived_at=datetime.now(UTC), size_bytes=2000)
    station.tick(CHANGED, cursor)
    # A run that asked before the change is done only now, with the file of one key.
    with station.database.write() as writer:
        write_products(writer, [one for one in old.products if one.rootname == "lb00000aq"])
    result = station.tick(CHANGED, cursor)
    assert ranges(result) == [("lb0000010", "lb00000aq")]


def test_the_sensor_of_changed_files_asks_by_the_date_of_the_archive(
    station: SensorStation,
) -> None:
    result = station.tick(CHANGED)
    polled_at = Cursor.read(result.cursor).polled_at
    assert polled_at is not None
    station.tick(CHANGED, result.cursor)
    assert station.archive.searches[-1].archived_since == polled_at - OVERLAP
    assert station.archive.searches[-1].released_since is None


def test_a_folder_without_dates_is_listed_again_by_each_poll(station: SensorStation) -> None:
    station.archive.add("lb0000010", archived_at=None)
    cursor = station.tick(CHANGED).cursor
    retrieve(station, "lb0000010")
    station.archive.add("lb0000010", archived_at=None, size_bytes=7)
    assert ranges(station.tick(CHANGED, cursor)) == [("lb0000010", "lb0000010")]


@pytest.mark.parametrize("name", [NEW, CHANGED])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_a_poll_that_looks_at_what_is_new_requests_what_one_does_that_looks_at_all(
    station: SensorStation, name: str, seed: int
) -> None:
    chance = random.Random(seed)
    keys = [f"lb00000{letter}q" for letter in "abcdefgh"]
    station.instance.add_dynamic_partitions("cos_rootname", keys)
    cursor, found = station.tick(name).cursor, set()
    for number in range(25):
        some, now, size = chance.sample(keys, 2), datetime.now(UTC), number % 5
        filename = {"filename": f"{some[0]}_rawtag_a.fits", "rootname": some[0]}
        with station.database.write() as writer:
            match chance.randrange(6):
                case 0:
                    row = {"dataset": some[1], "uri": "", "size_bytes": size, "access": "public",
                           "released_at": None, "archived_at": now, "listed_at": now}  # fmt: skip
                    writer.upsert(tables.Product, [filename | row])
                case 1:
                    row = {"filetype": "rawtag_a", "kind": "raw", "path": "", "size_bytes": size,
                           "origin": chance.choice(("archive", "calcos")), "archived_at": now,
                           "ingest_date": now}  # fmt: skip
                    writer.upsert(tables.File, [filename | row])
                case 2:
                    writer.delete(tables.File, "rootname", some[:1])
                case 3:
                    forget(writer, ["cos/raw_files"], some)
        if chance.random() < 0.5:
            asset = chance.choice(("cos/raw_files", "cos/calibrated_files"))
            station.decide(asset, some, now, status=chance.choice(("made", "missing")))
        kept = {part: value for part, value in json.loads(cursor or "{}").items() if part != "seen"}
        expected, result = station.tick(name, json.dumps(kept)), station.tick(name, cursor)
        assert [one.run_key for one in result.run_requests or []] == [
            one.run_key for one in expected.run_requests or []
        ]
        assert "seen" in json.loads(str(result.cursor))
        cursor = result.cursor
        found.add(bool(result.run_requests))
    assert found == {True, False} or name == NEW
