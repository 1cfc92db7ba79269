"""Search which data sets MAST has, page by page.

MAST gives 5,000 rows at most and says nothing of the others, so every search is read in pages and
counted.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hstql_resources.archive.mast.client import NAME, Client, Row
from hstql_resources.archive.mast.values import read_date, read_text, to_utc
from hstql_resources.archive.protocol import ArchiveError, Dataset, Search
from hstql_resources.filenames import instrument_of, is_rootname
from hstql_resources.target_names import is_science_target

_log = logging.getLogger(__name__)

PAGE_ROWS = 5000  # MAST gives no more
NAMES_PER_SEARCH = 500
VISITS_PER_SEARCH = 50
PROPOSALS_PER_SEARCH = 500
VISIT_CHARACTERS = 6  # instrument, proposal and visit: an association shares them with its members
READINGS = 2
MOST_PAGES = 1000  # of one search; its rows are limited too

Conditions = Mapping[str, Any]


def find_datasets(client: Client, search: Search, page_rows: int = PAGE_ROWS) -> list[Dataset]:
    """Return the data sets of a search, sorted by name.

    Parameters
    ----------
    client : Client
        Asks MAST.
    search : Search
        What is looked for. Of a rootname that is no data set, all data sets of its visit are
        found: it may be a member of one, and members are known by their files only.
    page_rows : int
        Rows in a page, 2 or more.

    Returns
    -------
    list of Dataset
        Each once, of this instrument, with names of nine characters.

    Raises
    ------
    ArchiveError
        If MAST does not answer, or its list changes all the time.
    """
    found: dict[str, Dataset] = {}
    for columns, names in _split(search):
        for row in _find_rows(client, search, columns, names, page_rows):
            dataset = _read_dataset(row)
            if dataset is not None and _is_wanted(dataset, row, search):
                found[dataset.name] = _choose(found.get(dataset.name), dataset)
    return [found[name] for name in sorted(found)]


def _find_rows(
    client: Client, search: Search, columns: Conditions, names: Sequence[str], page_rows: int
) -> Iterator[Row]:
    what = describe_search(search)
    if not names:
        yield from read_all(client, what, columns, page_rows)
        return
    rows = read_all(client, what, {**columns, NAME: list(names)}, page_rows)
    yield from rows
    lacking = set(names) - {str(read_text(row.get(NAME))).upper() for row in rows}
    visits = sorted({f"{name[:VISIT_CHARACTERS]}*" for name in lacking})
    for chunk in _chunk(visits, VISITS_PER_SEARCH):
        yield from read_all(client, what, {**columns, NAME: list(chunk)}, page_rows)


def read_all(client: Client, what: str, conditions: Conditions, page_rows: int) -> list[Row]:
    """Return all rows that meet conditions, from a list that may change while it is read.

    Parameters
    ----------
    what : str
        What is asked for, in the words of an error.
    conditions : mapping
        What columns have to be, in the words of MAST.
    page_rows : int
        How many rows are asked for at a time.

    Raises
    ------
    ArchiveError
        If MAST does not answer, or the list changed each time that it was read.
    """
    for _ in range(READINGS):
        rows = _read_once(client, what, conditions, page_rows)
        if rows is not None:
            return rows
        _log.info("MAST changed while it told %s; it is asked again from the start.", what)
    raise ArchiveError(
        f"MAST ({client.url}) told {what} {READINGS} times, each time with rows that came or went "
        "between its pages; try again in some minutes."
    )


def _read_once(
    client: Client, what: str, conditions: Conditions, page_rows: int
) -> list[Row] | None:
    """Return all rows; None if pages do not fit together or are not as many rows as promised.

    Each page begins with the last row of the one before it, so that a shift between them shows.
    """
    page = client.search(what, conditions, 0, page_rows)
    rows, total = list(page.rows), page.total
    # Each further page has a row of the one before.
    for _ in range(min(-(-total // max(len(rows) - 1, 1)), MOST_PAGES)):
        if len(rows) >= total:
            break
        page = client.search(what, conditions, max(len(rows) - 1, 0), page_rows)
        fits = page.rows and rows and page.rows[0].get(NAME) == rows[-1].get(NAME)
        if page.total != total or not fits or len(page.rows) < 2:
            return None
        rows += page.rows[1:]
    return rows if len(rows) == total else None


def _split(search: Search) -> Iterator[tuple[Conditions, Sequence[str]]]:
    """Cut a search into such as MAST takes: conditions on columns, and names of data sets."""
    columns: dict[str, Any] = {"sci_instrume": search.instrument.upper()}
    if search.released_since is not None:
        columns["sci_release_date"] = _after(search.released_since)
    if search.archived_since is not None:
        columns["sci_archive_date"] = _after(search.archived_since)
    if search.is_timetag_only:
        columns |= {"sci_operating_mode": "TIME-TAG", "sci_aec": "S"}
    names = sorted({name.upper() for name in search.rootnames})
    for proposals in _chunk(sorted(set(search.proposal_ids)), PROPOSALS_PER_SEARCH) or [()]:
        own = {"sci_pep_id": list(proposals)} if proposals else {}
        for some in _chunk(names, NAMES_PER_SEARCH) or [()]:
            yield {**columns, **own}, some


def _after(at: datetime) -> str:
    """Return a condition that is met from the day of a time on; the rest is decided here."""
    return f">{(to_utc(at) - timedelta(days=1)).date().isoformat()}"


def _chunk(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _read_dataset(row: Row) -> Dataset | None:
    """Return what a row says; None if it is no data set as HST's are named today."""
    name = (read_text(row.get(NAME)) or "").lower()
    if not is_rootname(name):
        return None
    released_at = read_date(row.get("sci_release_date"))
    status = (read_text(row.get("sci_status")) or "").upper()
    is_released = released_at is None or released_at <= datetime.now(UTC)
    return Dataset(
        name,
        is_public=status == "PUBLIC" or (not status and is_released),
        released_at=released_at,
        archived_at=read_date(row.get("sci_archive_date")),
    )


