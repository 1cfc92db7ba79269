"""A provider of OpenID Connect on this host, which names whomever a test wants."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.testclient import TestClient

CODE = "the-code"


class ProviderOnThisHost:
    """The provider: its address, its keys, and what it says of a person."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.claims: dict[str, Any] = {"email": "rea", "email_verified": True, "sub": "17"}
        self.challenge = ""

    def go_through(self, address: str, site: str) -> str:
        """Sign in at an address, as a person does; return the address that leads back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        self.challenge = asked["code_challenge"]
        self.claims = {
            **self.claims, "iss": self.address, "aud": asked["client_id"],
            "nonce": asked["nonce"], "exp": int(time.time()) + 60,
        }  # fmt: skip
        return f"{site}/sign-in/back?code={CODE}&state={asked['state']}"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if path.startswith("/.well-known"):
            places = {"authorization_endpoint": "authorize", "token_endpoint": "token",
                      "jwks_uri": "keys"}  # fmt: skip
            return 200, {"issuer": self.address} | {
                name: f"{self.address}/{place}" for name, place in places.items()
            }
        if path == "/keys":
            return 200, KeySet([self.key]).as_dict()
        verifier = form.get("code_verifier", "")
        if form.get("code") != CODE or create_s256_code_challenge(verifier) != self.challenge:
            return 400, {"error": "invalid_grant"}
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, self.claims, self.key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": signed}


@contextmanager
def open_provider() -> Iterator[ProviderOnThisHost]:
    """Serve it while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, content = provider.answer(self.path, form)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = ProviderOnThisHost(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(
    client: TestClient, provider: ProviderOnThisHost, site: str, to: str = "/exposures"
) -> str:
    """Sign in from a page; return the address that leads back."""
    first = client.get(to, follow_redirects=False)
    assert first.headers["location"].startswith("/sign-in?to=")
    begun = client.get(first.headers["location"], follow_redirects=False)
    return provider.go_through(begun.headers["location"], site)
