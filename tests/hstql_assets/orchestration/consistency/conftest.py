"""A mirror of three simulated exposures, and the whole graph made from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from builders.consistency_station import ConsistencyStation
from builders.databases import Databases
from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from builders.pipeline import Pipeline
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
ROOTNAMES = (CONSTANT, "ls000102q", ECLIPSE)


@pytest.fixture(scope="session")
def exposures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three exposures of two targets, laid out like a mirror."""
    folder = tmp_path_factory.mktemp("exposures")
    for rootname, products in SimulatedArchive(12).list_products(ROOTNAMES).items():
        place = folder / rootname[:4] / rootname
        place.mkdir(parents=True)
        SimulatedArchive(12).fetch(products, place)
    return folder


@pytest.fixture
def copying(
    tmp_path: Path, exposures: Path, database: Database, workers: LocalWorkers
) -> Iterator[ConsistencyStation]:
    """Nothing is made yet; files are copied from the mirror."""
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
    """Lightcurves and composites of all three are made, and nothing is amiss."""
    snapshot = Snapshot(tmp_path_factory.mktemp("consistency"), databases)
    with snapshot.fill() as surroundings:
        shutil.copytree(exposures, surroundings.folder / MIRROR)
        opened = open_station(surroundings, workers)
        opened.station.make()
        assert opened.findings() == {}
    yield snapshot
    snapshot.close()


@pytest.fixture
def made(snapshot: Snapshot, workers: LocalWorkers) -> Iterator[ConsistencyStation]:
    """Lightcurves and composites of all three are made, and nothing is amiss."""
    with snapshot.lay_out() as surroundings:
        yield open_station(surroundings, workers)


def open_station(surroundings: Surroundings, workers: LocalWorkers) -> ConsistencyStation:
    """Return the graph on a mirror, from which files are copied."""
    home, mirror = surroundings.folder / "home", surroundings.folder / MIRROR
    clients = Clients(
        settings=Settings(_env_file=None, home=home),
        archive=DirectoryArchive(mirror, in_place=False),
        filesystem=Filesystem(home),
        database=surroundings.database,
        workers=workers,
        log=RunLog("check", home / "logs" / "check.log"),
        on_progress=lambda _asset, _status: None,
    )
    station = GraphStation(Pipeline(clients), Graph(surroundings.instance))
    return ConsistencyStation(station, mirror)
