"""Send requests that are answered in JSON to a server that may be slow, busy or broken.

Requests itself waits for ever, and takes a page of a proxy for an answer. What is asked for is not
known here.
"""

import io
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from hstql_resources.downloads.answers import is_web_page
from hstql_resources.http_retry import TRANSIENT, RetryPolicy, read_retry_after

_log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 16
EXCERPT_CHARACTERS = 160


@dataclass(frozen=True)
class QueryPolicy(RetryPolicy):
    """How often and how long MAST is asked.

    Attributes
    ----------
    answer_s : float
        How long a whole answer may take, however steadily it comes.
    """

    answer_s: float = 600.0


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
    """

    def __init__(self, reason: str, attempts: int, is_refused: bool) -> None:
        super().__init__(reason)
        self.reason, self.attempts, self.is_refused = reason, attempts, is_refused


@dataclass(frozen=True)
class _Failure:
    reason: str
    is_refused: bool = False
    wait_s: float | None = None


class RetryAdapter(HTTPAdapter):
    """Sends requests that are answered in JSON, again after passing faults.

    For requests that change nothing on the server only.

    Parameters
    ----------
    policy : QueryPolicy
        How often, and how long.
    """

    def __init__(self, policy: QueryPolicy) -> None:
        super().__init__()
        self._policy = policy

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
        while isinstance(outcome := self._try(request, verify, cert, proxies), _Failure):
            if outcome.is_refused or attempt >= policy.attempts:
                raise NoAnswerError(outcome.reason, attempt, outcome.is_refused)
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
        ends_at = time.monotonic() + policy.answer_s
        times = (policy.connect_s, policy.read_s)
        try:
            response = super().send(request, True, times, verify, cert, proxies)  # type: ignore[arg-type]
            try:
                body = _read(response, ends_at)
            finally:
                response.close()
        except (requests.RequestException, HTTPError, OSError) as error:
            return _Failure(_name_error(error, policy))
        response.raw = io.BytesIO(body)
        return _judge(response, body) or response


def make_session(policy: QueryPolicy) -> requests.Session:
    """Return a session that asks again; for one thread."""
    session = requests.Session()
    make_retrying(session, policy)
    return session


def make_retrying(session: requests.Session, policy: QueryPolicy) -> None:
    """Let a session that somebody else made ask again."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, RetryAdapter(policy))


def _read(response: requests.Response, ends_at: float) -> bytes:
    """Read an answer in the pieces in which it comes: a server that drips must not hold us up."""
    pieces = []
    while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
        pieces.append(piece)
        if time.monotonic() > ends_at:
            raise requests.Timeout("the answer takes too long")
    return b"".join(pieces)


def _judge(response: requests.Response, body: bytes) -> _Failure | None:
    """Tell what is wrong with an answer; None if it is data, or leads elsewhere."""
    status = response.status_code
    if response.is_redirect:
        return None
    if status >= HTTPStatus.BAD_REQUEST:
        said = f"it answered {status} {response.reason or ''}".rstrip() + _excerpt(response, body)
        asked_s = read_retry_after(response.headers.get("Retry-After")) or None
        return _Failure(said, status not in TRANSIENT, asked_s)
    if is_web_page(response.headers.get("Content-Type"), body):
        return _Failure("it sent a web page instead of data")
    try:
        json.loads(body)
    except ValueError:
        return _Failure("it sent data that are cut off or damaged")
    return None


def _excerpt(response: requests.Response, body: bytes) -> str:
    """Return the first words of a refusal; pages of proxies say nothing."""
    if is_web_page(response.headers.get("Content-Type"), body):
        return ""
    text = " ".join(body[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace").split())
    return f" ({text[:EXCERPT_CHARACTERS]})" if text else ""


def _name_error(error: Exception, policy: QueryPolicy) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return f"it did not take the connection within {policy.connect_s:g} s"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return (
            f"it was silent for {policy.read_s:g} s, or took longer than "
            f"{policy.answer_s:g} s for an answer"
        )
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be trusted"
    if "NameResolution" in repr(error):
        return "its name is not known here"
    if "refused" in str(error):
        return "it refused the connection"
    return "the connection broke off"


def _without_query(url: str | None) -> str:
    return (url or "").partition("?")[0]
