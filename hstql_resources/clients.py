"""Open and close together all that a step works with: archive, files, database, workers."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from hstql_resources.archive import Archive, Fetched, open_archive
from hstql_resources.filesystem import Filesystem, apply_umask
from hstql_resources.fits.limits import set_limits
from hstql_resources.postgres.address import database_url
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.home import settle
from hstql_resources.postgres.reader import reader_url
from hstql_resources.references import References
from hstql_resources.run_log import RunLog, open_run_log
from hstql_resources.settings import Settings
from hstql_resources.workers import open_workers


@dataclass(frozen=True)
class Clients:
    """The clients of one process.

    Attributes
    ----------
    settings : Settings
        As they were at the start.
    archive : Archive
        Where observations come from.
    filesystem : Filesystem
        Where files go to.
    database : Database
        Where rows go to; its tables are up to date.
    workers : concurrent.futures.Executor
        Who computes.
    log : RunLog
        The log of this command or run.
    on_progress : callable
        Called with (asset, status) for each key that is decided.
    on_fetched : callable
        Called with each product that came over the net, and the number of all that are wanted.
    on_calibrated : callable
        Called with `made` or `failed` for each run of a calibration pipeline, and their number.
    """

    settings: Settings
    archive: Archive
    filesystem: Filesystem
    database: Database
    workers: Executor
    log: RunLog
    on_progress: Callable[[str, str], None]
    on_fetched: Callable[[Fetched, int], None] = lambda _fetched, _total: None
    on_calibrated: Callable[[str, int], None] = lambda _status, _total: None

    @property
    def references(self) -> References:
        """Where calibration reference files are found."""
        return References.from_settings(self.settings, self.archive, self.filesystem)


@contextlib.contextmanager
def open_clients(
    settings: Settings,
    command: str,
    on_progress: Callable[[str, str], None] = lambda _asset, _status: None,
    on_fetched: Callable[[Fetched, int], None] = lambda _fetched, _total: None,
    on_calibrated: Callable[[str, int], None] = lambda _status, _total: None,
) -> Iterator[Clients]:
    """Open everything, log what happens, and close everything.

    Parameters
    ----------
    settings : Settings
        What to open.
    command : str
        One word for the name of the log.
    on_progress, on_fetched, on_calibrated : callable
        As in `Clients`.

    Raises
    ------
    SettingsError
        If a setting cannot work: no such archive, folder, group, database or scheduler, or the
        database of another home.
    """
    apply_umask(settings)
    archive = open_archive(settings)
    set_limits(settings.limits)
    workers = open_workers(settings.workers, partial(set_limits, settings.limits))
    filesystem = Filesystem.from_settings(settings)
    filesystem.sweep_scratch()
    database = Database(database_url(settings), partial(reader_url, settings))
    with contextlib.ExitStack() as stack:
        stack.callback(database.dispose)
        stack.callback(workers.shutdown, cancel_futures=True)
        database.migrate()
        settle(database, filesystem, settings)
        with open_run_log(settings, filesystem, database, command) as log:
            yield Clients(
                settings,
                archive,
                filesystem,
                database,
                workers,
                log,
                on_progress,
                on_fetched,
                on_calibrated,
            )
