"""The account under which the programs of the embedded Postgres run.

Only the change of account belongs here; what is run is the business of `postgres`. Postgres
refuses to run as root. Root therefore runs it as the owner of the data folder, at first `nobody`,
and lets that process keep one capability: to pass folders that only root may enter. So no folder
above the data has to be opened to everybody, as the launchers of embedded servers like to do.
"""

import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hstql_resources.postgres.server_programs import WAY_OUT, program_folder
from hstql_resources.settings import SettingsError

_ONE_CAPABILITY = (
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--bounding-set=-all,+dac_override",
)


@dataclass(frozen=True)
class Account:
    """An account, and the command in front of a program that changes to it.

    Attributes
    ----------
    uid, gid : int
        Who owns the data and the socket.
    prefix : tuple of str
        The command that changes account and keeps the capability; empty if there is none.
    is_changed_by_fork : bool
        True where the change is left to the fork of the child, without the capability.
    """

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()
    is_changed_by_fork: bool = False

    def own(self, folder: Path) -> None:
        """Make a folder that belongs to the account and is closed to everybody else."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.lstat().st_uid != self.uid:
            os.chown(folder, self.uid, self.gid, follow_symlinks=False)

    def run(
        self,
        program: str,
        *arguments: str,
        environment: Mapping[str, str],
        output: IO[bytes],
        wrapper: Sequence[str] = (),
    ) -> int:
        """Run a Postgres program to its end and return its exit status.

        The child has its own session, so that Ctrl-C in the terminal does not reach it, and none
        of the caller's environment: a server outlives its caller and should hold no secret.
        """
        change = {"user": self.uid, "group": self.gid, "extra_groups": ()}
        completed = subprocess.run(  # noqa: S603
            [*self.prefix, *wrapper, str(program_folder() / program), *arguments],
            check=False,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **(change if self.is_changed_by_fork else {}),  # type: ignore[call-overload]
        )
        return int(completed.returncode)

    def initdb_wrapper(self) -> tuple[str, ...]:
        """Return the command that gives initdb a user name where the account has none.

        initdb alone of all the programs looks its user up in the passwd file, which fails for the
        arbitrary user ids of containers. In a user namespace of its own it can be `nobody`.
        """
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            wrapper = ("unshare", "--user", f"--map-user={pwd.getpwnam('nobody').pw_uid}")
            if _works((*self.prefix, *wrapper)):
                return wrapper
            raise SettingsError(
                f"User id {self.uid} has no entry in the passwd file, without which Postgres "
                "makes no database: add one, or set HSTQL_DATABASE_URL to a Postgres of your own."
            ) from None
        return ()


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
    uid, gid = _owner(data)
    change = ("setpriv", f"--reuid={uid}", f"--regid={gid}", *_ONE_CAPABILITY)
    if _works(change):
        return Account(uid, gid, change)
    for folder in (*data.parents, *program_folder().parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise SettingsError(
                f"Postgres does not run as root, and without the program setpriv and the "
                f"capability DAC_OVERRIDE no other user can enter {folder}: {WAY_OUT}."
            )
    return Account(uid, gid, is_changed_by_fork=True)


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


def _works(command: Sequence[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    trial = subprocess.run([*command, "true"], check=False, capture_output=True)  # noqa: S603
    return trial.returncode == 0
