"""Fill the table `proposals` with what headers say, refined by what the archive knows.

Thousands of observations are of one proposal, and several runs may write it at once. A row is
written only if it says something new; the turn of all writers makes reading before it safe.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.headers.proposals import COLUMNS, Row, describe_told, merge_proposals
from hstql_resources import tables
from hstql_resources.archive import Archive, ArchiveError, Proposal
from hstql_resources.postgres.database import Database, Writer

_log = logging.getLogger(__name__)


def write_proposals(writer: Writer, outcomes: Sequence[Outcome]) -> None:
    """Record the proposals of a batch, in its transaction; they travel among the rows."""
    record_proposals(
        writer, [row for outcome in outcomes for row in outcome.rows.get("proposals", ())]
    )


def record_proposals(
    writer: Writer,
    rows: Iterable[Mapping[str, object]],
    told: Mapping[int, Proposal] | None = None,
) -> int:
    """Write what is new about proposals.

    Parameters
    ----------
    writer : Writer
        Of the transaction.
    rows : iterable of mappings
        What headers say, see `read_proposal`.
    told : mapping of int to Proposal, optional
        What the archive says, by proposal_id. It counts more than headers, now and later.

    Returns
    -------
    int
        The number of rows that were written: those already known to the letter are not.
    """
    found: list[Row] = [dict(row) for row in rows]
    found += [describe_told(number, proposal) for number, proposal in (told or {}).items()]
    known = _read_known(writer, found)
    now = datetime.now(UTC)
    new = [{**row, "ingest_date": now} for row in merge_proposals(known, found)]
    return writer.upsert(tables.Proposal, new)


def refine_proposals(database: Database, archive: Archive, outcomes: Sequence[Outcome]) -> None:
    """Ask the archive about the proposals of a batch that it was not asked about, all at once.

    This comes after the batch was recorded: no other writer has to wait for the archive, and
    nothing of the batch is lost if it does not answer.
    """
    numbers = {
        int(str(row["proposal_id"]))
        for outcome in outcomes
        for row in outcome.rows.get("proposals", ())
    }
    if not numbers:
        return
    refined = select(tables.Proposal.proposal_id).where(
        _is_one_of(numbers), tables.Proposal.source == "archive"
    )
    open_numbers = sorted(numbers - {row.proposal_id for row in database.read(refined)})
    try:
        told = archive.describe_proposals(open_numbers) if open_numbers else {}
    except ArchiveError as error:
        _log.warning("Proposals stay as their headers describe them: %s", error)
        return
    if told:
        with database.write() as writer:
            record_proposals(writer, [], told)


def _read_known(writer: Writer, found: Sequence[Row]) -> dict[int, Row]:
    """Return what the table has of the proposals of some rows, in one query."""
    if not found:
        return {}
    proposal = tables.Proposal
    columns = [proposal.proposal_id, proposal.source, *(getattr(proposal, c) for c in COLUMNS)]
    statement = select(*columns).where(_is_one_of(row["proposal_id"] for row in found))
    rows = writer.connection.execute(statement)
    return {row.proposal_id: dict(row._mapping) for row in rows}


def _is_one_of(numbers: Iterable[object]) -> ColumnElement[bool]:
    return tables.Proposal.proposal_id == any_(literal(list(numbers), ARRAY(Integer)))
