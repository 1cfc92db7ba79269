"""Ask a site from Python: the calls of its JSON interface, as methods."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

import requests
from requests.auth import AuthBase

LIMIT_S = 60


class SiteError(Exception):
    """The site refused; the message is its sentence."""


class _Bearer(AuthBase):
    """Show a key; said so, for a header of the session gives way to what `~/.netrc` has."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Client:
    """A site.

    Parameters
    ----------
    address : str
        Where it is, such as `http://127.0.0.1:8000/`.
    headers : mapping of str to str, optional
        Sent with each call, such as what the proxy before the site asks for.
    key : str, optional
        That the person made on the page of keys, where people sign in at the site.
    """

    def __init__(
        self, address: str, headers: Mapping[str, str] | None = None, key: str | None = None
    ) -> None:
        self._address = address.rstrip("/") + "/"
        self._session = requests.Session()
        self._session.headers.update(headers or {})
        if key is not None:
            self._session.auth = _Bearer(key)

    def exposures(self, **conditions: object) -> Iterator[dict[str, Any]]:
        """Yield the exposures of a list, page by page; conditions are those of addresses."""
        address: str | None = "api/v1/exposures"
        parameters: Mapping[str, object] | None = {"limit": 1000, **conditions}
        while address is not None:
            page = self._ask("GET", address, params=parameters)
            yield from page["exposures"]
            address, parameters = page["next"], None

    def exposure(self, rootname: str) -> dict[str, Any]:
        """Return all that there is of an exposure."""
        return self._ask("GET", f"api/v1/exposures/{rootname}")

    def proposals(self, instrument: str | None = None) -> list[dict[str, Any]]:
        """Return the proposals, the first 100."""
        asked = {} if instrument is None else {"instrument": instrument}
        return list(self._ask("GET", "api/v1/proposals", params=asked)["proposals"])

    def flag(self, rootnames: Sequence[str], kind: str, *, is_set: bool = True) -> int:
        """Set or unset an anomaly; return on how many exposures it was not so before."""
        content = {"rootnames": list(rootnames), "kind": kind, "is_set": is_set}
        return int(self._ask("POST", "api/v1/flags", json=content)["changed"])

    def look(self, rootnames: Sequence[str], *, looked: bool = True) -> int:
        """Say that one has looked at exposures; return at how many one had not."""
        content = {"rootnames": list(rootnames), "looked": looked}
        return int(self._ask("POST", "api/v1/looks", json=content)["changed"])

    def comment(self, rootname: str, text: str) -> None:
        """Write a comment on an exposure."""
        self._ask("POST", f"api/v1/exposures/{rootname}/comments", json={"text": text})

    def _ask(self, method: str, address: str, **options: Any) -> dict[str, Any]:
        # The path of what follows begins with that of the site.
        whole = urljoin(self._address, address)
        answer = self._session.request(method, whole, timeout=LIMIT_S, **options)
        content: dict[str, Any] = answer.json()
        if not answer.ok:
            raise SiteError(str(content.get("detail", answer.status_code)))
        return content
