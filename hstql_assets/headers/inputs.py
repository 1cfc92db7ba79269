"""What the header step needs to know about a batch: the files that retrieval brought in."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batches import Outcome
from hstql_assets.headers.scanning import HeaderFile, HeaderTask
from hstql_assets.upstream import among, find_unmade, read_decisions
from hstql_resources import tables
from hstql_resources.database import Database


def locate_headers(
    database: Database, instrument: str, keys: Sequence[str]
) -> list[HeaderTask | Outcome]:
    """Return a task for each key of a batch, in two queries."""
    before = [f"{instrument}/raw_files", f"{instrument}/calibrated_files"]
    decisions = read_decisions(database, before, keys)
    files = _files_by_rootname(database, keys)
    return [
        find_unmade(decisions, before, key)
        or HeaderTask(
            key,
            tuple(files[key]),
            next(
                (
                    decisions[asset, key][1]
                    for asset in before
                    if decisions[asset, key][0] == "missing"
                ),
                None,
            ),
        )
        for key in keys
    ]


def _files_by_rootname(database: Database, keys: Sequence[str]) -> dict[str, list[HeaderFile]]:
    file = tables.File
    statement = (
        select(file.rootname, file.filename, file.filetype, file.path)
        .where(file.rootname == among(keys), file.filename.endswith(".fits"))
        .order_by(file.filename)
    )
    files: dict[str, list[HeaderFile]] = defaultdict(list)
    for row in database.read(statement):
        files[row.rootname].append(HeaderFile(row.filename, row.filetype, Path(row.path)))
    return files
