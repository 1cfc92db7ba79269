"""Go on where a body broke off: what to ask for, and whether an answer proves to be that.

A server may ignore Range, answer with another range, or have another file by now. Only what is
proven to be the rest of the same file is added to what is there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", re.IGNORECASE)


@dataclass(frozen=True)
class Partial:
    """What is known of a file of which a part is there.

    Attributes
    ----------
    url : str
        Who answered; only the same address can go on.
    total_bytes : int
        The size of the whole.
    etag, last_modified : str, optional
        What the server called this version of it; a weak ETag is none.
    """

    url: str
    total_bytes: int
    etag: str | None
    last_modified: str | None

    def request(self, start: int) -> dict[str, str]:
        """Return the headers that ask for the rest, if it is still the same file."""
        condition = self.etag or self.last_modified or ""
        return {"Range": f"bytes={start}-", "If-Range": condition}

    def is_continued_by(self, start: int, headers: Mapping[str, str]) -> bool:
        """Tell whether the headers of a 206 prove that its body is the rest from `start` on."""
        match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
        if match is None or headers.get("Content-Encoding", "identity") != "identity":
            return False
        first, last, total = (int(number) for number in match.groups())
        is_rest = (first, last + 1, total) == (start, self.total_bytes, self.total_bytes)
        return is_rest and self._is_same(headers)

    def _is_same(self, headers: Mapping[str, str]) -> bool:
        if self.etag is not None:
            return headers.get("ETag") == self.etag
        return headers.get("Last-Modified") == self.last_modified


def describe_partial(url: str, total: int | None, headers: Mapping[str, str]) -> Partial | None:
    """Return what a later request needs to go on; None if nothing could prove that it may.

    Parameters
    ----------
    url : str
        The address that answered.
    total : int, optional
        The size of the whole by its Content-Length.
    headers : mapping
        Of the answer with status 200.
    """
    etag = headers.get("ETag")
    strong = etag if etag is not None and etag.startswith('"') else None
    modified = headers.get("Last-Modified")
    if total is None or (strong is None and modified is None):
        return None
    return Partial(url, total, strong, modified)
