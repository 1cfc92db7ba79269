"""Homes that are made once for all processes that run tests, to be copied from."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from builders.places import make_home_folder

PLACE = "PREPARED_HOMES"  # the variable that tells the other processes of the session


def open_place() -> None:
    """Make the folder of these homes; for the first process of a session."""
    os.environ[PLACE] = str(make_home_folder())


def close_place() -> None:
    """Remove it; for the same process, when the others have ended."""
    shutil.rmtree(os.environ.pop(PLACE))


def copy_home(name: str, make: Callable[[Path], None], copy: Path) -> None:
    """Copy a home with a server that is stopped; whoever asks first makes it."""
    place = Path(os.environ[PLACE])
    made = place / name
    with FileLock(place / f"{name}.lock"):
        if not made.exists():
            new = place / f"{name}-new"
            make(new)
            new.rename(made)
    # The server's files keep their owner.
    subprocess.run(["cp", "-a", str(made), str(copy)], check=True)
