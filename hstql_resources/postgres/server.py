"""Start and stop the Postgres server: the embedded one, or an external one.

Starting, probing, stopping and addresses belong here; what is in the databases does not.
The server serves all processes of one HSTQL_HOME over a Unix socket, outlives them, and runs
until `stop`. Asking for an address is all that a caller does; the server is started when needed.
"""

import hashlib
import logging
import os
import shlex
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import gethostname

import psutil
import psycopg2
from filelock import FileLock, Timeout
from sqlalchemy import URL

from hstql_resources.postgres.server_access import (
    OWNER,
    SITE,
    SUPERUSER,
    ServerAccess,
    last_line,
)
from hstql_resources.postgres.server_account import Account, choose_account, find_heir
from hstql_resources.postgres.server_process import (
    HOST,
    find_orphans,
    find_other_host,
    find_postmaster,
    last_complaint,
)
from hstql_resources.settings import SettingsError

logger = logging.getLogger(__name__)

VERSION = "18"
PORT = 5432  # only part of the socket's name, but PGPORT in the environment would change it
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_PATH_LIMIT = 100  # bytes; the kernel takes 108 on Linux and 104 on macOS
START_LIMIT_S = 120  # crash recovery replays up to max_wal_size of log
SMALL_BUFFERS = "32MB"
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    # Nobody replicates this server, so the log need only survive a crash.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    # A refused batch of rows would otherwise be written to the log in full.
    "log_min_error_statement": "panic",
}
_RETRIED = ("still in use", "already exists")  # what the rest of a killed server causes
# Of each process, so that a question may ask for too much memory and nothing else goes wrong.
_MEMORY_LIMIT = ("sh", "-c", 'ulimit -v 1572864 2>/dev/null; exec "$@"', "sh")
_NO_MEMORY = ("could not map anonymous shared memory", "could not create shared memory")


