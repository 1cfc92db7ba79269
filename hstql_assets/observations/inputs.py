"""What retrieval needs to know about a batch: the archive's products, and the files at hand."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batches import Outcome
from hstql_assets.observations.correcting import CORRTAG, TAG, CorrtagTask
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_assets.upstream import among, find_unmade, read_decisions
from hstql_resources import tables
from hstql_resources.archive import Archive, Product
from hstql_resources.database import Database
from hstql_resources.filenames import Kind, instrument_of, parse_filename
from hstql_resources.workbench import Workbench


def locate_retrievals(
    bench: Workbench, kind: Kind, keys: Sequence[str]
) -> list[RetrievalTask | Outcome]:
    """Return a task for each key of a batch; few queries, one question to the archive.

    Calibrated files of STIS come after the raw ones, because events are corrected from those.

    Raises
    ------
    ArchiveError
        If the archive does not answer.
    """
    products = bench.archive.list_products(keys)
    had = _files_at_hand(bench.database, kind, keys)
    of_stis = [key for key in keys if kind == "calibrated" and instrument_of(key) == "stis"]
    raw = _files_at_hand(bench.database, "raw", of_stis)
    before = ["stis/raw_files"]
    decisions = read_decisions(bench.database, before, of_stis)
    return [
        (find_unmade(decisions, before, key) if key in of_stis else None)
        or RetrievalTask(
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
            corrtag=_corrtag_task(bench, key, products[key], raw[key]) if key in of_stis else None,
        )
        for key in keys
    ]


def _corrtag_task(
    bench: Workbench, key: str, products: Sequence[Product], raw: Sequence[Path]
) -> CorrtagTask | None:
    """Corrected events are made where the archive has events, and none that are corrected."""
    types = {p.filetype for file in products if (p := parse_filename(file.filename))}
    if TAG not in types or CORRTAG in types:
        return None
    tags = [path for path in raw if (p := parse_filename(path.name)) and p.filetype == TAG]
    return CorrtagTask(key, tags[0] if tags else None, bench.references, bench.filesystem)


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
