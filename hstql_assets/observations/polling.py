"""Ask an archive what is new: bounded, and nothing is listed again that did not change.

What is known already is asked of the table `products`, so a poll goes on where the last one had
to stop. Recording what is found, and registering keys, is done by the sensors.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.run_ranges import chunk_keys
from hstql_assets.observations.discovery import Poll, assemble, date_of, list_all
from hstql_assets.observations.listing import PUBLIC
from hstql_resources import tables
from hstql_resources.archive import Archive, Dataset, Product, Search
from hstql_resources.postgres.database import Database

DATASETS_PER_POLL = 5000
DATASETS_PER_LOOK = 1000  # at the clock
LISTING_BUDGET_S = 60.0  # a tick may take 300 s, and the search alone can take most of it
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Known:
    """What the table `products` has of a data set."""

    released_at: datetime | None
    archived_at: datetime | None
    listed_at: datetime
    is_public: bool


def poll_archive(
    archive: Archive,
    database: Database,
    search: Search,
    find_registered: Callable[[Collection[str]], Collection[str]],
) -> Poll:
    """Return what is new or changed among the data sets of a search.

    Parameters
    ----------
    archive : Archive
        Where to look.
    database : Database
        Knows what was listed before.
    search : Search
        By date of release or of the archive.
    find_registered : callable
        Returns those of some names that are keys already.

    Raises
    ------
    ArchiveError
        If the archive does not answer; then nothing was recorded.
    """
    datasets = archive.find_datasets(search)
    known = _read_known(database, [dataset.name for dataset in datasets])
    registered = find_registered([one.name for one in datasets if one.name not in known])
    now = datetime.now(UTC)
    news: list[Dataset] = []
    doubts: list[Dataset] = []
    for dataset in sorted(datasets, key=lambda one: (date_of(one, search) or _LONG_AGO, one.name)):
        before = known.get(dataset.name)
        if before is None:
            # One that was found before without any file must not stand in the way of others.
            (doubts if dataset.name in registered else news).append(dataset)
        elif (dataset.released_at, dataset.archived_at) != (before.released_at, before.archived_at):
            news.append(dataset)
        elif _is_doubtful(dataset, before, search, now):
            doubts.append(dataset)
    doubts.sort(key=lambda one: known[one.name].listed_at if one.name in known else _LONG_AGO)
    chosen = [*news, *doubts][:DATASETS_PER_POLL]
    listed, asked = _list(archive, chosen)
    done = {dataset.name for dataset in asked}
    return Poll(
        assemble(search.instrument, asked, listed),
        tuple(dataset for dataset in news if dataset.name not in done),
    )


def _is_doubtful(dataset: Dataset, before: _Known, search: Search, now: datetime) -> bool:
    """Tell whether a data set may have changed though its dates are those that are known."""
    if dataset.noticed_at is not None:
        return dataset.noticed_at >= before.listed_at
    if dataset.archived_at is None and search.archived_since is not None:
        return True  # found for the date of its last change, such as a simulated one
    # The date of release can come before the archive hands the files out.
    is_released = dataset.released_at is None or dataset.released_at <= now
    return is_released and not before.is_public


def _read_known(database: Database, names: Sequence[str]) -> dict[str, _Known]:
    product = tables.Product
    statement = (
        select(
            product.dataset,
            # The earliest: a run that began before a change can write a part of the old list again.
            func.min(product.released_at),
            func.min(product.archived_at),
            func.min(product.listed_at),
            func.bool_and(product.access == PUBLIC),
        )
        .where(product.dataset == any_of(names))
        .group_by(product.dataset)
    )
    return {row[0]: _Known(*row[1:]) for row in database.read(statement)}


def _list(
    archive: Archive, datasets: Sequence[Dataset]
) -> tuple[Mapping[str, Sequence[Product]], list[Dataset]]:
    """Return the products of data sets, and of how many there was time for."""
    end = time.monotonic() + LISTING_BUDGET_S
    by_name = {dataset.name: dataset for dataset in datasets}
    listed: dict[str, list[Product]] = {}
    asked: list[Dataset] = []
    for names in chunk_keys(list(by_name), DATASETS_PER_LOOK):
        if time.monotonic() > end:
            break
        chunk = [by_name[name] for name in names]
        listed |= list_all(archive, chunk)
        asked += chunk
    return listed, asked
