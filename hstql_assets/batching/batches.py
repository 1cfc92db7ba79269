"""Have workers decide a batch of keys, each on its own.

What is decided belongs to the domains. Dagster is not known here; `batch_asset` tells it.
"""

import errno
import logging
import traceback
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from typing import Any

from hstql_assets.batching.outcomes import FAULT, BadFile, Outcome, Task
from hstql_resources.archive import ArchiveError

_log = logging.getLogger(__name__)

# What goes to the workers at most, and comes back, of one batch: a message for each of a thousand
# keys costs as much as a key that takes a millisecond.
CHUNKS = 100
CONCERN_ALL_KEYS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}
)


def decide_batch(
    workers: Executor,
    decide: Callable[[Any], Outcome],
    tasks: Sequence[Task | Outcome],
    on_outcome: Callable[[Outcome], None],
    suspects: Container[str] = (),
) -> list[Outcome]:
    """Have the workers decide each key; one key's fault never touches another.

    Parameters
    ----------
    workers : concurrent.futures.Executor
        Who computes. A single task is computed here, which saves starting them.
    decide : callable
        Takes a task, returns its outcome. Module-level, for it is pickled.
    tasks : sequence of Task or Outcome
        What to decide, and what is decided already.
    on_outcome : callable
        Called for each key as it is decided.
    suspects : container of str
        Keys that a worker computes even where there is but one: a process died of it before.

    Returns
    -------
    list of Outcome
        In the order of `tasks`.
    """
    outcomes: dict[str, Outcome] = {}
    try:
        for outcome in _decide_all(workers, decide, tasks, suspects):
            outcomes[outcome.key] = outcome
            on_outcome(outcome)
    except Exception:
        raise
    except BaseException:  # somebody has stopped the run, and waits for its end
        workers.shutdown(wait=False, cancel_futures=True)
        raise
    return [outcomes[task.key] for task in tasks]


def _decide_all(
    workers: Executor,
    decide: Callable[[Any], Outcome],
    tasks: Sequence[Task | Outcome],
    suspects: Container[str],
) -> Iterator[Outcome]:
    yield from (task for task in tasks if isinstance(task, Outcome))
    open_tasks = [task for task in tasks if not isinstance(task, Outcome)]
    if len(open_tasks) == 1 and open_tasks[0].key not in suspects:
        yield _decide_one(decide, open_tasks[0])
        return
    yield from _decide_group(workers, decide, open_tasks)


def _decide_group(
    workers: Executor, decide: Callable[[Any], Outcome], tasks: Sequence[Task]
) -> Iterator[Outcome]:
    """Decide tasks together.

    One worker's death takes the tasks of all others with it. Which one was to blame cannot be
    told, so the open tasks are tried again in two halves, down to the one that kills its worker.
    """
    size = max(1, len(tasks) // CHUNKS)
    chunks = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    futures = {workers.submit(_decide_some, decide, chunk): chunk for chunk in chunks}
    unfinished: list[Task] = []
    for future in as_completed(futures):
        chunk = futures.pop(future)  # so that its result is not kept longer than needed
        try:
            yield from future.result()
        except BrokenExecutor:
            unfinished += chunk
    if len(unfinished) == 1 == len(tasks):
        key = unfinished[0].key
        _log.error("The worker of %s died", key)
        reason = f"The worker process for {key} died: it was killed, or memory ran out."
        yield Outcome(key, "waiting", reason, has_ended_worker=True)
    elif unfinished:
        half = (len(unfinished) + 1) // 2
        yield from _decide_group(workers, decide, unfinished[:half])
        if unfinished[half:]:
            yield from _decide_group(workers, decide, unfinished[half:])


def _decide_some(decide: Callable[[Any], Outcome], tasks: Sequence[Task]) -> list[Outcome]:
    return [_decide_one(decide, task) for task in tasks]


def _decide_one(decide: Callable[[Any], Outcome], task: Task) -> Outcome:
    """Decide one key; what nobody foresaw about its data stays with this key.

    Memory and a full or broken disk concern all keys and go on to the caller.
    """
    try:
        return decide(task)
    except MemoryError:
        raise
    except OSError as error:
        if error.errno in CONCERN_ALL_KEYS or error.filename is None:
            raise
        return Outcome(task.key, "missing", f"{error.filename}: {error.strerror}.")
    except ArchiveError as error:
        return Outcome(task.key, "waiting", str(error))
    except Exception as error:
        _log.exception("Unforeseen fault of %s", task.key)
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
        return Outcome(task.key, "bad", reason, bad_files=(BadFile(task.key, FAULT, reason),))
