"""Serving the files of a loopback MAST, and of its bucket, with faults on demand.

`FileServing` answers requests for files inside any HTTP server; `FileServer` is one that does
nothing else. Searches and product lists are not here.
"""

import hashlib
import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from builders.loopback_answers import SIMPLE, Answer, interrupt, send
from builders.loopback_faults import PASSING, Fault, Kind

__all__ = [
    "PASSING",
    "Fault",
    "FileRequest",
    "FileServer",
    "FileServing",
    "QuietServer",
    "ServedFile",
    "interrupt",
    "send",
]

RETRIEVE = "/search/hst/api/v0.1/retrieve_product"
DOWNLOAD = "/api/v0.1/Download/file"  # of the portal
BUCKET = "/hst/public/"


@dataclass(frozen=True)
class FileRequest:
    """One request for a file, as it came in, and the fault that it met."""

    filename: str
    path: str
    requested_range: str | None
    authorization: str | None
    fault: Kind | None


@dataclass(frozen=True)
class ServedFile:
    """A file of the archive: its bytes or where they lie, and who may have it."""

    body: bytes | Path
    dataset: str = ""
    is_public: bool = True
    is_in_bucket: bool = True
    etag: str | None = None

    def read(self) -> bytes:
        return self.body.read_bytes() if isinstance(self.body, Path) else self.body


class FileServing:
    """The files of an archive and what goes wrong with them; safe to use from many threads.

    Parameters
    ----------
    token : str, optional
        What opens files that are not public; without it nothing does.
    rate : float
        Share of all requests that meet a fault of `rate_faults`.
    seed : int
        Which requests those are; the order of threads does not matter.
    latency_s : float
        Time before every answer.
    """

    def __init__(
        self,
        token: str | None = None,
        rate: float = 0.0,
        seed: int = 1,
        rate_faults: Iterable[Fault] = PASSING,
        latency_s: float = 0.0,
    ) -> None:
        self.token, self.rate, self.seed, self.latency_s = token, rate, seed, latency_s
        self.rate_faults = tuple(rate_faults)
        self.files: dict[str, ServedFile] = {}
        self.requests: list[FileRequest] = []
        self._queues: dict[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._asked: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def add(
        self,
        filename: str,
        body: bytes | Path,
        *,
        dataset: str = "",
        is_public: bool = True,
        is_in_bucket: bool = True,
    ) -> None:
        """Serve a file, or serve another one under its name from now on."""
        self.files[filename] = ServedFile(body, dataset, is_public, is_in_bucket)

    def remove(self, filename: str) -> None:
        self.files.pop(filename, None)

    def fail(self, filename: str, *faults: Fault) -> None:
        """Let the next requests for a file meet these faults, one after the other."""
        self._queues[filename].extend(faults)

    def fail_always(self, filename: str, fault: Fault | None) -> None:
        """Let every request for a file meet this fault; None ends it."""
        if fault is None:
            self._always.pop(filename, None)
        else:
            self._always[filename] = fault

    def count(self, filename: str) -> int:
        """Return how often a file was asked for."""
        return sum(request.filename == filename for request in self.requests)

    def answer(self, handler: BaseHTTPRequestHandler) -> bool:
        """Answer a GET or HEAD if it is for a file, of MAST or of its bucket; else return False."""
        url = urlsplit(handler.path)
        if url.path in (RETRIEVE, DOWNLOAD):
            name = "product_name" if url.path == RETRIEVE else "uri"
            uri = parse_qs(url.query).get(name, [""])[0]
            self._answer(handler, uri.rpartition("/")[2], is_bucket=False)
            return True
        if url.path.startswith(BUCKET):
            self._answer(handler, unquote(url.path).rpartition("/")[2], is_bucket=True)
            return True
        return False

    def _answer(self, handler: BaseHTTPRequestHandler, filename: str, is_bucket: bool) -> None:
        fault = self._meet(handler, filename)
        if self.latency_s:
            time.sleep(self.latency_s)
        if fault is not None and fault.kind in SIMPLE:
            SIMPLE[fault.kind](handler, fault)
            return
        served = self.files.get(filename)
        if served is None or (is_bucket and not self._is_in_bucket(served, handler.path)):
            send(handler, 404, b'{"msg": "not found"}')
        elif not served.is_public and not is_bucket and not self._is_allowed(handler):
            send(handler, 401, b'{"msg": "unauthorized"}')
        else:
            Answer(handler, served.read(), fault, self._etag(filename, served)).send()

    def _meet(self, handler: BaseHTTPRequestHandler, filename: str) -> Fault | None:
        with self._lock:
            queue, fault = self._queues[filename], self._always.get(filename)
            if queue:
                fault = queue.popleft()
            elif fault is None and self.rate:
                fault = self._by_rate(filename)
            if fault is not None and fault.kind == "changed":
                served = self.files[filename]
                self.files[filename] = ServedFile(
                    served.body, served.dataset, served.is_public, served.is_in_bucket, '"changed"'
                )
            headers = handler.headers
            self.requests.append(
                FileRequest(
                    filename,
                    handler.path,
                    headers.get("Range"),
                    headers.get("Authorization"),
                    None if fault is None else fault.kind,
                )
            )
        return fault

    def _by_rate(self, filename: str) -> Fault | None:
        self._asked[filename] += 1
        dice = random.Random(f"{self.seed} {filename} {self._asked[filename]}")
        return dice.choice(self.rate_faults) if dice.random() < self.rate else None

    def _is_in_bucket(self, served: ServedFile, path: str) -> bool:
        folder = unquote(urlsplit(path).path).split("/")[-2]
        in_folder = not served.dataset or folder.lower() == served.dataset.lower()
        return served.is_public and served.is_in_bucket and in_folder

    def _is_allowed(self, handler: BaseHTTPRequestHandler) -> bool:
        sent = handler.headers.get("Authorization")
        return self.token is not None and sent == f"token {self.token}"

    def _etag(self, filename: str, served: ServedFile) -> str:
        if served.etag is not None:
            return served.etag
        return f'"{hashlib.sha256(served.read()).hexdigest()[:16]}"'


class FileServer:
    """A server of nothing but files; a context manager."""

    def __init__(self, files: FileServing) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Else head and body, sent one after the other, wait 40 ms for each other.
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                if not files.answer(self):
                    send(self, 404, b'{"msg": "no such path"}')

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, *arguments: object) -> None:
                pass

        self.files = files
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def address(self, filename: str) -> str:
        """Return where a file is, as at MAST."""
        return f"{self.url}{RETRIEVE}?product_name={filename}"


class QuietServer(ThreadingHTTPServer):
    """A server that says nothing of clients that hang up, and does not wait for its threads."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        pass
