"""Keep the log of each command and run, without secrets, and its line in the table `runs`."""

import contextlib
import logging
import os
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.secret_texts import remove_secrets
from hstql_resources.settings import Settings
from hstql_resources.stopping import before_stop
from hstql_resources.tables import Run

_log = logging.getLogger(__name__)

LOGGED_VERSIONS = ("hstql", "dagster", "astropy", "numpy", "scipy", "sqlalchemy")
LOGGED_PACKAGES = ("hstql_assets", "hstql_resources", "py.warnings")


@dataclass
class RunLog:
    """An open log.

    Attributes
    ----------
    run_id : str
        `<command>_<UTC>`.
    path : Path
        The log file.
    exit_status : int
        What the command will end with: 0 all done, 1 some keys failed, 2 wrong usage, 130 stopped
        by Ctrl-C, 143 by SIGTERM.
    """

    run_id: str
    path: Path
    exit_status: int = 0


class _LogFile(logging.FileHandler):
    """A log that says once that it cannot be written, as on a full disk, and then stays silent."""

    _has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Say why a line is not in the log; the work goes on without it."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._has_failed:
            self._has_failed = True
            sys.stderr.write(f"The log {self.baseFilename} cannot be written: {error.strerror}.\n")

    def close(self) -> None:
        """Close it; what cannot be written any more is lost."""
        with contextlib.suppress(OSError):
            super().close()


class _SecretFormatter(logging.Formatter):
    """Format in UTC, with every known secret replaced."""

    converter = staticmethod(time.gmtime)

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
        self._settings = settings

    def format(self, record: logging.LogRecord) -> str:
        return remove_secrets(super().format(record), self._settings)


@contextlib.contextmanager
def open_run_log(
    settings: Settings, filesystem: Filesystem, database: Database | None, command: str
) -> Iterator[RunLog]:
    """Log to `logs/<command>_<UTC>.log` while the block runs, and keep its line in `runs`.

    Parameters
    ----------
    settings, filesystem, database
        What is written where; without a database only the file.
    command : str
        One word, such as `materialize`.

    Yields
    ------
    RunLog
        Set its `exit_status` before the block ends; an exception makes it 1.
    """
    run = _name_run(filesystem, command)
    handler = _open_handler(run.path, settings, filesystem)
    packages = [logging.getLogger(name) for name in LOGGED_PACKAGES]
    levels = [package.level for package in packages]
    for package in packages:
        package.addHandler(handler)
        package.setLevel(logging.INFO)
    try:
        _log_surroundings(settings)
        _record(database, run, settings)
        with _exit_status_of(run), before_stop(lambda status: _record_stop(database, run, status)):
            yield run
    finally:
        _log.info("Ended with exit status %d", run.exit_status)
        for package, level in zip(packages, levels, strict=True):
            package.removeHandler(handler)
            package.setLevel(level)
        handler.close()
        _record_end(database, run)


@contextlib.contextmanager
def _exit_status_of(run: RunLog) -> Iterator[None]:
    try:
        yield
    except SystemExit as error:
        if isinstance(error.code, int):
            run.exit_status = error.code
        raise
    except BaseException as error:
        run.exit_status = run.exit_status or 1
        _log.exception("Stopped by %s", type(error).__name__)
        raise


def _name_run(filesystem: Filesystem, command: str) -> RunLog:
    """Name a run by its UTC to the microsecond, so that two at once have two logs."""
    run_id = f"{command}_{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"
    return RunLog(run_id, filesystem.logs / f"{run_id}.log")


def _open_handler(path: Path, settings: Settings, filesystem: Filesystem) -> logging.Handler:
    filesystem.make_folder(path.parent)
    with contextlib.suppress(PermissionError):  # it may be another user's
        filesystem.set_permissions(path.parent)  # the server of the database may have made it
    path.touch()
    filesystem.set_permissions(path)
    handler = _LogFile(path)
    handler.setFormatter(_SecretFormatter(settings))
    return handler


def _log_surroundings(settings: Settings) -> None:
    _log.info("Command: %s", shlex.join(sys.argv))
    _log.info("Versions: %s", " ".join(f"{name} {version(name)}" for name in LOGGED_VERSIONS))
    _log.info("Python %s, process %d", sys.version.split()[0], os.getpid())
    for name, value in settings.model_dump().items():
        _log.info("Setting %s: %s", name, oct(value) if name == "file_mode" else value)


def _record(database: Database | None, run: RunLog, settings: Settings) -> None:
    if database is None:
        return
    row = {
        "id": run.run_id,
        "command": remove_secrets(shlex.join(sys.argv), settings),
        "started_at": datetime.now(UTC),
        "log": str(run.path),
    }
    with database.write() as writer:
        writer.upsert(Run, [row])


def _record_stop(database: Database | None, run: RunLog, status: int) -> None:
    run.exit_status = status
    if database is not None:
        database.abandon()  # what is at work may hold the lock of all writers
    _record_end(database, run)
    _log.info("Stopped with exit status %d", status)


def _record_end(database: Database | None, run: RunLog) -> None:
    if database is None:
        return
    end = {"ended_at": datetime.now(UTC), "exit_status": run.exit_status}
    with database.write() as writer:
        writer.execute(Run.__table__.update().where(Run.id == run.run_id).values(**end))  # type: ignore[attr-defined]
