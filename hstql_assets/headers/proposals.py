"""Gather proposals from the headers of their observations.

An spt file tells most: type, investigator and the whole title, whose first 68 characters are in
PROPTTL1 and the rest in PROPTTL2. Other headers have no type and only the first part. Which cycle
it was no header says.
"""

from collections.abc import Iterable, Mapping, Sequence

from hstql_assets.headers.summary import sort_by_trust
from hstql_resources.archive import Proposal
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header_values import LARGEST_INTEGER

TITLE_WIDTH = 68  # characters in a FITS card
SOURCES = ("header", "spt", "archive")  # the later ones know better

KEYWORDS = {
    "proposal_type": "PROP_TYP",
    "investigator_last": "PR_INV_L",
    "investigator_first": "PR_INV_F",
}
COLUMNS = (*KEYWORDS, "title", "cycle")

Row = dict[str, object]


def read_proposal(files: Sequence[FileHeaders]) -> Row | None:
    """Return what the headers of an observation say of its proposal.

    Returns
    -------
    dict or None
        A row of `proposals` but for its date; None if no header has a PROPOSID above 0.
    """
    spt = [file for file in files if file.filetype == "spt" and file.headers]
    ordered = [*spt, *(file for file in sort_by_trust(files) if file not in spt)]
    proposal_id = next((number for file in ordered if (number := _read_number(file))), None)
    if proposal_id is None:
        return None
    return {
        "proposal_id": proposal_id,
        **{column: _first(_read_text(f, keyword) for f in ordered)
           for column, keyword in KEYWORDS.items()},
        "title": _first(map(_read_title, ordered)),
        "cycle": None,
        "source": "spt" if spt else "header",
    }  # fmt: skip


def describe_told(proposal_id: int, told: Proposal) -> Row:
    """Return what the archive tells of a proposal, as a row of `proposals` but for its date."""
    values = {column: getattr(told, column) for column in COLUMNS}
    return {"proposal_id": proposal_id, **values, "source": "archive"}


def merge_proposals(known: Mapping[int, Row], rows: Iterable[Row]) -> list[Row]:
    """Return the proposals of which the rows tell something that was not known.

    Of two sources that differ the better one counts, of two equal ones the later row. What the
    better one does not tell is taken from the other.

    Parameters
    ----------
    known : mapping of int to dict
        What is known already, by proposal_id; it is not changed.
    rows : iterable of dict
        What was found out, as `read_proposal` and `describe_told` return it.

    Returns
    -------
    list of dict
        One for each proposal that is new or changed, sorted by proposal_id.
    """
    merged: dict[int, Row] = {}
    for row in rows:
        number = int(str(row["proposal_id"]))
        before = merged.get(number, known.get(number))
        merged[number] = row if before is None else _combine(before, row)
    return [merged[number] for number in sorted(merged) if merged[number] != known.get(number)]


def _combine(before: Row, row: Row) -> Row:
    better, other = before, row
    if SOURCES.index(str(row["source"])) >= SOURCES.index(str(before["source"])):
        better, other = row, before
    told = {column: _first((better[column], other[column])) for column in COLUMNS}
    return {**better, **told}


def _read_number(file: FileHeaders) -> int | None:
    value = file.find("PROPOSID")
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= LARGEST_INTEGER else None


def _read_text(file: FileHeaders, keyword: str) -> str | None:
    value = file.find(keyword)
    return None if value is None or "\0" in str(value) else str(value)


def _read_title(file: FileHeaders) -> str | None:
    """Return the title; the blank at which it may have been cut is lost in the first part."""
    for header in file.headers:
        first, second = (
            str(header.values.get(keyword) or "") for keyword in ("PROPTTL1", "PROPTTL2")
        )
        if first.strip() and "\0" not in first + second:
            return f"{first:{TITLE_WIDTH}}{second}".strip()
    return None


def _first(values: Iterable[object]) -> object:
    return next((value for value in values if value is not None), None)
