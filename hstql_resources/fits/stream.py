"""Read FITS front to back, plain or gzipped: headers, and tables a block of rows at a time.

astropy maps a whole table into memory or decompresses it first; event lists of 10^8 rows and
truncated files need neither. What belongs here is FITS as such (Pence et al. 2010, A&A 524, A42);
what the tables of COS mean does not.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np

from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.errors import FitsError, LostHdusError
from hstql_resources.fits.hdus import Hdu, ends_after, walk
from hstql_resources.fits.header import Header, parse_header
from hstql_resources.fits.keywords import value_of
from hstql_resources.fits.tables import TableLayout, table_layout

BLOCK_ROWS = 1 << 17  # events in 5 MB, of which a column stays in the cache of a core
BLOCK_BYTES = 1 << 26  # of a block at most, but for a row that is longer
MOST_MOMENTS = 200_000  # rows of good times, timelines, jitter: each second of two days
MOST_TABLE_BYTES = 1 << 30  # of a table that is held as a whole; raw events of STIS have 0.6 GB

Extension: TypeAlias = Hdu[Header]


class FitsStream:
    """One FITS file, read in order; going back is cheap in a plain file, not in a gzipped one.

    Parameters
    ----------
    path : Path
        The file; whether it is gzipped is seen in its first bytes, not in its name.
    """

    def __init__(self, path: Path) -> None:
        self._source = ByteSource(path)

    def __enter__(self) -> "FitsStream":
        return self

    def __exit__(self, *_: object) -> None:
        self._source.__exit__()

    def extensions(self) -> Iterator[Extension]:
        """Yield the HDUs in order, the primary first, without reading their data.

        What follows the last of them is left alone: who reads all headers says so.

        Raises
        ------
        FitsError
            If the file is no FITS, or ends within a header or the data of an HDU.
        """
        with suppress(LostHdusError):
            yield from walk(self._source, parse_header)

    def distinct_extensions(self) -> Iterator[Extension]:
        """Yield the HDUs as `extensions` does; FitsError if two have one name and version."""
        seen: set[tuple[str, object]] = set()
        for extension in self.extensions():
            name = extension.name, value_of(extension.header, "EXTVER", 1)
            if extension.name and name in seen:
                raise FitsError("has two extensions {}, version {}: which one holds?".format(*name))
            seen.add(name)
            yield extension

    def blocks(
        self, extension: Extension, layout: TableLayout, rows: int | None = None
    ) -> Iterator[np.ndarray]:
        """Yield a table in records of shape (n,); each is valid until the next.

        There are at most `rows` of them, or `BLOCK_ROWS`.

        Raises
        ------
        FitsError
            If the file ends before the last row.
        """
        self._source.go_to(extension.data_start)
        rows = min(
            rows or BLOCK_ROWS, layout.rows, max(BLOCK_BYTES // max(layout.record.itemsize, 1), 1)
        )
        buffer = bytearray(rows * layout.record.itemsize)
        done = 0
        while done < layout.rows:
            size = min(rows, layout.rows - done) * layout.record.itemsize
            view = memoryview(buffer)[:size]
            filled = self._source.fill(view)
            block = np.frombuffer(view[: filled - filled % layout.record.itemsize], layout.record)
            done += len(block)
            if filled < size:
                raise FitsError(ends_after(extension.header, done))
            yield block

    def table(self, extension: Extension, layout: TableLayout) -> np.ndarray:
        """Return all rows of a small table, shape (rows,); FitsError if it is not small."""
        self._require_rows(extension, layout, MOST_TABLE_BYTES // max(layout.record.itemsize, 1))
        blocks = self.blocks(extension, layout, layout.rows)
        if layout.rows * layout.record.itemsize <= BLOCK_BYTES:
            return next(blocks, np.empty(0, layout.record))
        # In blocks, because a damaged header may promise more rows than there is memory.
        return np.concatenate([block.copy() for block in blocks])

    def _require_rows(self, extension: Extension, layout: TableLayout, most: int) -> None:
        """Raise FitsError for more rows than there may be; where the file ends before, for that."""
        if layout.rows <= most:
            return
        here, row_bytes = self._source.size, layout.record.itemsize
        if here is not None and here < extension.data_start + layout.rows * row_bytes:
            rows = (here - extension.data_start) // row_bytes
            raise FitsError(ends_after(extension.header, rows))
        raise FitsError(f"has {layout.rows:,} rows in {layout.name}, more than {most:,}")

    def rows(self, extension: Extension, *names: str) -> tuple[TableLayout, np.ndarray]:
        """Return the layout and all rows of a small table; FitsError if it lacks a named column."""
        layout = table_layout(extension.header)
        layout.require(*names)
        return layout, self.table(extension, layout)

    def numbers(self, extension: Extension, *names: str) -> np.ndarray:
        """Return columns of a small table, one number in a row; float64, shape (columns, rows).

        Raises
        ------
        FitsError
            If it is not small, or a column is not there or holds something else.
        """
        self._require_rows(extension, table_layout(extension.header), MOST_MOMENTS)
        layout, rows = self.rows(extension, *names)
        return np.array([layout.numbers(rows, name, 1)[:, 0] for name in names], np.float64)


def find_table(extensions: Iterable[Extension], name: str) -> Extension:
    """Return the first extension of a name; FitsError if there is none."""
    found = next((one for one in extensions if one.name == name), None)
    if found is None:
        raise FitsError(f"has no {name} table")
    return found
