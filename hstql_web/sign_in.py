"""Find out who asks: the owner of this host, whom a proxy names, or who signed in."""

from typing import Any

from starlette.requests import Request

from hstql_resources.site.opening import Opened
from hstql_resources.site.session import Viewer
from hstql_resources.site_settings import LONGEST_NAME


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
    """
    settings = opened.settings
    if settings.sign_in == "none":
        return Viewer(opened.owner, is_local=True)
    if settings.sign_in == "header":
        return Viewer(_read_header(request, settings.sign_in_header))
    if not isinstance(name := session.get("person"), str):
        raise SignInNeededError
    return Viewer(name)


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
