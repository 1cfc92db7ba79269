"""Describe the proposals of the simulated archive, beyond what headers say: their cycle."""

from hstql_resources.archive.protocol import Proposal
from hstql_resources.archive.simulated.observing_program import (
    FIRST_PROPOSAL_ID,
    INVESTIGATOR_FIRST,
    INVESTIGATOR_LAST,
    MAXIMUM_PROPOSALS,
    TITLE,
)

FIRST_CYCLE = 25  # which began in October 2017, when the first exposures were taken
CYCLES = 4


def describe_proposal(proposal_id: int) -> Proposal | None:
    """Return a proposal of the observing program; None if it is not part of it."""
    number = proposal_id - FIRST_PROPOSAL_ID
    if not 0 <= number < MAXIMUM_PROPOSALS:
        return None
    return Proposal(
        title=TITLE,
        proposal_type="GO",
        investigator_last=INVESTIGATOR_LAST,
        investigator_first=INVESTIGATOR_FIRST,
        cycle=FIRST_CYCLE + number % CYCLES,
    )
