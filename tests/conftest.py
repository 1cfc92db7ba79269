"""What many tests need: a fresh database on one embedded server, and the real files."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from builders.databases import Databases
from builders.places import REAL_ARCHIVE, make_home_folder
from builders.prepared import close_place, copy_home, open_place
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import SUPERUSER

# The same examples every time, and no limit of time: a failure is then about the change at hand.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

_NUMBERS = count()
TEMPLATE = "template_hstql"

# They take longest, some of it waiting. So they start first: none is left to one worker alone.
LONGEST = (
    "test_user_interface", "test_live_data", "test_hosts", "test_resetting_every_table",
    "test_reset", "test_demo", "test_calibrating", "test_faults", "test_postgres",
    "test_setting_aside", "test_mast_retrieval", "test_header_tables_hostile",
    "test_reprocessing_graph", "test_adding_a_monitor", "test_planning_summaries",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        open_place()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        close_place()


def _is_worker(config: pytest.Config) -> bool:
    """Return whether another process of pytest has started this one."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Let the garbage collector wait, and never look again at what was imported.

    It would take a tenth of all the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """The clients and Dagster's storage set the umask of their process."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def unversioned_instances() -> Iterator[None]:
    """Let an instance of Dagster in memory not note the version of its schema.

    Nobody asks for it, and to find it is to read ninety migrations, each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for storage in ("runs", "event_log"):
            patch.setattr(
                f"dagster._core.storage.{storage}.in_memory.stamp_alembic_rev", lambda *_: None
            )
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """An embedded server, which all tests of a process share."""
    folder = make_home_folder()
    copy_home("server", _prepare_server, folder / "home")
    server = EmbeddedPostgres(folder / "home")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _prepare_server(home: Path) -> None:
    """Make a home with a database that has all tables and no rows."""
    server = EmbeddedPostgres(home)
    try:
        # A test does not outlive a power cut. To make and remove a database takes a fifth of the
        # time then, and every test with a database does both.
        _execute(server, "ALTER SYSTEM SET fsync = off")
        _execute(server, "SELECT pg_reload_conf()")
        database = Database(server.url(TEMPLATE))
        database.migrate()
        database.dispose()
    finally:
        server.stop()


@pytest.fixture
def empty_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database without any table."""
    name = f"empty_{next(_NUMBERS)}"
    yield postgres.url(name)
    _drop(postgres, name)


@pytest.fixture
def superuser_url(empty_url: str) -> str:
    """The address of the same database for the superuser, who makes other logins."""
    return make_url(empty_url).set(username=SUPERUSER).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    return Databases(postgres, TEMPLATE)


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """hstql's database with all tables and no rows."""
    name = databases.take()
    fresh = databases.open(name)
    yield fresh
    fresh.dispose()
    databases.give_back(name)


def _drop(postgres: EmbeddedPostgres, name: str) -> None:
    _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(postgres: EmbeddedPostgres, statement: str) -> None:
    dsn = postgres.url("postgres", SUPERUSER).replace("+psycopg2", "")
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)


@pytest.fixture(scope="session")
def real_archive() -> Path:
    """The folder of real files; skips the test where it is absent."""
    if not REAL_ARCHIVE.is_dir():
        pytest.skip(f"the real HST files are not at {REAL_ARCHIVE}")
    return REAL_ARCHIVE
