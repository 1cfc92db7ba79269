"""An archive of data sets that a test lists; it can fail, and tells what it was asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hstql_resources.archive import ArchiveError, Dataset, Product, Proposal, Search

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@dataclass
class ListedArchive:
    """Data sets by name, with what is listed under them."""

    listed: dict[str, tuple[Dataset, list[Product]]] = field(default_factory=dict)
    fault: str | None = None
    searches: list[Search] = field(default_factory=list)
    questions: list[tuple[str, ...]] = field(default_factory=list)
    name: str = "listed"
    is_remote: bool = False
    in_place: bool = False

    def add(
        self,
        name: str,
        *members: str,
        released_at: datetime = NOW - DAY,
        archived_at: datetime | None = NOW - DAY,
        size_bytes: int = 1000,
        access: bool | None = None,
    ) -> None:
        """Add a data set with one raw file for itself and each member, or replace it."""
        is_public = released_at <= datetime.now(UTC) if access is None else access
        dataset = Dataset(name, is_public, released_at, archived_at)
        products = [
            Product(one, f"{one}_rawtag.fits", size_bytes=size_bytes, is_public=is_public)
            for one in (name, *members)
        ]
        self.listed[name] = (dataset, products)

    def find_datasets(self, search: Search) -> list[Dataset]:
        self.searches.append(search)
        if self.fault:
            raise ArchiveError(self.fault)
        return [dataset for _, (dataset, _) in sorted(self.listed.items())
                if _is_since(dataset.released_at, search.released_since)
                and _is_since(dataset.archived_at or NOW, search.archived_since)]  # fmt: skip

    def list_products(self, datasets: Sequence[str]) -> dict[str, list[Product]]:
        self.questions.append(tuple(datasets))
        return {name: [replace(one) for one in self.listed[name][1]]
                if name in self.listed else [] for name in datasets}  # fmt: skip

    def describe_proposals(self, proposal_ids: Sequence[int]) -> dict[int, Proposal]:
        return {}

    def fetch(self, products: Sequence[Product], folder: Path) -> None:
        raise NotImplementedError

    def fetch_reference(self, filename: str, folder: Path) -> bool:
        return False


def _is_since(date: datetime | None, since: datetime | None) -> bool:
    return since is None or (date is not None and date >= since)


def names(prefix: str, number: int) -> Iterator[str]:
    return (f"{prefix}{index:05d}q" for index in range(number))
