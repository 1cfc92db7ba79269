"""Lists of exposures: as thumbnails or as a table, sorted, a page at a time, to be sent on."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from starlette.responses import RedirectResponse, Response

from hstql_resources.site import remarks as said
from hstql_web.choosing import Listed, Listing
from hstql_web.queries import exposures, lists
from hstql_web.queries.columns import read_columns
from hstql_web.queries.lists import SORTS, Place
from hstql_web.rendering import Menu
from hstql_web.visits import Reading, Visit

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Exposures", "/exposures", 10)
SIZES = {"thumbnails": 120, "table": 200}
Behind = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9]{9}$")]


@ROUTER.get("/exposures")
def show(
    visit: Reading,
    listing: Listed,
    view: Literal["thumbnails", "table"] = "thumbnails",
    behind: Behind = None,
) -> Response:
    """Show a page of a list, that behind an exposure."""
    size = SIZES[view]
    total = lists.count(visit.connection, listing.choice, visit.viewer.name)
    rows, following = read_page(visit, listing, size, behind, total)
    names = [row.rootname for row in rows]
    flags: dict[str, list[str]] = {}
    for row in said.list_flags(visit.connection, names):
        flags.setdefault(row.rootname, []).append(row.kind)
    kinds = said.list_kinds(visit.connection, None)
    return visit.render(
        "exposures.html",
        "Exposures",
        listing=listing,
        asked=listing.to_query(),
        view=view,
        rows=rows,
        total=total,
        most=lists.MOST_COUNTED,
        following=following,
        pictures=exposures.find_preferred(visit.connection, names),
        flags=flags,
        looked=said.find_looked(visit.connection, names, visit.viewer.name),
        kinds={row.kind: row.label for row in kinds},
        proposal=_find_only_proposal(visit, listing),
        sorts=tuple(SORTS),
        values=read_columns(visit.connection, listing.columns, rows),
    )


def read_page(
    visit: Visit, listing: Listing, size: int, behind: str | None, total: int | None = None
) -> tuple[list[Any], str | None]:
    """Return the rows of a page of a list, and the last of them if more follow."""
    place = None if behind is None else _find_place(visit, listing, behind)
    choice, order = listing.choice, listing.order
    rows = list(
        lists.read_list(visit.connection, choice, visit.viewer.name, order, size + 1, place, total)
    )
    return rows[:size], rows[size - 1].rootname if len(rows) > size else None


def _find_place(visit: Visit, listing: Listing, rootname: str) -> Place:
    place = lists.find_place(visit.connection, listing.order, rootname)
    if place is None:
        raise HTTPException(404, f"The list has no {rootname} any more: begin it again.")
    return place


def _find_only_proposal(visit: Visit, listing: Listing) -> Any:
    proposals = listing.choice.proposal
    only = proposals[0] if len(proposals) == 1 else None
    return exposures.find_proposal(visit.connection, only)


@ROUTER.get("/search")
def search(visit: Reading, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Go to what somebody typed: an exposure, a proposal, or a target."""
    text = q.strip()
    if text.isdecimal() and len(text) <= 5:
        return RedirectResponse(visit.address("/exposures", proposal=text), 303)
    if not text or not text.isprintable():
        return RedirectResponse(visit.address("/exposures"), 303)
    found = exposures.search(visit.connection, text.lower(), 2)
    if len(found) == 1:
        return RedirectResponse(visit.address(f"/exposure/{found[0]}"), 303)
    if found:
        names = exposures.search(visit.connection, text.lower(), 500)
        return RedirectResponse(visit.address("/exposures", rootname=names), 303)
    if len(text) == 9 and text.isalnum() and text.isascii():
        return RedirectResponse(visit.address(f"/exposure/{text.lower()}"), 303)
    return RedirectResponse(visit.address("/exposures", target=text), 303)
