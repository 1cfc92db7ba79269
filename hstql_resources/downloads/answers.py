"""Tell what a server's answer means before its body is read: the file, a part, or a failure."""

import re
from collections.abc import Mapping

from hstql_resources.downloads.failures import AttemptError
from hstql_resources.http_retry import TRANSIENT, read_retry_after

REDIRECTS = (301, 302, 303, 307, 308)
_FINAL = {
    400: "it does not understand the request",
    404: "it does not have it; look for its observation again",
    410: "it is gone for good; look for its observation again",
}
WEB_PAGE = (
    "is a web page where a file should be: {host} wants a login, or is under maintenance; "
    "fetch it again later"
)
_LENGTH = re.compile(r"[0-9]{1,18}")
_PAGE_STARTS = (b"<!doctype", b"<html", b"<head", b"<?xml")


def check_status(
    status: int, headers: Mapping[str, str], host: str, *, is_token_sent: bool
) -> None:
    """Let 200, 206 and 416 pass.

    Raises
    ------
    AttemptError
        For all others; 416 is the business of whoever asked for a range.
    """
    if status in (200, 206, 416):
        return
    if status in (401, 403):
        raise AttemptError(_refusal(status, host, is_token_sent), is_refused=True)
    reason = TRANSIENT.get(status) or _FINAL.get(status) or "an answer that nobody expects here"
    raise AttemptError(
        f"could not be fetched: {host} answers {status}, {reason}",
        is_passing=status in TRANSIENT,
        is_absent=status in (404, 410),
        wait_s=read_retry_after(headers.get("Retry-After")) or None,
    )


def _refusal(status: int, host: str, is_token_sent: bool) -> str:
    what = (
        "the token that was sent is wrong, expired, or has no access to it"
        if is_token_sent
        else "it is not public and no token was sent"
    )
    return f"could not be fetched: {host} answers {status}, {what}"


def read_length(headers: Mapping[str, str]) -> int | None:
    """Return the size of a body by its Content-Length; None if there is none that can be."""
    text = headers.get("Content-Length", "").strip()
    return int(text) if _LENGTH.fullmatch(text) else None


def is_encoding_known(headers: Mapping[str, str]) -> bool:
    """Tell whether a body is as it is, or packed once in a way that cannot swell without bound."""
    encoding = headers.get("Content-Encoding", "").strip().lower()
    return encoding in ("", "identity", "gzip", "x-gzip", "deflate")


def is_web_page(content_type: str | None, start: bytes) -> bool:
    """Tell by type or first bytes whether a body is HTML."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    is_page = kind in ("text/html", "application/xhtml+xml")
    return is_page or start[:64].lstrip().lower().startswith(_PAGE_STARTS)
