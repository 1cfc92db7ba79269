"""Answer `hstql backup` and `hstql restore`: all tables in one file, and back again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import click
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.commands.session import guard, open_session
from hstql_assets.orchestration.consistency.inputs import stream_recorded
from hstql_resources.clients import Clients
from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.backup import (
    DAGSTER,
    OWN,
    Manifest,
    fill,
    find_rows,
    open_backup,
    write_backup,
)
from hstql_resources.postgres.complaints import complaint
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.faults import BackupError
from hstql_resources.postgres.home import take_over
from hstql_resources.settings import Settings
from hstql_resources.tables import Run

# Tables whose rows are no reason not to restore; the site fills the last as it is first opened.
UNTOUCHED = ("runs", "home", "anomaly_kinds")
KEYS = "dynamic_partitions"  # of Dagster's tables the one with what was registered


@guard
def backup(file: Path) -> int:
    """Write the tables of hstql and of Dagster into one file."""
    path = file.expanduser().absolute()
    with open_session("backup") as (_, clients, _steps), _open_dagster(clients.settings) as dagster:
        if path.exists():
            raise BackupError(f"{path} is there already: give the backup another name.")
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            engines = {OWN: clients.database.engine, DAGSTER: dagster}
            manifest = write_backup(partial, engines, clients.log.run_id, _describe(clients))
            clients.filesystem.set_permissions(partial)
            partial.rename(path)
        except OSError as error:
            raise BackupError(f"{path} cannot be written: {error.strerror}.") from None
        except DBAPIError as error:
            raise DatabaseError(f"The tables cannot be read: {complaint(error)}.") from error
        finally:
            with suppress(OSError):
                partial.unlink()
    click.echo(f"{path} has {_count(manifest)}, {path.stat().st_size / 1e6:.1f} MB.")
    click.echo(
        "Files are not in it: after 'hstql restore', 'hstql check --heal' makes those again that "
        "are not there."
    )
    return 0


@guard
def restore(file: Path, force: bool) -> int:
    """Fill the tables of hstql and of Dagster from a backup."""
    with (
        open_backup(file) as (archive, manifest),
        open_session("restore") as (_, clients, _steps),
        _open_dagster(clients.settings) as dagster,
    ):
        if not force:
            _require_empty(clients, dagster)
        with clients.database.write() as writer, dagster.begin() as connection:
            for one, name in ((writer.connection, OWN), (connection, DAGSTER)):
                one.execute(text("SET LOCAL lock_timeout = '30s'"))
                fill(one, archive, name, manifest.parts[name])
            take_over(writer, clients.filesystem, clients.settings)
            # It was at work when it was written down, and is no more.
            writer.delete(Run, "id", [manifest.run])
        click.echo(f"Restored {_count(manifest)}, as they were at {manifest.made_at}.")
        click.echo(_tell_missing(clients.database))
    return 0


@contextmanager
def _open_dagster(settings: Settings) -> Iterator[Engine]:
    engine = create_engine(dagster_database_url(settings))
    try:
        yield engine
    finally:
        engine.dispose()


def _describe(clients: Clients) -> dict[str, str]:
    return {
        "home": str(clients.settings.home),
        "archive": clients.settings.archive,
        **{name: version(name) for name in ("hstql", "dagster")},
    }


def _count(manifest: Manifest) -> str:
    rows = [number for part in manifest.parts.values() for number in part.rows.values()]
    return f"{sum(rows)} rows of {len(rows)} tables"


def _require_empty(clients: Clients, dagster: Engine) -> None:
    places = (
        (clients.database.engine, lambda name: name not in UNTOUCHED),
        (dagster, lambda name: name == KEYS),
    )
    for engine, is_meant in places:
        with engine.connect() as connection:
            table = find_rows(connection, is_meant)
        if table is not None:
            raise BackupError(
                f"The home {clients.settings.home} has rows in {table}, and nothing was changed: "
                "set HSTQL_HOME to a new folder, or give --force to replace all of its tables."
            )


def _tell_missing(database: Database) -> str:
    number = missing = 0
    for held in chain.from_iterable(stream_recorded(database, one) for one in INSTRUMENTS):
        number += len(held)
        here = (file.path for file in held if not file.is_set_aside)
        missing += sum(not os.path.exists(path) for path in here)  # noqa: PTH110, strings by the 100,000
    if not missing:
        return f"All {number} files that rows name are there."
    return (
        f"{missing} of {number} files that rows name are not there: 'hstql check --heal' makes "
        "them again."
    )
