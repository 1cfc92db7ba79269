"""Fetched files that go when all that follows is decided, and come back when they are needed."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from builders.graph_station import Begun, GraphStation
from builders.mast_station import (
    ALONE,
    ASSOCIATION,
    FIRST,
    SECOND,
    MastStation,
    open_mast_station,
    process_again,
)
from hstql_assets.batching.attempts import read_attempts
from hstql_assets.batching.room import INPUTS, NO_ROOM, ROOM
from hstql_assets.commands.status import read_set_aside
from hstql_assets.monitors.gain.kept_gains import FOLDER
from hstql_assets.observations import calibrating
from hstql_assets.orchestration.consistency.run_checks import examine_all
from hstql_assets.orchestration.consistency.scope import ChecksumPlan
from hstql_assets.orchestration.planning import Selection
from hstql_assets.orchestration.reset import carry_out, plan_database_reset, plan_files_reset
from hstql_assets.orchestration.setting_aside import find_unsettled, set_aside_settled
from hstql_resources import tables
from hstql_resources.dagster_keys import find_registered
from hstql_resources.fits.data_files import sha256_of
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Base

ALONE_GB, ALL_GB = 0.0039, 0.01578  # of the files of one exposure, and of all
CURVES = ("cos/lightcurves", "composites")
OTHERS = ("stis", "acs", "wfc3")
EVENTS = ("corrtag_a", "corrtag_b", "spt", "x1d")  # and what belongs to a lightcurve besides


def set_keep(station: MastStation, keep: str, gigabytes: float = 100.0) -> None:
    """Change the two settings, as the next command finds them."""
    pipeline = station.station.pipeline
    settings = pipeline.clients.settings.model_copy(update={"keep": keep, "keep_gb": gigabytes})
    clients = replace(pipeline.clients, settings=settings)
    station.station = replace(station.station, pipeline=replace(pipeline, clients=clients))


def database_of(station: MastStation) -> Database:
    return station.station.pipeline.clients.database


def list_files(station: MastStation) -> list[str]:
    top = station.station.pipeline.home / "files"
    return sorted(path.name for path in top.rglob("*") if path.is_file())


def list_served(station: MastStation) -> list[str]:
    return sorted(name for one in station.mast.datasets.values() for name in one.files)


def decide_rest(station: MastStation, *but: str) -> None:
    """Let all assets but some have decided about the keys that there are."""
    nodes = [node for node in station.graph.nodes
             if node.partition_set and node.name not in but]  # fmt: skip
    keys = {node.name: station.graph.instance.get_dynamic_partitions(node.partition_set)
            for node in nodes}  # fmt: skip
    now = datetime.now(UTC)
    rows = [
        {"asset": name, "key": key, "status": "none", "decided_at": now, "changed_at": now}
        for name, some in keys.items()
        for key in some
    ]
    with database_of(station).write() as writer:
        writer.upsert(tables.Outcome, rows, keep=("status", "changed_at"))
        writer.execute(text("DELETE FROM cumulative_image_members"))


def settle(station: MastStation, *, is_everything: bool = False) -> None:
    """Do what follows from each batch."""
    set_aside_settled(
        station.station.pipeline.clients,
        station.graph.nodes,
        partial(find_registered, station.graph.instance),
        is_everything=is_everything,
    )


def watch(station: MastStation) -> list[int]:
    """Note with each file that comes what lies under files and is being fetched, bytes."""
    pipeline, served = station.station.pipeline, list_served(station)
    sizes: list[int] = []

    def look(_fetched: object, _total: int) -> None:
        sizes.append(0)
        for folder in ("files", "scratch"):
            for path in (pipeline.home / folder).rglob("*.fits*"):
                if path.name.removesuffix(".part") in served:
                    with suppress(FileNotFoundError):  # it has just lost its .part
                        sizes[-1] += path.stat().st_size

    clients = replace(pipeline.clients, on_fetched=look)
    station.station = replace(station.station, pipeline=replace(pipeline, clients=clients))
    return sizes


@pytest.fixture
def mast(station: GraphStation, simulated: Path) -> Iterator[MastStation]:
    with open_mast_station(station, simulated) as opened:
        opened.discover()
        yield opened


@pytest.fixture(scope="module")
def begin(simulated: Path) -> Callable[[GraphStation, object], None]:
    """Make lightcurves and composites, and let all else be decided: all files are set aside."""

    def make(station: GraphStation, _add: object) -> None:
        with open_mast_station(station, simulated) as mast:
            mast.discover()
            set_keep(mast, "products")
            assert not mast.make(*CURVES).failures
            assert list_files(mast) == list_served(mast)  # other assets have not decided yet
            decide_rest(mast, *CURVES)
            settle(mast)

    return make


@pytest.fixture
def settled(
    begun: Begun, begin: Callable[[GraphStation, object], None], simulated: Path
) -> Iterator[MastStation]:
    with begun(begin) as station, open_mast_station(station, simulated) as mast:
        set_keep(mast, "products")
        yield mast


def test_files_go_when_all_is_decided_and_their_rows_stay(settled: MastStation) -> None:
    assert list_files(settled) == []
    rows = settled.station.pipeline.rows(tables.File)
    assert [row["filename"] for row in rows] == list_served(settled)
    assert all(row["set_aside_at"] and row["sha256"] and row["cal_ver"] for row in rows
               if "x1d" in str(row["filename"]))  # fmt: skip
    assert not (settled.station.pipeline.home / "files").exists()
    settled.make(*CURVES)
    assert settled.station.made == []
    assert settled.fetched() == []


def test_status_and_check_know_what_was_set_aside(settled: MastStation) -> None:
    (sheet,) = read_set_aside(database_of(settled))
    assert sheet.rows == [("set aside", 16, 15.8)]
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    settled.path(f"{ALONE}_spt.fits").unlink()
    (sheet,) = read_set_aside(database_of(settled))
    assert sheet.rows == [("here", 4, 3.8), ("set aside", 12, 11.9)]
    found = examine_all(
        settled.station.pipeline.clients,
        settled.graph.read_rootnames(["cos"]),
        ChecksumPlan(is_everything=True),
        ("files_are_there", "no_stray_files", "sizes_and_checksums", "agrees_with_archive"),
    )
    told = [Path(finding.path).name for one in found.values() for finding in one.findings
            if "/files/" in finding.path]  # fmt: skip
    assert told == [f"{ALONE}_spt.fits"]  # which nobody set aside
    lines = settled.graph.explain(database_of(settled), FIRST)
    assert any(line.startswith("Set aside") and f"{FIRST}_x1d" in line for line in lines)


def test_what_is_made_again_is_the_same_and_fetches_what_it_needs(settled: MastStation) -> None:
    (row,) = [one for one in settled.station.pipeline.rows(tables.Lightcurve)
              if one["rootname"] == FIRST]  # fmt: skip
    before = Path(str(row["path"])).read_bytes()
    settled.make("cos/lightcurves", selection=Selection(rootnames=(FIRST,)), only=True)
    assert settled.fetched() == [f"{FIRST}_{name}.fits" for name in EVENTS]
    assert Path(str(row["path"])).read_bytes() == before
    assert list_files(settled) == [f"{FIRST}_{name}.fits" for name in EVENTS]  # for its composite
    settled.make("composites")
    assert settled.fetched() == [f"{SECOND}_{name}.fits" for name in EVENTS]
    decide_rest(settled, *CURVES)
    settle(settled)
    assert list_files(settled) == []


def test_from_all_to_products_and_back(mast: MastStation) -> None:
    mast.make(*CURVES)
    decide_rest(mast, *CURVES)
    settle(mast)
    assert list_files(mast) == list_served(mast)
    set_keep(mast, "products")
    mast.make(*CURVES)  # nothing is to be made
    assert list_files(mast) == []
    set_keep(mast, "all")
    mast.fetched()
    mast.make("cos/raw_files", "cos/calibrated_files", mode="all")
    assert mast.fetched() == list_files(mast) == list_served(mast)
    rows = mast.station.pipeline.rows(tables.File)
    assert {row["set_aside_at"] for row in rows} == {None}
    mast.make(*CURVES)
    assert mast.station.made == []


def test_what_was_set_aside_comes_back_where_everything_is_kept_now(settled: MastStation) -> None:
    set_keep(settled, "all")
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    kept = [f"{ALONE}_{name}.fits" for name in EVENTS]
    assert settled.fetched() == list_files(settled) == kept


def test_a_command_goes_through_a_small_room_in_rounds(mast: MastStation) -> None:
    set_keep(mast, "products", 0.0100)
    sizes = watch(mast)
    report = mast.make(*CURVES)
    assert max(sizes) <= 10.0e6
    assert not report.failures
    assert sum(name == "cos/raw_files" for name, _ in mast.station.made) > 1
    assert mast.station.targets() == {"sim-constant": 2, "sim-eclipse": 1}


@pytest.mark.full
def test_what_alone_needs_more_than_the_room_is_missing_and_holds_up_nothing(
    mast: MastStation,
) -> None:
    set_keep(mast, "products", 0.0048)
    report = mast.make(*CURVES)
    (failure,) = report.failures
    assert (failure.asset, failure.key) == ("composites", "sim-constant")
    assert "HSTQL_KEEP_GB, which is 0.0048" in failure.reason
    statuses = {row["rootname"] for row in mast.station.pipeline.rows(tables.Lightcurve)}
    assert statuses == {FIRST, SECOND, ALONE}
    set_keep(mast, "products", 0.02)
    assert not mast.make("composites", mode="failed").failures


def test_a_batch_for_which_others_leave_no_room_waits_and_goes_on_later(mast: MastStation) -> None:
    set_keep(mast, "products", ALONE_GB * 1.2)
    clients = mast.station.pipeline.clients
    stranger = clients.filesystem.observation_folder("lzzz01aaq") / "lzzz01aaq_x1d.fits"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(bytes(3_000_000))
    report = mast.make("cos/raw_files", selection=Selection(rootnames=(FIRST, ALONE)))
    assert {(one.status, one.reason) for one in report.failures} == {("waiting", NO_ROOM)}
    assert mast.fetched() == []
    assert stranger.exists()
    stranger.unlink()
    report = mast.make("cos/raw_files", selection=Selection(rootnames=(ALONE,)))
    assert not report.failures


def test_what_is_another_file_by_now_is_brought_in_as_changed(settled: MastStation) -> None:
    name = f"{ALONE}_x1d.fits"
    dataset = settled.mast.datasets[ALONE]
    body = dataset.files[name]
    assert isinstance(body, bytes)
    settled.mast.replace_file(ALONE, name, process_again(body), dataset.archived_at)  # type: ignore[arg-type]
    report = settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    (failure,) = report.failures
    assert failure.status == "waiting"
    assert failure.reason.startswith(f"{name} is another in the archive by now: cos/calibrated")
    report = settled.make(*CURVES)
    assert not report.failures
    made = dict(settled.station.made)
    assert made["cos/calibrated_files"] == made["cos/lightcurves"] == (ALONE,)
    assert settled.path(name).read_bytes() == dataset.files[name]


def test_a_run_that_was_killed_between_row_and_file_is_healed(settled: MastStation) -> None:
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    # It came back, and the row does not say so; then it was set aside, and is still here.
    with database_of(settled).write() as writer:
        writer.execute(text("UPDATE files SET set_aside_at = now()"))
    settled.fetched()
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    assert settled.fetched() == []
    settled.make("composites")
    decide_rest(settled, *CURVES)
    settle(settled)
    assert list_files(settled) == []


def test_nothing_goes_while_somebody_reads_or_fetches(settled: MastStation) -> None:
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    settled.make("composites")
    decide_rest(settled, *CURVES)
    before = list_files(settled)
    assert before
    other = Database(database_of(settled).engine.url)
    for lock, is_shared in ((INPUTS, True), (ROOM, False)):
        with other.hold(lock, is_shared=is_shared):
            settle(settled)
            assert list_files(settled) == before
    settle(settled)
    assert list_files(settled) == []
    other.dispose()


def test_keys_that_wait_for_room_are_due_as_soon_as_there_is_some(settled: MastStation) -> None:
    settled.make("cos/lightcurves", selection=Selection(rootnames=(ALONE,)), only=True)
    settled.make("composites")
    decide_rest(settled, *CURVES)
    set_keep(settled, "products", 0.005)  # enough for one of the two
    later = datetime.now(UTC) + timedelta(days=1)
    row = {"asset": "cos/raw_files", "attempts": 3, "deaths": 0, "reason": NO_ROOM}
    with database_of(settled).write() as writer:
        rows = [{**row, "key": key, "tried_at": later, "next_at": later} for key in (SECOND, FIRST)]
        writer.upsert(tables.Attempt, rows)
    settle(settled)
    attempts = read_attempts(database_of(settled), ["cos/raw_files"])
    assert attempts[FIRST].next_at < later == attempts[SECOND].next_at


@pytest.mark.parametrize("gigabytes", [100.0, 0.0001])
def test_a_pipeline_gets_its_raw_files_back(
    mast: MastStation, monkeypatch: pytest.MonkeyPatch, gigabytes: float
) -> None:
    for dataset, rootname in ((ASSOCIATION, FIRST), (ASSOCIATION, SECOND), (ALONE, ALONE)):
        raw = mast.mast.datasets[dataset].files[f"{rootname}_spt.fits"]
        mast.mast.datasets[dataset].files[f"{rootname}_rawtag_a.fits"] = raw
        mast.mast.datasets[ASSOCIATION].files[f"{ASSOCIATION}_asn.fits"] = raw
        mast.mast.add(mast.mast.datasets[dataset])
    mast.discover()
    set_keep(mast, "products")
    mast.make("cos/raw_files")
    settle(mast, is_everything=True)
    set_keep(mast, "products", gigabytes)
    seen: dict[str, list[str]] = {}

    def note(_clients: object, _instrument: str, made: Mapping[str, object]) -> None:
        seen[" ".join(made)] = [name for name in list_files(mast) if "rawtag" in name]

    monkeypatch.setattr(calibrating, "_calibrate", note)
    config = {"cos__calibrated_files": {"config": {"source": "pipeline"}}}
    keys = {"selection": Selection(rootnames=(ASSOCIATION, ALONE)), "only": True}
    mast.make("cos/calibrated_files", config=config, **keys)
    events = [f"{name}_rawtag_a.fits" for name in (FIRST, SECOND, ALONE)]
    if gigabytes == 100.0:
        assert seen == {f"{ASSOCIATION} {ALONE}": events}
    else:  # the association has two exposures, with 109 kB of raw files
        assert seen == {ALONE: [f"{ALONE}_rawtag_a.fits"]}


def test_what_people_changed_or_put_there_stays(mast: MastStation) -> None:
    set_keep(mast, "products")
    mast.make(*CURVES)
    own = mast.path(f"{ALONE}_notes.fits")
    own.write_bytes(b"mine")
    changed = mast.path(f"{ALONE}_jit.fits")
    changed.write_bytes(changed.read_bytes())  # its date is another now
    settle(mast, is_everything=True)
    assert list_files(mast) == [changed.name, own.name]


@pytest.mark.parametrize("in_place", [True, False])
def test_a_folder_archive_is_never_touched_nor_its_copies(
    station: GraphStation, simulated: Path, add_exposure: Callable[..., Path], in_place: bool
) -> None:
    add_exposure(ALONE)
    archive = replace(station.pipeline.clients.archive, in_place=in_place)  # type: ignore[type-var]
    station = replace(station, pipeline=station.pipeline.on(archive))
    station.make("cos/raw_files", "cos/calibrated_files")
    folders = (station.archive, station.pipeline.home / "files")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns)
              for folder in folders for path in folder.rglob("*.fits")}  # fmt: skip
    with open_mast_station(station, simulated) as mast:  # which has files of the same names
        for one in (MastStation(station, mast.mast), mast):
            set_keep(one, "products", 0.001)
            settle(one, is_everything=True)
        for path in before:
            assert (path.read_bytes(), path.stat().st_mtime_ns) == before[path]


def test_undecided_assets_keys_that_wait_and_changed_targets_keep_files_here(
    settled: MastStation,
) -> None:
    database, nodes = database_of(settled), settled.graph.nodes
    registered = partial(find_registered, settled.graph.instance)
    keys = [ASSOCIATION, FIRST, SECOND, ALONE]

    def unsettled_after(statement: str) -> set[str]:
        with database.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(text(statement))
            transaction.commit()
        found = find_unsettled(database, nodes, registered, keys)
        decide_rest(settled, *CURVES)
        with database.write() as writer:
            writer.execute(text("DELETE FROM attempts"))
        return found

    assert find_unsettled(database, nodes, registered, keys) == set()
    for asset in ("cos/raw_files", "cos/previews", "cos/lightcurve_plots"):
        statement = f"DELETE FROM outcomes WHERE asset = '{asset}' AND key = '{FIRST}'"
        assert unsettled_after(statement) == {FIRST}
    waiting = ("INSERT INTO attempts (asset, key, attempts, deaths, reason, tried_at, next_at) "
               f"VALUES ('cos/previews', '{ALONE}', 1, 0, 'x', now(), now())")  # fmt: skip
    assert unsettled_after(waiting) == {ALONE}
    changed = "UPDATE lightcurves SET ingest_date = now() WHERE target = 'sim-constant'"
    assert unsettled_after(changed) == {FIRST, SECOND}


def make_everything(station: MastStation) -> dict[str, object]:
    """Make all that there is of COS; return all rows but dates, and what the product files are."""
    names = [node.name for node in station.graph.nodes
             if node.name.split("/")[0] not in OTHERS and node.partition_set]  # fmt: skip
    assert not station.make(*names).failures
    pipeline = station.station.pipeline
    made: dict[str, object] = {
        mapper.class_.__tablename__: pipeline.rows(mapper.class_, "set_aside_at", "made_at")
        for mapper in Base.registry.mappers
        if mapper.class_.__tablename__ not in ("home", "runs", "attempts")
    }
    # What the gain monitor keeps for itself is named by times.
    files = [
        path
        for path in pipeline.files()
        if path.startswith(("products/", "previews/")) and not path.startswith(FOLDER)
    ]
    digests = {path: sha256_of(pipeline.home / path) for path in files if path.endswith(".fits")}
    return made | {"files on disk": files, "digests": digests}


@pytest.mark.full
def test_everything_comes_out_as_where_all_files_are_kept(mast: MastStation) -> None:
    expected = make_everything(mast)
    assert list_files(mast) == list_served(mast)
    clients, graph = mast.station.pipeline.clients, mast.graph
    carry_out(plan_files_reset(graph.nodes, products_only=False), graph, clients)
    carry_out(plan_database_reset(None, graph.nodes), graph, clients)
    set_keep(mast, "products", 0.0100)
    mast.discover()
    sizes = watch(mast)
    found = make_everything(mast)
    assert max(sizes) <= 10.0e6
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert list_files(mast) == []
