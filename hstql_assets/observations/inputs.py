"""What retrieval needs to know about a batch: the archive's products, and the files at hand."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.upstream import among
from hstql_resources import tables
from hstql_resources.archive import Archive, Product
from hstql_resources.database import Database
from hstql_resources.filenames import Kind, parse_filename
from hstql_resources.workbench import Workbench


def locate_retrievals(bench: Workbench, kind: Kind, keys: Sequence[str]) -> list[RetrievalTask]:
    """Return a task for each key of a batch; one query, one question to the archive.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    products = bench.archive.list_products(keys)
    had = _files_at_hand(bench.database, kind, keys)
    return [
        RetrievalTask(
            key=key,
            kind=kind,
            products=tuple(
                product
                for product in products[key]
                if (parsed := parse_filename(product.filename)) and parsed.kind == kind
            ),
            obstacle=_find_obstacle(bench.archive, key, products[key]),
            had=tuple(had[key]),
            archive=bench.archive,
            filesystem=bench.filesystem,
        )
        for key in keys
    ]


def _files_at_hand(database: Database, kind: Kind, keys: Sequence[str]) -> dict[str, list[Path]]:
    statement = select(tables.File.rootname, tables.File.path).where(
        tables.File.rootname == among(keys), tables.File.kind == kind
    )
    files: dict[str, list[Path]] = defaultdict(list)
    for row in database.read(statement):
        files[row.rootname].append(Path(row.path))
    return files


def _find_obstacle(archive: Archive, key: str, products: Sequence[Product]) -> str | None:
    if not products:
        return f"The {archive.name} archive has no files of {key}."
    closed = [product.location for product in products if not product.filename]
    return f"{closed[0]} cannot be read: check its permissions and links." if closed else None
