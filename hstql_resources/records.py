"""Open what hstql has recorded: files and tables, without an archive, and without workers.

What only asks the tables waits for nothing else.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from hstql_resources.filesystem import Filesystem, apply_umask
from hstql_resources.postgres.address import database_url
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.home import settle
from hstql_resources.postgres.reader import reader_url
from hstql_resources.run_log import RunLog, open_run_log
from hstql_resources.settings import Settings


@dataclass(frozen=True)
class Records:
    """The files and tables of a home, and the log of the command that asks them."""

    settings: Settings
    filesystem: Filesystem
    database: Database
    log: RunLog


@contextlib.contextmanager
def open_home(settings: Settings) -> Iterator[tuple[Filesystem, Database]]:
    """Open the files and the tables of a home, and bring the tables up to date.

    Raises
    ------
    SettingsError
        If a setting cannot work: no such folder, group or database, or that of another home.
    """
    apply_umask(settings)
    filesystem = Filesystem.from_settings(settings)
    filesystem.sweep_scratch()
    database = Database(database_url(settings), partial(reader_url, settings))
    try:
        database.migrate()
        settle(database, filesystem, settings)
        yield filesystem, database
    finally:
        database.dispose()


@contextlib.contextmanager
def open_records(settings: Settings, command: str) -> Iterator[Records]:
    """Open a home, and log what happens; errors are those of `open_home`."""
    with (
        open_home(settings) as (filesystem, database),
        open_run_log(settings, filesystem, database, command) as log,
    ):
        yield Records(settings, filesystem, database, log)
