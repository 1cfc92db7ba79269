"""Write all tables of hstql and of Dagster into one file, and fill them again from it.

A backup is a zip archive: `manifest.json`, then for each table its rows as COPY writes them. Each
database is read in one transaction, so that its tables fit together. A restore happens in one
transaction of each as well: a file that is damaged, or of something else, changes nothing.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg2 import sql
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, inspect, text

from hstql_resources.header_tables.alter_tables import ensure_tables
from hstql_resources.header_tables.catalog import read_tables
from hstql_resources.header_tables.kinds import Wanted
from hstql_resources.postgres.faults import BackupError
from hstql_resources.tables.migrations import HEAD

FORMAT = "hstql backup 1"
VERSION_TABLE = "alembic_version"  # both databases have one
MANIFEST = "manifest.json"
OWN, DAGSTER = "hstql", "dagster"  # the two parts

_COLUMNS = text("""
SELECT relname, attname, format_type(atttypid, atttypmod)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attgenerated = ''
ORDER BY relname, attnum
""")
_HEADERS = text("""
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = to_regclass('headers')
""")
_SEQUENCES = text("""
SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
""")
Columns = dict[str, dict[str, str]]  # by table: types by name


@dataclass
class Part:
    """What a backup has of one database.

    Attributes
    ----------
    revision : str
        The migration that its tables are at.
    server : str
        Version of Postgres.
    columns : dict
        Types of columns by name, by table; a table comes after those that it refers to.
    rows : dict
        Number of rows by table.
    keys : dict
        Columns of the primary key by table.
    headers : dict
        By header table the kinds of its keywords.
    sequences : dict
        The last value of each, and whether it was used.
    """

    revision: str
    server: str
    columns: Columns
    rows: dict[str, int] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)


@dataclass
class Manifest:
    """What a backup says about itself.

    Attributes
    ----------
    made_at, run : str
        When it was made, UTC, and by which command, as in the table `runs`.
    about : dict
        Of what: versions, home and archive.
    parts : dict of str to Part
        By name of the database.
    """

    made_at: str
    run: str
    about: dict[str, str]
    parts: dict[str, Part]
    format: str = FORMAT


def write_backup(
    path: Path, engines: Mapping[str, Engine], run: str, about: dict[str, str]
) -> Manifest:
    """Write the tables of databases into a new file.

    Parameters
    ----------
    path : Path
        Of the file; the caller gives it its final name.
    engines : mapping of str to Engine
        By part: `OWN` and `DAGSTER`.
    run : str
        The command at hand, as in the table `runs`.
    about : dict of str to str
        What else to tell of versions and home.
    """
    parts = {}
    with (
        ExitStack() as stack,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for name, engine in engines.items():
            frozen = engine.execution_options(isolation_level="REPEATABLE READ")
            parts[name] = stack.enter_context(frozen.connect())
        # Both see their database as it is from their first question on.
        described = {name: _describe(connection) for name, connection in parts.items()}
        for name, part in described.items():
            _copy_out(parts[name], archive, name, part)
        made_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        manifest = Manifest(made_at, run, about, described)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _describe(connection: Connection) -> Part:
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    server = connection.scalar(text("SHOW server_version"))
    found = _read_columns(connection)
    inspector = inspect(connection)
    order = inspector.get_sorted_table_and_fkc_names()
    keys = inspector.get_multi_pk_constraint()
    return Part(
        str(revision),
        str(server),
        {name: found[name] for name, _ in order if name in found},
        keys={name: key["constrained_columns"] for (_, name), key in keys.items() if key},
        headers=_read_headers(connection),
        sequences={
            name: tuple(connection.execute(_of("SELECT last_value, is_called FROM {}", name)).one())
            for name in connection.scalars(_SEQUENCES).all()
        },
    )


def _read_columns(connection: Connection) -> Columns:
    found: Columns = {}
    for table, column, kind in connection.execute(_COLUMNS):
        if table != VERSION_TABLE:
            found.setdefault(table, {})[column] = kind
    return found


def _read_headers(connection: Connection) -> dict[str, dict[str, str]]:
    names = connection.scalars(_HEADERS).all()
    tables = read_tables(connection, names) if names else {}
    return {
        name: {keyword: column.kind for keyword, column in table.by_keyword.items()}
        for name, table in tables.items()
    }


def _of(statement: str, name: str) -> Any:
    """Return a statement about a relation whose name may need quotes."""
    return text(statement.format('"' + name.replace('"', '""') + '"'))


def _copy_out(connection: Connection, archive: zipfile.ZipFile, name: str, part: Part) -> None:
    for table, columns in part.columns.items():
        with archive.open(f"{name}/{table}", "w", force_zip64=True) as stream:
            part.rows[table] = _copy(connection, "COPY {}({}) TO STDOUT", table, columns, stream)


def _copy(
    connection: Connection, statement: str, table: str, columns: Mapping[str, str], stream: Any
) -> int:
    """Copy rows of a table to or from a stream; return how many."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with closing(connection.connection.cursor()) as cursor:
        cursor.copy_expert(sql.SQL(statement).format(sql.Identifier(table), names), stream)
        return int(cursor.rowcount)


