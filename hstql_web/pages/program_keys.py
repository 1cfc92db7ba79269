"""Keys for programs: a person makes and revokes their own."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from fastapi import Path as InPath
from starlette.responses import Response

from hstql_web.queries.program_keys import MOST_KEYS, list_keys, make_key, revoke_keys
from hstql_web.sign_in import RefusedError
from hstql_web.visits import Reading, Visit, Writing

ROUTER = APIRouter(include_in_schema=False)


@ROUTER.get("/keys")
def show(visit: Reading) -> Response:
    """Show which keys the person has."""
    return _render(visit)


@ROUTER.post("/keys")
def make(visit: Writing, name: Annotated[str, Form(min_length=1, max_length=100)]) -> Response:
    """Make a key, and show it this once."""
    _require_keys(visit)
    if not name.strip() or not name.isprintable():
        raise HTTPException(422, "A key needs a name of letters that can be printed.")
    if len(list_keys(visit.connection, visit.viewer.name)) >= MOST_KEYS:
        raise RefusedError(f"You have {MOST_KEYS} keys: revoke one first.")
    return _render(visit, make_key(visit.connection, visit.viewer.name, name.strip()))


@ROUTER.post("/keys/{number}/revoke")
def revoke(visit: Writing, number: Annotated[int, InPath(ge=1, le=2**63 - 1)]) -> Response:
    """Have a key hold no more."""
    _require_keys(visit)
    if not revoke_keys(visit.connection, visit.viewer.name, number):
        raise RefusedError("The key is revoked already, or is somebody else's.")
    return visit.go(visit.address("/keys"))


def _render(visit: Visit, made: str | None = None) -> Response:
    _require_keys(visit)
    keys = list_keys(visit.connection, visit.viewer.name)
    response = visit.render("program_keys.html", "Keys for programs", keys=keys, made=made)
    response.headers["Cache-Control"] = "no-store"
    return response


def _require_keys(visit: Visit) -> None:
    if visit.desk.opened.settings.sign_in != "oidc":
        raise HTTPException(404, "Programs need no keys here.")
