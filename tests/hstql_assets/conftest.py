"""A pipeline of the steps, the files that it works on, and exposures to write files of."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from builders.corrtag_files import Observation
from builders.databases import Databases
from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from builders.pipeline import Pipeline
from builders.snapshots import Snapshot, Surroundings
from builders.stis_files import Stis
from builders.workers import warm_workers
from hstql_assets.orchestration.graph import Graph
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.workers import LocalWorkers


@pytest.fixture
def filesystem(tmp_path: Path) -> Filesystem:
    return Filesystem(tmp_path / "home")


@pytest.fixture
def observation(tmp_path: Path) -> Observation:
    """An exposure of COS: FUV, 100 s, files in a fresh folder."""
    return Observation(tmp_path)


@pytest.fixture
def exposure(tmp_path: Path) -> Stis:
    """An exposure of STIS: FUV-MAMA, first order, 100 s, files in a fresh folder."""
    return Stis(tmp_path)


@pytest.fixture(scope="session")
def workers() -> Iterator[LocalWorkers]:
    """Two real worker processes."""
    warm_workers()
    pool = LocalWorkers(2)
    yield pool
    pool.shutdown()


@pytest.fixture
def pipeline(tmp_path: Path, database: Database, workers: LocalWorkers) -> Pipeline:
    """A pipeline on a directory archive at `tmp_path / "archive"`, in place, empty as yet."""
    (tmp_path / "archive").mkdir()
    return open_pipeline(tmp_path, database, workers)


def open_pipeline(folder: Path, database: Database, workers: LocalWorkers) -> Pipeline:
    """Return a pipeline with archive and home in a folder."""
    home = folder / "home"
    clients = Clients(
        settings=Settings(_env_file=None, home=home),
        archive=DirectoryArchive(folder / "archive"),
        filesystem=Filesystem(home),
        database=database,
        workers=workers,
        log=RunLog("test", home / "logs" / "test.log"),
        on_progress=lambda _asset, _status: None,
    )
    return Pipeline(clients)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of the first twelve simulated exposures, side by side."""
    folder = tmp_path_factory.mktemp("simulated")
    archive = SimulatedArchive(12)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch(products, folder)
    return folder


@pytest.fixture
def add_exposure(tmp_path: Path, simulated: Path) -> Callable[..., Path]:
    """Return a function that puts an exposure into the archive, of which only the name is new."""
    return partial(put_exposure, simulated, tmp_path / "archive")


def put_exposure(simulated: Path, archive: Path, rootname: str, like: str = "ls000103q") -> Path:
    """Copy the files of a simulated exposure under another name; return their folder."""
    folder = archive / rootname[:4] / rootname
    folder.mkdir(parents=True)
    for path in sorted(simulated.glob(f"{like}_*.fits")):
        shutil.copyfile(path, folder / path.name.replace(like, rootname))
    return folder


@pytest.fixture(scope="module")
def begun(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    simulated: Path,
    databases: Databases,
    workers: LocalWorkers,
) -> Iterator[Snapshot]:
    """What the function `begin` of the test module did with a pipeline and exposures to add."""
    snapshot = Snapshot(tmp_path_factory.mktemp("begun"), databases)
    with snapshot.fill() as surroundings:
        (surroundings.folder / "archive").mkdir()
        pipeline = open_pipeline(surroundings.folder, surroundings.database, workers)
        request.module.begin(pipeline, partial(put_exposure, simulated, pipeline.archive))
    yield snapshot
    snapshot.close()


@pytest.fixture
def begun_pipeline(begun: Snapshot, workers: LocalWorkers) -> Iterator[Pipeline]:
    """A pipeline on which the test module's `begin` was run."""
    with begun.lay_out() as surroundings:
        yield open_pipeline(surroundings.folder, surroundings.database, workers)


@pytest.fixture
def add_to_begun(begun_pipeline: Pipeline, simulated: Path) -> Callable[..., Path]:
    """Return a function that puts an exposure into the archive of what is begun."""
    return partial(put_exposure, simulated, begun_pipeline.archive)


@pytest.fixture
def station(pipeline: Pipeline, tmp_path: Path) -> Iterator[GraphStation]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield GraphStation(pipeline, Graph(instance))


def open_graph(surroundings: Surroundings, workers: LocalWorkers) -> GraphStation:
    pipeline = open_pipeline(surroundings.folder, surroundings.database, workers)
    return GraphStation(pipeline, Graph(surroundings.instance))


@pytest.fixture(scope="session")
def composed(
    tmp_path_factory: pytest.TempPathFactory,
    simulated: Path,
    databases: Databases,
    workers: LocalWorkers,
) -> Iterator[Snapshot]:
    """Two exposures of one target, one of another, all composed."""
    snapshot = Snapshot(tmp_path_factory.mktemp("composed"), databases)
    with snapshot.fill() as surroundings:
        archive = surroundings.folder / "archive"
        for rootname, like in (
            ("lsim01aaq", CONSTANT),
            ("lsim02aaq", CONSTANT),
            ("lsim03aaq", ECLIPSE),
        ):
            put_exposure(simulated, archive, rootname, like)
        opened = open_graph(surroundings, workers)
        opened.make()
        assert opened.targets() == {"sim-constant": 2, "sim-eclipse": 1}
    yield snapshot
    snapshot.close()


@pytest.fixture
def made(composed: Snapshot, workers: LocalWorkers) -> Iterator[GraphStation]:
    """Two exposures of one target, one of another, all composed."""
    with composed.lay_out() as surroundings:
        yield open_graph(surroundings, workers)


@pytest.fixture
def add_to_made(made: GraphStation, simulated: Path) -> Callable[..., Path]:
    """Return a function that puts an exposure into the archive of what is made."""
    return partial(put_exposure, simulated, made.archive)
