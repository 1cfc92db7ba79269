"""The form in which one asks for exposures by anything, its SQL, and what was saved by name."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query
from fastapi import Path as InPath
from starlette.datastructures import QueryParams
from starlette.responses import Response

from hstql_resources.site import remarks as said
from hstql_web.choosing import Listed, Listing, read_listing
from hstql_web.queries import lists, saved
from hstql_web.queries.columns import write_sql
from hstql_web.queries.keys import search_keys
from hstql_web.rendering import Menu
from hstql_web.sign_in import RefusedError
from hstql_web.visits import Reading, Visit, Writing

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Query", "/query", 20)
DETECTORS = {
    "acs": ("WFC", "HRC", "SBC"), "cos": ("FUV", "NUV"),
    "stis": ("CCD", "FUV-MAMA", "NUV-MAMA"), "wfc3": ("UVIS", "IR"),
}  # fmt: skip
# Columns of observations with a field of their own: what they are called, and what one may write.
TEXTS = (
    ("target_name", "target", "NGC*, M31"), ("proposal_type", "proposal type", "GO, SNAP"),
    ("aperture", "aperture", "PSA, *SUB"), ("image_type", "image type", "EXT, DARK"),
    ("exposure_type", "exposure type", "EXTERNAL/SCI"), ("obs_type", "observation type", "IMAGING"),
    ("obs_mode", "mode", "TIME-TAG"), ("exp_flag", "exposure flag", "!= NORMAL"),
    ("ccd_amp", "amplifiers", "ABCD"),
)  # fmt: skip
NUMBERS = (
    ("exp_time_s", "exposure time (s)", ">= 100"), ("ra_deg", "RA (deg)", "10..20"),
    ("dec_deg", "Dec (deg)", "-5..5"), ("cenwave", "central wavelength (Å)", "1291, 1327"),
    ("ccd_gain", "gain", "2"),
)  # fmt: skip
TRUTHS = (("is_subarray", "subarray"), ("is_moving_target", "moving target"))
_MOST_KEYS = 100
_ROWS = 2  # that are empty, for more conditions and columns
Words = Annotated[str, Query(max_length=200, pattern=r"^[\x20-\x7e]*$")]


@ROUTER.get("/query")
def show(visit: Reading, listing: Listed, find: Words = "") -> Response:
    """Show the form, filled with what its address asks for."""
    written: dict[str, list[str]] = {}
    for term in listing.choice.fields:
        written.setdefault(term.key.name, []).append(term.written)
    return visit.render(
        "query.html",
        "Query",
        listing=listing,
        asked=listing.to_query(),
        written={name: ", ".join(texts) for name, texts in written.items()},
        wheres=[*(term.text for term in listing.choice.where), *[""] * _ROWS],
        columns=[*(key.text for key in listing.columns), *[""] * _ROWS],
        find=find,
        keys=search_keys(visit.connection, find, _MOST_KEYS),
        most=_MOST_KEYS,
        kinds={row.kind: row.label for row in said.list_kinds(visit.connection, None)},
        detectors=DETECTORS, texts=TEXTS, numbers=NUMBERS, truths=TRUTHS, sorts=tuple(lists.SORTS),
        saved=saved.list_saved(visit.connection, visit.viewer.name),
        **_tell(visit, listing),
    )  # fmt: skip


def _tell(visit: Visit, listing: Listing) -> dict[str, Any]:
    """Return how many exposures a list has, in words, and its SQL."""
    person = visit.viewer.name
    number = lists.count(visit.connection, listing.choice, person)
    shown = f"more than {lists.MOST_COUNTED:,}" if number > lists.MOST_COUNTED else f"{number:,}"
    return {
        "hits": f"{shown} exposure{'s' if number != 1 else ''}",
        "sql": write_sql(listing.choice, listing.order, listing.columns, person),
    }


@ROUTER.get("/query/hits")
def count(visit: Reading, listing: Listed) -> dict[str, Any]:
    """Return how many exposures a form would find, for the script that shows it as one writes."""
    return _tell(visit, listing)


@ROUTER.get("/query/keys")
def suggest(visit: Reading, find: Words = "") -> list[dict[str, str]]:
    """Return columns whose names have some words in them, for suggestions."""
    found = search_keys(visit.connection, find, _MOST_KEYS)
    return [{"name": key.text, "kind": key.kind, "about": key.about} for key in found]


@ROUTER.post("/query/saved")
def save(
    visit: Writing,
    name: Annotated[str, Form(min_length=1, max_length=200)],
    address: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    """Save a list under a name."""
    if not name.strip() or not name.isprintable():
        raise HTTPException(422, "A saved query needs a name of letters that can be printed.")
    listing = read_listing(QueryParams(address), visit.desk.keys.find)
    query = listing.to_query()
    saved.save(visit.connection, name.strip(), visit.viewer.name, urlencode(query, doseq=True))
    return visit.go(visit.address("/query", **query))


@ROUTER.post("/query/saved/{number}/remove")
def remove(visit: Writing, number: Annotated[int, InPath(ge=1, le=2**63 - 1)]) -> Response:
    """Remove a list that the person saved."""
    if not saved.remove(visit.connection, number):
        raise RefusedError("The saved query is gone, or is somebody else's.")
    return visit.go(visit.address("/query"))
