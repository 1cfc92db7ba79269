"""Say what Dagster's instance of hstql is, for a folder that has no `dagster.yaml`.

The files beside this one are those of the project; a wheel has them too.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

INSTANCE = "dagster.yaml"
OWN = "# Written by hstql: the folder of this file is its HSTQL_HOME.\n"


def has_instance(folder: Path) -> bool:
    """Tell whether a folder has a `dagster.yaml`."""
    return (folder / INSTANCE).is_file()


def is_home(folder: Path) -> bool:
    """Tell whether the `dagster.yaml` of a folder is hstql's own, or still to be written there."""
    if not has_instance(folder):
        return True
    with (folder / INSTANCE).open() as file:
        return file.readline() == OWN


def write_instance(home: Path, write: Callable[[Path], AbstractContextManager[Path]]) -> None:
    """Write `dagster.yaml` and `workspace.yaml` to a home.

    Parameters
    ----------
    home : Path
        The folder.
    write : callable
        `Filesystem.write`: gives a path to write to, which takes its name when that is done.
    """
    for source in sorted(Path(__file__).parent.glob("*.yaml"), reverse=True):
        with write(home / source.name) as path:
            path.write_text(OWN + source.read_text())
