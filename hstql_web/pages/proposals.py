"""A proposal: what it is, and how far each of its visits is."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from fastapi import Path as InPath
from starlette.responses import Response

from hstql_web.queries.exposures import find_proposal
from hstql_web.queries.proposals import read_status
from hstql_web.visits import Reading

ROUTER = APIRouter(include_in_schema=False)
# The archives that hstql asks list what was observed; what is planned stands there alone.
PLAN = "https://www.stsci.edu/cgi-bin/get-visit-status?id={}&markupFormat=html&observatory=HST"
_COUNTS = ("observed", "released", "retrieved", "looked", "seen", "flagged")


@ROUTER.get("/proposal/{proposal}")
def show(visit: Reading, proposal: Annotated[int, InPath(ge=1, le=2**31 - 1)]) -> Response:
    """Show what a proposal is, and its visits."""
    row = find_proposal(visit.connection, proposal)
    visits = read_status(visit.connection, proposal, visit.viewer.name)
    if row is None and not visits:
        raise HTTPException(404, f"There is nothing here of proposal {proposal} that you may see.")
    return visit.render(
        "proposal.html",
        f"Proposal {proposal}",
        number=proposal,
        row=row,
        visits=visits,
        totals={name: sum(getattr(one, name) for one in visits) for name in _COUNTS},
        plan=visit.find_outside(PLAN.format(proposal)),
    )
