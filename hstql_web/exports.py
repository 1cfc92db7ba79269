"""Write rows for other programs: CSV, JSON, VOTable, FITS, or the names of exposures alone."""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from hstql_resources.table_files.columns import Column, plain
from hstql_resources.table_files.fits_rows import write_fits
from hstql_resources.table_files.votables import write_votable

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "votable": "application/x-votable+xml",
    "fits": "application/fits",
    "ids": "text/plain; charset=utf-8",
}
BETWEEN = "; "  # where a cell has several values
_AT_ONCE = 500
_CHUNK = 1 << 16
# What makes a spreadsheet take a text for a formula, and run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(form: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield the bytes of rows in a form of `FORMS`; of `ids` the first column alone."""
    if form == "csv":
        return _write_csv(columns, rows)
    if form == "json":
        return _write_json(columns, rows)
    if form == "ids":
        return (f"{row[0]}\n".encode() for row in rows)
    return write_votable(columns, rows) if form == "votable" else _write_fits(columns, rows)


def _write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.name for column in columns)
    for number, row in enumerate(rows, 1):
        writer.writerow(_guard(plain(value)) for value in row)
        if number % _AT_ONCE == 0:
            yield _take(text)
    yield _take(text)


def _guard(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: a text that looks like one has a '."""
    is_formula = isinstance(cell, str) and cell.startswith(_FORMULA)
    return f"'{cell}" if is_formula and not all(map(_is_number, cell.split(BETWEEN))) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _write_json(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    names = [column.name for column in columns]
    yield b"["
    for number, row in enumerate(rows):
        line = json.dumps(dict(zip(names, map(plain, row), strict=True)))
        yield (",\n" if number else "\n").encode() + line.encode()
    yield b"\n]\n"


def _take(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


def _write_fits(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    every = iter(rows)
    batches = iter(lambda: list(islice(every, _AT_ONCE)), [])
    with tempfile.TemporaryDirectory(prefix="hstql_") as folder:
        path = Path(folder) / "rows.fits"
        write_fits(path, columns, batches)
        with path.open("rb") as file:
            yield from iter(partial(file.read, _CHUNK), b"")
