"""Monitors in the graph: which keys there are, what a new exposure costs, what a lost one leaves.

What is measured and judged is the business of each monitor's own tests.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import select

from builders.graph_station import Begun, GraphStation
from builders.sensor_station import SensorStation, open_sensor_station
from builders.undrawn import leave_charts_out
from hstql_assets.batching.asset_nodes import WHOLE, AssetNode
from hstql_assets.monitors.framework.registry import read_trends
from hstql_assets.monitors.framework.states import judge
from hstql_assets.monitors.framework.trend_run import make_trend
from hstql_assets.orchestration.key_states import read_outdated
from hstql_assets.orchestration.planning import Request, Selection
from hstql_assets.orchestration.reset import carry_out, plan_database_reset
from hstql_resources import tables
from hstql_resources.archive import Search
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.postgres.database import Database

FUV_DARKS, NUV_DARK = ("ld000101q", "ld000201q"), "le000101q"
EVENTS = ("dark_rates", "dark_rate_monitor")
HOUR = timedelta(hours=1)
NOW = datetime.now(UTC) - 5 * HOUR
SENSOR, JOB = "outdated_monitors", "summaries"


def make(station: GraphStation, *assets: str, rootnames: tuple[str, ...] = ()) -> None:
    """Discover COS, and make assets with what is missing before them."""
    clients = station.pipeline.clients
    station.graph.discover(clients, Search("cos"))
    request = Request(assets, selection=Selection(rootnames))
    report = station.graph.materialize(clients, request, {}, station.steps.append)
    assert report.error is None


def keys(station: GraphStation, name: str) -> set[str]:
    return set(station.graph.instance.get_dynamic_partitions(name))


def decided(station: GraphStation, *assets: str) -> dict[tuple[str, str], datetime]:
    """Return when each key of assets was decided."""
    outcome = tables.Outcome
    statement = select(outcome.asset, outcome.key, outcome.decided_at).where(
        outcome.asset.in_(assets)
    )
    return {
        (row.asset, row.key): row.decided_at
        for row in station.pipeline.clients.database.read(statement)
    }


def rows(station: GraphStation, model: type[tables.Base]) -> list[dict[str, object]]:
    """Return whole rows, the dates at which they were written too."""
    table = tables.Base.metadata.tables[model.__tablename__]
    statement = select(table).order_by(*table.primary_key.columns)
    return [dict(row._mapping) for row in station.pipeline.clients.database.read(statement)]


def put(rootname: str, archive: Path) -> Path:
    """Put the files of a simulated exposure into the archive of a pipeline."""
    place = archive / rootname[:4] / rootname
    place.mkdir(parents=True)
    simulated = SimulatedArchive(2, epochs=2)
    simulated.fetch(simulated.list_products([rootname])[rootname], place)
    return place


@pytest.fixture(autouse=True)
def undrawn() -> Iterator[None]:
    with leave_charts_out():
        yield


def measure(station: GraphStation, _: object) -> None:
    put(FUV_DARKS[0], station.archive)
    put(NUV_DARK, station.archive)
    make(station, *EVENTS)


@pytest.fixture
def measured(begun: Begun) -> Iterator[GraphStation]:
    """Two darks and what is made of them, of an archive on disk."""
    with begun(measure) as opened:
        yield opened


def test_the_header_step_registers_what_monitors_look_at(station: GraphStation) -> None:
    station.pipeline = station.pipeline.on(SimulatedArchive(2, epochs=2))
    make(station, "cos/header_tables")
    everything = keys(station, "cos_rootname")
    assert len(everything) == 18
    darks = {name for name in everything if name[:2] in ("ld", "le")}
    assert keys(station, "dark_rootname") == darks
    assert len(darks) == 4
    lamps = {name for name in everything if name[:2] in ("lv", "lw")}
    assert keys(station, "cos_lampflash_rootname") == lamps
    assert len(lamps) == 4
    acquisitions = {name for name in everything if name[:2] == "la"}
    assert keys(station, "cos_acq_rootname") == acquisitions
    assert len(acquisitions) == 6
    events = {name for name in everything if name[:2] in ("ls", "lg", "ld")}
    assert keys(station, "cos_fuv_event_rootname") == events
    members = {str(row["image"]) for row in rows(station, tables.CumulativeImageMember)}
    assert keys(station, "cumulative_image") == members
    assert {name[:5] for name in members} == {"fuva_", "fuvb_"}


def test_a_new_dark_costs_one_exposure(measured: GraphStation) -> None:
    before, old = decided(measured, *EVENTS), rows(measured, tables.DarkRate)
    assert set(before) == {("dark_rates", FUV_DARKS[0]), ("dark_rates", NUV_DARK),
                           ("dark_rate_monitor", WHOLE)}  # fmt: skip
    put(FUV_DARKS[1], measured.archive)
    measured.steps.clear()
    make(measured, *EVENTS)
    assert [one for one in measured.made if one[0] == "dark_rates"] == [
        ("dark_rates", (FUV_DARKS[1],))
    ]
    after, new = decided(measured, *EVENTS), rows(measured, tables.DarkRate)
    assert [row for row in new if row["rootname"] != FUV_DARKS[1]] == old
    assert {row["rootname"] for row in new} == {*FUV_DARKS, NUV_DARK}
    for name in (FUV_DARKS[0], NUV_DARK):
        assert after["dark_rates", name] == before["dark_rates", name]
    assert after["dark_rate_monitor", WHOLE] > before["dark_rate_monitor", WHOLE]
    (state,) = [row for row in rows(measured, tables.MonitorState)
                if row["monitor"] == "dark_rate_monitor"]  # fmt: skip
    assert state["exposures"] == 3


def test_an_exposure_that_is_no_dark_any_more_leaves_nothing(measured: GraphStation) -> None:
    clients, gone = measured.pipeline.clients, FUV_DARKS[0]
    with clients.database.write() as writer:
        writer.upsert(tables.BadData, [
            {"filename": f"{gone}_spt.fits", "rootname": gone, "reason": "Unreadable",
             "detail": "of old", "step": "dark_rates", "ingest_date": NOW},
        ])  # fmt: skip
    folder = measured.archive / gone[:4] / gone
    shutil.rmtree(folder)
    science = put("ls000101q", measured.archive)
    folder.mkdir()
    for path in science.iterdir():
        path.rename(folder / path.name.replace("ls000101q", gone))
    again = ("cos/raw_files", "cos/calibrated_files", "cos/header_tables")
    request = Request(again, "all", selection=Selection((gone,)), only=True)
    assert measured.graph.materialize(clients, request, {}, measured.steps.append).error is None
    assert keys(measured, "dark_rootname") == {NUV_DARK}
    assert keys(measured, "cos_timetag_rootname") == {gone}
    assert {row["rootname"] for row in rows(measured, tables.DarkRate)} == {NUV_DARK}
    assert set(decided(measured, *EVENTS)) == {("dark_rates", NUV_DARK)}
    assert rows(measured, tables.BadData) == []
    measured.steps.clear()
    make(measured, *EVENTS)
    assert [name for name, _ in measured.made if name in EVENTS] == ["dark_rate_monitor"]


def test_a_table_that_was_reset_is_made_again(measured: GraphStation) -> None:
    clients = measured.pipeline.clients
    old, before = rows(measured, tables.DarkRate), decided(measured, *EVENTS)
    carry_out(plan_database_reset("dark_rates", measured.graph.nodes), measured.graph, clients)
    assert rows(measured, tables.DarkRate) == []
    assert decided(measured, *EVENTS) == {}
    make(measured, *EVENTS)
    after = decided(measured, *EVENTS)
    assert after.keys() == before.keys()
    assert all(after[one] > before[one] for one in before)

    def undated(found: list[dict[str, object]]) -> list[dict[str, object]]:
        return [{**row, "ingest_date": None} for row in found]

    assert undated(rows(measured, tables.DarkRate)) == undated(old)


def test_an_image_without_members_goes_with_its_map_and_rows(station: GraphStation) -> None:
    folder, clients = put("lg000101q", station.archive), station.pipeline.clients
    make(station, "gain_maps", "gain_monitor")
    images = rows(station, tables.CumulativeImage)
    paths = [Path(str(row["path"])) for row in images]
    assert {str(row["image"]) for row in images} == keys(station, "cumulative_image") != set()
    assert all(path.is_file() for path in paths)
    assert rows(station, tables.Gain)
    for path in folder.glob("*corrtag*"):
        path.unlink()
    again = ("cos/raw_files", "cos/calibrated_files", "cos/header_tables")
    request = Request(again, "all", only=True)
    assert station.graph.materialize(clients, request, {}, station.steps.append).error is None
    assert keys(station, "cumulative_image") == set()
    assert not any(path.exists() for path in paths)
    for model in (tables.CumulativeImage, tables.CumulativeImageMember, tables.Gain):
        assert rows(station, model) == []
    assert decided(station, "gain_maps", "gain_monitor") == {}


@pytest.fixture
def sensors(tmp_path: Path, database: Database) -> Iterator[SensorStation]:
    """Two darks and an acquisition, measured, and no trend as yet."""
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        for name in ("cos_rootname", "dark_rootname"):
            opened.instance.add_dynamic_partitions(name, FUV_DARKS)
        opened.decide("dark_rates", FUV_DARKS, NOW)
        opened.decide("acquisitions", ["la000101q"], NOW)
        yield opened


def requested(result: dg.SensorResult) -> set[str]:
    found = [request.asset_selection for request in result.run_requests or []]
    assert len(found) <= 1
    return {key.to_user_string() for keys in found for key in keys or ()}


def test_trends_that_are_behind_are_requested_once_and_together(sensors: SensorStation) -> None:
    first = sensors.tick(SENSOR)
    assert requested(first) == {"dark_rate_monitor", "acquisition_monitor", "osm_shift_monitor"}
    again = sensors.tick(SENSOR, first.cursor)
    assert requested(again) == set()
    assert again.cursor == first.cursor
    for name in requested(first):
        sensors.decide(name, [WHOLE], NOW + HOUR)
    assert requested(sensors.tick(SENSOR, again.cursor)) == set()


def test_the_trends_of_the_cameras_are_requested_like_all_others(sensors: SensorStation) -> None:
    cursor = sensors.tick(SENSOR).cursor
    sensors.decide("acs/image_statistics", ["jtst01aaq"], NOW + HOUR)
    assert "image_trends" in requested(sensors.tick(SENSOR, cursor))


def test_a_trend_whose_exposure_is_gone_is_requested_again(sensors: SensorStation) -> None:
    """Its measurements then changed when they had before, so their times do not tell."""
    cursor = sensors.tick(SENSOR).cursor
    trends = ("dark_rate_monitor", "acquisition_monitor", "osm_shift_monitor")
    for name in trends:
        sensors.decide(name, [WHOLE], NOW + HOUR)
    cursor = sensors.tick(SENSOR, cursor).cursor
    with sensors.database.write() as writer:
        writer.delete(tables.Outcome, "asset", list(trends))
        writer.delete(tables.Outcome, "key", [FUV_DARKS[0]])
    result = sensors.tick(SENSOR, cursor)
    assert requested(result) == set(trends)
    assert all(one.run_key is None for one in result.run_requests or [])


@pytest.mark.parametrize("job", ["cos_darks", "cos_files", "cos_products"])
def test_trends_wait_for_runs_that_measure(sensors: SensorStation, job: str) -> None:
    tags = {"dagster/asset_partition_range_start": FUV_DARKS[0],
            "dagster/asset_partition_range_end": FUV_DARKS[1]}  # fmt: skip
    run = sensors.record_run(dg.RunRequest("one", tags=tags), job, dg.DagsterRunStatus.STARTED)
    waiting = sensors.tick(SENSOR)
    assert requested(waiting) == set()
    assert waiting.skip_reason is not None
    sensors.instance.report_run_failed(run)
    assert "dark_rate_monitor" in requested(sensors.tick(SENSOR))


def test_trends_wait_for_a_run_that_makes_them(sensors: SensorStation) -> None:
    sensors.record_run(dg.RunRequest("one"), JOB, dg.DagsterRunStatus.STARTED)
    assert requested(sensors.tick(SENSOR)) == set()


def test_what_is_measured_while_a_trend_is_drawn_leaves_it_behind(measured: GraphStation) -> None:
    """The decision about a trend has the time at which its rows were read, not its end."""
    at = decided(measured, "dark_rate_monitor")["dark_rate_monitor", WHOLE]
    (state,) = [row for row in rows(measured, tables.MonitorState)
                if row["monitor"] == "dark_rate_monitor"]  # fmt: skip
    written = state["ingest_date"]
    assert isinstance(written, datetime)
    assert at < written


def test_a_monitor_whose_data_became_old_is_made_again_until_it_says_so(
    sensors: SensorStation,
) -> None:
    trends = ("dark_rate_monitor", "acquisition_monitor", "osm_shift_monitor")
    for name in trends:
        sensors.decide(name, [WHOLE], NOW + HOUR)
    cursor = sensors.tick(SENSOR).cursor
    node = AssetNode("dark_rate_monitor", "", ("dark_rates",))
    assert read_outdated(sensors.database, [node], {})[node.name] == frozenset()
    row = {
        "monitor": node.name, "title": "t", "state": "ok", "summary": "s", "newest_mjd": 60000.0,
        "exposures": 1, "changed_at": NOW, "stale_at": NOW, "page": "p", "ingest_date": NOW,
    }  # fmt: skip
    with sensors.database.write() as writer:
        writer.upsert(tables.MonitorState, [row])
    assert requested(sensors.tick(SENSOR, cursor)) == {node.name}
    assert read_outdated(sensors.database, [node], {})[node.name] == {WHOLE}
    with sensors.database.write() as writer:
        writer.upsert(tables.MonitorState, [row | {"state": "stale"}])
    assert requested(sensors.tick(SENSOR, cursor)) == set()
    assert read_outdated(sensors.database, [node], {})[node.name] == frozenset()


def test_only_an_archive_that_is_not_simulated_becomes_old(measured: GraphStation) -> None:
    clients = measured.pipeline.clients
    trend = next(one for one in read_trends() if one.name == "dark_rate_monitor")
    assert make_trend(trend, clients).report.stale_at is None
    settings = clients.settings.model_copy(update={"archive": "mast"})
    report = make_trend(trend, replace(clients, settings=settings)).report
    assert report.stale_at is not None
    assert report.stale_at < NOW
    assert judge(report) == "not judged"  # one dark of each detector is too few
    assert "Not judged: " in report.summary
    assert report.summary.endswith("more than 60 days ago.")