class EmbeddedPostgres:
    """The server whose data lie in `home/postgres`.

    Parameters
    ----------
    home : Path
        The folder of everything that hstql writes.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.data = (self.home / "postgres").resolve()
        self.log = self.home / "logs" / "postgres.log"
        self._access = ServerAccess(self.home, self.data, self.socket_folder, PORT)

    def url(self, database: str, user: str = OWNER) -> str:
        """Return the address of a database, after starting and creating what is missing.

        Parameters
        ----------
        database : str
            Its name.
        user : str
            The login; its password is in a file that the address names.

        Raises
        ------
        SettingsError
            If the server cannot be started; one sentence for the user.
        """
        if self._access.probe(database) or (user == SITE and self._access.probe(database, user)):
            self.start()
            with self._locked():
                self._access.create(database)
        address = URL.create(
            "postgresql+psycopg2",
            username=user,
            database=database,
            port=PORT,
            query={"host": str(self.socket_folder), "passfile": str(self._access.passwords)},
        )
        return address.render_as_string(hide_password=False)

    def start(self) -> None:
        """Start the server unless it answers; any number of processes may do so at once."""
        if not self._access.probe("postgres") and self._access.is_closed():
            return
        with self._locked():
            self._initialise()
            if is_open := not self._access.is_closed():
                self._access.make_passwords()
                self._access.open_for_superuser()
                self._reload()
            self._wait_for(SUPERUSER)
            if self._access.probe("postgres"):
                self._access.make_logins()
                self._access.give_databases()
            if is_open:
                self._access.close()
                self._reload()
            self._wait_for(OWNER)

    def _wait_for(self, user: str) -> None:
        """Start the server, if it does not run, and wait until it lets a login in."""
        deadline = time.monotonic() + START_LIMIT_S
        while reason := self._access.probe("postgres", user):
            if time.monotonic() > deadline:
                raise SettingsError(
                    f"The embedded Postgres in {self.data} does not answer ({reason}): stop "
                    "it with `hstql database down`, or end its processes, and try again."
                )
            if find_postmaster(self.data) is None:
                self._launch()
            time.sleep(0.05)

    def _reload(self) -> None:
        """Have the server, if it runs, read again who may enter."""
        if (process := find_postmaster(self.data)) is not None:
            process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Stop the server, ending open connections; nothing happens if it does not run."""
        if not self.data.is_dir():
            return
        with self._locked():
            if find_postmaster(self.data) is not None and self._run("pg_ctl", "stop", "-m", "fast"):
                raise SettingsError(
                    f"The embedded Postgres in {self.data} did not stop: see {self.log}."
                )
            self._remove_socket_folder()

    def is_running(self) -> bool:
        """Return whether a server process holds the data, even if it does not answer yet."""
        return find_postmaster(self.data) is not None

    @property
    def socket_folder(self) -> Path:
        """The folder of the socket: the data folder where its path can be a socket's."""
        path = os.fsencode(self.data / SOCKET_NAME)
        # libpq takes a comma in a host for the end of its name.
        if len(path) <= SOCKET_PATH_LIMIT and b"," not in path:
            return self.data
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        # Not TMPDIR: all processes must come to the same answer.
        return Path("/tmp") / f"hstql-{digest}"  # noqa: S108

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.home / "postgres.lock", timeout=2 * START_LIMIT_S):
                yield
        except Timeout:
            raise SettingsError(
                f"Another process has been starting or stopping the database in {self.home} for "
                "minutes: end it and try again."
            ) from None
        except (OSError, psutil.Error, psycopg2.Error) as error:
            raise SettingsError(
                f"The database cannot be kept in HSTQL_HOME ({self.home}): {last_line(str(error))}."
            ) from error

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").is_file():
            found = (self.data / "PG_VERSION").read_text().strip()
            if found != VERSION:
                raise SettingsError(
                    f"The data in {self.data} were written by Postgres {found}, and this hstql "
                    f"brings Postgres {VERSION}: set HSTQL_HOME to a new folder."
                )
            self._take_over()
            return
        if self.data.exists() and any(self.data.iterdir()):
            raise SettingsError(
                f"The folder {self.data} holds something that is not a database: move it away."
            )
        # Under its final name there is a whole database or none, wherever initdb was killed.
        partial = self.data.with_name("postgres.partial")
        shutil.rmtree(partial, ignore_errors=True)
        account = choose_account(self.data)
        maker, wrapper = account.for_initdb()
        maker.own(partial)
        self._access.make_passwords()
        with self._access.hand_superuser_password(maker) as descriptor:
            status = self._run(
                "initdb",
                *(f"--username={SUPERUSER}", "--auth=scram-sha-256"),
                *(f"--pwfile=/dev/fd/{descriptor}", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                data=partial,
                account=maker,
                wrapper=wrapper,
                descriptors=(descriptor,),
            )
        if status:
            raise SettingsError(
                f"Postgres could not make a database in {self.home}: {last_complaint(self.log)}"
            )
        if maker != account:
            account.take_over(partial)
        partial.rename(self.data)
        self._access.close()

    def _take_over(self) -> None:
        """Give data that root has copied, or that are of `nobody`, an account of their own."""
        heir = find_heir(self.data)
        if heir is None:
            return
        if (process := find_postmaster(self.data)) is not None:
            process.send_signal(signal.SIGINT)
            process.wait(START_LIMIT_S)
        self._remove_socket_folder()
        heir.take_over(self.data)

    def _launch(self) -> None:
        """Start the server once; leave with an error only if another try is of no use."""
        if (host := find_other_host(self.data)) is not None:
            raise SettingsError(
                f"The embedded Postgres of HSTQL_HOME runs on {host}, and a second one here would "
                "destroy its data: set HSTQL_DATABASE_URL on all hosts that share a home, or stop "
                "that one with 'hstql database down'; if its host is gone, remove "
                f"{self.data / 'postmaster.pid'}."
            )
        # The process id in them may belong to somebody else by now, and Postgres would give up.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
        self._own_socket_folder()
        self.data.with_name(HOST).write_text(gethostname(), encoding="utf-8")
        # Not by its path, for the server may not be allowed to pass the folders above its data.
        sockets = "." if self.socket_folder == self.data else str(self.socket_folder)
        for buffers in (OPTIONS["shared_buffers"], SMALL_BUFFERS):
            options = OPTIONS | {
                "shared_buffers": buffers,
                "unix_socket_directories": sockets,
            }
            pairs = shlex.join(f"-c{name}={value}" for name, value in options.items())
            if not self._run("pg_ctl", "start", "-t", "10", "-o", pairs, wrapper=_MEMORY_LIMIT):
                logger.info("The embedded Postgres in %s is started.", self.data)
                return
            why = last_complaint(self.log)
            if not any(sign in why for sign in _NO_MEMORY):
                break
        if find_postmaster(self.data) is not None:
            return  # It recovers from a crash and will answer.
        if not any(sign in why for sign in _RETRIED):
            raise SettingsError(f"The embedded Postgres in {self.data} does not start: {why}")
        for orphan in find_orphans(self.data):
            orphan.terminate()

    def _own_socket_folder(self) -> None:
        folder = self.socket_folder
        if folder == self.data:
            return
        account = choose_account(self.data)
        if folder.is_symlink() or (folder.exists() and folder.stat().st_uid != account.uid):
            raise SettingsError(
                f"The folder {folder}, in which the database would have its socket, belongs to "
                "somebody else: remove it, or set HSTQL_HOME to a shorter path without a comma."
            )
        account.own(folder)
        folder.chmod(0o700)

    def _remove_socket_folder(self) -> None:
        """Remove what lies outside of the home, if it does not belong to somebody else."""
        folder = self.socket_folder
        with suppress(FileNotFoundError):
            if folder != self.data and folder.lstat().st_uid == self.data.stat().st_uid:
                shutil.rmtree(folder)  # which follows no link

    def _run(
        self,
        program: str,
        *arguments: str,
        data: Path | None = None,
        account: Account | None = None,
        wrapper: Sequence[str] = (),
        descriptors: Sequence[int] = (),
    ) -> int:
        with self.log.open("ab") as output:
            return (account or choose_account(self.data)).run(
                program,
                *arguments,
                data=data or self.data,
                output=output,
                wrapper=wrapper,
                descriptors=descriptors,
            )
