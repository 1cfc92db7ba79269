"""A mirror of three simulated exposures, copied from, and the whole graph made from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from builders.databases import Databases
from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from builders.pipeline import Pipeline
from builders.reprocessing_station import OTHER, ReprocessingStation
from builders.snapshots import Snapshot, Surroundings
from hstql_assets.orchestration.graph import Graph
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.workers import LocalWorkers

MIRROR = "archive"


@pytest.fixture(scope="session")
def exposures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two exposures of one target and one of another, laid out like a mirror.

    The second is the first under another name, so that they share a composite.
    """
    folder = tmp_path_factory.mktemp("exposures")
    archive = SimulatedArchive(12)
    for rootname, like in ((CONSTANT, CONSTANT), (OTHER, CONSTANT), (ECLIPSE, ECLIPSE)):
        place = folder / rootname[:4] / rootname
        place.mkdir(parents=True)
        archive.fetch(archive.list_products([like])[like], place)
        for path in sorted(place.iterdir()):
            path.rename(path.with_name(path.name.replace(like, rootname)))
    return folder


@pytest.fixture
def unmade(
    tmp_path: Path, exposures: Path, database: Database, workers: LocalWorkers
) -> Iterator[ReprocessingStation]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        shutil.copytree(exposures, tmp_path / MIRROR)
        yield open_station(Surroundings(tmp_path, database, instance), workers)


@pytest.fixture(scope="session")
def snapshot(
    tmp_path_factory: pytest.TempPathFactory,
    exposures: Path,
    databases: Databases,
    workers: LocalWorkers,
) -> Iterator[Snapshot]:
    """Lightcurves, their statistics and composites of all three are made, and one summary."""
    snapshot = Snapshot(tmp_path_factory.mktemp("reprocessing"), databases)
    with snapshot.fill() as surroundings:
        shutil.copytree(exposures, surroundings.folder / MIRROR)
        opened = open_station(surroundings, workers)
        opened.station.make("cos/lightcurve_statistics", "composites", "summary_plots")
        assert opened.station.targets() == {"sim-constant": 2, "sim-eclipse": 1}
    yield snapshot
    snapshot.close()


@pytest.fixture
def made(snapshot: Snapshot, workers: LocalWorkers) -> Iterator[ReprocessingStation]:
    """Lightcurves, their statistics and composites of all three are made, and one summary."""
    with snapshot.lay_out() as surroundings:
        yield open_station(surroundings, workers)


def open_station(surroundings: Surroundings, workers: LocalWorkers) -> ReprocessingStation:
    """Return the graph on a mirror, from which files are copied."""
    home, mirror = surroundings.folder / "home", surroundings.folder / MIRROR
    clients = Clients(
        settings=Settings(_env_file=None, home=home),
        archive=DirectoryArchive(mirror, in_place=False),
        filesystem=Filesystem(home),
        database=surroundings.database,
        workers=workers,
        log=RunLog("reprocess", home / "logs" / "reprocess.log"),
        on_progress=lambda _asset, _status: None,
    )
    station = GraphStation(Pipeline(clients), Graph(surroundings.instance))
    return ReprocessingStation(station, mirror)
