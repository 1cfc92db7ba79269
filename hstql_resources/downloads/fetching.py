"""Fetch many files at the same time: threads, their end, and the log of all of them."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue

from hstql_resources.downloads.connection import Connection, Pools
from hstql_resources.downloads.download import Download, Downloaded, Policy
from hstql_resources.downloads.failures import StoppedError
from hstql_resources.downloads.rate_limit import Paces
from hstql_resources.downloads.retry import Repeater

_log = logging.getLogger(__name__)

STOPPING = 2.0  # s that threads have to end; one that waits for a connection may take longer


def fetch_all(
    downloads: Iterable[Download],
    policy: Policy | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Downloaded]:
    """Fetch files at the same time; one that cannot be had concerns no other.

    Closing the iterator, or Ctrl-C while it waits, stops all that is under way. Who may raise
    between two files wraps it in `contextlib.closing`: a traceback keeps it open else.

    Parameters
    ----------
    downloads : iterable of Download
        Each path once.
    policy : Policy, optional
        How hard and how politely.
    on_bytes : callable, optional
        Called with every number of bytes that came, never twice at the same time; for a progress
        bar.

    Yields
    ------
    Downloaded
        One for each, in the order in which they are done.
    """
    crew = _Crew(list(downloads), policy or Policy(), on_bytes)
    try:
        yield from crew.run()
    finally:
        crew.stop()
        crew.log()


class _Crew:
    """The threads of one call. They are daemons: none can keep the process from ending."""

    def __init__(
        self,
        downloads: list[Download],
        policy: Policy,
        on_bytes: Callable[[int], None] | None,
    ) -> None:
        self._policy, self._on_bytes = policy, on_bytes
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._paces = Paces(policy, self._stop)
        self._pools = Pools(policy)
        self._waiting: SimpleQueue[Download] = SimpleQueue()
        self._done: SimpleQueue[Downloaded | Exception] = SimpleQueue()
        for download in downloads:
            self._waiting.put(download)
        self._number = len(downloads)
        self._results: list[Downloaded] = []
        self._under_way: dict[threading.Thread, Download | None] = {}
        self._connections: list[Connection] = []
        self._start = time.monotonic()

    def run(self) -> Iterator[Downloaded]:
        for _ in range(min(self._policy.connections, self._number)):
            thread = threading.Thread(target=self._work, name="download", daemon=True)
            self._under_way[thread] = None
            thread.start()
        for _ in range(self._number):
            done = self._done.get()
            if isinstance(done, Exception):
                raise done
            self._results.append(done)
            yield done

    def _work(self) -> None:
        """Fetch until nothing waits. What nobody expected goes to whoever waits for the results."""
        try:
            connection = Connection(self._policy, self._pools, self._paces, self._stop)
            self._connections.append(connection)
            repeater = Repeater(self._policy, self._paces, connection, self._stop, self._count)
            while not self._stop.is_set() and not self._waiting.empty():
                self._fetch_next(repeater)
        except StoppedError:
            return
        except Exception as error:
            self._done.put(error)

    def _fetch_next(self, repeater: Repeater) -> None:
        with self._lock:
            if self._waiting.empty():
                return
            download = self._waiting.get()
        self._under_way[threading.current_thread()] = download
        result = repeater.fetch(download)
        self._under_way[threading.current_thread()] = None
        self._done.put(result)

    def _count(self, size: int) -> None:
        if self._stop.is_set():
            raise StoppedError
        if self._on_bytes is not None:
            with self._lock:
                self._on_bytes(size)

    def stop(self) -> None:
        """End what is under way, and remove the `.part` of what does not end at once."""
        self._stop.set()
        for connection in list(self._connections):
            connection.interrupt()
        deadline = time.monotonic() + STOPPING
        for thread in self._under_way:
            thread.join(max(0.0, deadline - time.monotonic()))
        for thread, download in self._under_way.items():
            if thread.is_alive() and download is not None:
                with contextlib.suppress(OSError):
                    download.part.unlink(missing_ok=True)
        self._pools.close()

    def log(self) -> None:
        if not self._number:
            return
        seconds = time.monotonic() - self._start
        size = sum(result.size_bytes for result in self._results)
        faults = sum(result.fault is not None for result in self._results)
        _log.info(
            "%d of %d files fetched, %.1f MB in %.1f s (%.1f MB/s), %d repeats, %d faults",
            len(self._results) - faults,
            self._number,
            size / 1e6,
            seconds,
            size / 1e6 / max(seconds, 1e-9),
            sum(max(0, result.attempts - 1) for result in self._results),
            faults,
        )
