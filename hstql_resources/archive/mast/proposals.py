"""Read what MAST tells of proposals: its catalogue repeats it with every observation.

The catalogue (CAOM) has the title, the investigator and the type, as `obs_title`, `proposal_pi`
and `proposal_type`. None of its fields is the cycle.
"""

from collections.abc import Iterator, Sequence

from hstql_resources.archive.mast.client import Client, Row
from hstql_resources.archive.mast.values import read_text
from hstql_resources.archive.protocol import Proposal

PROPOSALS_PER_QUESTION = 20  # a proposal has up to thousands of rows
PAGE_ROWS = 50_000
MOST_PAGES = 100  # twenty proposals have some thousand rows
FIELDS = ("proposal_id", "proposal_pi", "proposal_type", "obs_title")


def describe_proposals(
    client: Client, proposal_ids: Sequence[int], page_rows: int = PAGE_ROWS
) -> dict[int, Proposal]:
    """Return what is known of proposals; one of which nothing is known is left out.

    Parameters
    ----------
    client : Client
        Asks MAST.
    proposal_ids : sequence of int
        Such as 12041.
    page_rows : int
        Rows in a page.

    Raises
    ------
    ArchiveError
        If MAST does not answer.
    """
    wanted = sorted(set(proposal_ids))
    known: dict[int, Proposal] = {}
    for start in range(0, len(wanted), PROPOSALS_PER_QUESTION):
        open_ids = set(wanted[start : start + PROPOSALS_PER_QUESTION])
        for row in _read_rows(client, sorted(open_ids), page_rows):
            proposal_id = read_text(row.get("proposal_id")) or ""
            if proposal_id.isdecimal() and int(proposal_id) in open_ids:
                known[int(proposal_id)] = _read_proposal(row)
                open_ids.discard(int(proposal_id))
            if not open_ids:
                break
    return known


def _read_rows(client: Client, proposal_ids: Sequence[int], page_rows: int) -> Iterator[Row]:
    """Give the rows of proposals page by page: the first page mostly has them all."""
    texts = [str(proposal_id) for proposal_id in proposal_ids]
    parameters = {
        "columns": ",".join(FIELDS),
        "filters": [
            {"paramName": "obs_collection", "values": ["HST"]},
            {"paramName": "proposal_id", "values": texts},
        ],
    }
    what = f"what proposal {texts[0]}" + (f" and {len(texts) - 1} more are" if texts[1:] else " is")
    page = client.describe_observations(what, parameters, 1, page_rows)
    yield from page.rows
    pages = -(-page.total // max(len(page.rows), 1))
    for number in range(2, min(pages, MOST_PAGES) + 1):
        page = client.describe_observations(what, parameters, number, page_rows)
        yield from page.rows
        if not page.rows:
            return


def _read_proposal(row: Row) -> Proposal:
    last, _, first = (read_text(row.get("proposal_pi")) or "").partition(",")
    return Proposal(
        title=read_text(row.get("obs_title")),
        proposal_type=read_text(row.get("proposal_type")),
        investigator_last=last.strip() or None,
        investigator_first=first.strip() or None,
    )
