"""Limit how often a host is asked, and leave it alone while it wants to be.

All threads of one host share one pace.
"""

import threading
import time
from urllib.parse import urlsplit

from hstql_resources.downloads.download import Policy
from hstql_resources.downloads.failures import StoppedError

BURST_S = 1.0  # what was not used of the last second may be used at once


class Pace:
    """The pace of one host.

    Parameters
    ----------
    requests_per_second : float
        In the long run; a second's worth may come at once.
    stop : threading.Event
        Ends every wait.
    """

    def __init__(self, requests_per_second: float, stop: threading.Event) -> None:
        self._interval_s = 1.0 / requests_per_second
        self._stop = stop
        self._lock = threading.Lock()
        self._next = 0.0
        self._quiet_until = 0.0

    def wait(self) -> None:
        """Return when the next request may start.

        Raises
        ------
        StoppedError
            If nobody waits for it any more.
        """
        with self._lock:
            at = max(self._next, time.monotonic() - BURST_S)
            self._next = at + self._interval_s
        while (rest := max(at, self._quiet_until) - time.monotonic()) > 0:
            sleep(rest, self._stop)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for some time."""
        with self._lock:
            self._quiet_until = max(self._quiet_until, time.monotonic() + seconds)


class Paces:
    """The paces of all hosts that were asked."""

    def __init__(self, policy: Policy, stop: threading.Event) -> None:
        self._policy, self._stop = policy, stop
        self._lock = threading.Lock()
        self._paces: dict[str, Pace] = {}

    def of(self, url: str) -> Pace:
        """Return the pace of the host and port of an address."""
        host = urlsplit(url).netloc
        with self._lock:
            if host not in self._paces:
                self._paces[host] = Pace(self._policy.requests_per_second, self._stop)
            return self._paces[host]


def sleep(seconds: float, stop: threading.Event) -> None:
    """Wait.

    Raises
    ------
    StoppedError
        As soon as `stop` is set.
    """
    if stop.wait(seconds):
        raise StoppedError
