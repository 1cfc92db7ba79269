"""Ask for proposals, and for what there is of one."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow

MOST = 50_000  # files of one proposal


def list_proposals(
    connection: Connection, instrument: str | None, behind: int, limit: int
) -> Sequence[AnyRow]:
    """Return proposals with a number above another, in order; of an instrument, or of all."""
    one, seen = tables.Proposal.__table__, tables.Observation
    statement = select(one).where(one.c.proposal_id > behind)
    if instrument is not None:
        of_it = select(seen.rootname).where(
            seen.proposal_id == one.c.proposal_id, seen.instrument == instrument
        )
        statement = statement.where(of_it.exists())
    return connection.execute(statement.order_by(one.c.proposal_id).limit(limit)).all()


def list_filenames(connection: Connection, proposal: int) -> list[str]:
    """Return the names of the files of a proposal."""
    one = tables.File
    statement = select(one.filename).where(one.rootname.in_(_exposures(connection, proposal)))
    return list(connection.scalars(statement.order_by(one.filename).limit(MOST)))


def list_pictures(connection: Connection, proposal: int) -> Sequence[AnyRow]:
    """Return the pictures of a proposal."""
    one = tables.Preview.__table__
    statement = select(one).where(one.c.rootname.in_(_exposures(connection, proposal)))
    return connection.execute(statement.order_by(one.c.filename, one.c.number).limit(MOST)).all()


def _exposures(connection: Connection, proposal: int) -> Sequence[str]:
    statement = select(tables.Observation.rootname).where(
        tables.Observation.proposal_id == proposal
    )
    return connection.scalars(statement).all()
