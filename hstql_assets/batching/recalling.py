"""Fetch again what was set aside, as far as the tasks of a batch need it and there is room.

A task names its inputs: they are the paths in it that rows of `files` say were set aside.
"""

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, cast

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of, forget
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.batching.room import (
    FOLDER,
    NO_ROOM,
    ROOM,
    describe_excess,
    find_limit,
    make_room,
    measure_room,
    reading,
)
from hstql_resources import tables
from hstql_resources.archive import Product, RemoteArchive
from hstql_resources.clients import Clients
from hstql_resources.filenames import instrument_of, stored_name
from hstql_resources.fits.data_files import sha256_of

Fault = tuple[Literal["missing", "waiting"], str]
Inputs = Mapping[str, frozenset[Path]]  # of tasks, by key


class AwayFile(NamedTuple):
    """A file that was set aside, as its row has it."""

    name: str
    rootname: str
    kind: str
    sha256: str | None
    size_bytes: int
    archived_at: datetime | None
    dataset: str

    @property
    def asset(self) -> str:
        """What brings it in."""
        return f"{instrument_of(self.name)}/{self.kind}_files"

    def is_another(self, product: Product | None) -> bool:
        """Tell whether the archive lists it with another size."""
        return product is not None and product.size_bytes not in (None, self.size_bytes)


class Portion(NamedTuple):
    """The keys whose inputs are here now, and why those of others are not."""

    ready: list[str]
    refused: list[Outcome]


def bring_inputs(
    clients: Clients, tasks: Sequence[Task | Outcome]
) -> Generator[list[Task | Outcome], None, None]:
    """Yield the tasks of a batch in portions, each while all its inputs are here, and stay.

    First those for which nothing has to be fetched. Where there is not room for all others at a
    time, what the ones before needed gives way.
    """
    top = clients.filesystem.home / FOLDER
    inputs = {task.key: frozenset(_find_inputs(task, top)) for task in tasks}
    with reading(clients):
        away = _find_away(clients, inputs)
        yield [task for task in tasks if inputs[task.key].isdisjoint(away)]
    left: Inputs = {key: own for key, own in inputs.items() if not own.isdisjoint(away)}
    while left:
        with contextlib.ExitStack() as held:
            with clients.database.hold(ROOM):
                portion = take_portion(clients, left)
                held.enter_context(reading(clients))
            yield [*(task for task in tasks if task.key in portion.ready), *portion.refused]
        left = _drop(left, portion)


def take_portion(clients: Clients, inputs: Inputs, spare: Sequence[str] = ()) -> Portion:
    """Fetch what the first keys need, as many as there is room for; who calls holds `ROOM`.

    Parameters
    ----------
    clients : Clients
        Where things are.
    inputs : mapping of str to set of Path
        Which files each key needs, in the order of the keys; one key at least.
    spare : sequence of str
        Exposures of which nothing gives way.
    """
    away = _find_away(clients, inputs)
    if not away:
        return Portion(list(inputs), [])
    room, limit, first = measure_room(clients), find_limit(clients), next(iter(inputs))
    to_fetch = {path: file.size_bytes for path, file in away.items()}
    sizes = {file.path: file.size_bytes for file in room.fetched} | to_fetch
    if (size := sum(sizes.get(path, 0) for path in inputs[first])) > limit:
        return Portion([], [Outcome(first, "missing", describe_excess(clients.settings, size))])
    chosen, needed = _take(inputs, sizes, limit)
    wanted = sum(sizes[path] for path in needed & away.keys())
    room = make_room(clients, room, wanted, {*spare, *needed})
    chosen, needed = _take({key: inputs[key] for key in chosen}, to_fetch, room.free)
    if not chosen:
        return Portion([], [Outcome(first, "waiting", NO_ROOM)])
    faults = _fetch_again(clients, {path: away[path] for path in needed & away.keys()})
    refused = {key: faults[path] for key in chosen for path in inputs[key] if path in faults}
    return Portion(
        [key for key in chosen if key not in refused],
        [Outcome(key, *fault) for key, fault in refused.items()],
    )


def take_all(clients: Clients, inputs: Inputs) -> Iterator[Portion]:
    """Yield portion after portion, until there was one with each key."""
    while inputs:
        portion = take_portion(clients, inputs)
        yield portion
        inputs = _drop(inputs, portion)


def _drop(inputs: Inputs, portion: Portion) -> Inputs:
    done = {*portion.ready, *(one.key for one in portion.refused)}
    return {key: paths for key, paths in inputs.items() if key not in done}


def _take(inputs: Inputs, sizes: Mapping[Path, int], limit: float) -> tuple[list[str], set[Path]]:
    """Return the first keys whose files take no more than that together, and the files."""
    chosen, needed, total = list[str](), set[Path](), 0
    for key, paths in inputs.items():
        total += sum(sizes.get(path, 0) for path in paths - needed)
        if total > limit:
            break
        chosen.append(key)
        needed |= paths
    return chosen, needed


def _find_inputs(value: object, top: Path) -> Iterator[Path]:
    """Yield all paths below a folder that a task names, at any depth."""
    if isinstance(value, Path):
        if value.is_relative_to(top):
            yield value
        return
    parts: Iterable[object] = ()
    if is_dataclass(value):
        parts = (getattr(value, field.name) for field in fields(value))
    elif isinstance(value, Mapping):
        parts = (*value, *value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        parts = value
    for part in parts:
        yield from _find_inputs(part, top)


def _find_away(clients: Clients, inputs: Inputs) -> dict[Path, AwayFile]:
    """Return the inputs that were set aside and are not here, in one query if any is not."""
    gone = {path for paths in inputs.values() for path in paths if not path.is_file()}
    if not gone:
        return {}
    file, product = tables.File, tables.Product
    statement = (
        select(file.path, file.filename, file.rootname, file.kind, file.sha256, file.size_bytes,
               file.archived_at, func.coalesce(product.dataset, file.rootname))
        .outerjoin(product, product.filename == file.filename)
        .where(file.filename == any_of(sorted({stored_name(path.name) for path in gone})),
               file.set_aside_at.is_not(None))
    )  # fmt: skip
    found = {Path(path): AwayFile(*rest) for path, *rest in clients.database.read(statement)}
    return {path: found[path] for path in gone & found.keys()}


def _fetch_again(clients: Clients, files: Mapping[Path, AwayFile]) -> dict[Path, Fault]:
    """Bring files back to their places; return why others could not be had.

    One that is another by now takes no place: the decision that brought it in is forgotten, so that
    it is brought in as new.
    """
    archive, filesystem = cast("RemoteArchive", clients.archive), clients.filesystem
    by_name = {file.name: (path, file) for path, file in files.items()}
    lists = archive.list_products(sorted({file.dataset for file in files.values()}))
    listed = {stored_name(one.filename): one for products in lists.values() for one in products}
    faults: dict[Path, Fault] = {
        path: ("missing", f"{file.name} was set aside, and the archive does not list it any more.")
        for path, file in files.items()
        if file.name not in listed
    }
    changed = [file for file in files.values() if file.is_another(listed.get(file.name))]
    # A list of products has no dates; this is the one by which the file is known.
    wanted = [replace(listed[file.name], archived_at=file.archived_at)
              for path, file in files.items()
              if path not in faults and file not in changed]  # fmt: skip
    with (
        filesystem.scratch() as scratch,
        contextlib.closing(archive.fetch_many(wanted, scratch)) as results,
    ):
        for fetched in results:
            path, file = by_name[stored_name(fetched.product.filename)]
            if fetched.path is None:
                reason = fetched.fault or f"{path.name} was not handed over."
                faults[path] = ("waiting" if fetched.is_passing else "missing"), reason
            elif sha256_of(fetched.path) == file.sha256:
                filesystem.move(fetched.path, path)
            else:
                changed.append(file)
            clients.on_fetched(fetched, len(wanted))
    for file in changed:
        faults[by_name[file.name][0]] = (
            "waiting",
            (f"{file.name} is another in the archive by now: {file.asset} brings it in first."),
        )
    back = [file.name for path, file in files.items() if path not in faults]
    with clients.database.write() as writer:
        writer.update(tables.File, [{"filename": name, "set_aside_at": None} for name in back])
        for file in changed:
            forget(writer, [file.asset], [file.rootname])
    return faults