def _is_wanted(dataset: Dataset, row: Row, search: Search) -> bool:
    """Tell whether a row is one that was asked for; dates and targets MAST tells too widely."""
    return (
        instrument_of(dataset.name) == search.instrument
        and _is_since(dataset.released_at, search.released_since)
        and _is_since(dataset.archived_at, search.archived_since)
        and (
            not search.is_timetag_only
            or is_science_target(read_text(row.get("sci_targname")) or "")
        )
    )


def _is_since(at: datetime | None, since: datetime | None) -> bool:
    return since is None or at is None or at >= to_utc(since)


def _choose(one: Dataset | None, other: Dataset) -> Dataset:
    """Return the later of two rows of the same data set."""
    if one is None or one.archived_at is None:
        return other
    return one if other.archived_at is None or other.archived_at < one.archived_at else other


def describe_search(search: Search) -> str:
    """Return what is looked for, in words: `the COS data sets archived since 2024-01-01`."""
    words = [f"the {search.instrument.upper()} data sets"]
    if search.released_since is not None:
        words.append(f"released since {search.released_since:%Y-%m-%d}")
    if search.archived_since is not None:
        words.append(f"archived since {search.archived_since:%Y-%m-%d}")
    if search.proposal_ids:
        words.append(f"of {_count(search.proposal_ids, 'proposal')}")
    if search.rootnames:
        words.append(f"of {_count(search.rootnames, 'rootname')}")
    if search.is_timetag_only:
        words.append("in TIME-TAG mode")
    return " ".join(words)


def _count(items: Sequence[object], noun: str) -> str:
    return f"{noun} {items[0]}" if len(items) == 1 else f"{len(items)} {noun}s"
