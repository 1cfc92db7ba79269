"""Walk through the folders of an archive, and read those that are not as they were known.

A folder is known by its stamp: its inode, and the times at which entries or permissions changed.
"""

import heapq
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR

from hstql_resources.archive.folder_contents import FolderContents, read_folder

# What changes within the same tick of the file system's clock as the reading leaves no trace.
TICK_S = 2.0
NOT_THERE = (FileNotFoundError, NotADirectoryError)


@dataclass(slots=True)  # not frozen, which takes three times as long to make
class KnownFolder:
    """A folder as it was found before.

    Attributes
    ----------
    stamp : str
        When it was read; empty if it was not, or could have changed while it was.
    folders : list of (str, bool)
        Paths of the folders in it, and whether each is a link.
    """

    stamp: str
    folders: list[tuple[str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class FoundFolder:
    """A folder as it is found.

    Attributes
    ----------
    path : str
        Absolute, as it was reached.
    is_link : bool
        Whether it is a link to a folder.
    stamp : str
        As in `KnownFolder`.
    changed_s : float
        When entries or permissions changed, s since 1970.
    fault : str or None
        Why it cannot be read.
    contents : FolderContents or None
        What is in it; None if that is as it was known.
    """

    path: str
    is_link: bool
    stamp: str = ""
    changed_s: float = 0.0
    fault: str | None = None
    contents: FolderContents | None = field(default_factory=FolderContents)


def status_of(path: str) -> os.stat_result:
    """Return what the system knows of a file or folder, or of what a link leads to.

    Raises
    ------
    OSError
        If there is none.
    """
    return os.stat(path)  # noqa: PTH116, strings by the 100,000


def stamp_of(status: os.stat_result) -> str:
    """Return the stamp of a folder; empty if it changed just now and may be changing still."""
    if changed_s(status) > time.time() - TICK_S:
        return ""
    return f"{status.st_ino} {status.st_mtime_ns} {status.st_ctime_ns}"


def changed_s(status: os.stat_result) -> float:
    """Return when a folder changed, s since 1970; copies can keep the dates of their originals."""
    return max(status.st_mtime, status.st_ctime)


def walk_folders(
    top: str, known: Mapping[str, KnownFolder], barred: Iterable[Path]
) -> Iterator[FoundFolder]:
    """Yield a folder and every folder below it; links are followed last.

    One that was met before, or stands above the first, is yielded without contents: nothing is
    found twice, and no circle is followed.

    Parameters
    ----------
    top : str
        Absolute path.
    known : mapping of str to KnownFolder
        What was found before, by path.
    barred : iterable of Path
        Folders that are left out.

    Raises
    ------
    OSError
        If the first folder cannot be read.
    """
    met = {_identity(path.stat()) for path in (*Path(top).resolve().parents, *barred)
           if path.is_dir()}  # fmt: skip
    met.discard(_identity(Path(top).stat()))
    folders, links = [top], list[str]()
    while folders or links:
        is_link = not folders
        path = heapq.heappop(links) if is_link else folders.pop()
        try:
            found = _visit(path, is_link, known.get(path), met)
        except OSError as error:
            if path == top:
                raise
            if isinstance(error, NOT_THERE):  # it was removed since it was found
                continue
            found = FoundFolder(path, is_link, fault=error.strerror or str(error))
        yield found
        for name, leads_on in _folders_in(found, known):
            if leads_on:
                heapq.heappush(links, name)
            else:
                folders.append(name)


def _visit(
    path: str, is_link: bool, before: KnownFolder | None, met: set[tuple[int, int]]
) -> FoundFolder:
    status = status_of(path)
    if _identity(status) in met or not S_ISDIR(status.st_mode):
        return FoundFolder(path, is_link)
    met.add(_identity(status))
    stamp = stamp_of(status)
    is_same = before is not None and before.stamp == stamp != ""
    contents = None if is_same else read_folder(path)
    return FoundFolder(path, is_link, stamp, changed_s(status), None, contents)


def _folders_in(found: FoundFolder, known: Mapping[str, KnownFolder]) -> Iterable[tuple[str, bool]]:
    if found.contents is None:
        return known[found.path].folders
    return ((f"{found.path}/{name}", is_link) for name, is_link in found.contents.folders.items())


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
