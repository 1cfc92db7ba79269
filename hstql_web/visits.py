"""Open what a page works with: the transaction of the person who asks, and how to answer.

`Reading` and `Writing` are what routes take. Whoever writes has sent a form of this very site.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Form
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hstql_resources.postgres.dagster_history import DagsterHistory
from hstql_resources.site.opening import Opened
from hstql_resources.site.session import Viewer
from hstql_web.flag_counts import FlagCounts
from hstql_web.inventory import Stock
from hstql_web.lightcurves.jobs import Jobs
from hstql_web.oidc import Provider
from hstql_web.queries.keys import Keys
from hstql_web.rendering import Rendering
from hstql_web.sign_in import RefusedError, find_viewer, has_key
from hstql_web.signing import SAME_ORIGIN, Signer
from hstql_web.sky_counts import SkyCounts
from hstql_web.tap.jobs import Jobs as TapJobs
from hstql_web.tap.translating import Translator


@dataclass(frozen=True)
class Desk:
    """What all visits share.

    Attributes
    ----------
    opened : Opened
        Settings, files and tables.
    signer : Signer
        Of sessions and forms.
    rendering : Rendering
        Templates and addresses.
    provider : Provider or None
        Where people sign in; None if that is no business of the site.
    keys : Keys
        Columns that one can ask by.
    stock : Stock
        What there is in all; only for those who see everything.
    sky : SkyCounts
        How many exposures point where.
    flags : FlagCounts
        How many exposures have which anomaly.
    jobs : Jobs
        Lightcurves that are made on the spot.
    tap : TapJobs
        Questions that are answered some time.
    translator : Translator
        What reads questions in ADQL.
    """

    opened: Opened
    signer: Signer
    rendering: Rendering
    provider: Provider | None
    keys: Keys
    stock: Stock
    sky: SkyCounts
    flags: FlagCounts
    jobs: Jobs
    tap: TapJobs
    translator: Translator


@dataclass(frozen=True)
class Visit:
    """One request of one person.

    Attributes
    ----------
    request : Request
        What was asked.
    desk : Desk
        What all visits share.
    session : dict
        What the browser keeps.
    viewer : Viewer
        Who asks.
    connection : sqlalchemy.Connection
        The transaction in which they see what they may.
    """

    request: Request
    desk: Desk
    session: dict[str, Any]
    viewer: Viewer
    connection: Connection

    def address(self, path: str, **query: object) -> str:
        """Return the address of a page of the site."""
        return self.desk.rendering.address(path, **query)

    def find_outside(self, address: str) -> str | None:
        """Return an address outside, None where exposures are made up and nobody else has them."""
        return None if self.desk.opened.settings.is_simulated else address

    def render(self, template: str, title: str, status: int = 200, **content: Any) -> Response:
        """Return a page."""
        token = self.desk.signer.token(self.session)
        html = self.desk.rendering.render(
            template, title=title, viewer=self.viewer, token=token,
            signs_out=self.desk.provider is not None, here=self.request.url.path,
            query=self.request.url.query, **content,
        )  # fmt: skip
        response = HTMLResponse(html, status)
        is_secure = self.request.url.scheme == "https"
        self.desk.signer.write(response, self.session, is_secure=is_secure)
        return response

    def go(self, address: str) -> Response:
        """Send the browser to a page of the site, as a form names it; to the first if to none."""
        return RedirectResponse(address if is_own_address(address) else self.address("/"), 303)

    def require_flagger(self, deed: str = "flag") -> None:
        """Raise RefusedError unless the person may say what is wrong with exposures."""
        if not self.viewer.may_flag:
            raise RefusedError(f"You may read here, and not {deed}: ask an administrator.")

    def require_everything(
        self, refusal: str = "What ran, and its logs, are shown to those who see everything."
    ) -> None:
        """Raise RefusedError unless nothing is closed to the person."""
        if not self.viewer.sees_all:
            raise RefusedError(refusal)

    def require_admin(self) -> None:
        """Raise RefusedError unless the person may say who may what."""
        if not self.viewer.is_admin:
            raise RefusedError("That is for administrators of the site.")

    @property
    def history(self) -> DagsterHistory:
        """What Dagster ran: its logs name exposures of all proposals."""
        self.require_everything()
        return self.desk.opened.history

    @property
    def wants_json(self) -> bool:
        """Whether a script asks, and shows the answer itself."""
        return "application/json" in self.request.headers.get("accept", "")


def is_own_address(address: str) -> bool:
    """Return whether an address is that of a page of this site."""
    return (
        address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    )


@contextmanager
def _open(request: Request, *, writes: bool) -> Iterator[Visit]:
    desk: Desk = request.app.state.desk
    session = desk.signer.read(request)
    viewer = find_viewer(request, desk.opened, session)
    request.state.person = viewer.name
    with desk.opened.site.open(viewer, writes=writes) as (connection, known):
        if known.role is None:
            raise RefusedError(
                f"You are signed in as {known.name}, whom nobody has let in yet: ask an "
                "administrator of this site."
            )
        yield Visit(request, desk, session, known, connection)


def _read(request: Request) -> Iterator[Visit]:
    with _open(request, writes=False) as visit:
        yield visit


def _write(request: Request, token: Annotated[str, Form()] = "") -> Iterator[Visit]:
    desk: Desk = request.app.state.desk
    if desk.opened.settings.sign_in == "oidc" and has_key(request):
        raise RefusedError("Forms are for people: a program sends JSON to /api/v1.")
    if not desk.signer.is_own(request, desk.signer.read(request), token):
        raise RefusedError("The form was not sent by this site, or is too old: load it again.")
    with _open(request, writes=True) as visit:
        yield visit


def _write_json(request: Request) -> Iterator[Visit]:
    # A page of another site cannot send this kind of content without being asked about first.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_own = request.headers.get("sec-fetch-site", "none") in SAME_ORIGIN
    if kind != "application/json" or not is_own:
        raise RefusedError("What is sent has to be application/json, and not from another site.")
    with _open(request, writes=True) as visit:
        yield visit


# Ended before the answer is sent: what the next page shows has been written then.
Reading = Annotated[Visit, Depends(_read, scope="function")]
Writing = Annotated[Visit, Depends(_write, scope="function")]
WritingJson = Annotated[Visit, Depends(_write_json, scope="function")]
