"""Write the files that a command was asked for: whole, and not over what is there."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


def require_free(path: Path, force: bool) -> None:
    """Refuse to write where something is, or where nothing can be.

    Raises
    ------
    ValueError
        With a sentence for the user.
    """
    if path.is_dir():
        raise ValueError(f"{path} is a folder: give the name of a file with --output.")
    if os.path.lexists(path) and not force:
        raise ValueError(f"{path} is there already: --force writes over it.")
    if not path.parent.is_dir():
        raise ValueError(f"There is no folder {path.parent}.")


@contextlib.contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """Yield a place beside a path; what is written there takes its name when it is whole."""
    with tempfile.TemporaryDirectory(prefix=".hstql_", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        temporary.replace(path)
