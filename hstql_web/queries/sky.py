"""Ask how many exposures point into each cell of the sky."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from hstql_resources import sky_index
from hstql_resources.tables import Observation, ProposalAccess

ORDER = 5  # of the cells that are counted: 1.8 deg wide
CELLS = 12 * 4**ORDER
_SHIFT = 2 * (sky_index.ORDER - ORDER)
Counts = NDArray[np.int64]


def count_cells(connection: Connection, proposals: Sequence[int] | None = None) -> Counts:
    """Return how many exposures that the person may see point into each cell, nested.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        The transaction of a person.
    proposals : sequence of int, optional
        Only those of these proposals.
    """
    cell = Observation.sky_cell.op(">>")(_SHIFT)
    statement = select(cell, func.count()).where(Observation.sky_cell.is_not(None)).group_by(cell)
    if proposals is not None:
        statement = statement.where(Observation.proposal_id.in_(proposals))
    counts = np.zeros(CELLS, np.int64)
    for number, exposures in connection.execute(statement):
        counts[number] = exposures
    return counts


def list_proposals(connection: Connection, person: str) -> tuple[int, ...]:
    """Return the proposals that a person sees before others do."""
    one = ProposalAccess
    statement = select(one.proposal_id).where(one.person == person).order_by(one.proposal_id)
    return tuple(connection.scalars(statement))
