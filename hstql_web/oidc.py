"""Have people sign in by OpenID Connect: send them to the provider, and read whom it names.

The code flow with PKCE (RFC 7636); what the provider signs is held against its keys.
"""

import time
from dataclasses import dataclass
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hstql_resources.settings import Settings, SettingsError
from hstql_web.sign_in import RefusedError, is_name

_LIMIT_S = 10
_KEPT_S = 600  # for how long what the provider says of itself is believed
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
_REFUSALS = (AuthlibBaseError, JoseError, requests.RequestException, KeyError, ValueError)
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun.

    Attributes
    ----------
    address : str
        Of the provider, where the person signs in.
    kept : dict
        What the browser keeps until it is back.
    """

    address: str
    kept: dict[str, str]


class Provider:
    """The provider that the settings name.

    Parameters
    ----------
    settings : Settings
        Of which the provider, the name and password of the site there, and its address are used.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = str(settings.oidc_issuer).rstrip("/")
        self._client = str(settings.oidc_client)
        secret = settings.oidc_password
        self._password = None if secret is None else secret.get_secret_value()
        self._back = f"{str(settings.site_address).rstrip('/')}/sign-in/back"
        self._known: tuple[float, dict[str, Any], KeySet] | None = None

    def begin(self) -> Begun:
        """Return where a person signs in.

        Raises
        ------
        RefusedError
            If the provider does not answer.
        """
        about, _ = self._ask()
        verifier, nonce = generate_token(64), generate_token(32)
        with self._open() as session:
            address, state = session.create_authorization_url(
                about["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Begun(address, {"state": state, "nonce": nonce, "verifier": verifier})

    def finish(self, answer: str, kept: dict[str, str]) -> str:
        """Return who signed in.

        Parameters
        ----------
        answer : str
            The address by which the browser came back.
        kept : dict
            What it kept.

        Raises
        ------
        RefusedError
            If the provider named nobody, or what it says does not hold.
        """
        about, keys = self._ask()
        try:
            with self._open(kept.get("state")) as session:
                token = session.fetch_token(
                    about["token_endpoint"], authorization_response=answer,
                    code_verifier=kept.get("verifier"), timeout=_LIMIT_S,
                )  # fmt: skip
            claims = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS).claims
            self._check(claims, kept["nonce"])
        except (
            AuthlibBaseError,
            JoseError,
            requests.RequestException,
            KeyError,
            ValueError,
        ) as error:
            raise RefusedError(f"The sign-in did not succeed: {type(error).__name__}.") from error
        return _name(claims)

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self._issuer_name()},
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)

    def _issuer_name(self) -> str:
        return str(self._ask()[0]["issuer"])

    def _open(self, state: str | None = None) -> OAuth2Session:
        return OAuth2Session(
            self._client, self._password, scope="openid email profile", redirect_uri=self._back,
            state=state, code_challenge_method="S256",
        )  # fmt: skip

    def _ask(self) -> tuple[dict[str, Any], KeySet]:
        """Return what the provider says of itself, and its keys."""
        if self._known is None or time.monotonic() - self._known[0] > _KEPT_S:
            try:
                about = _get(f"{self._issuer}{_WELL_KNOWN}")
                keys = KeySet.import_key_set(cast("Any", _get(about["jwks_uri"])))
            except (requests.RequestException, JoseError, KeyError, ValueError) as error:
                raise RefusedError("The provider of sign-ins does not answer.") from error
            if str(about.get("issuer", "")).rstrip("/") != self._issuer:
                raise RefusedError("The provider of sign-ins is another one than was set.")
            self._known = time.monotonic(), about, keys
        return self._known[1], self._known[2]


def _get(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=_LIMIT_S)
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def _name(claims: dict[str, Any]) -> str:
    """Return the mail address if the provider has tried it, else its own name of the person."""
    name = claims.get("email") if claims.get("email_verified") is True else claims.get("sub")
    if not is_name(name):
        raise RefusedError("The provider of sign-ins did not say who you are.")
    return str(name)


def check_settings(settings: Settings) -> None:
    """Refuse settings with which nobody could sign in.

    Raises
    ------
    SettingsError
        If one is missing.
    """
    if settings.sign_in == "oidc":
        for name in ("oidc_issuer", "oidc_client", "site_address"):
            if getattr(settings, name) is None:
                raise SettingsError(
                    f"HSTQL_SIGN_IN is oidc, and HSTQL_{name.upper()} is not set: see docs/site.md."
                )
