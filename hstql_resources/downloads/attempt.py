"""Try one file once: ask, judge the answer, stream the body, check that all of it came."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import urllib3

from hstql_resources.downloads.answers import (
    WEB_PAGE,
    check_status,
    is_encoding_known,
    is_web_page,
    read_length,
)
from hstql_resources.downloads.connection import Connection
from hstql_resources.downloads.download import Download, Policy
from hstql_resources.downloads.failures import AttemptError, describe_network
from hstql_resources.downloads.part_file import PartFile, describe_size
from hstql_resources.downloads.redirects import check_address, follow, is_same_origin
from hstql_resources.downloads.resuming import describe_partial
from hstql_resources.fits.byte_source import GZIP_MAGIC
from hstql_resources.fits.hdus import FITS_MAGIC, NOT_FITS, NOT_GZIPPED
from hstql_resources.http_deadline import Watch

START_BYTES = 64


@dataclass
class Attempt:
    """One request for one file.

    Attributes
    ----------
    download : Download
        What is wanted.
    url : str
        Its own address, or one of its alternatives.
    part : PartFile
        Where it goes; what an earlier attempt left in it is gone on with.
    connection : Connection
        Of this thread.
    policy : Policy
        For its speed limit and chunks.
    count : callable
        Called with every number of bytes that came.
    """

    download: Download
    url: str
    part: PartFile
    connection: Connection
    policy: Policy
    count: Callable[[int], None]
    _watch: Watch = field(init=False)

    def run(self) -> None:
        """Fetch the file and give it its final name.

        Raises
        ------
        AttemptError
            If that did not come about.
        StoppedError
            If nobody waits for it any more.
        """
        check_address(self.url)
        self._refuse_size(self.download.size_bytes)
        with Watch(self.policy.step_s, self.policy.answer_s) as self._watch:
            try:
                with follow(self.url, self._headers(), self.connection.send) as answer:
                    self._receive(answer)
            except (urllib3.exceptions.HTTPError, AttemptError) as error:
                # From None: what libraries say can hold the headers that were sent.
                if self._watch.is_late:
                    raise self._describe_late() from None
                if isinstance(error, AttemptError):
                    raise
                raise describe_network(error, self._host) from None
        if self._watch.is_late:
            raise self._describe_late()
        self._finish()

    def _describe_late(self) -> AttemptError:
        return AttemptError(
            f"could not be fetched: nothing came any more from {self._host}", is_passing=True
        )

    def _refuse_size(self, size: int | None) -> None:
        """Let a size pass that a file can have; None if it is not known."""
        if size is not None and size > self.policy.most_bytes:
            raise AttemptError(
                f"is not fetched: it has {size:,} bytes, more than HSTQL_MAX_FILE_MB lets it"
            )

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or "its host"

    def _headers(self) -> dict[str, str]:
        own = is_same_origin(self.url, self.download.url)
        headers = dict(self.download.headers) if own else {}
        partial = self.part.partial
        if self.part.size_bytes and partial is not None and partial.url == self.url:
            headers |= partial.request(self.part.size_bytes)
        return headers

    def _receive(self, answer: urllib3.BaseHTTPResponse) -> None:
        check_status(
            answer.status,
            answer.headers,
            self._host,
            is_token_sent="Authorization" in self._headers(),
        )
        length = read_length(answer.headers)
        if answer.status == 200:
            self._begin(answer, length)
        elif not self._goes_on(answer):
            self.part.restart()
            raise AttemptError(
                f"could not be resumed: the answer of {self._host} is not the rest of it",
                is_passing=True,
                wait_s=0.0,
            )
        elif length is not None:
            length += self.part.size_bytes
        self._stream(answer, length)

    def _begin(self, answer: urllib3.BaseHTTPResponse, length: int | None) -> None:
        if is_web_page(answer.headers.get("Content-Type"), b"") and self._is_no_page:
            raise AttemptError(WEB_PAGE.format(host=self._host), is_passing=True)
        if not is_encoding_known(answer.headers):
            raise AttemptError(
                f"could not be fetched: {self._host} sends it in an encoding that was not asked for"
            )
        self._refuse_size(length)
        known = None if _is_encoded(answer.headers) else length
        self.part.restart(describe_partial(self.url, known, answer.headers))

    def _goes_on(self, answer: urllib3.BaseHTTPResponse) -> bool:
        partial = self.part.partial
        return (
            answer.status == 206
            and partial is not None
            and partial.is_continued_by(self.part.size_bytes, answer.headers)
        )

    def _stream(self, answer: urllib3.BaseHTTPResponse, length: int | None) -> None:
        """Write the body; a wait for its next bytes is bounded, and its speed from below."""
        pace = _Speed(self.policy, self._host)
        # A .gz that a server calls encoded is what it is asked for; all else is decoded.
        decode = _is_encoded(answer.headers) and not self.download.path.name.endswith(".gz")
        known = None if _is_encoded(answer.headers) else length
        # What is packed can swell a thousandfold at once.
        chunk_bytes = self.policy.chunk_bytes // (16 if decode else 1)
        start = b""  # until it can be told what it is
        while data := answer.read1(chunk_bytes, decode_content=decode):
            self.count(len(data))
            self._watch.go_on()
            pace.check(len(data))
            if not self.part.size_bytes:
                start = data = start + data
                if len(data) < START_BYTES and (known is None or len(data) < known):
                    continue
                self._check_start(data, known)
            self.part.write(data)
            self._refuse_more(known)
        if start and not self.part.size_bytes and not self._watch.is_late:
            self._check_start(start, known)
            self.part.write(start)
        if length is not None and not decode and self.part.size_bytes < length:
            raise AttemptError(
                f"could not be fetched: the connection was lost to {self._host}", is_passing=True
            )

    def _check_start(self, data: bytes, length: int | None) -> None:
        """Refuse, by its first bytes and its Content-Length, what cannot become the file."""
        if self._is_no_page and is_web_page(None, data):
            raise AttemptError(WEB_PAGE.format(host=self._host), is_passing=True)
        fault = self._find_wrong_start(data)
        if fault is not None:
            raise AttemptError(fault, is_passing=True)
        promised = self.download.size_bytes
        if length is not None and promised is not None and length != promised:
            raise AttemptError(describe_size(length, promised), is_passing=True)

    def _find_wrong_start(self, data: bytes) -> str | None:
        if not self.download.is_fits:
            return None
        if self.download.path.name.endswith(".gz"):
            return None if data.startswith(GZIP_MAGIC) else NOT_GZIPPED
        return None if data.startswith(FITS_MAGIC) else NOT_FITS

    @property
    def _is_no_page(self) -> bool:
        return not self.download.path.name.endswith((".html", ".htm", ".xml"))

    def _refuse_more(self, length: int | None) -> None:
        most = self.policy.most_bytes if length else self.policy.most_unlisted_bytes
        if self.download.size_bytes is None and self.part.size_bytes > most:
            self.part.partial = None
            raise AttemptError(f"is not fetched on: it has more than {most:,} bytes")
        promised = self.download.size_bytes
        if promised is not None and self.part.size_bytes > promised:
            self.part.partial = None
            raise AttemptError(describe_size(self.part.size_bytes, promised), is_passing=True)

    def _finish(self) -> None:
        try:
            self.part.finish()
        except AttemptError:
            self.part.partial = None  # nothing can be added to what is wrong
            raise


class _Speed:
    """Whether a body still comes; a byte now and then does not count as that."""

    def __init__(self, policy: Policy, host: str) -> None:
        self._policy, self._host = policy, host
        self._since, self._bytes = time.monotonic(), 0

    def check(self, new_bytes: int) -> None:
        self._bytes += new_bytes
        elapsed_s = time.monotonic() - self._since
        if elapsed_s < self._policy.read_s:
            return
        if self._bytes < self._policy.lowest_bytes_per_s * elapsed_s:
            raise AttemptError(
                f"could not be fetched: nearly nothing came any more from {self._host}",
                is_passing=True,
            )
        self._since, self._bytes = time.monotonic(), 0


def _is_encoded(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", "")
