"""List what lies on disk, with as few system calls as it takes.

A folder is listed once; a file is asked for its size only where that is wanted.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Listing:
    """The files in some folders.

    Attributes
    ----------
    sizes : mapping of folder to mapping of name to int
        The files that are there, each with its size in bytes; -1 where sizes were not asked for.
    closed : mapping of folder to str
        Folders that are there and cannot be read, and why.
    locked : frozenset of str
        Paths of files that are there and cannot be opened.
    """

    sizes: Mapping[str, Mapping[str, int]]
    closed: Mapping[str, str]
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DiskFile:
    """A file found on disk.

    Attributes
    ----------
    folder : str
        Where it lies.
    name : str
        Its name.
    is_regular : bool
        False for a link, a socket and the like.
    fault : str or None
        Why it could not be looked into: then it is a folder.
    """

    folder: str
    name: str
    is_regular: bool = True
    fault: str | None = None

    @property
    def path(self) -> str:
        """Its path."""
        return f"{self.folder}/{self.name}"


def list_files(paths: Iterable[str], *, with_sizes: bool = False) -> Listing:
    """Look for files, folder by folder.

    Parameters
    ----------
    paths : iterable of str
        Absolute.
    with_sizes : bool
        Whether to ask for sizes; else for the permission to read.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        folder, _, name = path.rpartition("/")
        wanted[folder].add(name)
    sizes: dict[str, dict[str, int]] = {}
    closed: dict[str, str] = {}
    locked: list[str] = []
    for folder, names in wanted.items():
        try:
            sizes[folder] = _list_folder(folder, names, with_sizes)
        except (FileNotFoundError, NotADirectoryError):
            sizes[folder] = {}
        except OSError as error:
            closed[folder] = str(error.strerror)
            continue
        if not with_sizes:
            there = (f"{folder}/{name}" for name in sizes[folder])
            locked += [path for path in there if not os.access(path, os.R_OK)]
    return Listing(sizes, closed, frozenset(locked))


def _list_folder(folder: str, names: set[str], with_sizes: bool) -> dict[str, int]:
    found = {}
    with os.scandir(folder or "/") as entries:
        for entry in entries:
            if entry.name in names and _is_file(entry):
                found[entry.name] = entry.stat().st_size if with_sizes else -1
    return found


def _is_file(entry: "os.DirEntry[str]") -> bool:
    """Tell whether an entry can be read as a file; a link that leads nowhere cannot."""
    try:
        return entry.is_file()
    except OSError:  # a link in a circle
        return False


def walk_files(
    top: str,
    is_wanted: Callable[[str], bool] = lambda _name: True,
    skip: Collection[str] = (),
) -> Iterator[DiskFile]:
    """Yield every file below a folder; links are named, never followed.

    Parameters
    ----------
    top : str
        The folder; nothing is yielded if it is not there.
    is_wanted : callable
        Takes the name of what lies in the folder itself; False leaves it out.
    skip : collection of str
        Folders that are left out with all that is in them.
    """
    try:
        entries = sorted(os.scandir(top), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        folder, _, name = top.rpartition("/")
        yield DiskFile(folder, name, is_regular=False, fault=str(error.strerror))
        return
    for entry in entries:
        if not is_wanted(entry.name) or entry.path in skip:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from walk_files(entry.path, skip=skip)
        else:
            yield DiskFile(top, entry.name, entry.is_file(follow_symlinks=False))
