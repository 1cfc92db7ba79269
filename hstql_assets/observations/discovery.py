"""Ask the archive which keys there are, and which files it lists of each.

Registering keys is done by sensors and `hstql`; what was listed is recorded in `listing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from hstql_resources.archive import Archive, Dataset, Product, Search
from hstql_resources.filenames import instrument_of, is_rootname


@dataclass(frozen=True)
class Discovery:
    """The data sets that a search found, and all that is listed under them.

    Attributes
    ----------
    datasets : tuple of Dataset
        Sorted by name.
    products : tuple of Product
        Each with the dates of its data set.
    rootnames : tuple of str
        Data sets and their members, sorted: the keys.
    """

    datasets: tuple[Dataset, ...]
    products: tuple[Product, ...]
    rootnames: tuple[str, ...]


def discover(
    archive: Archive, search: Search, listed_at: Mapping[str, datetime] = MappingProxyType({})
) -> Discovery:
    """Ask an archive what there is, and what is listed under it.

    Parameters
    ----------
    archive : Archive
        Where to look.
    search : Search
        What to look for. With rootnames, only they and the associations that hold them count.
    listed_at : mapping of str to datetime
        When data sets were listed before. Those of which nothing was noticed since are not listed
        again: they are among the rootnames only.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    found = archive.find_datasets(search)
    datasets = [dataset for dataset in found if not _is_listed(dataset, listed_at)]
    listed = list_all(archive, datasets)
    if search.rootnames:
        wanted = set(search.rootnames)
        listed = {
            name: products
            for name, products in listed.items()
            if name in wanted or any(product.rootname in wanted for product in products)
        }
        datasets = [dataset for dataset in datasets if dataset.name in listed]
    discovery = assemble(search.instrument, datasets, listed)
    known = {dataset.name for dataset in found if _is_listed(dataset, listed_at)}
    return replace(discovery, rootnames=tuple(sorted(known.union(discovery.rootnames))))


def _is_listed(dataset: Dataset, listed_at: Mapping[str, datetime]) -> bool:
    before = listed_at.get(dataset.name)
    return before is not None and dataset.noticed_at is not None and dataset.noticed_at < before


def assemble(
    instrument: str, datasets: Sequence[Dataset], listed: Mapping[str, Sequence[Product]]
) -> Discovery:
    """Return data sets of an instrument and what is listed under them, by name, as one."""
    products = tuple(product for name in listed for product in listed[name])
    names = {dataset.name for dataset in datasets} | {product.rootname for product in products}
    keys = sorted(name for name in names if _is_key(name, instrument))
    return Discovery(tuple(datasets), products, tuple(keys))


def list_all(archive: Archive, datasets: Sequence[Dataset]) -> dict[str, list[Product]]:
    """Return the products of data sets by name, each with the dates of its data set.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    by_name = {dataset.name: dataset for dataset in datasets}
    return {
        name: [_put_under(product, by_name[name]) for product in products]
        for name, products in archive.list_products(sorted(by_name)).items()
    }


def _put_under(product: Product, dataset: Dataset) -> Product:
    """Return a product with its data set's name and dates; it is public if both are."""
    if dataset == Dataset(product.dataset, noticed_at=dataset.noticed_at):
        return product  # as it is, for there can be a million of them
    return replace(
        product,
        dataset=dataset.name,
        is_public=product.is_public and dataset.is_public,
        released_at=dataset.released_at,
        archived_at=dataset.archived_at,
    )


def _is_key(name: str, instrument: str) -> bool:
    return is_rootname(name) and instrument_of(name) == instrument


@dataclass(frozen=True)
class Poll:
    """What a poll found.

    Attributes
    ----------
    discovery : Discovery
        The data sets that are new or changed, with all that is listed under them.
    left : tuple of Dataset
        Those that are new or changed too, but had to be left for the next poll.
    """

    discovery: Discovery
    left: tuple[Dataset, ...]


def date_of(dataset: Dataset, search: Search) -> datetime | None:
    """Return the date of a data set that a search is by."""
    return dataset.released_at if search.archived_since is None else dataset.archived_at
