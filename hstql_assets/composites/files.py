"""Find and remove the files of composites."""

import os
from collections.abc import Iterable, Sequence

from hstql_resources.filesystem import Filesystem

NAME_PARTS, TARGET_PART = 10, 4  # of the name of a composite, between its underscores


def find_composites(
    filesystem: Filesystem, rows: Iterable[tuple[str, str]], keys: Sequence[str]
) -> dict[str, set[str]]:
    """Return the names of the composites of each target, by rows and by what lies on the disk.

    A run that was killed leaves files without rows; they have to go as well.

    Parameters
    ----------
    filesystem : Filesystem
        Where the files are.
    rows : iterable of tuple
        Target and filename of the rows of these targets.
    keys : sequence of str
        Slugs of targets.
    """
    found: dict[str, set[str]] = {key: set() for key in keys}
    for target, filename in rows:
        found[target].add(filename)
    folder = filesystem.composite("any").parent
    for name in os.listdir(folder) if folder.is_dir() else ():  # noqa: PTH208, names are enough
        parts = name.split("_")
        if len(parts) == NAME_PARTS and parts[TARGET_PART] in found:
            found[parts[TARGET_PART]].add(name)
    return found


def remove_composite(filesystem: Filesystem, filename: str) -> None:
    """Remove the file of a composite, and all its plots."""
    for path in (filesystem.composite(filename), *filesystem.composite_plots(filename)):
        filesystem.remove(path)
