"""Keep fetched files within the room of HSTQL_KEEP_GB: measure it, and set files aside.

With HSTQL_KEEP=products what MAST handed out is removed again, and fetched when something needs it
(`recalling`). A row of `files` stays, with the time in `set_aside_at`. That is written before the
file goes, and taken away after it came back: who is killed in between leaves a file too many.

Two locks of the database: who holds `ROOM` may fetch and remove; many may hold `INPUTS`, who read,
and whoever removes holds it alone. `ROOM` is always taken first.
"""

import contextlib
import math
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import ARCHIVE
from hstql_assets.batching.job_names import FILE_ASSETS, file_assets, is_file_asset
from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.filenames import stored_name
from hstql_resources.postgres.database import Database
from hstql_resources.settings import Settings

ROOM, INPUTS = 0x6873_746C_0004, 0x6873_746C_0005
GB = 10**9
FOLDER = "files"
NO_ROOM = "HSTQL_KEEP_GB leaves no room for its files now: it goes on when others were set aside."


class FetchedFile(NamedTuple):
    """A file that MAST handed out as it is, and still lists so."""

    filename: str
    rootname: str
    path: Path
    size_bytes: int


@dataclass(frozen=True)
class Room:
    """What lies under `files`.

    Attributes
    ----------
    free : float
        What more may be fetched, bytes; infinite where everything is kept.
    fetched : tuple of FetchedFile
        What can be set aside.
    names : mapping of str to set of str
        Of all files, as tables have them, by the folder of their exposure.
    """

    free: float
    fetched: tuple[FetchedFile, ...]
    names: Mapping[str, set[str]]


def is_limited(clients: Clients) -> bool:
    """Tell whether fetched files are set aside: those of MAST are, if the settings say so."""
    return clients.archive.is_remote and clients.settings.keep == "products"


def find_limit(clients: Clients) -> float:
    """Return how much fetched files may take at any time, bytes."""
    return clients.settings.keep_gb * GB if is_limited(clients) else math.inf


def describe_excess(settings: Settings, size_bytes: int) -> str:
    """Say that a key alone needs more than there is."""
    return (
        f"Its files take {size_bytes / GB:.3g} GB at a time, more than HSTQL_KEEP_GB, which is "
        f"{settings.keep_gb:g}: give it more, and try it again (hstql materialize --failed)."
    )


@contextlib.contextmanager
def fetching(clients: Clients, asset: str) -> Iterator[None]:
    """Hold `ROOM` while an asset brings files in, where there is not room for all."""
    if not is_limited(clients) or not is_file_asset(asset):
        yield
        return
    with clients.database.hold(ROOM):
        yield


@contextlib.contextmanager
def reading(clients: Clients) -> Iterator[None]:
    """Hold `INPUTS` while a batch reads, where somebody may remove them."""
    if not is_limited(clients):  # a server that is away for a minute is nothing to what reads then
        yield
        return
    with clients.database.hold(INPUTS, is_shared=True):
        yield


def has_to_wait(database: Database, keys: Sequence[str]) -> bool:
    """Tell whether one of some keys waits for room."""
    attempt = tables.Attempt
    statement = select(attempt.key).where(attempt.key == any_of(keys), attempt.reason == NO_ROOM)
    return bool(database.read(statement.limit(1)))


def measure_room(clients: Clients) -> Room:
    """Look at the disk, and tell what on it was fetched; three queries.

    A file that people put there, or changed, has another size or date than its row. It is never
    removed, nor is one that was fetched from somewhere else or that MAST now lists otherwise.
    """
    found = dict(_scan(clients.filesystem.home / FOLDER))
    names: dict[str, set[str]] = {}
    for path in found:
        names.setdefault(path.parent.name, set()).add(stored_name(path.name))
    file, product = tables.File, tables.Product
    is_listed = and_(
        product.archived_at == file.archived_at,
        func.coalesce(product.size_bytes, file.size_bytes) == file.size_bytes,
        ~product.uri.startswith("/"),
    )
    statement = (
        select(file.filename, file.rootname, file.path, file.size_bytes, file.archived_at,
               file.origin == ARCHIVE, func.coalesce(is_listed, False))
        .outerjoin(product, product.filename == file.filename)
        .where(file.rootname == any_of(sorted(names)), file.origin.is_not(None))
    )  # fmt: skip
    fetched, used = [], sum(status.st_size for status in found.values())
    for name, rootname, text, size, at, is_fetched, is_as_listed in clients.database.read(
        statement
    ):
        path, status = Path(text), found.get(Path(text))
        if status is not None and not is_fetched:
            used -= status.st_size
        elif status is not None and is_as_listed and _is_same(status, size, at):
            fetched.append(FetchedFile(name, rootname, path, size))
    return Room(find_limit(clients) - used, tuple(fetched), names)


