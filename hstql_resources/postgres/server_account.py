"""Choose the account under which the programs of the embedded Postgres run.

Only the change of account belongs here; what is run is the business of `server`, and where the
programs lie that of `server_programs`. Postgres refuses to run as root. Root therefore runs it as
the owner of the data folder, at first `nobody`, without any privilege. That account need not be
able to enter the folders above the data, which are never opened to it: root enters the data folder
on its behalf, and the programs call it by the name that Linux has for wherever a process is.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from hstql_resources.postgres.server_programs import (
    WAY_OUT,
    program_folder,
    reachable_program_folder,
)
from hstql_resources.settings import SettingsError

_WHEREVER_I_AM = Path("/proc/self/cwd")


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
    ) -> int:
        """Run a Postgres program over a data folder to its end and return its exit status.

        The child has its own session, so that Ctrl-C in the terminal does not reach it, and none
        of the caller's environment: a server outlives its caller and should hold no secret.
        """
        place = _WHEREVER_I_AM if _WHEREVER_I_AM.is_symlink() else data
        return self._execute(
            [*wrapper, str(self._program_folder() / program), *arguments],
            cwd=data,
            # Not -D: pg_ctl hands options to a shell, which would expand a $ in a path.
            environment={"PGDATA": str(place)},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def can_run(self, *command: str) -> bool:
        """Return whether a command that only looks ends well under this account."""
        try:
            return not self._execute(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            return False

    def initdb_wrapper(self) -> tuple[str, ...]:
        """Return the command that gives initdb a user name where the account has none.

        initdb alone of all the programs looks its user up in the passwd file, which fails for the
        arbitrary user ids of containers. In a user namespace of its own it can be `nobody`.
        """
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            wrapper = ("unshare", "--user", f"--map-user={pwd.getpwnam('nobody').pw_uid}")
            if self.can_run(*wrapper, "true"):
                return wrapper
            raise SettingsError(
                f"User id {self.uid} has no entry in the passwd file, without which Postgres "
                "makes no database: add one, or set HSTQL_DATABASE_URL to a Postgres of your own."
            ) from None
        return ()

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
        This very user; for root the owner of the folder, or `nobody`.

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


def _owner(data: Path) -> tuple[int, int]:
    try:
        status = data.stat()
    except FileNotFoundError:
        pass
    else:
        if status.st_uid != 0:
            return status.st_uid, status.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid
