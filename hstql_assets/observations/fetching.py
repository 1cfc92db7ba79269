"""Fetch the files of a batch over the net, many at a time, before they are described.

Only what is not here already. Each file takes its place as soon as it is complete, so that a run
that is killed has lost nothing that was done.
"""

import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import cast

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recalling import take_portion
from hstql_assets.batching.room import NO_ROOM, admit, describe_excess
from hstql_assets.observations.calibrating import calibrate_batch
from hstql_assets.observations.currency import is_current
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_resources.archive import Fetched, Product, RemoteArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem

_log = logging.getLogger(__name__)

READERS = 4  # threads that compare checksums of what is here

OnFetched = Callable[[Fetched, int], None]


def fetch_batch(
    archive: RemoteArchive,
    filesystem: Filesystem,
    tasks: Sequence[RetrievalTask | Outcome],
    on_fetched: OnFetched,
) -> list[RetrievalTask | Outcome]:
    """Fetch what the tasks of a batch lack.

    Parameters
    ----------
    archive : RemoteArchive
        Where from.
    filesystem : Filesystem
        Where to.
    tasks : sequence of RetrievalTask or Outcome
        What is wanted; what is decided already stays.
    on_fetched : callable
        Called with each product that is done, and the number of all that are wanted.

    Returns
    -------
    list of RetrievalTask or Outcome
        In the same order; each task with its files that are here now, and with what could not be
        had and why.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    open_tasks = [task for task in tasks if isinstance(task, RetrievalTask)]
    kept, wanted = _sort_out(filesystem, open_tasks)
    lacking = _fetch(archive, filesystem, wanted, on_fetched)
    return [
        _supply(filesystem, task, lacking, kept) if isinstance(task, RetrievalTask) else task
        for task in tasks
    ]


def _sort_out(
    filesystem: Filesystem, tasks: Sequence[RetrievalTask]
) -> tuple[set[Path], list[Product]]:
    """Return the files that are here as the archive lists them, and the other products, once."""
    places = [
        (task, product, _place(filesystem, task, product))
        for task in tasks
        for product in task.products
    ]
    with ThreadPoolExecutor(READERS) as readers:
        is_here = list(readers.map(lambda place: _is_here(*place), places))
    kept = {path for (*_, path), here in zip(places, is_here, strict=True) if here}
    wanted = {product.filename: product for _, product, path in places if path not in kept}
    return kept, list(wanted.values())


def _is_here(task: RetrievalTask, product: Product, path: Path) -> bool:
    held = next((file for file in task.had if file.path == path), None)
    return not task.is_again and is_current(product, path, held)


def _fetch(
    archive: RemoteArchive,
    filesystem: Filesystem,
    wanted: Sequence[Product],
    on_fetched: OnFetched,
) -> Mapping[str, Fetched]:
    """Fetch products and put them into place; return what could not be had, by name."""
    lacking: dict[str, Fetched] = {}
    if not wanted:
        return lacking
    with (
        filesystem.scratch() as scratch,
        contextlib.closing(archive.fetch_many(wanted, scratch)) as results,
    ):
        for fetched in results:
            ended = fetched if fetched.fault else _put(filesystem, fetched)
            if ended.fault is not None:
                lacking[ended.product.filename] = ended
                _log.warning("%s", ended.fault)
            on_fetched(fetched, len(wanted))
    return lacking


def _put(filesystem: Filesystem, fetched: Fetched) -> Fetched:
    """Give a fetched file its place; where that fails it has a fault, which may pass."""
    product, path = fetched.product, fetched.path
    if path is None:
        return replace(fetched, fault=f"{product.filename} was not handed over.", is_passing=True)
    try:
        filesystem.move(path, filesystem.observation_folder(product.rootname) / product.filename)
    except OSError as error:
        fault = f"{error.filename}: {error.strerror}."
        return replace(fetched, path=None, fault=fault, is_passing=True)
    return fetched


def _supply(
    filesystem: Filesystem,
    task: RetrievalTask,
    lacking: Mapping[str, Fetched],
    kept: Collection[Path],
) -> RetrievalTask:
    here = [product for product in task.products if product.filename not in lacking]
    away = [lacking[product.filename] for product in task.products if product not in here]
    paths = tuple(_place(filesystem, task, product) for product in here)
    return replace(
        task,
        files=paths,
        faults=(*task.faults, *(str(one.fault) for one in away if not one.is_passing)),
        passing=(*task.passing, *(str(one.fault) for one in away if one.is_passing)),
        checked=frozenset(path for path in paths if path in kept),
    )


def _place(filesystem: Filesystem, task: RetrievalTask, product: Product) -> Path:
    return filesystem.observation_folder(task.key) / product.filename


def supply_files(
    clients: Clients, tasks: Sequence[RetrievalTask | Outcome]
) -> list[RetrievalTask | Outcome]:
    """Return the tasks of a batch with the files that were made and fetched for them.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    if any(isinstance(task, RetrievalTask) and task.is_calibrated_here for task in tasks):
        tasks = calibrate_batch(clients, tasks)
    if clients.archive.is_remote:
        archive = cast("RemoteArchive", clients.archive)
        tasks = _refuse_beyond(clients, tasks)
        tasks = fetch_batch(archive, clients.filesystem, tasks, clients.on_fetched)
        tasks = _bring_events(clients, tasks)
    return list(tasks)


def _refuse_beyond(
    clients: Clients, tasks: Sequence[RetrievalTask | Outcome]
) -> list[RetrievalTask | Outcome]:
    """Let the keys wait whose files there is no room for."""
    wanted = [task for task in tasks if isinstance(task, RetrievalTask)]
    is_again = any(task.is_again for task in wanted)
    fitting, excessive = admit(clients, [task.key for task in wanted], is_again=is_again)

    def refuse(key: str) -> Outcome:
        if key in excessive:
            return Outcome(key, "missing", describe_excess(clients.settings, excessive[key]))
        return Outcome(key, "waiting", NO_ROOM)

    return [task if isinstance(task, Outcome) or task.key in fitting else refuse(task.key)
            for task in tasks]  # fmt: skip


def _bring_events(
    clients: Clients, tasks: Sequence[RetrievalTask | Outcome]
) -> list[RetrievalTask | Outcome]:
    """Bring back the events that corrected ones are made of."""
    events = {
        task.key: frozenset({task.corrtag.tag})
        for task in tasks
        if isinstance(task, RetrievalTask) and task.corrtag and task.corrtag.tag
    }
    if not events:
        return list(tasks)
    portion = take_portion(clients, events, [task.key for task in tasks])
    instead = {key: Outcome(key, "waiting", NO_ROOM) for key in events}
    instead |= {one.key: one for one in portion.refused}
    return [task if task.key in portion.ready else instead.get(task.key, task) for task in tasks]
