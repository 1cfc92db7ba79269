"""A MAST on the loopback interface, which the real clients talk to: searches, lists, files.

It knows the data sets that a test gives it, pads and types its answers as MAST does, and goes
wrong when it is told to. What it holds is in `loopback_datasets`, how files are served in
`loopback_files`, how conditions are read in `loopback_search`.
"""

import json
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from builders.loopback_datasets import LoopDataset, LoopProposal
from builders.loopback_files import Fault, FileServing, QuietServer, interrupt, send
from builders.loopback_search import search_rows

__all__ = ["LoopDataset", "LoopProposal", "LoopbackMast", "Request", "SearchFault"]

SEARCH = "/search/hst/api/v0.1/search"
LIST = "/search/hst/api/v0.1/post_list_products"
PROPOSALS = "/api/v0/invoke"
REFERENCES = "/unchecked_get/references/hst/"
PAGE = b"<!DOCTYPE html>\n<html><body>MAST is down for maintenance</body></html>"

Kind = Literal["status", "stall", "html", "broken", "drop", "drip"]


@dataclass(frozen=True)
class SearchFault:
    """What goes wrong with one question: a search, a list of products, or of proposals.

    Attributes
    ----------
    kind : str
        `status` answers with `status` and, if given, `retry_after`. `stall` says nothing for
        `seconds`, `drip` sends a byte every `seconds`. `html` is a page with status 200, `broken`
        half of the JSON, `drop` half of it and a closed connection.
    """

    kind: Kind
    status: int = 503
    retry_after: str | None = None
    seconds: float = 0.05


PASSING = (
    SearchFault("status", 500),
    SearchFault("status", 502),
    SearchFault("status", 503),
    SearchFault("status", 429, retry_after="0"),
    SearchFault("html"),
    SearchFault("broken"),
    SearchFault("drop"),
)


