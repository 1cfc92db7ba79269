"""Know a home again where it was moved or copied to, and let the paths in its tables follow.

A home has an identity: one row in the table `home`, and the same word in the file `identity` of
its folder. A path belongs to the home or to the folder of an archive, and begins with where that
was last found. `settle` holds this against where it is now, at every start, and changes all paths
in one transaction, so that users and queries always read whole ones that hold.
"""

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Row, func, or_, select, update

from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.address import connect, external_url
from hstql_resources.postgres.database import Database, Writer
from hstql_resources.postgres.presence import require_same_version
from hstql_resources.settings import Settings, SettingsError
from hstql_resources.tables import Base, File, Home, Run

_log = logging.getLogger(__name__)

SAMPLE = 100  # files of an archive that are looked for at another place


def settle(database: Database, filesystem: Filesystem, settings: Settings) -> None:
    """Bring the row of the home, and all paths, to where home and archive are now.

    Parameters
    ----------
    database : Database
        Its tables are up to date.
    filesystem : Filesystem
        Of the home.
    settings : Settings
        Where home and archive are, and whether the server of the database is hstql's own.

    Raises
    ------
    SettingsError
        If the database belongs to another home; one sentence for the user.
    """
    here = str(settings.home)
    archive = _archive_of(settings)
    mark = read_identity(filesystem.home)
    row = next(iter(database.read(select(Home.__table__))), None)
    if row is None or (row.id, row.path, archive or row.archive) != (mark, here, row.archive):
        with database.write() as writer:
            row = writer.connection.execute(select(Home.__table__)).first()  # now nobody changes it
            if row is None:
                identity = mark or str(uuid.uuid4())
                _adopt(writer, identity, settings)
            else:
                identity = row.id
                _require_same(row, mark, settings)
                before = _move(writer, row.path, here, row.archive)
                _follow_archive(writer, here, before, archive)
        if identity != mark:
            write_identity(filesystem, identity)


def require_home(settings: Settings) -> None:
    """See, before a process does anything, that its host has what hosts share.

    Without `database_url` there is one host. A database that is new to a home that has had another
    is only warned of: a backup may be about to fill it.

    Raises
    ------
    SettingsError
        If the database cannot be reached, the home is not that of the database, or processes with
        another version of hstql are at work; one sentence for the user.
    """
    mark, row = read_identity(settings.home), None
    if settings.database_url is None:
        is_new = not (settings.home / "postgres").exists()
    else:
        with connect(external_url(settings.database_url.get_secret_value())) as cursor:
            require_same_version(cursor)
            cursor.execute("SELECT to_regclass('public.home') IS NOT NULL")
            if cursor.fetchone() == (True,):
                cursor.execute("SELECT id, path FROM public.home")
                row = next((_Owner(*found) for found in cursor.fetchall()), None)
        is_new = row is None
    if row is not None:
        _require_same(row, mark, settings)
    elif is_new and mark is not None:
        _log.warning(
            "The home %s is known to another database than this one, which is empty: set "
            "HSTQL_DATABASE_URL as on the other hosts, or fill it with 'hstql restore'.",
            settings.home,
        )


def take_over(writer: Writer, filesystem: Filesystem, settings: Settings) -> None:
    """Make restored tables those of the home here: its identity, and where its paths begin."""
    here = str(settings.home)
    identity = read_identity(filesystem.home) or str(uuid.uuid4())
    row = writer.connection.execute(select(Home.__table__)).first()
    if row is None:
        _adopt(writer, identity, settings)
        return
    writer.execute(update(Home).values(id=identity))
    before = _move(writer, row.path, here, row.archive)
    _follow_archive(writer, here, before, _archive_of(settings))


def read_identity(home: Path) -> str | None:
    """Return the identity in the folder of a home; None if it has none."""
    with suppress(OSError):
        return (home / "identity").read_text(encoding="utf-8").strip() or None
    return None


def write_identity(filesystem: Filesystem, identity: str) -> None:
    """Write the identity into the folder of the home."""
    with filesystem.write(filesystem.home / "identity") as temporary:
        temporary.write_text(f"{identity}\n", encoding="utf-8")


def _adopt(writer: Writer, identity: str, settings: Settings) -> None:
    """Make the row of a home that has none; rows of before there was one may name another place."""
    here = str(settings.home)
    logs = select(func.substring(Run.log, "^(.*)/logs/[^/]+$")).distinct()
    for place in writer.connection.execute(logs).scalars():
        if place and place != here and (settings.database_url is None or not Path(place).exists()):
            _change_paths(writer, place, here)
    began = writer.connection.execute(select(func.min(Run.started_at))).scalar()
    row = {"id": identity, "path": here, "made_at": began or datetime.now(UTC)}
    writer.upsert(Home, [row | {"archive": _archive_of(settings)}])


