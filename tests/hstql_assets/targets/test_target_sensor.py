"""The sensor of changed targets: what it requests, and that it does so once."""

import json
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import delete, update

from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from hstql_assets.batching import run_requests as all_sensors
from hstql_assets.definitions import build_definitions
from hstql_assets.orchestration import changed_keys
from hstql_resources import tables

SENSOR = build_definitions().resolve_sensor_def("changed_targets")


def tick(station: GraphStation, cursor: str | None = None) -> dg.SensorResult:
    clients = station.pipeline.clients
    context = dg.build_sensor_context(
        instance=station.graph.instance,
        cursor=cursor,
        resources={"database": clients.database, "filesystem": clients.filesystem},
        definitions=build_definitions(),
    )
    result = SENSOR(context)
    assert isinstance(result, dg.SensorResult)
    return result


def ranges(result: dg.SensorResult) -> list[tuple[str, str]]:
    tags = [request.tags for request in result.run_requests or []]
    return [(one["dagster/asset_partition_range_start"], one["dagster/asset_partition_range_end"])
            for one in tags]  # fmt: skip


@pytest.fixture
def curves(station: GraphStation, add_exposure: Callable[..., Path]) -> GraphStation:
    """Lightcurves of two targets, and no composite yet."""
    add_exposure("lsim01aaq", CONSTANT)
    add_exposure("lsim02aaq", ECLIPSE)
    station.make("cos/lightcurves")
    return station


def test_it_asks_every_minute() -> None:
    assert SENSOR.minimum_interval_seconds == 60
    assert SENSOR.job_name == "target_composites"


def test_neighbouring_targets_are_one_run(curves: GraphStation) -> None:
    assert ranges(tick(curves)) == [("sim-constant", "sim-eclipse")]


def test_only_the_changed_target_is_requested(made: GraphStation) -> None:
    made.make("cos/lightcurves", rootnames=("lsim03aaq",))
    assert ranges(tick(made)) == [("sim-eclipse", "sim-eclipse")]


def test_nothing_is_requested_where_nothing_changed(made: GraphStation) -> None:
    result = tick(made)
    assert ranges(result) == []
    assert result.cursor == "{}"
    assert result.skip_reason is not None


def test_the_same_change_is_requested_once_and_the_next_one_again(curves: GraphStation) -> None:
    first = tick(curves)
    again = tick(curves, first.cursor)
    assert ranges(again) == []
    assert json.loads(again.cursor or "") == json.loads(first.cursor or "")
    curves.make("cos/lightcurves", rootnames=("lsim02aaq",))
    assert ranges(tick(curves, again.cursor)) == [("sim-eclipse", "sim-eclipse")]


def test_the_run_key_is_that_of_the_change(curves: GraphStation) -> None:
    """So that nothing is run twice where the cursor was lost."""
    (first,) = tick(curves).run_requests or []
    (again,) = tick(curves, "no cursor of ours").run_requests or []
    assert first.run_key == again.run_key
    curves.make("cos/lightcurves", rootnames=("lsim02aaq",))
    (later,) = tick(curves).run_requests or []
    assert later.run_key != first.run_key


def test_what_one_tick_leaves_the_next_one_requests(
    curves: GraphStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_sensors, "RANGES_PER_TICK", 1)
    monkeypatch.setattr(all_sensors, "KEYS_PER_RANGE", 1)
    first = tick(curves)
    assert ranges(first) == [("sim-constant", "sim-constant")]
    second = tick(curves, first.cursor)
    assert ranges(second) == [("sim-eclipse", "sim-eclipse")]
    assert ranges(tick(curves, second.cursor)) == []


def test_a_target_that_nobody_registered_is_registered(curves: GraphStation) -> None:
    curves.graph.instance.delete_dynamic_partition("target", "sim-eclipse")
    assert ranges(tick(curves)) == [("sim-constant", "sim-eclipse")]
    assert curves.keys == ["sim-constant", "sim-eclipse"]


def test_a_target_without_lightcurves_is_retired(made: GraphStation) -> None:
    with made.pipeline.clients.database.write() as writer:
        writer.delete(tables.Lightcurve, "target", ["sim-eclipse"])
    assert ranges(tick(made)) == []
    assert made.keys == ["sim-constant"]
    assert not made.path("sim-eclipse").exists()
    assert made.targets() == {"sim-constant": 2}


def test_a_requested_range_is_a_run_of_the_job(curves: GraphStation) -> None:
    clients = curves.pipeline.clients
    (request,) = tick(curves).run_requests or []
    job = build_definitions({"clients": clients}).resolve_job_def("target_composites")
    result = job.execute_in_process(instance=curves.graph.instance, tags=request.tags)
    assert result.success
    assert curves.targets() == {"sim-constant": 1, "sim-eclipse": 1}
    assert ranges(tick(curves)) == []


def count_of(station: GraphStation) -> int:
    """Return how many statements a tick sends."""
    database = station.pipeline.clients.database
    before = database.statements
    assert ranges(tick(station)) == []
    return database.statements - before


def decide(station: GraphStation) -> None:
    station.pipeline.clients.database.transact(
        lambda writer: writer.execute(
            update(tables.Outcome)
            .where(tables.Outcome.asset == "cos/lightcurves")
            .values(reason="looked at again")
        )
    )


def file(station: GraphStation) -> None:
    station.pipeline.clients.database.transact(
        lambda writer: writer.execute(update(tables.File).values(size_bytes=1))
    )


def take_out(station: GraphStation) -> None:
    station.graph.instance.delete_dynamic_partition("target", "sim-eclipse")


def forget(station: GraphStation) -> None:
    station.pipeline.clients.database.transact(
        lambda writer: writer.execute(
            delete(tables.Outcome).where(tables.Outcome.asset == "cos/lightcurves")
        )
    )


@pytest.mark.parametrize("change", [decide, file, take_out, forget])
def test_where_nothing_was_written_since_nothing_is_looked_at(
    made: GraphStation, change: Callable[[GraphStation], None]
) -> None:
    assert count_of(made) > 2
    assert count_of(made) == 2  # the mark, and whether something is newer
    change(made)
    assert count_of(made) > 2
    assert made.keys == ["sim-constant", "sim-eclipse"]
    count_of(made)  # a key that was registered is one more change
    assert count_of(made) == 2


def test_another_table_of_selection_has_all_looked_at(
    made: GraphStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert count_of(made) > 2
    assert count_of(made) == 2
    monkeypatch.setattr(changed_keys, "_digest_program", lambda: "another")
    assert count_of(made) > 2


def test_a_change_that_no_run_has_made_is_looked_at_each_time(curves: GraphStation) -> None:
    first = tick(curves)
    assert ranges(first) == [("sim-constant", "sim-eclipse")]
    assert ranges(tick(curves)) == ranges(first)
