"""A mirror of three simulated exposures, and the whole graph made from it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from builders.consistency_station import ConsistencyStation
from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from builders.pipeline import Pipeline
from hstql_assets.orchestration.graph import Graph
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.workers import LocalWorkers

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
def mirror(tmp_path: Path, exposures: Path) -> Path:
    return Path(shutil.copytree(exposures, tmp_path / "archive"))


@pytest.fixture
def copying(
    tmp_path: Path, mirror: Path, database: Database, workers: LocalWorkers
) -> Iterator[ConsistencyStation]:
    """Nothing is made yet; files are copied from the mirror."""
    clients = Clients(
        settings=Settings(_env_file=None, home=tmp_path / "home"),
        archive=DirectoryArchive(mirror, in_place=False),
        filesystem=Filesystem(tmp_path / "home"),
        database=database,
        workers=workers,
        log=RunLog("check", tmp_path / "home" / "logs" / "check.log"),
        on_progress=lambda _asset, _status: None,
    )
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield ConsistencyStation(GraphStation(Pipeline(clients), Graph(instance)), mirror)


@pytest.fixture
def made(copying: ConsistencyStation) -> ConsistencyStation:
    """Lightcurves and composites of all three are made, and nothing is amiss."""
    copying.station.make()
    assert copying.findings() == {}
    return copying
