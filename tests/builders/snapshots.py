"""What a graph has made, kept to be laid out again for each test that begins with it.

Rows name files by their whole path, so all of these tests work in one folder, one after the other.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from builders.databases import Databases
from hstql_resources.postgres.database import Database


@dataclass(frozen=True)
class Surroundings:
    """Where a graph works: an empty folder, a database without rows, an instance of Dagster."""

    folder: Path
    database: Database
    instance: dg.DagsterInstance


class Snapshot:
    """Everything in such surroundings after some work.

    Parameters
    ----------
    root : Path
        A folder of the snapshot's own.
    databases : Databases
        Where to take databases from.
    """

    def __init__(self, root: Path, databases: Databases) -> None:
        self._place, self._kept = root / "place", root / "kept"
        self._databases = databases
        self._database = ""
        self._instance = dg.DagsterInstance.ephemeral(tempdir=str(self._place))

    @contextmanager
    def fill(self) -> Iterator[Surroundings]:
        """Yield surroundings in which nothing was done; keep what is done in them."""
        self._place.mkdir()
        self._database = self._databases.take()
        database = self._databases.open(self._database)
        yield Surroundings(self._place, database, self._instance)
        database.dispose()
        shutil.copytree(self._place, self._kept, symlinks=True)

    @contextmanager
    def lay_out(self) -> Iterator[Surroundings]:
        """Yield surroundings in which all of that was done."""
        shutil.rmtree(self._place)
        shutil.copytree(self._kept, self._place, symlinks=True)
        name = self._databases.copy(self._database)
        database = self._databases.open(name)
        with dg.DagsterInstance.ephemeral(tempdir=str(self._place)) as instance:
            _copy_instance(self._instance, instance)
            yield Surroundings(self._place, database, instance)
        database.dispose()
        self._databases.drop(name)

    def close(self) -> None:
        """Forget all of it."""
        self._instance.dispose()
        self._databases.drop(self._database)
        shutil.rmtree(self._kept)


def _copy_instance(source: dg.DagsterInstance, target: dg.DagsterInstance) -> None:
    """Copy the two databases in memory of an ephemeral instance."""
    storages: list[tuple[Callable, Callable]] = [
        (source.run_storage.connect, target.run_storage.connect),
        (source.event_log_storage.index_connection, target.event_log_storage.index_connection),
    ]
    for open_source, open_target in storages:
        with open_source() as one, open_target() as other:
            one.connection.driver_connection.backup(other.connection.driver_connection)