@contextmanager
def open_backup(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup after reading all of it once.

    Raises
    ------
    BackupError
        If it is none, is damaged, or was written by a newer hstql.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _read_manifest(archive)
            damaged = archive.testzip()
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it ends early"
        raise BackupError(f"{path} is no backup of hstql, or is damaged: {reason}.") from None
    if damaged is not None:
        raise BackupError(f"{path} is damaged: {damaged} in it cannot be read.")
    with zipfile.ZipFile(path) as archive:
        yield archive, manifest


def _read_manifest(archive: zipfile.ZipFile) -> Manifest:
    manifest = TypeAdapter(Manifest).validate_json(archive.read(MANIFEST))
    if manifest.format != FORMAT:
        raise BackupError(f"{archive.filename} has the form {manifest.format!r}, not {FORMAT!r}.")
    present = set(archive.namelist())
    for name in (OWN, DAGSTER):
        part = manifest.parts[name]
        if part.rows.keys() != part.columns.keys() or not present.issuperset(
            f"{name}/{table}" for table in part.columns
        ):
            raise ValueError("a table is missing")
    if manifest.parts[OWN].revision > HEAD:
        raise BackupError(
            f"{archive.filename} was written by a newer hstql (revision "
            f"{manifest.parts[OWN].revision} of the tables, here {HEAD}): update this one."
        )
    return manifest


def find_rows(connection: Connection, is_meant: Callable[[str], bool]) -> str | None:
    """Return the name of a table that has rows, None if none of those that are meant has."""
    for name in filter(is_meant, _read_columns(connection)):
        if connection.scalar(_of("SELECT EXISTS (SELECT FROM {})", name)):
            return name
    return None


def fill(connection: Connection, archive: zipfile.ZipFile, name: str, part: Part) -> None:
    """Replace all rows of a database by those of a part, in the transaction at hand.

    Header tables and columns that are not there are made, and so is a table of somebody else, such
    as of a monitor that is not set up here.

    Raises
    ------
    BackupError
        If the tables of Dagster are of another version, or rows are missing in the backup.
    """
    if name == DAGSTER:
        _require_revision(connection, archive, part)
    if part.headers:
        wanted: dict[str, Mapping[str, Wanted]] = {**part.headers}
        ensure_tables(connection, wanted)
    there = _read_columns(connection)
    for table in part.columns.keys() - there.keys():
        _create(connection, table, part.columns[table], part.keys.get(table, []))
    with closing(connection.connection.cursor()) as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, {**there, **part.columns}))
        cursor.execute(sql.SQL("TRUNCATE {}").format(names))
    for table, columns in part.columns.items():
        with archive.open(f"{name}/{table}") as stream:
            rows = _copy(connection, "COPY {}({}) FROM STDIN", table, columns, stream)
        if rows != part.rows[table]:
            raise BackupError(
                f"{archive.filename} is damaged: it has {rows} rows of {table}, and should have "
                f"{part.rows[table]}."
            )
    for sequence, (value, is_called) in part.sequences.items():
        arguments = {"name": sequence, "value": value, "is_called": is_called}
        statement = "SELECT setval(to_regclass(quote_ident(:name)), :value, :is_called)"
        connection.execute(text(statement), arguments)


def _require_revision(connection: Connection, archive: zipfile.ZipFile, part: Part) -> None:
    here = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    if here != part.revision:
        raise BackupError(
            f"{archive.filename} has tables of another version of Dagster (revision "
            f"{part.revision}, here {here}): restore it with the hstql that wrote it."
        )


def _create(
    connection: Connection, table: str, columns: Mapping[str, str], key: Sequence[str]
) -> None:
    lines = []
    for name, kind in columns.items():
        known = connection.scalar(text("SELECT CAST(to_regtype(:kind) AS text)"), {"kind": kind})
        if known is None:
            raise BackupError(f"The backup has a column of a type that is not here: {kind}.")
        lines.append(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(known)))
    if key:
        names = sql.SQL(", ").join(map(sql.Identifier, key))
        lines.append(sql.SQL("PRIMARY KEY ({})").format(names))
    with closing(connection.connection.cursor()) as cursor:
        statement = sql.SQL("CREATE TABLE {} ({})")
        cursor.execute(statement.format(sql.Identifier(table), sql.SQL(", ").join(lines)))
