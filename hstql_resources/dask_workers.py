"""Let the workers of a Dask cluster compute, behind the interface of `concurrent.futures.Executor`.

The scheduler and the workers are processes that somebody else started, perhaps on other machines.
What they work on is not known here. Importing this module needs the extra `dask`.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from typing import Any

from distributed import Client, KilledWorker, Worker, WorkerPlugin
from distributed.comm.core import CommClosedError

from hstql_resources.settings import SettingsError
from hstql_resources.workers import Prepare, WorkersLostError

CONNECT_S = 10
ASKED = 3  # times, where workers are killed while they are asked whether they can be used


class DaskWorkers(Executor):
    """The workers of a cluster.

    Parameters
    ----------
    address : str
        Of its scheduler, such as `tcp://host:8786`.
    prepare : callable
        Called once in each worker before its first task, also in those that join later.

    Raises
    ------
    SettingsError
        If the scheduler does not answer, has no workers, or a worker cannot be used: it has
        another version of hstql or several threads, or `prepare` raises this error in it.
    """

    def __init__(self, address: str, prepare: Prepare) -> None:
        self._address = address
        self._plugin = _Prepared(prepare)
        self._client = _connect(address)
        try:
            _require_workers(address, self._client.nthreads())
            self._prepare_workers()
        except BaseException:
            self._client.close()
            raise

    def _prepare_workers(self) -> None:
        for _ in range(ASKED):
            try:
                self._client.register_plugin(self._plugin, self._plugin.name)
            except CommClosedError:  # a worker ended; its nanny starts it anew
                continue
            return
        raise SettingsError(
            f"Workers of the Dask scheduler {self._address} of HSTQL_WORKERS end when they are "
            "asked whether they can be used: their logs say why."
        )

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give one task to a worker.

        Its future raises BrokenProcessPool if the task ended one worker after the other, and
        WorkersLostError if the scheduler is gone.
        """
        future: Future[Any] = Future()
        if self._client.status != "running":
            future.set_exception(self._lost())
            return future
        task = self._client.submit(fn, *args, pure=False, **kwargs)
        self._client.loop.add_callback(self._hand_on, future, task)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Leave the cluster, which goes on; it gives up by itself what nobody waits for."""
        if self._client.status == "running":
            self._client.unregister_worker_plugin(self._plugin.name)
        self._client.close(timeout=CONNECT_S)

    async def _hand_on(self, future: Future[Any], task: Any) -> None:
        """Set in a future what becomes of a task; runs in the client's own thread."""
        try:
            # A result that died with its worker, before it was fetched, is computed once more.
            future.set_result(await task)
        except KilledWorker as error:
            future.set_exception(BrokenProcessPool(str(error)))
        except (asyncio.CancelledError, CancelledError):
            future.set_exception(self._lost())
        except Exception as error:
            future.set_exception(error)

    def _lost(self) -> WorkersLostError:
        return WorkersLostError(
            f"The Dask scheduler {self._address} of HSTQL_WORKERS does not answer any more. Once "
            "it does, the same command goes on."
        )


class _Prepared(WorkerPlugin):
    """Sees that a worker can do what it is given, before it is given anything."""

    def __init__(self, prepare: Prepare) -> None:
        self.name = f"hstql-{id(self)}"
        self._prepare = prepare
        self._version = version("hstql")

    def setup(self, worker: Worker) -> None:
        """Raise SettingsError in a worker that cannot be used."""
        here = version("hstql")
        if here != self._version:
            raise SettingsError(
                f"The Dask worker {worker.address} has hstql {here}, and here is "
                f"{self._version}: install the same."
            )
        if worker.state.nthreads != 1:
            raise SettingsError(
                f"The Dask worker {worker.address} has {worker.state.nthreads} threads: start it "
                "with --nthreads 1, and --nworkers for more."
            )
        try:
            self._prepare()
        except SettingsError as error:
            raise SettingsError(
                f"The Dask worker {worker.address} cannot be used: {error}"
            ) from None


def _connect(address: str) -> Any:
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, RuntimeError) as error:
        why = str(error)
    except AssertionError:  # all that Dask has to say where its own thread is kept waiting for 10 s
        why = "this machine is too busy to begin to ask it"
    raise SettingsError(f"The Dask scheduler {address} of HSTQL_WORKERS does not answer: {why}.")


def _require_workers(address: str, threads: Mapping[str, int]) -> None:
    """Raise SettingsError if a scheduler has nobody who works."""
    if not threads:
        raise SettingsError(
            f"The Dask scheduler {address} of HSTQL_WORKERS has no workers: start some with "
            f"'dask worker {address} --nthreads 1'."
        )
