"""Open and close together all that a step works with: archive, files, database, workers."""

import contextlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hstql_resources.archive import Archive, Fetched, open_archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.limits import Limits, set_limits
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.home import read_identity
from hstql_resources.records import open_home
from hstql_resources.references import References
from hstql_resources.run_log import RunLog, open_run_log
from hstql_resources.settings import Settings, SettingsError
from hstql_resources.workers import LocalWorkers, Prepare, do_nothing

MOST_WORKERS = 1024


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
    check_workers(settings.workers)
    archive = open_archive(settings)
    set_limits(settings.limits)
    with contextlib.ExitStack() as stack:
        filesystem, database = stack.enter_context(open_home(settings))
        identity = read_identity(settings.home)
        prepare = partial(
            prepare_worker, settings.limits, settings.home, identity, settings.archive_directory
        )
        workers = open_workers(settings.workers, prepare)
        stack.callback(workers.shutdown, cancel_futures=True)
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


def check_workers(workers: str) -> int | None:
    """Return how many processes of this machine a setting asks for; None if a Dask cluster.

    Raises
    ------
    SettingsError
        If it is neither a number nor an address.
    """
    if re.fullmatch("[0-9]{1,9}", workers) and 0 < int(workers) <= MOST_WORKERS:
        return int(workers)
    if re.fullmatch(r"(tcp|tls|ws|wss|ucx)://[^@\s]+:\d+/?", workers):
        return None
    raise SettingsError(
        f"HSTQL_WORKERS is {workers.rpartition('@')[2]!r}: give a number of processes, or the "
        "address of a Dask scheduler such as tcp://host:8786. More than "
        f"{MOST_WORKERS} processes there are not."
    )


def open_workers(workers: str, prepare: Prepare = do_nothing) -> Executor:
    """Return the workers of the setting.

    Parameters
    ----------
    workers : str
        A number of processes, or the address of a Dask scheduler such as `tcp://host:8786`.
    prepare : callable
        Called once in each worker, before its first task.

    Raises
    ------
    SettingsError
        If it is neither, or the scheduler or its workers cannot be used.
    """
    count = check_workers(workers)
    if count is not None:
        return LocalWorkers(count, prepare)
    try:
        from hstql_resources.dask_workers import DaskWorkers  # an extra, and slow to import
    except ImportError:
        raise SettingsError(
            "HSTQL_WORKERS names a Dask scheduler, but Dask is not installed: "
            "pip install 'hstql[dask]'."
        ) from None
    return DaskWorkers(workers, prepare)


def prepare_worker(limits: Limits, home: Path, identity: str | None, archive: Path | None) -> None:
    """Let the limits hold in a worker, and see that it has the files that it will be given.

    Raises
    ------
    SettingsError
        If this is another machine, and the home or the folder of the archive is not there.
    """
    set_limits(limits)
    if read_identity(home) != identity:
        raise SettingsError(f"it does not see the home {home}, which all have to share.")
    if archive is not None and not archive.is_dir():
        raise SettingsError(f"it does not see the archive {archive}, which all have to share.")
