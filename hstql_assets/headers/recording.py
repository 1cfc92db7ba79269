"""Record the headers of a batch in the database, and settle what its members tell."""

from collections.abc import Sequence
from concurrent.futures import Executor

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedTable, Ownership
from hstql_assets.batching.recording import record_batch
from hstql_assets.headers.inputs import find_settled_associations, locate_headers
from hstql_assets.headers.proposal_rows import write_proposals
from hstql_assets.headers.scanning import scan_headers
from hstql_resources.filenames import INSTRUMENTS
from hstql_resources.header_tables.store import replace_headers
from hstql_resources.postgres.database import Database, Writer
from hstql_resources.tables import (
    CumulativeImageMember,
    DrizzleData,
    File,
    Header,
    HeaderCommentary,
    HeaderExtra,
    Observation,
    Proposal,
)

TABLES = (
    OwnedTable(Observation, keep=("first_ingest_date",), outlives_bad=True),
    OwnedTable(File, is_shared=True),
)
OTHERS = (Header, HeaderExtra, HeaderCommentary, DrizzleData, Proposal)
OWNED = {
    name: Ownership(
        (*TABLES, OwnedTable(CumulativeImageMember)) if name == "cos" else TABLES, OTHERS
    )
    for name in INSTRUMENTS.values()
}


def write_headers(writer: Writer, outcomes: Sequence[Outcome]) -> None:
    """Write the header tables and proposals of a batch, in its transaction.

    The encoded headers are its payload.
    """
    replace_headers(
        writer.connection,
        [outcome.key for outcome in outcomes if outcome.is_settled],
        [outcome.payload for outcome in outcomes if outcome.payload is not None],
    )
    write_proposals(writer, outcomes)


def settle_associations(
    database: Database, workers: Executor, instrument: str, keys: Sequence[str]
) -> None:
    """Read associations again that could not be told the detector of before their members came.

    Called after the batch was recorded; its keys are associations, members, or both.
    """
    found = find_settled_associations(database, keys)
    if found:
        tasks = locate_headers(database, instrument, found)
        outcomes = decide_batch(workers, scan_headers, tasks, lambda _: None)
        owned = OWNED[instrument].tables
        record_batch(database, f"{instrument}/header_tables", outcomes, owned, write_headers)
