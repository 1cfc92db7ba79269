"""Bring one file to its end: what is repeated, how long after, and where else."""

import logging
import threading
import time
from collections.abc import Callable

from hstql_resources.downloads.attempt import Attempt
from hstql_resources.downloads.connection import Connection
from hstql_resources.downloads.download import Download, Downloaded, Policy
from hstql_resources.downloads.failures import AttemptError
from hstql_resources.downloads.part_file import PartFile
from hstql_resources.downloads.rate_limit import Paces, sleep

_log = logging.getLogger(__name__)


class Repeater:
    """Fetches files one after the other, for one thread.

    Parameters
    ----------
    policy : Policy
        How often and after which waits.
    paces : Paces
        Of all hosts.
    connection : Connection
        Of this thread.
    stop : threading.Event
        Ends every wait.
    on_bytes : callable
        Called with every number of bytes that came.
    """

    def __init__(
        self,
        policy: Policy,
        paces: Paces,
        connection: Connection,
        stop: threading.Event,
        on_bytes: Callable[[int], None],
    ) -> None:
        self._policy, self._paces, self._connection = policy, paces, connection
        self._stop, self._on_bytes = stop, on_bytes

    def fetch(self, download: Download) -> Downloaded:
        """Fetch one file, as often as the policy lets it.

        Raises
        ------
        StoppedError
            If nobody waits for it any more; there is then no `.part` of it.
        """
        start, sizes = time.monotonic(), [0]
        failure, attempts = None, 0
        with PartFile(download) as part:
            for url in (download.url, *download.alternatives):
                attempt = Attempt(
                    download, url, part, self._connection, self._policy, self._counter(sizes)
                )
                failure, tries = self._repeat(attempt)
                attempts += tries
                if failure is None or not failure.may_be_elsewhere:
                    break
        seconds = time.monotonic() - start
        if failure is None:
            return Downloaded(download, None, sum(sizes), seconds, attempts)
        fault = f"{download.path.name} {failure.reason}."
        is_passing = failure.is_passing or failure.is_local
        return Downloaded(
            download, fault, sum(sizes), seconds, attempts, failure.is_absent, is_passing
        )

    def _counter(self, sizes: list[int]) -> Callable[[int], None]:
        def count(size: int) -> None:
            sizes[0] += size
            self._on_bytes(size)

        return count

    def _repeat(self, attempt: Attempt) -> tuple[AttemptError | None, int]:
        """Try one address; return the last failure, and the number of attempts."""
        for number in range(1, self._policy.attempts + 1):
            try:
                attempt.run()
            except AttemptError as failure:
                if self._stop.is_set():
                    sleep(0.0, self._stop)
                self._log_failure(attempt, failure, number)
                if not failure.is_passing or number == self._policy.attempts:
                    return failure, number
                self._wait(attempt.url, failure, number)
            else:
                return None, number
        raise ValueError("a policy has at least one attempt")

    def _log_failure(self, attempt: Attempt, failure: AttemptError, number: int) -> None:
        name, most = attempt.download.path.name, self._policy.attempts
        _log.info("attempt %d of at most %d: %s %s", number, most, name, failure.reason)

    def _wait(self, url: str, failure: AttemptError, number: int) -> None:
        wait_s = self._policy.choose_wait(number, failure.wait_s)
        if failure.wait_s is None:
            sleep(wait_s, self._stop)
        else:  # what the host asked for holds for all threads
            self._paces.of(url).hold(wait_s)
