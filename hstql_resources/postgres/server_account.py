"""Choose the account under which the programs of the embedded Postgres run.

Only the change of account belongs here; what is run is the business of `server`, and where the
programs lie that of `server_programs`. Postgres refuses to run as root. Root therefore runs it as
the owner of the data folder, at first a user id that nobody else has, without any privilege. That
account need not be able to enter the folders above the data, which are never opened to it: root
enters the data folder on its behalf, and the programs call it by the name that Linux has for
wherever a process is.
"""

import grp
import os
import pwd
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

from hstql_resources.postgres.server_programs import (
    WAY_OUT,
    keeping_copies,
    program_folder,
    reachable_program_folder,
)
from hstql_resources.settings import SettingsError

_WHEREVER_I_AM = Path("/proc/self/cwd")
# Neither people, nor services, nor containers get their user ids from there. Not `nobody`: what
# else runs as nobody could enter the data, by the working directory of the server.
_OWN_IDS = range(60_706, 61_184)


@dataclass(frozen=True)
class Account:
    """An account, and how to run a program under it.

    Attributes
    ----------
    uid, gid : int
        Who owns the data and the socket.
    is_other : bool
        True where this is not the account of this very process, which is then root.
    """

    uid: int
    gid: int
    is_other: bool = False

    def own(self, folder: Path) -> None:
        """Make a folder that belongs to the account and is closed to everybody else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def run(
        self,
        program: str,
        *arguments: str,
        data: Path,
        output: IO[bytes],
        wrapper: Sequence[str] = (),
        descriptors: Sequence[int] = (),
    ) -> int:
        """Run a Postgres program over a data folder to its end and return its exit status.

        The child has its own session, so that Ctrl-C in the terminal does not reach it, and none
        of the caller's environment: a server outlives its caller and should hold no secret.
        """
        place = _WHEREVER_I_AM if _WHEREVER_I_AM.is_symlink() else data
        with keeping_copies():
            return self._execute(
                [*wrapper, str(self._program_folder() / program), *arguments],
                cwd=data,
                # Not -D: pg_ctl hands options to a shell, which would expand a $ in a path.
                environment={"PGDATA": str(place)},
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=descriptors,
            )

    def can_run(self, *command: str) -> bool:
        """Return whether a command that only looks ends well under this account."""
        try:
            return not self._execute(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            return False

    def for_initdb(self) -> tuple["Account", tuple[str, ...]]:
        """Return the account that can run initdb, and the command by which it does.

        initdb alone of all the programs looks its user up in the passwd file, which fails for the
        arbitrary user ids of containers. In a user namespace of its own it can be `nobody`. Where
        there are none, root lends it a name that no process has.
        """
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            wrapper = ("unshare", "--user", f"--map-user={pwd.getpwnam('nobody').pw_uid}")
            if self.can_run(*wrapper, "true"):
                return self, wrapper
            if self.is_other and (idle := _find_idle_account()):
                return idle, ()
            raise SettingsError(
                f"User id {self.uid} has no entry in the passwd file, without which Postgres "
                "makes no database: add one, or set HSTQL_DATABASE_URL to a Postgres of your own."
            ) from None
        return self, ()

    def take_over(self, folder: Path) -> None:
        """Own a folder and all in it that belongs to whom the folder belongs to; only root can."""
        before = folder.lstat().st_uid
        for _, folders, files, descriptor in os.fwalk(folder):
            for name in (*folders, *files):
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if status.st_uid == before:
                    os.chown(name, self.uid, self.gid, dir_fd=descriptor, follow_symlinks=False)
        os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def _program_folder(self) -> Path:
        if not self.is_other:
            return program_folder()
        return reachable_program_folder(lambda path: self.can_run(str(path), "--version"))

    def _execute(
        self,
        command: Sequence[str],
        *,
        cwd: Path = Path("/"),
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> int:
        if self.is_other:
            # The child enters cwd before it changes account.
            options |= {"user": self.uid, "group": self.gid, "extra_groups": ()}
        completed = subprocess.run(  # noqa: S603
            command,
            check=False,
            cwd=cwd,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            **options,
        )
        return int(completed.returncode)


def choose_account(data: Path) -> Account:
    """Choose the account for a data folder, which need not exist yet.

    Parameters
    ----------
    data : Path
        The data folder.

    Returns
    -------
    Account
        This very user; for root the owner of the folder, or a user id that has no name.

    Raises
    ------
    SettingsError
        If root cannot run Postgres over this folder as somebody else.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    account = Account(*_owner(data), is_other=True)
    if not account.can_run("true"):
        raise SettingsError(
            "Postgres does not run as root, and without the capabilities SETUID and SETGID root "
            f"cannot become user {account.uid}: {WAY_OUT}."
        )
    if not _WHEREVER_I_AM.is_symlink():
        _refuse_a_closed_folder(data)
    return account


def _refuse_a_closed_folder(data: Path) -> None:
    for folder in data.parents:
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise SettingsError(
                f"Postgres does not run as root, and no other user can enter {folder}: set "
                f"HSTQL_HOME to a folder elsewhere, {WAY_OUT}."
            )


def find_heir(data: Path) -> Account | None:
    """Return the account that root has to give a data folder to: one of its own or of nobody's."""
    if os.geteuid() == 0 and data.lstat().st_uid in (0, pwd.getpwnam("nobody").pw_uid):
        return Account(*_own_ids(), is_other=True)
    return None


def _owner(data: Path) -> tuple[int, int]:
    try:
        status = data.stat()
    except FileNotFoundError:
        return _own_ids()
    return (status.st_uid, status.st_gid) if status.st_uid != 0 else _own_ids()


def _own_ids() -> tuple[int, int]:
    """Return a user id and a group id, the same number, that have no name here."""
    taken = {entry.pw_uid for entry in pwd.getpwall()} | {one.gr_gid for one in grp.getgrall()}
    found = next(number for number in _OWN_IDS if number not in taken)
    return found, found


def _find_idle_account() -> Account | None:
    """Return an account with a name and without a process; one of a service if there is one."""
    busy = {process.uids().real for process in psutil.process_iter()}
    entries = sorted(pwd.getpwall(), key=lambda entry: entry.pw_uid)
    idle = (entry for entry in entries if entry.pw_uid not in busy | {0})
    return next((Account(one.pw_uid, one.pw_gid, is_other=True) for one in idle), None)
