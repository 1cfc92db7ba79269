"""Sign in by OpenID Connect, and out again."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hstql_web.oidc import Provider
from hstql_web.sign_in import RefusedError
from hstql_web.signing import COOKIE
from hstql_web.visits import Desk, is_own_address

ROUTER = APIRouter(include_in_schema=False)
Wanted = Annotated[str, Query(max_length=4000)]


@ROUTER.get("/sign-in")
def begin(request: Request, to: Wanted = "") -> Response:
    """Send the browser to the provider."""
    desk, provider = _find(request)
    begun = provider.begin()
    session = {"id": secrets.token_urlsafe(16), "begun": {**begun.kept, "to": to}}
    answer = RedirectResponse(begun.address, 303)
    desk.signer.write(answer, session, is_secure=request.url.scheme == "https")
    return answer


@ROUTER.get("/sign-in/back")
def finish(request: Request) -> Response:
    """Read whom the provider names, and go on to the page that was wanted."""
    desk, provider = _find(request)
    begun = desk.signer.read(request).get("begun")
    if not isinstance(begun, dict):
        raise RefusedError("The sign-in took too long, or was begun elsewhere: begin it again.")
    name = provider.finish(str(request.url), begun)
    wanted = str(begun.get("to", ""))
    answer = RedirectResponse(
        wanted if is_own_address(wanted) else desk.rendering.address("/"), 303
    )
    session = {"id": secrets.token_urlsafe(16), "person": name}
    desk.signer.write(answer, session, is_secure=request.url.scheme == "https")
    return answer


@ROUTER.post("/sign-out")
def sign_out(request: Request, token: Annotated[str, Form()] = "") -> Response:
    """Forget who it is."""
    desk: Desk = request.app.state.desk
    if not desk.signer.is_own(request, desk.signer.read(request), token):
        raise RefusedError("The form was not sent by this site, or is too old: load it again.")
    answer = RedirectResponse(desk.rendering.address("/signed-out"), 303)
    answer.delete_cookie(COOKIE, path=desk.signer.path)
    return answer


@ROUTER.get("/signed-out")
def tell_signed_out(request: Request) -> Response:
    """Say that it is forgotten."""
    html = request.app.state.desk.rendering.render(
        "fault.html", title="Signed out", sentence="You are signed out of this site.",
        viewer=None, here="", query="",
    )  # fmt: skip
    return HTMLResponse(html)


def _find(request: Request) -> tuple[Desk, Provider]:
    desk: Desk = request.app.state.desk
    if desk.opened.settings.sign_in != "oidc":
        raise HTTPException(404, "Nobody signs in here.")
    if desk.provider is None:
        raise RuntimeError("There is no provider, though people sign in by one.")
    return desk, desk.provider
