"""Translate questions in a process of its own: to read a long one can take the parser minutes."""

import signal
import threading
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from hstql_resources.workers import LocalWorkers
from hstql_web.lightcurves.making import limit_process
from hstql_web.tap.adql import AdqlError, Question, translate

LIMIT_S = 20  # of CPU
WAIT_S = 300  # on a host that has other things to do
TOO_LONG = f"The question takes more than {LIMIT_S} s to read: ask a shorter one."
BUSY = "Others have questions read at the moment: try again in a minute."


class _LateError(Exception):
    """The time is over."""


def _give_up(*_: object) -> None:
    raise _LateError


def translate_in_time(adql: str) -> Question:
    """Translate in the main thread of a process, with a limit on its CPU time."""
    signal.signal(signal.SIGVTALRM, _give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
    try:
        return translate(adql)
    except _LateError:
        raise AdqlError(TOO_LONG) from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


class Translator:
    """A process that translates, one question at a time; it is begun with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: LocalWorkers | None = None

    def translate(self, adql: str) -> Question:
        """Return what `adql.translate` does.

        Raises
        ------
        AdqlError
            As there; or if it takes too long.
        """
        if not self._lock.acquire(timeout=WAIT_S):
            raise AdqlError(BUSY)
        try:
            if self._workers is None:
                self._workers = LocalWorkers(1, limit_process)
            future: Future[Question] = self._workers.submit(translate_in_time, adql)
            return future.result(timeout=WAIT_S)
        except (TimeoutError, BrokenProcessPool, MemoryError):
            self._stop()
            raise AdqlError(TOO_LONG) from None
        finally:
            self._lock.release()

    def _stop(self) -> None:
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._workers = None

    def close(self) -> None:
        """End the process."""
        self._stop()
