"""Record what the archive lists of each key, ask anew, and hold it against what is here.

The table `products` says under which data set a key is listed: the members of an association
have none of their own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import ARCHIVE, HSTQL
from hstql_assets.batching.job_names import file_assets
from hstql_assets.batching.news import Keys, Mark, select_decided, select_keys
from hstql_assets.observations.discovery import Discovery, list_all
from hstql_resources import tables
from hstql_resources.archive import Archive, Dataset, Product
from hstql_resources.filenames import letter_of, parse_filename
from hstql_resources.filetypes import RAW_TYPES
from hstql_resources.postgres.database import Database, Writer
from hstql_resources.tables.transactions import FILES, PRODUCTS

PUBLIC, PROPRIETARY = "public", "proprietary"


def record_products(database: Database, discovery: Discovery) -> None:
    """Record what an archive lists under the data sets that were found; what is gone goes."""
    names = [dataset.name for dataset in discovery.datasets]
    product, started = tables.Product, datetime.now(UTC)

    def record(writer: Writer) -> None:
        write_products(writer, discovery.products)
        writer.execute(
            delete(product).where(product.dataset == any_of(names), product.listed_at < started)
        )

    if names:
        database.transact(record)


def write_products(writer: Writer, products: Iterable[Product]) -> None:
    """Write rows of `products`, each file once: under the last of its data sets."""
    now = datetime.now(UTC)
    rows = [row for product in products if (row := _row(product, now)) is not None]
    writer.upsert(tables.Product, sorted(rows, key=lambda row: str(row["dataset"])))


def _row(product: Product, now: datetime) -> dict[str, object] | None:
    parsed = parse_filename(product.filename)
    if parsed is None:
        return None
    return {
        "filename": parsed.name,
        "rootname": product.rootname,
        "dataset": product.dataset or product.rootname,
        "uri": product.location,
        "size_bytes": product.size_bytes,
        "access": PUBLIC if product.is_public else PROPRIETARY,
        "released_at": product.released_at,
        "archived_at": product.archived_at,
        "listed_at": now,
    }


def list_for_keys(
    archive: Archive, database: Database, keys: Sequence[str]
) -> dict[str, list[Product]]:
    """Return what the archive lists of keys now, by the data sets that they were found under.

    Parameters
    ----------
    archive : Archive
        Where to look.
    database : Database
        Knows the data set of each key. One that was never found is asked for by its own name.
    keys : sequence of str
        Exposures and associations.

    Returns
    -------
    dict of str to list of Product
        With each of the keys, and with others that are listed under the same data sets.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    known = _read_datasets(database, keys)
    datasets = {key: Dataset(key) for key in keys if key not in known}
    for found in known.values():
        datasets |= found
    listed: dict[str, list[Product]] = {key: [] for key in keys}
    for products in list_all(archive, list(datasets.values())).values():
        for product in products:
            listed.setdefault(product.rootname, []).append(product)
    return {key: _once(products) for key, products in listed.items()}


def _once(products: Sequence[Product]) -> list[Product]:
    """Return each file once, if it is listed under several data sets; faults all stay."""
    by_name = {product.filename: product for product in products if product.filename}
    return [*by_name.values(), *(product for product in products if not product.filename)]


def _read_datasets(database: Database, keys: Sequence[str]) -> dict[str, dict[str, Dataset]]:
    product = tables.Product
    statement = (
        select(
            product.rootname,
            product.dataset,
            func.max(product.released_at).label("released_at"),
            func.max(product.archived_at).label("archived_at"),
        )
        .where(product.rootname == any_of(keys))
        .group_by(product.rootname, product.dataset)
    )
    found: dict[str, dict[str, Dataset]] = defaultdict(dict)
    for row in database.read(statement):
        found[row.rootname][row.dataset] = Dataset(
            row.dataset, released_at=row.released_at, archived_at=row.archived_at
        )
    return found


def select_made_here(instrument: str) -> Select[str]:
    """Return the query for the keys of which a calibration pipeline made files here."""
    file = tables.File
    return (
        select(file.rootname)
        .where(
            file.rootname.startswith(letter_of(instrument)),
            _is_made_here(file),
        )
        .distinct()
    )


def read_listed_keys(database: Database, instrument: str, since: Mark | None) -> set[str]:
    """Return the data sets and members of an instrument that were listed since a mark."""
    is_recent = true() if since is None else PRODUCTS.transaction_id >= since.transaction
    statement = (
        select(PRODUCTS.rootname, PRODUCTS.dataset)
        .where(PRODUCTS.rootname.startswith(letter_of(instrument)), is_recent)
        .distinct()
    )
    return {str(key) for row in database.read(statement) for key in row}


