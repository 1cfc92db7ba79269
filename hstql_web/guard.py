"""Stand before all pages: hosts, sizes, rates, headers of answers, the log of what was asked."""

import logging
import time
from collections import OrderedDict
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hstql_resources.settings import Settings

_log = logging.getLogger("hstql_web.access")
MOST_BYTES = 1 << 20  # of what is sent to the site
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
# A page of thumbnails asks for some hundreds of them at once.
BURST, PER_S = 1000, 50.0
_MOST_CLIENTS = 10_000
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' data: blob:; style-src 'self'; "
        "script-src 'self'; connect-src 'self'; font-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY, _RESOURCE_POLICY = "Content-Security-Policy", "Cross-Origin-Resource-Policy"
# For pages with plots: BokehJS writes style sheets into what it draws; scripts stay those of the
# site.
STYLED = {_POLICY: HEADERS[_POLICY].replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")}


def _is_picture_for_neighbour(headers: Headers) -> bool:
    """Return whether a page of the same host or domain shows a picture, as Dagster's may.

    It is the browser that says so. The policy same-site is not enough: to Chromium no two ports of
    an address in numbers are of one site.
    """
    return headers.get("sec-fetch-site") == "same-site" and headers.get("sec-fetch-dest") == "image"


class Rate:
    """How much each client may still ask: a bucket that fills again.

    Parameters
    ----------
    burst : int
        How many questions at once.
    per_s : float
        How many each second in the long run.
    """

    def __init__(self, burst: int = BURST, per_s: float = PER_S) -> None:
        self._burst, self._per_s = burst, per_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Return whether a client may ask now."""
        now = time.monotonic()
        left, at = self._left.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._per_s)
        self._left[client] = (max(left - 1, 0.0), now)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)
        return left >= 1


class Guard:
    """The outermost layer of the site.

    Parameters
    ----------
    app : ASGI application
        The pages.
    settings : Settings
        Of which the sign-in, the proxies and the address of the site are used.
    rate : Rate
        How much each client may ask.
    """

    def __init__(self, app: ASGIApp, settings: Settings, rate: Rate) -> None:
        self._pages, self._settings, self._rate = app, settings, rate
        self._hosts, self._prefix = _allowed_hosts(settings), find_prefix(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the pages answer it."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        self._believe_proxy(scope)
        if not scope["path"].startswith(f"{self._prefix}/"):  # the proxy has removed it
            scope["path"] = self._prefix + scope["path"]
        scope["root_path"] = self._prefix
        started, status = time.monotonic(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if _is_picture_for_neighbour(Headers(scope=scope)):
                    headers[_RESOURCE_POLICY] = "cross-origin"
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        refusal = self._refuse(scope)
        await (refusal or self._pages)(scope, receive if refusal else _limited(receive), note)
        person = scope["state"].get("person", "-")
        _log.info(
            "%s %s %s %s %d %.0f ms", scope["state"]["client"], ascii(person), scope["method"],
            ascii(scope["path"]), status, 1000 * (time.monotonic() - started),
        )  # fmt: skip

    def _believe_proxy(self, scope: Scope) -> None:
        """Note who asks; a proxy that is named in the settings says for whom."""
        peer = (scope.get("client") or ("unknown", 0))[0]
        is_proxy = peer in self._settings.proxies and self._settings.sign_in != "none"
        headers = Headers(scope=scope)
        client = peer
        if is_proxy:
            forwarded = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
            client = forwarded[:45] or peer
            if headers.get("x-forwarded-proto", "").strip() == "https":
                scope["scheme"] = "https"
        scope.setdefault("state", {}).update(client=client, is_proxy=is_proxy)

    def _refuse(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if self._hosts is not None and _host(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("The site has another address.", 421)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return PlainTextResponse("That is too much at once.", 413)
        if not self._rate.take(scope["state"]["client"]):
            return PlainTextResponse("Too many questions: wait a minute.", 429)
        return None


def find_prefix(settings: Settings) -> str:
    """Return the path under which the site lies, empty for the root."""
    return "" if settings.site_address is None else urlsplit(settings.site_address).path.rstrip("/")


def _limited(receive: Receive) -> Receive:
    """Return what receives the body, and no more of it than is allowed."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        return message if received <= MOST_BYTES else {"type": "http.disconnect"}

    return receive_some


def _allowed_hosts(settings: Settings) -> Collection[str | None] | None:
    """Return the names that the site goes by; None for any."""
    if settings.sign_in == "none":
        return LOCAL_HOSTS  # another name would be that of a page that has it point here
    if settings.site_address is None:
        return None
    return LOCAL_HOSTS | {str(urlsplit(settings.site_address).hostname)}


def _host(text: str) -> str | None:
    try:
        return urlsplit(f"//{text}").hostname
    except ValueError:
        return None
