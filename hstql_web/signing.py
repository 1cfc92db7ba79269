"""Sign what a browser keeps for the site, and tell forms that came from the site itself."""

import hmac
import secrets
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "hstql_session"
LASTS_S = 14 * 86400
SAME_ORIGIN = ("same-origin", "none")  # as browsers tell where a request comes from


class Signer:
    """Sessions: what a browser keeps, and no one can change.

    Parameters
    ----------
    key : bytes
        That of the home.
    path : str
        Under which the site lies.

    Attributes
    ----------
    path : str
        The same, for cookies.
    """

    def __init__(self, key: bytes, path: str) -> None:
        self._key, self.path = key, path or "/"
        self._serializer = URLSafeTimedSerializer(key, salt="session")

    def read(self, request: Request) -> dict[str, Any]:
        """Return the session of a request; a new one where there is none that holds."""
        try:
            found = self._serializer.loads(request.cookies.get(COOKIE, ""), max_age=LASTS_S)
        except BadSignature:
            found = None
        is_whole = isinstance(found, dict) and isinstance(found.get("id"), str)
        return found if is_whole else {"id": secrets.token_urlsafe(16)}

    def write(self, response: Response, session: dict[str, Any], *, is_secure: bool) -> None:
        """Have the browser keep a session."""
        response.set_cookie(
            COOKIE, self._serializer.dumps(session), max_age=LASTS_S, path=self.path,
            httponly=True, secure=is_secure, samesite="lax",
        )  # fmt: skip

    def token(self, session: dict[str, Any]) -> str:
        """Return what forms of a session carry."""
        return hmac.new(self._key, f"form {session['id']}".encode(), sha256).hexdigest()

    def is_own(self, request: Request, session: dict[str, Any], token: str) -> bool:
        """Return whether a form was sent by a page of this site in this session."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        return site in SAME_ORIGIN and hmac.compare_digest(
            token.encode(), self.token(session).encode()
        )