def read_listing_dates(database: Database, instrument: str) -> dict[str, datetime]:
    """Return when the data sets of an instrument were last listed, UTC."""
    product = tables.Product
    statement = (
        select(product.dataset, func.min(product.listed_at))
        .where(product.dataset.startswith(letter_of(instrument)))
        .group_by(product.dataset)
    )
    return {str(row[0]): row[1] for row in database.read(statement)}


def select_news(instrument: str, since: Mark, keys: Sequence[str]) -> Keys:
    """Return the query for some keys and all that was listed, fetched or decided since a mark."""
    assets = [*file_assets(instrument), f"{instrument}/header_tables"]
    return union(
        select_keys(keys),
        select(PRODUCTS.rootname).where(PRODUCTS.transaction_id >= since.transaction),
        select(PRODUCTS.dataset).where(PRODUCTS.transaction_id >= since.transaction),
        select(FILES.rootname).where(FILES.transaction_id >= since.transaction),
        select_decided(assets, since),
    )


def find_stale(database: Database, instrument: str, among: Keys | None = None) -> Mapping[str, str]:
    """Return the keys of which the archive lists other files than those that were fetched.

    A file has another size, its data set was taken in again, or it is new there and public. Only
    keys that were fetched before count; files that were made here are of no account.

    Returns
    -------
    dict of str to str
        The keys, sorted, each with a digest of what is listed of it: what was asked for once and
        could not be had has the same digest the next time. The association of a file whose size
        is another is with them, for its products are made from that file. Of keys that are not
    `among` those that are looked at, nothing is told.
    """
    statement = _stale(instrument, among)
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def _stale(instrument: str, among: Keys | None) -> Select[str, str]:
    """Return the query for the stale keys that were decided before, with their digests."""
    outcome, listed = tables.Outcome, tables.Product
    changed = _changed_products(instrument, among).subquery()
    keys = (
        select(changed.c.rootname.label("key"))
        .union(select(changed.c.dataset).where(changed.c.is_other_size))
        .subquery()
    )
    text = func.concat(
        listed.filename, " ", listed.size_bytes, " ", listed.archived_at, listed.access
    )
    in_order = aggregate_order_by(literal(","), listed.filename)
    state = func.md5(func.coalesce(func.string_agg(text, in_order), ""))
    decided = select(outcome.key).where(outcome.asset == any_of(file_assets(instrument)))
    return (
        select(keys.c.key, state)
        .select_from(keys)
        .join(listed, listed.rootname == keys.c.key, isouter=True)
        .where(keys.c.key.in_(decided))
        .group_by(keys.c.key)
        .order_by(keys.c.key)
    )


def _changed_products(instrument: str, among: Keys | None) -> Select[str, str, bool]:
    """Return the query for the listed files that are not here, or are here otherwise."""
    product, file, other = _select_listed(among), tables.File, aliased(tables.File)
    was_made_here = and_(file.origin.is_not(None), file.origin != ARCHIVE)
    is_other_size = and_(file.filename.is_not(None), file.size_bytes != product.size_bytes)
    is_taken_in_again = and_(
        file.filename.is_not(None),
        product.archived_at.is_not(None),
        product.archived_at.is_distinct_from(file.archived_at),
    )
    is_new = and_(file.filename.is_(None), product.access == PUBLIC)
    filetype = func.substr(func.split_part(product.filename, ".", 1), len("lxxxxxxxx_") + 1)
    is_replaced = and_(  # by what was made here
        filetype.not_in(sorted(RAW_TYPES)),
        exists().where(other.rootname == product.rootname, _is_made_here(other)),
    )
    return (
        select(product.rootname, product.dataset, is_other_size.label("is_other_size"))
        .select_from(product)
        .join(file, file.filename == product.filename, isouter=True)
        .where(
            product.rootname.startswith(letter_of(instrument)),
            ~is_replaced,
            or_(is_new, and_(~was_made_here, or_(is_other_size, is_taken_in_again))),
        )
    )


def _select_listed(among: Keys | None) -> type[tables.Product]:
    """Return what is listed, of some keys: in a union, which goes by indexes; `or` does not."""
    if among is None:
        return tables.Product
    product = tables.Product
    each = (select(product).where(one.in_(among)) for one in (product.rootname, product.dataset))
    return aliased(product, union(*each).subquery())


def _is_made_here(file: type[tables.File]) -> ColumnElement[bool]:
    return and_(file.origin.is_not(None), file.origin.not_in((ARCHIVE, HSTQL)))
