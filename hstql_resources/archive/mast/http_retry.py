"""How a question is put to a server that may be slow, busy or broken: again, for a while.

Requests itself waits for ever, and takes a page of a proxy for an answer. What is asked is not
known here.
"""

import io
import json
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from hstql_resources.downloads.answers import is_web_page, read_wait

_log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 16
EXCERPT_CHARACTERS = 160
# MAST says 500 to a question that it does not understand too, but also when it is overloaded.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How long and how often a server is asked.

    Attributes
    ----------
    attempts : int
        How often a question is put before it is given up.
    connect_s, read_s : float
        How long a connection may take, and a silence.
    answer_s : float
        How long a whole answer may take, however steadily it comes.
    first_wait_s, longest_wait_s : float
        The pause before the second attempt; it doubles up to the longest. What Retry-After asks
        for is kept to, up to the longest.
    """

    attempts: int = 5
    connect_s: float = 5.0
    read_s: float = 60.0
    answer_s: float = 600.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0


class NoAnswerError(Exception):
    """A question without an answer.

    Attributes
    ----------
    reason : str
        What happened the last time, as the end of a sentence.
    attempts : int
        How often it was put.
    is_refused : bool
        Whether the server will not answer it, however often it is put.
    """

    def __init__(self, reason: str, attempts: int, is_refused: bool) -> None:
        super().__init__(reason)
        self.reason, self.attempts, self.is_refused = reason, attempts, is_refused


@dataclass(frozen=True)
class _Failure:
    reason: str
    is_refused: bool = False
    wait_s: float = 0.0


class PatientAdapter(HTTPAdapter):
    """Sends questions that are answered in JSON, and puts them again after passing faults.

    For questions that change nothing on the server only.

    Parameters
    ----------
    patience : Patience
        How often, and how long.
    """

    def __init__(self, patience: Patience) -> None:
        super().__init__()
        self._patience = patience

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the answer is always read here
        timeout: object = None,  # noqa: ARG002 - Patience says it
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
        patience, attempt = self._patience, 1
        while isinstance(outcome := self._try(request, verify, cert, proxies), _Failure):
            if outcome.is_refused or attempt >= patience.attempts:
                raise NoAnswerError(outcome.reason, attempt, outcome.is_refused)
            _log.info(
                "%s %s, attempt %d of %d: %s.",
                request.method,
                _without_query(request.url),
                attempt,
                patience.attempts,
                outcome.reason,
            )
            time.sleep(choose_wait(patience, attempt, outcome.wait_s))
            attempt += 1
        return outcome

    def _try(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        cert: object,
        proxies: Mapping[str, str] | None,
    ) -> requests.Response | _Failure:
        patience = self._patience
        ends_at = time.monotonic() + patience.answer_s
        times = (patience.connect_s, patience.read_s)
        try:
            response = super().send(request, True, times, verify, cert, proxies)  # type: ignore[arg-type]
            try:
                body = _read(response, ends_at)
            finally:
                response.close()
        except (requests.RequestException, HTTPError, OSError) as error:
            return _Failure(_name_error(error, patience))
        response.raw = io.BytesIO(body)
        return _judge(response, body) or response


def make_session(patience: Patience) -> requests.Session:
    """Return a session that asks patiently; for one thread."""
    session = requests.Session()
    make_patient(session, patience)
    return session


def make_patient(session: requests.Session, patience: Patience) -> None:
    """Let a session that somebody else made ask patiently."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, PatientAdapter(patience))


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
        return _Failure(
            said, status not in PASSING, read_wait(response.headers.get("Retry-After")) or 0.0
        )
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


def choose_wait(patience: Patience, attempt: int, asked_s: float = 0.0) -> float:
    """Return how long to wait, s: at random, lest all that wait come back together."""
    bound = min(patience.longest_wait_s, patience.first_wait_s * 2 ** (attempt - 1))
    chosen = random.uniform(bound / 2, bound)  # noqa: S311 - no secret
    return max(chosen, min(asked_s, patience.longest_wait_s))


def _name_error(error: Exception, patience: Patience) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return f"it did not take the connection within {patience.connect_s:g} s"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return (
            f"it was silent for {patience.read_s:g} s, or took longer than "
            f"{patience.answer_s:g} s for an answer"
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