@dataclass(frozen=True)
class Request:
    """One request as it came in; the body is parsed JSON."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class LoopbackMast:
    """The server; a context manager. All of it can be changed while it runs.

    Parameters
    ----------
    datasets : iterable of LoopDataset
        What it holds.
    token : str, optional
        What opens files that are not public.
    server_limit : int
        Rows that one page of a search has at most.
    references : dict of str to bytes
        Calibration reference files, for it is the CRDS server too.
    proposals : dict of int to LoopProposal
        What it knows of proposals.
    fault_rate : float
        Share of all questions that meet a passing fault.
    seed : int
        Which questions those are.

    Attributes
    ----------
    url : str
        Of MAST, of its bucket and of the CRDS server.
    files : FileServing
        Where the files are served, and where their faults are asked for.
    requests : list of Request
        All that were made, those for files too.
    before_search : callable, optional
        Called with each search before it is answered.
    """

    def __init__(
        self,
        datasets: Iterable[LoopDataset] = (),
        token: str | None = None,
        server_limit: int = 5000,
        references: Mapping[str, bytes] | None = None,
        proposals: Mapping[int, LoopProposal] | None = None,
        fault_rate: float = 0.0,
        seed: int = 1,
        files: FileServing | None = None,
    ) -> None:
        self.files = files or FileServing(token)
        self.server_limit = server_limit
        self.references = dict(references or {})
        self.proposals = dict(proposals or {})
        self.fault_rate, self._dice = fault_rate, random.Random(seed)
        self.datasets: dict[str, LoopDataset] = {}
        self.requests: list[Request] = []
        self.before_search: Callable[[Mapping[str, Any]], None] | None = None
        self._faults: deque[SearchFault] = deque()
        self._always: SearchFault | None = None
        self._rows: list[dict[str, object]] | None = None
        self._lock = threading.Lock()
        for dataset in datasets:
            self.add(dataset)
        self._server = QuietServer(("127.0.0.1", 0), _make_handler(self))
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

    def add(self, dataset: LoopDataset) -> None:
        """Take in a data set, or take it in again."""
        self.datasets[dataset.name] = dataset
        for filename, body in dataset.files.items():
            self.files.add(filename, body, is_public=dataset.is_public)
        self._rows = None

    def remove(self, name: str) -> None:
        """Forget a data set and its files."""
        for filename in self.datasets.pop(name).files:
            self.files.remove(filename)
        self._rows = None

    def replace_file(
        self, name: str, filename: str, body: bytes | Path, archived_at: datetime | None = None
    ) -> None:
        """Deliver a file of a data set again; its data set was then taken in again, at a date."""
        dataset = self.datasets[name]
        dataset.files[filename] = body
        dataset.archived_at = archived_at or datetime.now(UTC)
        self.add(dataset)

    def release(self, name: str) -> None:
        """Make a data set public from now on."""
        self.datasets[name].is_public = True
        self.datasets[name].released_at = datetime.now(UTC)
        self.add(self.datasets[name])

    def fail(self, *faults: SearchFault) -> None:
        """Let the next questions meet these faults, one after the other."""
        self._faults.extend(faults)

    def fail_always(self, fault: SearchFault | None) -> None:
        """Let every question meet this fault; None ends it."""
        self._always = fault

    def questions(self, path: str = SEARCH) -> list[Any]:
        """Return the bodies of the requests for a path."""
        return [request.body for request in self.requests if request.path == path]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = _read_body(handler)
        path = urlsplit(handler.path).path
        question = _parse(path, body)
        self.requests.append(
            Request(handler.command, handler.path, question, dict(handler.headers.items()))
        )
        if path in (SEARCH, LIST, PROPOSALS):
            self._answer_question(handler, path, question)
        elif path.startswith(REFERENCES):
            self._answer_reference(handler, unquote(path.removeprefix(REFERENCES)))
        elif not self.files.answer(handler):
            send(handler, 404, b'{"msg": "no such path"}')

    def _answer_question(self, handler: BaseHTTPRequestHandler, path: str, question: Any) -> None:
        fault = self._meet()
        if fault is not None and fault.kind == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            send(handler, fault.status, b'{"detail": "as asked for"}', headers)
            return
        if fault is not None and fault.kind == "html":
            send(handler, 200, PAGE, content_type="text/html")
            return
        body = json.dumps(self._find(path, question)).encode()
        if fault is None:
            send(handler, 200, body)
        elif fault.kind == "broken":
            send(handler, 200, body[: len(body) // 2])
        else:
            _send_badly(handler, body, fault)

    def _meet(self) -> SearchFault | None:
        with self._lock:
            if self._faults:
                return self._faults.popleft()
            if self._always is not None:
                return self._always
            if self._dice.random() < self.fault_rate:
                return self._dice.choice(PASSING)
        return None

    def _find(self, path: str, question: Any) -> Any:
        if path == SEARCH:
            if self.before_search is not None:
                self.before_search(question)
            return search_rows(self._all_rows(), question, self.server_limit)
        if path == LIST:
            wanted = {name.upper() for name in question["dataset_ids"]}
            found = [one for one in list(self.datasets.values()) if one.name.upper() in wanted]
            return {"products": [row for dataset in found for row in dataset.list_products()]}
        return self._describe(question)

    def _all_rows(self) -> list[dict[str, object]]:
        with self._lock:
            if self._rows is None:
                self._rows = [self.datasets[name].row() for name in sorted(self.datasets)]
            return self._rows

    def _describe(self, question: Any) -> dict[str, Any]:
        """Answer with one row per data set of the proposals, as the CAOM catalogue does."""
        filters = {one["paramName"]: one["values"] for one in question["params"]["filters"]}
        wanted = {int(text) for text in filters["proposal_id"]}
        rows = [
            {
                "proposal_id": str(dataset.proposal_id),
                "obs_title": known.title,
                "proposal_pi": known.investigator,
                "proposal_type": known.proposal_type,
            }
            for dataset in list(self.datasets.values())
            if dataset.proposal_id in wanted
            and (known := self.proposals.get(dataset.proposal_id)) is not None
        ]
        page, size = question.get("page", 1), question.get("pagesize", 50000)
        return {
            "status": "COMPLETE",
            "msg": "",
            "data": rows[(page - 1) * size : page * size],
            "fields": [
                {"name": name, "type": "string"}
                for name in ("proposal_id", "obs_title", "proposal_pi", "proposal_type")
            ],
            "paging": {
                "page": page,
                "pageSize": size,
                "pagesFiltered": -(-len(rows) // size),
                "rows": len(rows[(page - 1) * size : page * size]),
                "rowsFiltered": len(rows),
                "rowsTotal": len(rows),
            },
        }

    def _answer_reference(self, handler: BaseHTTPRequestHandler, filename: str) -> None:
        body = self.references.get(filename)
        if body is None:
            send(handler, 404, b"not found", content_type="text/html")
        else:
            send(handler, 200, body, content_type="application/fits")


def _make_handler(mast: LoopbackMast) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else head and body, sent one after the other, wait 40 ms for each other.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            try:
                mast.answer(self)
            except OSError:  # the client hung up
                self.close_connection = True

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


def _read_body(handler: BaseHTTPRequestHandler) -> bytes:
    return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


def _parse(path: str, body: bytes) -> Any:
    if not body:
        return None
    if path == PROPOSALS:
        return json.loads(parse_qs(body.decode())["request"][0])
    return json.loads(body)


def _send_badly(handler: BaseHTTPRequestHandler, body: bytes, fault: SearchFault) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if fault.kind == "drip":
        for byte in body:
            handler.wfile.write(bytes([byte]))
            interrupt(handler, Fault("stall", seconds=fault.seconds))
        return
    if fault.kind == "drop":
        handler.wfile.write(body[: len(body) // 2])
    interrupt(handler, Fault(fault.kind, seconds=fault.seconds))
