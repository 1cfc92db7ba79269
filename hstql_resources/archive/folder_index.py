"""Keep which files lie in which folders of an archive, so that only what changed is read again.

It is an SQLite file under `HSTQL_HOME`, which can be removed at any time: it is made anew. Files
themselves are not looked at, so one that is written anew in its place changes nothing here.
"""

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hstql_resources.archive.folder_contents import (
    CLOSED,
    COPY,
    NO_FILE,
    OTHER_TYPE,
    FolderContents,
    Told,
)
from hstql_resources.archive.folder_walk import FoundFolder, KnownFolder, walk_folders
from hstql_resources.archive.protocol import ArchiveError, FolderSummary
from hstql_resources.filenames import exposure_of, is_rootname

WAIT_S = 60.0  # for another process that writes
CACHE_KIB = 1 << 16

_TABLES = """
CREATE TABLE IF NOT EXISTS folders (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, is_link INTEGER, stamp TEXT,
    changed_s REAL, read_s REAL, fault TEXT, told TEXT
);
CREATE TABLE IF NOT EXISTS files (
    name TEXT, folder INTEGER, entry TEXT, PRIMARY KEY (name, folder, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_in ON files (folder);
CREATE TABLE IF NOT EXISTS whole (top TEXT PRIMARY KEY);
"""
_PUT_FOLDER = """
INSERT INTO folders (path, is_link, stamp, changed_s, read_s, fault, told)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET is_link = excluded.is_link, stamp = excluded.stamp,
    changed_s = excluded.changed_s, read_s = excluded.read_s, fault = excluded.fault,
    told = excluded.told
RETURNING id
"""
_FIND = """
SELECT files.name, files.entry, folders.path, folders.stamp
FROM files JOIN folders ON folders.id = files.folder WHERE name >= ? AND name < ?
"""
_ROOTNAMES = """
SELECT substr(name, 1, 9), max(changed_s), max(read_s)
FROM files JOIN folders ON folders.id = files.folder WHERE name >= ? AND name < ? GROUP BY 1
"""
# A jitter file is of the exposure whose name it shares but for the last character.
_COUNT = """
WITH rootnames AS (
    SELECT DISTINCT substr(name, 1, 8) AS exposure, substr(name, 9, 1) AS last FROM files
    WHERE entry <> ''
)
SELECT count(*) FROM rootnames WHERE last <> 'j' OR NOT EXISTS (
    SELECT 1 FROM files
    WHERE name >= exposure AND name < exposure || '~' AND substr(name, 9, 1) <> 'j'
)
"""


class Place(NamedTuple):
    """Where a file lies.

    Attributes
    ----------
    name : str
        As `FileName.name` has it.
    entry : str
        As it is called there; empty if the folder could not be read.
    folder, stamp : str
        The folder, and its stamp when it was read.
    """

    name: str
    entry: str
    folder: str
    stamp: str


