"""Run worker processes of this machine behind the interface of `concurrent.futures.Executor`.

What they work on is not known here.
"""

import contextlib
import logging
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from types import FunctionType
from typing import Any

_log = logging.getLogger(__name__)

# Keeps Python from importing modules that happen to lie in the working directory.
SAFE_PATH = "PYTHONSAFEPATH"
# Where this process is killed, its tracker tidies up, and need not say so.
QUIET = "ignore::UserWarning:multiprocessing.resource_tracker"
TOKEN = "MAST_API_TOKEN"  # noqa: S105, the name of a variable; workers fetch nothing


Prepare = Callable[[], object]


class WorkersLostError(Exception):
    """Nobody is there to compute; the message is one sentence for the user."""


def do_nothing() -> None:
    """Prepare nothing."""


class NoWorkers(Executor):
    """Does each task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do a task; it raises here what the task raises."""
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


NO_WORKERS = NoWorkers()


class LocalWorkers(Executor):
    """A process pool that starts with the first task and starts anew after a worker has died.

    Parameters
    ----------
    count : int
        Number of processes.
    prepare : callable
        Called once in each process, before its first task.
    """

    def __init__(self, count: int, prepare: Prepare = do_nothing) -> None:
        self.count, self._prepare = count, prepare
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give one task to a worker."""
        if self._pool is None:
            self._pool = self._open((fn, *args))
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenProcessPool:
            _log.warning("A worker process died; the workers are started anew")
            self.shutdown(wait=False)
            self._pool = self._open((fn, *args))
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop the workers; a later task starts them again."""
        if self._pool is None:
            return
        processes = dict(self._pool._processes)
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._pool = None
        if not wait:  # nobody takes what they are working on
            for process in processes.values():
                process.kill()

    def _open(self, task: Iterable[object]) -> ProcessPoolExecutor:
        # Neither fork nor the thread-laden parent: a forked child can hang on a lock that a
        # thread of Dagster held. The server is forked once and clean.
        context = multiprocessing.get_context("forkserver")
        _start_server(task)
        return ProcessPoolExecutor(
            self.count, context, initializer=_begin_worker, initargs=(self._prepare,)
        )


def _start_server(task: Iterable[object]) -> None:
    """Start the process that workers are forked from, with what the first task needs imported.

    Each worker would import it by itself otherwise, which takes a second of each core. Where the
    server runs already, nothing happens.

    Parameters
    ----------
    task : iterable of object
        The function and its arguments, functions too.
    """
    modules = {one.__module__ for one in task if isinstance(one, FunctionType)}
    forkserver.set_forkserver_preload(sorted(modules))
    filters = [os.environ.get("PYTHONWARNINGS"), QUIET]
    wanted = {SAFE_PATH: "1", "PYTHONWARNINGS": ",".join(filter(None, filters)), TOKEN: None}
    with _changed_environment(wanted):
        forkserver.ensure_running()


@contextlib.contextmanager
def _changed_environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Have variables set, or not set if None, as long as a process is started."""
    before = {name: os.environ.pop(name, None) for name in changes}
    os.environ.update({name: value for name, value in changes.items() if value is not None})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _begin_worker(prepare: Prepare) -> None:
    """Leave Ctrl-C to the parent, which stops the workers, and do not outlive it."""
    prepare()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """End this process with its parent: a pool's workers wait for ever for a killed one."""
    multiprocessing.connection.wait([sentinel])
    os._exit(1)