def _scan(top: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for folder, _, names in os.walk(top):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                path = Path(folder, name)
                yield path, path.lstat()


def _is_same(status: os.stat_result, size_bytes: int, archived_at: datetime) -> bool:
    return status.st_size == size_bytes and status.st_mtime == archived_at.timestamp()


def set_aside(clients: Clients, files: Sequence[FetchedFile]) -> None:
    """Remove files that can be fetched again; who calls holds both locks, and alone."""
    now = datetime.now(UTC)
    with clients.database.write() as writer:
        rows = [{"filename": file.filename, "set_aside_at": now} for file in files]
        writer.update(tables.File, rows)
    for file in files:
        clients.filesystem.remove(file.path)


def make_room(
    clients: Clients, room: Room, wanted_bytes: float, spare: Collection[str | Path]
) -> Room:
    """Set files aside until so much can be fetched, or nothing is left; who calls holds `ROOM`.

    It waits until nobody reads. Files of the exposures or paths that are spared stay.
    """
    if wanted_bytes <= room.free:
        return room
    with clients.database.hold(INPUTS):
        lacking = wanted_bytes - room.free
        going: list[FetchedFile] = []
        for file in room.fetched:
            if lacking > 0 and file.rootname not in spare and file.path not in spare:
                going.append(file)
                lacking -= file.size_bytes
        set_aside(clients, going)
    return measure_room(clients)


class Admission(NamedTuple):
    """Which of some keys may have their files fetched now; and what those need that never can."""

    fitting: set[str]
    excessive: dict[str, int]


def admit(clients: Clients, keys: Sequence[str], *, is_again: bool = False) -> Admission:
    """Choose the keys whose files, raw and calibrated, can be fetched, in their order.

    What is here or was begun goes on: its room is kept for it.

    Parameters
    ----------
    clients : Clients
        Where things are.
    keys : sequence of str
        Exposures and associations.
    is_again : bool
        Whether what is here is fetched, too.
    """
    if not is_limited(clients):
        return Admission(set(keys), {})
    room = measure_room(clients)
    begun = room.names.keys() - _find_decided(clients, sorted(room.names))
    needs = _find_needs(clients, [*keys, *begun], {} if is_again else room.names)
    free = room.free - sum(needs.get(key, 0) for key in begun)
    fitting, excessive, is_full = set[str](), dict[str, int](), False
    for key in keys:
        need = 0 if key in begun else needs.get(key, 0)
        if need > find_limit(clients):
            excessive[key] = need
            continue
        is_full = is_full or need > free
        if not need or not is_full:
            fitting.add(key)
            free -= need
    return Admission(fitting, excessive)


def _find_decided(clients: Clients, keys: Sequence[str]) -> set[str]:
    """Return the keys whose files were all brought in, or will not be."""
    outcome = tables.Outcome
    assets = [name for instrument in INSTRUMENTS for name in file_assets(instrument)]
    statement = (
        select(outcome.key)
        .where(outcome.key == any_of(keys), outcome.asset == any_of(assets))
        .group_by(outcome.key)
        .having(func.count() == len(FILE_ASSETS))
    )
    return {str(row[0]) for row in clients.database.read(statement)}


def _find_needs(
    clients: Clients, keys: Sequence[str], here: Mapping[str, set[str]]
) -> dict[str, int]:
    """Return what is listed of keys, can be had and is not here, bytes."""
    product = tables.Product
    is_open: list[ColumnElement[bool]] = [product.access == "public"]
    if clients.settings.mast_api_token is not None:
        is_open.append(product.access != "public")
    names = sorted(set().union(*(here.get(key, ()) for key in keys)))
    statement = (
        select(product.rootname, func.sum(product.size_bytes))
        .where(
            product.rootname == any_of(keys), ~(product.filename == any_of(names)), or_(*is_open)
        )
        .group_by(product.rootname)
    )
    return {str(row[0]): int(row[1] or 0) for row in clients.database.read(statement)}