class FolderIndex:
    """The index of an archive, open. `open_index` makes one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def is_whole(self, top: str) -> bool:
        """Tell whether all of an archive was read once."""
        return bool(self._read("SELECT 1 FROM whole WHERE top = ?", top))

    def refresh(self, top: str, barred: Iterable[Path]) -> None:
        """Read the folders that changed, and forget those that are gone.

        Parameters
        ----------
        top : str
            Absolute path of the archive.
        barred : iterable of Path
            Folders that are left out.

        Raises
        ------
        OSError
            If the archive itself cannot be read.
        """
        known = self._read_known()
        found = list(walk_folders(top, known, barred))
        gone = known.keys() - {folder.path for folder in found}
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            _Writing(connection, time.time()).write(found, gone)
            connection.execute("DELETE FROM whole")
            connection.execute("INSERT INTO whole VALUES (?)", (top,))

    def find(self, exposure: str) -> list[Place]:
        """Return where the files of an exposure lie, by the first eight characters of its name."""
        return [Place._make(row) for row in self._read(_FIND, exposure, f"{exposure}~")]

    def find_rootnames(self, letter: str) -> dict[str, tuple[float, float]]:
        """Return the rootnames that begin with a letter.

        Returns
        -------
        dict of str to (float, float)
            When one of its folders last changed, and when one was last read, s since 1970.
        """
        rows = self._read(_ROOTNAMES, letter, f"{letter}~")
        return {name: (changed, read) for name, changed, read in rows}

    def summarize(self, top: Path) -> FolderSummary:
        """Count what there is, and what was left aside."""
        ((files, names),) = self._read(
            "SELECT count(*), count(DISTINCT name) FROM files WHERE entry <> ''"
        )
        ((rootnames,),) = self._read(_COUNT)
        told: dict[str, Told] = {}
        for path, fault, text in self._read(
            "SELECT path, fault, told FROM folders WHERE told <> '' OR fault IS NOT NULL "
            "ORDER BY path"
        ):
            here = {CLOSED: (1, "")} if fault else json.loads(text)
            for reason, (number, name) in here.items():
                before = told.get(reason, Told(0, f"{path}/{name}"))
                told[reason] = before._replace(number=before.number + number)
        if files > names:
            told[COPY] = Told(files - names, self._read_first_copy())
        names -= told.get(NO_FILE, Told(0, "")).number
        return FolderSummary(top, names, rootnames, told.pop(OTHER_TYPE, None), told)

    def _read_first_copy(self) -> str:
        ((name,),) = self._read(
            "SELECT name FROM files GROUP BY name HAVING count(*) > 1 ORDER BY name LIMIT 1"
        )
        return str(name)

    def _read(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def _read_known(self) -> dict[str, KnownFolder]:
        rows = self._read("SELECT path, stamp, is_link FROM folders")
        known = {path: KnownFolder(stamp) for path, stamp, _ in rows}
        for path, _, is_link in rows:
            above = known.get(path.rpartition("/")[0])
            if above is not None:
                above.folders.append((path, bool(is_link)))
        return known


class _Writing:
    """What is written in one transaction: a reader sees all of it or nothing."""

    def __init__(self, connection: sqlite3.Connection, now_s: float) -> None:
        self._connection, self._now_s = connection, now_s
        self._files: list[tuple[str, int, str]] = []
        self._lost: set[str] = set()

    def write(self, found: Iterable[FoundFolder], gone: Iterable[str]) -> None:
        """Write folders with what is in them, and remove those that are gone."""
        for path in gone:
            removed = self._execute("DELETE FROM folders WHERE path = ? RETURNING id", path)
            for (number,) in removed.fetchall():
                self._lost |= {exposure_of(name) for name in self._take_files(number)}
        for folder in found:
            if folder.contents is not None:
                self._put(folder, folder.contents)
        self._connection.executemany("INSERT INTO files VALUES (?, ?, ?)", sorted(self._files))
        # What is left of an exposure elsewhere is another list than it was.
        for exposure in self._lost:
            self._execute(
                "UPDATE folders SET read_s = ? WHERE id IN "
                "(SELECT folder FROM files WHERE name >= ? AND name < ?)",
                self._now_s, exposure, f"{exposure}~",
            )  # fmt: skip

    def _put(self, folder: FoundFolder, contents: FolderContents) -> None:
        (number,) = self._execute(
            _PUT_FOLDER, folder.path, folder.is_link, folder.stamp, folder.changed_s,
            self._now_s, folder.fault, json.dumps(contents.told) if contents.told else "",
        ).fetchone()  # fmt: skip
        before = self._take_files(number)
        files = contents.files
        if folder.fault is not None:
            names = {name[:9] for name in before} | {folder.path.rpartition("/")[2].lower()}
            files = [(f"{name}_", "") for name in names if is_rootname(name)]
        self._lost |= {exposure_of(name) for name in before - {name for name, _ in files}}
        self._files += [(name, number, entry) for name, entry in files]

    def _take_files(self, number: int) -> set[str]:
        """Remove the files of a folder; return their names."""
        rows = self._execute("SELECT name FROM files WHERE folder = ?", number).fetchall()
        if rows:
            self._execute("DELETE FROM files WHERE folder = ?", number)
        return {name for (name,) in rows}

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)


@contextlib.contextmanager
def open_index(file: Path | None) -> Iterator[FolderIndex]:
    """Open an index, or make an empty one.

    Parameters
    ----------
    file : Path or None
        Where it is kept; None for one in memory.

    Raises
    ------
    ArchiveError
        If it cannot be read or written.
    """
    try:
        with contextlib.closing(_connect(file)) as connection:
            yield FolderIndex(connection)
    except sqlite3.Error as error:
        raise ArchiveError(
            f"The index of the archive cannot be used: {error}. Remove {file}: it is made anew."
        ) from error


def _connect(file: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(file or ":memory:", timeout=WAIT_S, isolation_level=None)
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.executescript(_TABLES)
    if file is not None:
        with contextlib.suppress(OSError):  # it is another user's: who made it has seen to that
            os.chown(file, -1, file.parent.stat().st_gid)
    return connection
