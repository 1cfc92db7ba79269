"""The page of one exposure, and what is said about it there: flags, comments, looks."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException
from fastapi import Path as InPath
from starlette.responses import Response

from hstql_resources.site import remarks as said
from hstql_resources.site.rows import AnyRow
from hstql_web.choosing import Listed
from hstql_web.queries import exposures, lists
from hstql_web.sign_in import RefusedError
from hstql_web.visits import Reading, Visit, Writing

ROUTER = APIRouter(include_in_schema=False)
Rootname = Annotated[str, InPath(pattern="^[A-Za-z0-9]{9}$")]
ARCHIVE_PAGE = "https://archive.stsci.edu/cgi-bin/mastpreview?mission=hst&dataid={}"
_KIND = "^[a-z0-9_]{0,60}$"
Back = Annotated[str, Form(max_length=4000)]


@ROUTER.get("/exposure/{rootname}")
def show(visit: Reading, rootname: Rootname, listing: Listed) -> Response:
    """Show all that there is of an exposure."""
    name = rootname.lower()
    exposure = exposures.find_exposure(visit.connection, name)
    if exposure is None:
        raise HTTPException(*_tell_why(visit, name))
    connection, order = visit.connection, listing.order
    neighbours = lists.find_neighbours(connection, listing.choice, visit.viewer.name, order, name)
    outcomes = exposures.list_outcomes(connection, name)
    assets = sorted({row.asset for row in outcomes})
    curve = exposures.find_lightcurve(connection, name)
    return visit.render(
        "exposure.html",
        name,
        exposure=exposure,
        proposal=exposures.find_proposal(connection, exposure.proposal_id),
        pictures=exposures.list_pictures(connection, name),
        files=exposures.list_files(connection, name),
        members=exposures.list_members(connection, exposure.association),
        outcomes=outcomes,
        runs=visit.history.find_makers(name, assets) if visit.viewer.sees_all else {},
        archive_page=visit.find_outside(ARCHIVE_PAGE.format(name.upper())),
        has_curve=curve is not None,
        has_curve_picture=curve is not None and find_curve_picture(visit, curve).is_file(),
        measured=exposures.read_measured(connection, name),
        history=said.list_history(connection, name),
        listing=listing.to_query(),
        neighbours=neighbours,
        **_read_panel(visit, name, exposure.instrument),
    )


def find_curve_picture(visit: Visit, curve: AnyRow) -> Path:
    """Return where the picture of a lightcurve lies."""
    return visit.desk.opened.filesystem.lightcurve_plots(curve.target, curve.rootname).picture


def _tell_why(visit: Visit, rootname: str) -> tuple[int, str]:
    if exposures.is_closed(visit.connection, rootname):
        return 403, f"The exposure {rootname} is closed to you: it is not public yet."
    return 404, f"There is no exposure {rootname} here."


def _read_panel(visit: Visit, rootname: str, instrument: str | None) -> dict[str, Any]:
    """Return what the panel shows in which one flags."""
    looks = said.list_looks(visit.connection, rootname)
    return {
        "kinds": said.list_kinds(visit.connection, instrument or ""),
        "flags": {row.kind: row for row in said.list_flags(visit.connection, [rootname])},
        "comments": said.list_comments(visit.connection, rootname),
        "looks": looks,
        "has_looked": any(row.person == visit.viewer.name for row in looks),
    }


def _answer(visit: Visit, rootname: str, back: str) -> Response:
    """Return the panel as it is now to a script, and the page to a browser without."""
    if not visit.wants_json:
        return visit.go(back)
    exposure = exposures.find_exposure(visit.connection, rootname)
    instrument = None if exposure is None else exposure.instrument
    return visit.render(
        "panel.html", rootname, rootname=rootname, back=back,
        history=said.list_history(visit.connection, rootname),
        **_read_panel(visit, rootname, instrument),
    )  # fmt: skip


@ROUTER.post("/exposure/{rootname}/flags")
def flag(
    visit: Writing,
    rootname: Rootname,
    set_kind: Annotated[str, Form(alias="set", pattern=_KIND)] = "",
    unset_kind: Annotated[str, Form(alias="unset", pattern=_KIND)] = "",
    back: Back = "",
) -> Response:
    """Set or unset an anomaly."""
    visit.require_flagger()
    if set_kind:
        said.set_flag(visit.connection, [rootname], set_kind, visit.viewer.name)
    if unset_kind:
        said.unset_flag(visit.connection, [rootname], unset_kind, visit.viewer.name)
    return _answer(visit, rootname, back)


@ROUTER.post("/exposure/{rootname}/look")
def look(
    visit: Writing, rootname: Rootname, looked: Annotated[bool, Form()], back: Back = ""
) -> Response:
    """Note that the person has looked at it, or take that back."""
    change = said.look if looked else said.look_away
    change(visit.connection, [rootname], visit.viewer.name)
    return _answer(visit, rootname, back)


@ROUTER.post("/exposure/{rootname}/comments")
def comment(
    visit: Writing,
    rootname: Rootname,
    text: Annotated[str, Form(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")],
    back: Back = "",
) -> Response:
    """Write a comment."""
    visit.require_flagger()
    if text.strip():
        said.add_comment(visit.connection, rootname, text.strip(), visit.viewer.name)
    return _answer(visit, rootname, back)


@ROUTER.post("/exposure/{rootname}/comments/{number}/remove")
def remove(
    visit: Writing,
    rootname: Rootname,
    number: Annotated[int, InPath(ge=1, le=2**63 - 1)],
    back: Back = "",
) -> Response:
    """Take a comment back."""
    if not said.remove_comment(visit.connection, number, visit.viewer.name):
        raise RefusedError("The comment is gone, or is somebody else's.")
    return _answer(visit, rootname, back)
