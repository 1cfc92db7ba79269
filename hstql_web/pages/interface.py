"""The JSON interface: what pages show, for programs. Names are those of JWQL where they can be."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import JSONResponse, Response

from hstql_resources.site import remarks as said
from hstql_resources.site.rows import AnyRow
from hstql_resources.table_files.columns import plain
from hstql_web.choosing import Listed
from hstql_web.pages.lists import read_page
from hstql_web.pages.targets import NO_TARGET, Targeted
from hstql_web.queries import exposures, proposals, targets
from hstql_web.rendering import Menu
from hstql_web.visits import Reading, Visit, WritingJson

ROUTER = APIRouter(prefix="/api/v1", tags=["v1"])
Instrument = Literal["acs", "cos", "stis", "wfc3"]
MENU = Menu("Interface", "/interface", 90)
Rootname = Annotated[str, InPath(pattern="^[A-Za-z0-9]{9}$")]
Names = Annotated[list[Annotated[str, StringConstraints(pattern="^[a-z0-9]{9}$")]], Field(
    min_length=1, max_length=10_000)]  # fmt: skip
Proposal = Annotated[int, InPath(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Behind = Annotated[
    str | None,
    Query(pattern="^[A-Za-z0-9]{9}$", description="The last exposure of the page before."),
]
Written = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
_HIDDEN = frozenset({"path", "page", "thumbnail_path", "transaction_id", "sky_cell", "uri"})


class Flagging(BaseModel):
    """Exposures to be flagged, or freed of a flag."""

    rootnames: Names
    kind: Annotated[str, StringConstraints(pattern="^[a-z0-9_]{1,60}$")]
    is_set: bool = True


class Looking(BaseModel):
    """Exposures that the person has looked at, or has not."""

    rootnames: Names
    looked: bool = True


class Commenting(BaseModel):
    """A comment on an exposure."""

    text: Annotated[str, StringConstraints(
        strip_whitespace=True, min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]  # fmt: skip


@ROUTER.get("/exposures")
def list_exposures(
    visit: Reading, listing: Listed, limit: Limit = 100, behind: Behind = None
) -> Response:
    """Return a page of a list; `next` is the address of the one that follows, null if none.

    Chosen as in the addresses of pages: `instrument`, `detector`, `proposal`, `visit`, `target`,
    `rootname`, `filter`, `opt_elem`, `anomaly` (each repeatable), `begin`, `end`, `comes_since`
    (days), `looked` (yes or no), `cone` (RA and Dec in deg, radius in arcsec), `where` (repeatable,
    such as exp_time_s > 100); sorted by `sort`, a column, with - before it the last first.
    """
    rows, last = read_page(visit, listing, limit, behind)
    query = {**listing.to_query(), "limit": limit, "behind": last}
    following = None if last is None else visit.address("/api/v1/exposures", **query)
    return JSONResponse({"exposures": _to_dicts(rows), "next": following})


@ROUTER.get("/exposures/{rootname}")
def show_exposure(visit: Reading, rootname: Rootname) -> Response:
    """Return all that there is of an exposure."""
    name, connection = rootname.lower(), visit.connection
    exposure = _require(visit, name)
    return JSONResponse(
        {
            "exposure": to_dict(exposure),
            "proposal": to_dict(exposures.find_proposal(connection, exposure.proposal_id)),
            "files": _to_dicts(exposures.list_files(connection, name)),
            "previews": [
                _describe(visit, row) for row in exposures.list_pictures(connection, name)
            ],
            "members": [
                row.rootname for row in exposures.list_members(connection, exposure.association)
            ],
            "outcomes": _to_dicts(exposures.list_outcomes(connection, name)),
            "measured": {
                one.table: [_name_cells(one, row) for row in one.rows]
                for one in exposures.read_measured(connection, name)
            },
            "flags": _to_dicts(said.list_flags(connection, [name])),
            "comments": _to_dicts(said.list_comments(connection, name)),
            "looks": _to_dicts(said.list_looks(connection, name)),
        }
    )


@ROUTER.get("/exposures/{rootname}/history")
def show_history(visit: Reading, rootname: Rootname) -> Response:
    """Return who did what with an exposure, the last first."""
    name = rootname.lower()
    _require(visit, name)
    return JSONResponse({"history": _to_dicts(said.list_history(visit.connection, name))})


@ROUTER.get("/proposals")
def list_proposals(
    visit: Reading,
    instrument: Instrument | None = None,
    limit: Limit = 100,
    behind: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    """Return proposals in order of their number, those behind one; of an instrument, or all."""
    rows = proposals.list_proposals(visit.connection, instrument, behind, limit)
    return JSONResponse({"proposals": _to_dicts(rows)})


@ROUTER.get("/proposals/{proposal}")
def show_proposal(visit: Reading, proposal: Proposal) -> Response:
    """Return what a proposal is, and how far each of its visits is; numbers are of exposures."""
    row = exposures.find_proposal(visit.connection, proposal)
    visits = proposals.read_status(visit.connection, proposal, visit.viewer.name)
    if row is None and not visits:
        raise HTTPException(404, f"There is nothing here of proposal {proposal}.")
    return JSONResponse({"proposal": to_dict(row), "visits": [one._asdict() for one in visits]})


@ROUTER.get("/proposals/{proposal}/filenames")
def list_filenames(visit: Reading, proposal: Proposal) -> Response:
    """Return the names of all files of a proposal."""
    return JSONResponse({"filenames": proposals.list_filenames(visit.connection, proposal)})


@ROUTER.get("/proposals/{proposal}/preview_images")
def list_previews(visit: Reading, proposal: Proposal) -> Response:
    """Return the addresses of all pictures of a proposal."""
    rows = proposals.list_pictures(visit.connection, proposal)
    return JSONResponse({"preview_images": [_describe(visit, row)["picture"] for row in rows]})


@ROUTER.get("/proposals/{proposal}/thumbnails")
def list_thumbnails(visit: Reading, proposal: Proposal) -> Response:
    """Return the addresses of all pictures of a proposal in small."""
    rows = proposals.list_pictures(visit.connection, proposal)
    return JSONResponse({"thumbnails": [_describe(visit, row)["thumbnail"] for row in rows]})


@ROUTER.get("/targets")
def list_targets(
    visit: Reading, name: Written = "", behind: Written = "", limit: Limit = 100
) -> Response:
    """Return targets whose names in headers begin so, those behind one, and the address of more.

    A row is of a name and, where exposures have lightcurves, of the target that it stands for; at
    most 501 exposures are counted of a name.
    """
    names = targets.list_names(visit.connection, name, behind, limit + 1)
    rows = targets.describe_names(visit.connection, names[:limit])
    query = {"name": name or None, "limit": limit, "behind": names[limit - 1 : limit]}
    following = visit.address("/api/v1/targets", **query) if len(names) > limit else None
    return JSONResponse({"targets": _to_dicts(rows), "next": following})


@ROUTER.get("/target")
def show_target(visit: Reading, target: Targeted) -> Response:
    """Return what there is of a target, by its slug or by its name in headers (`target_name`).

    `exposures` are 1,000 at most, of more it `is_cut`.
    """
    connection, most = visit.connection, targets.MOST_EXPOSURES
    rows = targets.read_exposures(connection, target)
    if not rows:
        raise HTTPException(404, NO_TARGET)
    composites = targets.list_composites(connection, target.slug)
    statistics = targets.read_statistics(connection, [row.filename for row in composites])
    return JSONResponse(
        {
            "decision": to_dict(targets.find_decision(connection, target.slug)),
            "exposures": [row.rootname for row in rows[:most]],
            "is_cut": len(rows) > most,
            "composites": _to_dicts(composites),
            "statistics": _to_dicts(statistics.values()),
        }
    )


@ROUTER.get("/anomalies/kinds")
def list_kinds(visit: Reading, instrument: Instrument | None = None) -> Response:
    """Return the kinds of anomalies that are offered."""
    return JSONResponse({"kinds": _to_dicts(said.list_kinds(visit.connection, instrument))})


@ROUTER.post("/flags")
def flag(visit: WritingJson, flagging: Flagging) -> Response:
    """Set or unset an anomaly on exposures; `changed` is on how many it was not so before."""
    visit.require_flagger()
    change = said.set_flag if flagging.is_set else said.unset_flag
    names, person = flagging.rootnames, visit.viewer.name
    return JSONResponse({"changed": change(visit.connection, names, flagging.kind, person)})


@ROUTER.post("/looks")
def look(visit: WritingJson, looking: Looking) -> Response:
    """Note that the person has looked at exposures, or take that back."""
    change = said.look if looking.looked else said.look_away
    changed = change(visit.connection, looking.rootnames, visit.viewer.name)
    return JSONResponse({"changed": changed})


@ROUTER.post("/exposures/{rootname}/comments")
def comment(visit: WritingJson, rootname: Rootname, commenting: Commenting) -> Response:
    """Write a comment on an exposure."""
    visit.require_flagger("comment")
    _require(visit, rootname.lower())
    said.add_comment(visit.connection, rootname.lower(), commenting.text, visit.viewer.name)
    return JSONResponse({"changed": 1})


def _require(visit: Visit, rootname: str) -> AnyRow:
    exposure = exposures.find_exposure(visit.connection, rootname)
    if exposure is None:
        is_closed = exposures.is_closed(visit.connection, rootname)
        raise HTTPException(
            403 if is_closed else 404,
            f"The exposure {rootname} is {'closed to you' if is_closed else 'not here'}.",
        )
    return exposure


def _describe(visit: Visit, row: AnyRow) -> dict[str, Any]:
    place = f"{row.filename}/{row.number}"
    addresses = {"picture": f"/picture/{place}", "thumbnail": f"/thumbnail/{place}"}
    return (to_dict(row) or {}) | {name: visit.address(at) for name, at in addresses.items()}


def _name_cells(measured: exposures.Measured, row: Sequence[Any]) -> dict[str, Any]:
    names = (name for name, _ in measured.columns)
    return {name: plain(cell) for name, cell in zip(names, row, strict=True)}


def _to_dicts(rows: Iterable[AnyRow]) -> Sequence[dict[str, Any] | None]:
    return [to_dict(row) for row in rows]


def to_dict(row: AnyRow | None) -> dict[str, Any] | None:
    """Return a row for JSON, without what is nobody's business; None of none."""
    if row is None:
        return None
    return {name: plain(cell) for name, cell in row._mapping.items() if name not in _HIDDEN}
