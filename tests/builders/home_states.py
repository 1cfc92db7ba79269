"""All rows and files of a home, without what says when they were made."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from astropy.io import fits
from sqlalchemy import DateTime, select

from builders.station import Station
from hstql_assets.monitors.gain.kept_gains import FOLDER as KEPT_GAINS
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.tables import Base

FOLDERS = ("files", "products", "plots", "previews")
VERSION = re.compile(r"gsag_[0-9T-]+")  # of a gain-sag table, which is named by when it was made
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class State:
    """All rows, but those of the commands that were run, and all files of a home."""

    rows: Rows
    files: dict[str, object]

    def names(self, folder: str) -> set[str]:
        return {name for name in self.files if name.startswith(f"{folder}/")}


def read_state(station: Station) -> State:
    """Read all rows and files of a home that has its database in it."""
    return State(_read_all_rows(station), read_files(station.home))


def _read_all_rows(station: Station) -> Rows:
    database = Database(EmbeddedPostgres(station.home).url("hstql"))
    try:
        return {**read_rows(database), "runs": []}
    finally:
        database.dispose()


def read_listing(station: Station) -> State:
    """Read all rows, and of each file what changes when it is written: a tenth of the time."""
    paths = (path for folder in FOLDERS for path in (station.home / folder).rglob("*"))
    files = {
        str(path.relative_to(station.home)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in paths
        if path.is_file()
    }
    return State(_read_all_rows(station), files)


def read_rows(database: Database) -> Rows:
    """Return all rows by table."""
    return {name: read_table(database, name) for name in Base.metadata.tables}


def read_table(database: Database, name: str) -> list[dict[str, object]]:
    """Return the rows of a table, ordered by key."""
    table = Base.metadata.tables[name]
    columns = [column for column in table.c if not isinstance(column.type, DateTime)]
    statement = select(*columns).order_by(*table.primary_key.columns)
    return [
        {key: undated(value) for key, value in row._mapping.items()}
        for row in database.read(statement)
    ]


def read_files(home: Path) -> dict[str, object]:
    """Return what tells whether a file changed, by path; without kept gains, named by the time."""
    return {
        undated(str(path.relative_to(home))): fingerprint(path)
        for folder in FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file() and path.parent != home / KEPT_GAINS
    }


def fingerprint(path: Path) -> object:
    """Of a FITS file its data; of a page nothing, for the identifiers in it are random."""
    if path.suffix == ".fits" and path.stat().st_size:
        with fits.open(path) as hdus:
            tables = [hdu.data.tobytes() for hdu in hdus if hdu.data is not None]
        return hashlib.sha256(b"".join(tables)).hexdigest()
    if path.suffix == ".txt":
        return undated(path.read_text())
    is_page = path.suffix == ".html" or path.name == "page.json"
    return path.suffix if is_page else hashlib.sha256(path.read_bytes()).hexdigest()


def undated(value: Any) -> Any:
    """Leave out of the name of a gain-sag table when it was made."""
    return VERSION.sub("gsag", value) if isinstance(value, str) else value
