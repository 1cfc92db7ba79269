"""Estimate how much will come over the net, by what the archive last listed."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of
from hstql_resources import tables
from hstql_resources.filetypes import RAW_TYPES
from hstql_resources.postgres.database import Database


@dataclass(frozen=True)
class Download:
    """Files of known size with the sum of their sizes [bytes], and the number of the others."""

    files: int = 0
    size_bytes: int = 0
    unknown_sizes: int = 0

    def describe(self) -> str:
        """Return it as words."""
        if not self.files and not self.unknown_sizes:
            return "of unknown size: the archive was never asked for its list"
        known = f"{self.files} files, {self.size_bytes / 1e6:.1f} MB" if self.files else ""
        unknown = f"{self.unknown_sizes} files of unknown size" if self.unknown_sizes else ""
        return ", and ".join(part for part in (known, unknown) if part)


def measure_download(database: Database, keys: Iterable[str], *, is_raw_only: bool) -> Download:
    """Return the number and size of the files that the archive lists of some keys."""
    product = tables.Product
    filetype = func.split_part(func.substr(product.filename, 11), ".", 1)
    wanted = [filetype == any_of(sorted(RAW_TYPES))] if is_raw_only else []
    size = product.size_bytes
    statement = select(
        func.count(size), func.coalesce(func.sum(size), 0), func.count() - func.count(size)
    ).where(product.rootname == any_of(sorted(keys)), *wanted)
    (row,) = database.read(statement)
    return Download(int(row[0]), int(row[1]), int(row[2]))
