"""End an answer that takes too long, wherever it is: within its headers, a chunk's size, its body.

The timeouts of libraries hold for each arrival of bytes, so one byte now and then gets round them.
Here one thread looks after all answers of the process and shuts the socket of one that is late;
whoever reads from it sees an end, and asks the watch whether it was one.
"""

import contextlib
import math
import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

TICK_S = 0.05
_OWN = threading.local()  # the watch of each thread


class Watch:
    """Looks after one answer; a context manager around all that asks and reads.

    Parameters
    ----------
    step_s : float
        How long its headers, and each wait for something of its body, may take, s.
    total_s : float
        How long all of it may take, s.
    """

    def __init__(self, step_s: float, total_s: float) -> None:
        self._step_s, self._ends_at = step_s, time.monotonic() + total_s
        self._step_ends_at = math.inf  # to connect has a timeout of its own
        self._socket: socket.socket | None = None
        self.is_late = False

    def __enter__(self) -> Self:
        _OWN.watch = self
        _WATCHDOG.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _OWN.watch = None
        _WATCHDOG.remove(self)

    def begin(self, connection: Any) -> None:
        """Look after a connection from now on, of which the headers are read next."""
        self._socket = connection.sock
        self.go_on()

    def go_on(self) -> None:
        """Note that something came."""
        self._step_ends_at = time.monotonic() + self._step_s

    def check(self) -> None:
        """End it if it is late."""
        if not self.is_late and time.monotonic() > min(self._ends_at, self._step_ends_at):
            self.is_late = True
        if self.is_late and self._socket is not None:
            with contextlib.suppress(OSError, TypeError):
                # Not the method of a TLS socket, which takes it away from whoever reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Watchdog:
    """The thread, which lives while there is something to look after."""

    def __init__(self) -> None:
        self._lock, self._watches, self._is_running = threading.Lock(), set[Watch](), False

    def add(self, watch: Watch) -> None:
        with self._lock:
            self._watches.add(watch)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="deadlines", daemon=True).start()

    def remove(self, watch: Watch) -> None:
        with self._lock:
            self._watches.discard(watch)

    def _run(self) -> None:
        while True:
            time.sleep(TICK_S)
            with self._lock:
                self._is_running = bool(self._watches)
                if not self._is_running:
                    return
                for watch in self._watches:
                    watch.check()


_WATCHDOG = _Watchdog()


class _Http(HTTPConnection):
    def getresponse(self) -> Any:
        _begin(self)
        return super().getresponse()


class _Https(HTTPSConnection):
    def getresponse(self) -> Any:
        _begin(self)
        return super().getresponse()


def _begin(connection: Any) -> None:
    watch = getattr(_OWN, "watch", None)
    if watch is not None:
        watch.begin(connection)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


def watch_connections(manager: urllib3.PoolManager) -> None:
    """Let the connections that a manager opens be looked after."""
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
