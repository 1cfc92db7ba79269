"""A pipeline of the steps, the files that it works on, and exposures to write files of."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path

import dagster as dg
import pytest

from builders.corrtag_files import Observation
from builders.databases import Databases
from builders.graph_station import CONSTANT, ECLIPSE, Begun, GraphStation, open_graph
from builders.pipeline import Pipeline, open_pipeline
from builders.snapshots import Snapshot
from builders.stis_files import Stis
from builders.workers import warm_workers
from hstql_assets.orchestration.graph import Graph
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
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


@pytest.fixture(scope="session")
def begun(
    tmp_path_factory: pytest.TempPathFactory,
    simulated: Path,
    databases: Databases,
    workers: LocalWorkers,
) -> Iterator[Begun]:
    """Return a function that lays out what another has done with a graph, which it does once.

    That other one takes the graph, and a function that adds an exposure to its archive.
    """
    with ExitStack() as kept:

        @cache
        def take(begin: Callable[..., object], in_place: bool) -> Snapshot:
            snapshot = Snapshot(tmp_path_factory.mktemp("begun"), databases)
            kept.callback(snapshot.close)
            with snapshot.fill() as surroundings:
                opened = open_graph(surroundings, workers, in_place=in_place)
                opened.archive.mkdir()
                begin(opened, partial(put_exposure, simulated, opened.archive))
            return snapshot

        @contextmanager
        def lay_out(
            begin: Callable[..., object], *, in_place: bool = True
        ) -> Iterator[GraphStation]:
            with take(begin, in_place).lay_out() as surroundings:
                yield open_graph(surroundings, workers, in_place=in_place)

        yield lay_out


@pytest.fixture
def begun_station(request: pytest.FixtureRequest, begun: Begun) -> Iterator[GraphStation]:
    """A graph on which the function `begin` of the test module was run."""
    with begun(request.module.begin) as opened:
        yield opened


@pytest.fixture
def begun_pipeline(begun_station: GraphStation) -> Pipeline:
    """A pipeline on which the function `begin` of the test module was run."""
    return begun_station.pipeline


@pytest.fixture
def add_to_begun(begun_pipeline: Pipeline, simulated: Path) -> Callable[..., Path]:
    """Return a function that puts an exposure into the archive of what is begun."""
    return partial(put_exposure, simulated, begun_pipeline.archive)


@pytest.fixture
def station(pipeline: Pipeline, tmp_path: Path) -> Iterator[GraphStation]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield GraphStation(pipeline, Graph(instance))


def compose(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    add_exposure("lsim01aaq", CONSTANT)
    add_exposure("lsim02aaq", CONSTANT)
    add_exposure("lsim03aaq", ECLIPSE)
    station.make()
    assert station.targets() == {"sim-constant": 2, "sim-eclipse": 1}


@pytest.fixture
def made(begun: Begun) -> Iterator[GraphStation]:
    """Two exposures of one target, one of another, all composed."""
    with begun(compose) as opened:
        yield opened


@pytest.fixture
def add_to_made(made: GraphStation, simulated: Path) -> Callable[..., Path]:
    """Return a function that puts an exposure into the archive of what is made."""
    return partial(put_exposure, simulated, made.archive)
