"""Read which files of a batch were brought in."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import InputFile
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_files(
    database: Database, keys: Sequence[str], *conditions: ColumnElement[bool]
) -> dict[str, list[InputFile]]:
    """Return files by rootname, sorted by name, in one query; an empty list for one without.

    Parameters
    ----------
    database : Database
        What retrieval brought in.
    keys : sequence of str
        Rootnames.
    *conditions : ColumnElement
        Of rows of `files`; all have to be met.
    """
    file = tables.File
    statement = (
        select(file.rootname, file.filename, file.filetype, file.path)
        .where(file.rootname == any_of(keys), *conditions)
        .order_by(file.filename)
    )
    files: dict[str, list[InputFile]] = defaultdict(list)
    for row in database.read(statement):
        files[row.rootname].append(InputFile(row.filename, row.filetype, Path(row.path)))
    return files
