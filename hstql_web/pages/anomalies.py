"""Anomalies: the kinds of each instrument, how often they were flagged, and whole lists at once."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from pydantic import StringConstraints
from starlette.responses import Response

from hstql_resources.site import remarks as said
from hstql_web.choosing import Listed
from hstql_web.queries import anomalies
from hstql_web.queries.lists import read_names
from hstql_web.rendering import Menu
from hstql_web.sign_in import RefusedError
from hstql_web.visits import Reading, Writing

ROUTER = APIRouter(include_in_schema=False)
MENU = Menu("Anomalies", "/anomalies", 30)
MOST_AT_ONCE = 10_000  # exposures of a list that is flagged
Rootname = Annotated[str, StringConstraints(pattern="^[a-z0-9]{9}$")]
Back = Annotated[str, Form(max_length=4000)]
Word = Annotated[str, Form(pattern="^[a-z0-9_]{1,60}$")]
Instrument = Annotated[Literal["acs", "cos", "stis", "wfc3"], Form()]
Text = Annotated[str, Form(max_length=500, pattern=r"^[^\x00]*$")]


@ROUTER.get("/anomalies")
def show(visit: Reading) -> Response:
    """Show kinds with counts, counts by month, and the last flags."""
    return visit.render(
        "anomalies.html",
        "Anomalies",
        kinds=anomalies.list_all_kinds(visit.connection),
        counted=visit.desk.flags.find(visit.connection, visit.viewer),
        last=anomalies.list_last(visit.connection, 20),
    )


@ROUTER.post("/exposures/flags")
def flag_list(
    visit: Writing,
    listing: Listed,
    kind: Word = "other",
    action: Annotated[Literal["set", "unset", "look"], Form()] = "set",
    only: Annotated[list[Rootname], Form(max_length=500)] = [],  # noqa: B006, FastAPI copies it
    back: Back = "",
) -> Response:
    """Flag, or say to have looked at, some exposures of a list, or without any named all of it."""
    if action != "look":
        visit.require_flagger()
    person, connection = visit.viewer.name, visit.connection
    names = only or read_names(connection, listing.choice, person, MOST_AT_ONCE + 1)
    if len(names) > MOST_AT_ONCE:
        raise RefusedError(f"The list has more than {MOST_AT_ONCE:,} exposures: make it shorter.")
    if action == "look":
        said.look(connection, names, person)
    elif action == "set":
        said.set_flag(connection, names, kind, person)
    else:
        said.unset_flag(connection, names, kind, person)
    return visit.go(back)


@ROUTER.post("/anomalies/kinds")
def write_kind(
    visit: Writing,
    instrument: Instrument,
    kind: Word,
    label: Annotated[str, Form(min_length=1, max_length=100, pattern=r"^[^\x00]*$")],
    description: Text = "",
    source: Text = "",
) -> Response:
    """Add a kind, or change what is said of it."""
    visit.require_admin()
    values: dict[str, object] = {
        "label": label.strip(), "description": description.strip(), "source": source.strip() or None
    }  # fmt: skip
    anomalies.write_kind(visit.connection, instrument, kind, values, visit.viewer.name)
    return visit.go(visit.address("/anomalies"))


@ROUTER.post("/anomalies/kinds/offer")
def offer_kind(
    visit: Writing, instrument: Instrument, kind: Word, is_active: Annotated[bool, Form()]
) -> Response:
    """Offer a kind, or do not offer it any more."""
    visit.require_admin()
    person = visit.viewer.name
    anomalies.offer_kind(visit.connection, instrument, kind, person, is_active=is_active)
    return visit.go(visit.address("/anomalies"))
