"""Send questions, answered in JSON or text, to a server that may be slow, busy or broken.

Requests itself waits for ever, and takes a page of a proxy for an answer. What is asked for is not
known here.
"""

import contextlib
import io
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError

from hstql_resources.downloads.answers import is_encoding_known, is_web_page
from hstql_resources.downloads.redirects import MOST_REDIRECTS, stays_there
from hstql_resources.http_deadline import Watch, watch_connections
from hstql_resources.http_retry import TRANSIENT, RetryPolicy, read_retry_after

_log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 16
MOST_BYTES = 64_000_000  # of an answer; a page of a search has 1 MB, a thousand lists of files 30
MOST_VALUES = 4_000_000  # in it: each costs a hundred bytes of memory
EXCERPT_CHARACTERS = 160


@dataclass(frozen=True)
class QueryPolicy(RetryPolicy):
    """How often and how long a server is asked for lists.

    Attributes
    ----------
    answer_s : float
        How long a whole answer may take, however steadily it comes, s.
    question_s : float
        Nothing is asked again later than that after it was asked first, s.
    """

    answer_s: float = 180.0
    question_s: float = 300.0


class NoAnswerError(Exception):
    """A request without an answer.

    Attributes
    ----------
    reason : str
        What happened the last time, as the end of a sentence.
    attempts : int
        How often it was sent.
    is_refused : bool
        Whether the server will not answer it, however often it is asked.
    is_too_large : bool
        Whether less would have to be asked for at once.
    """

    def __init__(
        self, reason: str, attempts: int, is_refused: bool, is_too_large: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.attempts, self.is_refused = reason, attempts, is_refused
        self.is_too_large = is_too_large


@dataclass(frozen=True)
class _Failure:
    reason: str
    is_refused: bool = False
    is_too_large: bool = False
    wait_s: float | None = None


class RetryAdapter(HTTPAdapter):
    """Sends questions, again after passing faults.

    For requests that change nothing on the server only.

    Parameters
    ----------
    policy : QueryPolicy
        How often, and how long.
    is_json : bool
        Whether an answer has to be JSON.
    """

    def __init__(self, policy: QueryPolicy, *, is_json: bool = True) -> None:
        super().__init__()
        self._policy, self._is_json = policy, is_json

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Let the connections be looked after."""
        super().init_poolmanager(*arguments, **named)
        watch_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """Let the connections through a proxy be looked after."""
        manager = super().proxy_manager_for(proxy, **named)
        watch_connections(manager)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the answer is always read here
        timeout: object = None,  # noqa: ARG002 - the policy says it
        verify: bool | str = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Return the whole answer.

        Raises
        ------
        NoAnswerError
            If there is none.
        """
        policy, attempt = self._policy, 1
        last_at = time.monotonic() + policy.question_s
        while isinstance(outcome := self._try(request, verify, cert, proxies), _Failure):
            is_last = attempt >= policy.attempts or time.monotonic() > last_at
            if outcome.is_refused or is_last:
                raise NoAnswerError(
                    outcome.reason, attempt, outcome.is_refused, outcome.is_too_large
                )
            _log.info(
                "%s %s, attempt %d of %d: %s.",
                request.method,
                _without_query(request.url),
                attempt,
                policy.attempts,
                outcome.reason,
            )
            time.sleep(policy.choose_wait(attempt, outcome.wait_s))
            attempt += 1
        return outcome

    def _try(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        cert: object,
        proxies: Mapping[str, str] | None,
    ) -> requests.Response | _Failure:
        policy = self._policy
        times = (policy.connect_s, policy.read_s)
        with Watch(policy.step_s, policy.answer_s) as watch:
            try:
                response = super().send(request, True, times, verify, cert, proxies)  # type: ignore[arg-type]
                with contextlib.closing(response):
                    body = _read(response, watch)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                return _Failure(_LATE.format(policy) if watch.is_late else _name(error, policy))
        if watch.is_late:
            return _Failure(_LATE.format(policy))
        if len(body) > MOST_BYTES:
            return _TOO_LARGE
        response.raw = io.BytesIO(body)
        failure = _judge(response, body)
        if failure is None and self._is_json and not response.is_redirect:
            failure = _judge_json(body)
        return failure or response


def make_session(policy: QueryPolicy, *, is_json: bool = True) -> requests.Session:
    """Return a session that asks again; for one thread."""
    session = requests.Session()
    make_retrying(session, policy, is_json=is_json)
    return session


def make_retrying(session: requests.Session, policy: QueryPolicy, *, is_json: bool = True) -> None:
    """Let a session that somebody else made ask again."""
    session.max_redirects = MOST_REDIRECTS
    session.headers["Accept-Encoding"] = "gzip"
    for scheme in ("http://", "https://"):
        session.mount(scheme, RetryAdapter(policy, is_json=is_json))


def _read(response: requests.Response, watch: Watch) -> bytes:
    """Read an answer in the pieces in which it comes, and no more than there may be."""
    pieces, size = [], 0
    if not is_encoding_known(response.headers):
        raise requests.exceptions.ContentDecodingError("an encoding that was not asked for")
    while size <= MOST_BYTES and (piece := response.raw.read1(PIECE_BYTES, decode_content=True)):
        pieces.append(piece)
        size += len(piece)
        watch.go_on()
    return b"".join(pieces)


def _judge(response: requests.Response, body: bytes) -> _Failure | None:
    """Tell what is wrong with an answer; None if it is data, or leads elsewhere."""
    status = response.status_code
    if response.is_redirect:
        is_near = stays_there(response.url, response.headers["Location"])
        return None if is_near else _Failure("it leads to an address that is not its own", True)
    if status >= HTTPStatus.BAD_REQUEST:
        said = f"it answered {status} {response.reason or ''}".rstrip() + _excerpt(response, body)
        asked_s = read_retry_after(response.headers.get("Retry-After")) or None
        return _Failure(said, status not in TRANSIENT, wait_s=asked_s)
    if is_web_page(response.headers.get("Content-Type"), body):
        return _Failure("it sent a web page instead of data")
    return None


def _judge_json(body: bytes) -> _Failure | None:
    """Tell what is wrong with JSON, which is not taken apart if it has too much in it."""
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        return _TOO_LARGE
    try:
        json.loads(body)
    except ValueError:
        return _Failure("it sent data that are cut off or damaged")
    except RecursionError:
        return _Failure("it sent data that are nested beyond belief", True)
    return None


def _excerpt(response: requests.Response, body: bytes) -> str:
    """Return the first words of a refusal; pages of proxies say nothing."""
    if is_web_page(response.headers.get("Content-Type"), body):
        return ""
    text = " ".join(body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace").split())
    return f" ({text[:EXCERPT_CHARACTERS]})" if text else ""


_TOO_LARGE = _Failure(
    f"it sent more than {MOST_BYTES // 1_000_000} MB or {MOST_VALUES:,} values at once", True, True
)
_LATE = "it was silent for {0.read_s:g} s, or took longer than {0.answer_s:g} s for an answer"


def _name(error: Exception, policy: QueryPolicy) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return f"it did not take the connection within {policy.connect_s:g} s"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return _LATE.format(policy)
    if isinstance(error, requests.exceptions.ContentDecodingError | DecodeError):
        return "it sent data in an encoding that cannot be read"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be trusted"
    if "NameResolution" in repr(error):
        return "its name is not known here"
    if "refused" in str(error):
        return "it refused the connection"
    return "the connection broke off"


def _without_query(url: str | None) -> str:
    return (url or "").partition("?")[0]
