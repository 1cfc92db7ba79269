"""Ask for an address and follow where it leads, with headers for the first host only.

HTTP libraries take other headers than Authorization along, and some ports and schemes for the same;
here none go to another scheme, host or port.
"""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3

from hstql_resources.downloads.answers import REDIRECTS
from hstql_resources.downloads.failures import AttemptError

MOST_REDIRECTS = 5
DEFAULT_PORTS = {"http": 80, "https": 443}

Send = Callable[[str, Mapping[str, str]], urllib3.BaseHTTPResponse]


def follow(url: str, headers: Mapping[str, str], send: Send) -> urllib3.BaseHTTPResponse:
    """Return the first answer that leads nowhere else; its body is not read.

    Parameters
    ----------
    url : str
        Where to begin.
    headers : mapping
        For the origin of that address only.
    send : callable
        Sends one request and follows nothing.

    Raises
    ------
    AttemptError
        If it leads too far, or to what is neither http nor https, or from https to http.
    """
    place = url
    for _ in range(MOST_REDIRECTS + 1):
        answer = send(place, headers if is_same_origin(url, place) else {})
        if answer.status not in REDIRECTS or "Location" not in answer.headers:
            return answer
        answer.close()
        place = _next_place(place, answer.headers["Location"])
    raise AttemptError(
        f"could not be fetched: its address leads on more than {MOST_REDIRECTS} times"
    )


def _next_place(place: str, location: str) -> str:
    try:
        there = urljoin(place, location)
        check_address(there)
    except (ValueError, AttemptError):
        raise AttemptError(
            "could not be fetched: its address leads to what is none of http or https"
        ) from None
    if urlsplit(there).scheme == "http" and urlsplit(place).scheme == "https":
        raise AttemptError("could not be fetched: its address leads from https to http")
    return there


def check_address(url: str) -> None:
    """Let an absolute address of http or https pass.

    Raises
    ------
    AttemptError
        For all others.
    """
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise AttemptError("cannot be asked for: its address is not one of http or https")


def is_same_origin(one: str, other: str) -> bool:
    """Tell whether two addresses have the same scheme, host and port."""
    return _origin(urlsplit(one)) == _origin(urlsplit(other))


def stays_there(place: str, location: str) -> bool:
    """Tell whether a redirect stays with its host; to https is no other, from it is."""
    try:
        there = urljoin(place, location)
        one, other = urlsplit(place), urlsplit(there)
        is_upgrade = (other.scheme, other.hostname) == ("https", one.hostname)
        return is_same_origin(place, there) or is_upgrade
    except ValueError:
        return False


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)