class _Owner(NamedTuple):
    """The home that a database belongs to."""

    id: str
    path: str


def _require_same(row: Row[Any] | _Owner, mark: str | None, settings: Settings) -> None:
    """Raise SettingsError if the database is another home's, or shared with a copy of it.

    The embedded server's data lie in the home, so they came along with it.
    """
    is_external = settings.database_url is not None
    is_elsewhere = row.path != str(settings.home)
    if is_external and mark is None and not is_elsewhere:
        raise SettingsError(
            f"HSTQL_HOME {settings.home} is not here what it is on the hosts that share it, for it "
            "has no file identity: mount the folder, or, if all that was in it is gone, write "
            f"{row.id} into {settings.home / 'identity'}."
        )
    if mark not in (row.id, None) or (is_external and is_elsewhere and mark is None):
        raise SettingsError(
            f"The database {'of HSTQL_DATABASE_URL' if is_external else 'in HSTQL_HOME'} belongs "
            f"to the home that was at {row.path}, and {settings.home} is another one: give each "
            f"home a database of its own, or, if it takes the place of that one, write {row.id} "
            f"into {settings.home / 'identity'}."
        )
    if is_external and is_elsewhere and _is_other_copy(row, settings.home):
        raise SettingsError(
            f"The database of HSTQL_DATABASE_URL belongs to the home {row.path}, which is still "
            f"there, and {settings.home} is a copy of it: set HSTQL_HOME to {row.path}, or give "
            "the copy a database of its own with 'hstql backup' and 'hstql restore'."
        )


def _is_other_copy(row: Row[Any] | _Owner, home: Path) -> bool:
    """Tell whether the home is still where it was, and that is not the same folder."""
    before = Path(row.path)
    return read_identity(before) == row.id and not before.samefile(home)


def _move(writer: Writer, before: str, here: str, archive: str | None) -> str | None:
    """Let all paths in a home follow it; return where its archive is, which may lie in it."""
    if before == here:
        return archive
    _log.info("The home was at %s, and is at %s: its paths follow.", before, here)
    _change_paths(writer, before, here)
    if archive is not None and _is_below(archive, before):
        archive = here + archive.removeprefix(before)
    writer.execute(update(Home).values(path=here, archive=archive))
    return archive


def _follow_archive(writer: Writer, here: str, before: str | None, archive: str | None) -> None:
    """Let the paths of an archive follow it, if what they name is at the new place as well.

    If it is not, this is another archive, and the files of the one before stay where they are.
    """
    if archive is None or archive == before:
        return
    if before is not None and _is_same_archive(writer, here, before, archive):
        _log.info("The archive was at %s, and is at %s: its paths follow.", before, archive)
        _change_paths(writer, before, archive, but=here if _is_below(here, before) else None)
    writer.execute(update(Home).values(archive=archive))


def _is_same_archive(writer: Writer, here: str, before: str, archive: str) -> bool:
    """Tell whether most of the files that rows name in a folder are in another, with their size."""
    statement = select(File.path, File.size_bytes).where(func.starts_with(File.path, f"{before}/"))
    if _is_below(here, before):
        statement = statement.where(~func.starts_with(File.path, f"{here}/"))
    files = writer.connection.execute(statement.limit(SAMPLE)).all()
    found = 0
    for path, size_bytes in files:
        with suppress(OSError):
            found += os.stat(archive + path.removeprefix(before)).st_size == size_bytes  # noqa: PTH116, a string
    return 2 * found > len(files)


def _archive_of(settings: Settings) -> str | None:
    folder = settings.archive_directory
    return None if folder is None else str(folder)


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _change_paths(writer: Writer, before: str, after: str, but: str | None = None) -> None:
    """Replace the beginning of all paths that lie in a folder, but for those in a part of it."""
    for column in _list_places():
        is_there = or_(column == before, func.starts_with(column, f"{before}/"))
        if but is not None:
            is_there &= ~func.starts_with(column, f"{but}/")
        changed = func.concat(after, func.substr(column, len(before) + 1))
        writer.execute(update(column.table).where(is_there).values({column.name: changed}))


def _list_places() -> Iterator[Column[Any]]:
    """Yield the columns of all tables that hold paths."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if column.info.get("is_place"))
