"""Answer what goes wrong with a page of one sentence, or with JSON where that was asked for."""

import logging

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from psycopg2 import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from hstql_web.sign_in import RefusedError, SignInNeededError

_log = logging.getLogger(__name__)
BUSY = "The database does not answer at the moment: try again in a minute."
TOO_LONG = "That takes too long: ask for less."
NOT_YOURS = "You may not do that here: it needs another role, or the exposure is closed to you."
ODD = "A value in the address or the form cannot be understood"


def add_fault_pages(app: FastAPI) -> None:
    """Have the site answer in sentences."""
    app.add_exception_handler(RefusedError, _refuse)
    app.add_exception_handler(SignInNeededError, _send_to_sign_in)
    app.add_exception_handler(HTTPException, _tell)
    app.add_exception_handler(RequestValidationError, _tell_odd)
    app.add_exception_handler(DBAPIError, _tell_database)
    app.add_exception_handler(PoolTimeoutError, _tell_busy)
    app.add_exception_handler(Exception, _tell_fault)


def _answer(request: Request, status: int, sentence: str) -> Response:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if path.startswith("/api/") or "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"detail": sentence}, status)
    html = request.app.state.desk.rendering.render(
        "fault.html", title="Sorry", sentence=sentence, viewer=None, here=path, query=""
    )
    return HTMLResponse(html, status)


def _refuse(request: Request, error: Exception) -> Response:
    return _answer(request, 403, str(error))


def _send_to_sign_in(request: Request, _error: Exception) -> Response:
    if request.method != "GET" or request.scope["path"].startswith("/api/"):
        return _answer(request, 401, "Sign in first.")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(request.app.state.desk.rendering.address("/sign-in", to=wanted), 303)


def _tell(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    said = str(getattr(error, "detail", ""))
    return _answer(request, status, "There is no such page." if said == "Not Found" else said)


def _tell_odd(request: Request, error: Exception) -> Response:
    found = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    name = str(found.get("loc", ("",))[-1])
    return _answer(request, 422, f"{ODD}: {name}.")


def _tell_database(request: Request, error: Exception) -> Response:
    cause = getattr(error, "orig", None)
    if isinstance(cause, errors.QueryCanceled):
        return _answer(request, 503, TOO_LONG)
    if isinstance(cause, errors.InsufficientPrivilege):
        return _answer(request, 403, NOT_YOURS)
    if isinstance(cause, errors.DataError) or not getattr(error, "connection_invalidated", False):
        _log.warning("%s: %s", request.scope["path"], cause)
        if isinstance(cause, errors.DataError | ValueError):
            return _answer(request, 422, f"{ODD}.")
    return _answer(request, 503, BUSY)


def _tell_busy(request: Request, _error: Exception) -> Response:
    return _answer(request, 503, BUSY)


def _tell_fault(request: Request, error: Exception) -> Response:
    _log.error("%s", request.scope["path"], exc_info=error)
    return _answer(request, 500, "Something went wrong here; the log of the site says what.")
