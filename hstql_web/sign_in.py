"""Find out who asks: the owner of this host, whom a proxy names, who signed in, or a program."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from hstql_resources.site.opening import Opened
from hstql_resources.site.session import Viewer
from hstql_resources.site_settings import LONGEST_NAME
from hstql_web.queries.program_keys import digest_key


class SignInNeededError(Exception):
    """Nobody is signed in, and the site has a page on which one can."""


class RefusedError(Exception):
    """The person may not do that; the message is one sentence for them."""


def find_viewer(request: Request, opened: Opened, session: dict[str, Any]) -> Viewer:
    """Return who asks.

    Raises
    ------
    SignInNeededError
        If they can sign in, and have not.
    RefusedError
        If the proxy does not say who it is, or the request did not come through it.
    HTTPException
        If a program shows a key that does not hold.
    """
    settings = opened.settings
    if settings.sign_in == "none":
        return Viewer(opened.owner, is_local=True)
    if settings.sign_in == "header":
        return Viewer(_read_header(request, settings.sign_in_header))
    if has_key(request):
        return Viewer(_find_key_person(request, opened))
    if not isinstance(name := session.get("person"), str):
        raise SignInNeededError
    return Viewer(name)


def has_key(request: Request) -> bool:
    """Return whether a program asks, which shows a key."""
    return any(_split(one)[0] == "bearer" for one in request.headers.getlist("authorization"))


def _split(header: str) -> tuple[str, str]:
    scheme, _, shown = header.partition(" ")
    return scheme.lower(), shown.strip()


def _find_key_person(request: Request, opened: Opened) -> str:
    shown = request.headers.getlist("authorization")
    key = _split(shown[0])[1] if len(shown) == 1 else ""
    person = opened.site.find_key_person(digest_key(key))
    if person is None:
        raise HTTPException(401, "The key is none of this site, or was revoked.")
    return person


def _read_header(request: Request, header: str) -> str:
    if not request.state.is_proxy:
        raise RefusedError("The site is reached through its proxy only.")
    names = request.headers.getlist(header)
    if len(names) != 1 or not is_name(names[0]):
        raise RefusedError(f"The proxy did not say who you are, in the header {header}.")
    return names[0]


def is_name(name: object) -> bool:
    """Return whether something can be the name of a person."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= LONGEST_NAME
        and name.isprintable()
        and name == name.strip()
    )
