"""People: who is let in, as what, and which proposals they see before the release."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException
from starlette.responses import Response

from hstql_web.queries import people
from hstql_web.sign_in import RefusedError, is_name
from hstql_web.visits import Reading, Writing

ROUTER = APIRouter(include_in_schema=False)
Name = Annotated[str, Form(max_length=200)]
_LARGEST = 2**31 - 1


@ROUTER.get("/people")
def show(visit: Reading) -> Response:
    """Show who may what."""
    visit.require_admin()
    return visit.render(
        "people.html",
        "People",
        people=people.list_people(visit.connection),
        access=people.list_access(visit.connection),
    )


@ROUTER.post("/people")
def write(
    visit: Writing,
    person: Name,
    role: Annotated[Literal["reader", "flagger", "admin"], Form()],
    sees_everything: Annotated[bool, Form()] = False,
) -> Response:
    """Let somebody in, or change what they may."""
    visit.require_admin()
    by = visit.viewer.name
    people.write_person(visit.connection, _check(person), role, by, sees_everything=sees_everything)
    return visit.go(visit.address("/people"))


@ROUTER.post("/people/remove")
def remove(visit: Writing, person: Name) -> Response:
    """Let somebody in no more."""
    visit.require_admin()
    if person == visit.viewer.name:
        raise RefusedError("Let another administrator remove you, so that one stays.")
    people.remove_person(visit.connection, person)
    return visit.go(visit.address("/people"))


@ROUTER.post("/people/proposals")
def grant(
    visit: Writing, person: Name, proposals: Annotated[str, Form(max_length=5000)]
) -> Response:
    """Let somebody see proposals before their release."""
    visit.require_admin()
    words = re.split(r"[\s,]+", proposals.strip())
    numbers = [int(word) for word in words if re.fullmatch("[0-9]{1,10}", word)]
    if len(numbers) != len(words) or not all(0 < one <= _LARGEST for one in numbers):
        raise HTTPException(422, "Give numbers of proposals, separated by blanks or commas.")
    people.grant(visit.connection, _check(person), numbers, visit.viewer.name)
    return visit.go(visit.address("/people"))


@ROUTER.post("/people/proposals/withdraw")
def withdraw(
    visit: Writing, person: Name, proposal: Annotated[int, Form(ge=1, le=_LARGEST)]
) -> Response:
    """Let somebody see a proposal before its release no more."""
    visit.require_admin()
    people.withdraw(visit.connection, person, proposal)
    return visit.go(visit.address("/people"))


def _check(person: str) -> str:
    if not is_name(person):
        raise HTTPException(422, "That is not the name of a person.")
    return person
