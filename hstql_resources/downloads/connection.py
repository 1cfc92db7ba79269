"""Connect to servers: pools of connections that are kept, and the answer a thread is at.

This is `urllib3` with the proxies and certificates that `requests` would use. A session of
`requests` itself reads the environment for each request, keeps cookies, and lets a `.netrc` replace
the token; it takes twice the time for a file of 200 kB.
"""

import contextlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from hstql_resources.downloads.download import Policy
from hstql_resources.downloads.failures import AttemptError, StoppedError
from hstql_resources.downloads.rate_limit import Paces
from hstql_resources.http_deadline import watch_connections

STANDARD_HEADERS = {
    "User-Agent": "hstql",
    "Accept": "*/*",
    # Sizes and ranges are those of the file itself.
    "Accept-Encoding": "identity",
}


class Pools:
    """The connections to all hosts, kept between requests and shared by all threads."""

    def __init__(self, policy: Policy) -> None:
        self._connections = policy.connections
        self._lock = threading.Lock()
        self._pools: dict[str, urllib3.PoolManager] = {}

    def of(self, url: str) -> urllib3.PoolManager:
        """Return the pool of the host of an address."""
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            if place not in self._pools:
                self._pools[place] = self._open(place)
            return self._pools[place]

    def _open(self, place: str) -> urllib3.PoolManager:
        options: dict[str, Any] = {"retries": False, "cert_reqs": "CERT_REQUIRED"}
        options |= _certificates()
        proxy = select_proxy(place, get_environ_proxies(place))
        if proxy:
            adapter = HTTPAdapter(pool_maxsize=self._connections)
            manager: urllib3.PoolManager = adapter.proxy_manager_for(proxy, **options)
        else:
            manager = urllib3.PoolManager(maxsize=self._connections, **options)
        watch_connections(manager)
        return manager

    def close(self) -> None:
        """Close the connections that nobody uses."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()


class Connection:
    """One thread's requests, one after the other.

    Parameters
    ----------
    policy : Policy
        For its timeouts.
    pools : Pools
        To all hosts.
    paces : Paces
        Of all hosts.
    stop : threading.Event
        Set when nobody waits any more.
    """

    def __init__(self, policy: Policy, pools: Pools, paces: Paces, stop: threading.Event) -> None:
        self._timeout = urllib3.Timeout(connect=policy.connect_s, read=policy.read_s)
        self._pools, self._paces, self._stop = pools, paces, stop
        self._answer: urllib3.BaseHTTPResponse | None = None

    def send(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Ask for an address as soon as its host's pace lets it; nothing is followed or read.

        Raises
        ------
        AttemptError
            If the address or a header is not valid.
        StoppedError
            If nobody waits for it any more.
        urllib3.exceptions.HTTPError
            If there is no answer.
        """
        self._paces.of(url).wait()
        try:
            self._answer = self._pools.of(url).request(
                "GET",
                url,
                headers={**STANDARD_HEADERS, **headers},
                timeout=self._timeout,
                preload_content=False,
                redirect=False,
            )
        except ValueError:  # with the value in it
            raise AttemptError(
                "cannot be asked for: its address, or a header such as that with the token, is "
                "not valid"
            ) from None
        if self._stop.is_set():
            self._answer.close()
            raise StoppedError
        return self._answer

    def interrupt(self) -> None:
        """Let a thread that waits for the rest of an answer go on at once, with an error."""
        if self._answer is not None:
            # It may just have ended, and its connection be free again.
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                self._answer.shutdown()


def _certificates() -> dict[str, Any]:
    chosen = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    place = chosen or DEFAULT_CA_BUNDLE_PATH
    return {"ca_cert_dir" if Path(place).is_dir() else "ca_certs": place}
