"""Write rows as a FITS table, of any length: they wait on the disk until widths are known.

FITS holds ASCII; of other letters a ? is left. What is no number is the smallest there is (TNULL).
"""

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from astropy.io import fits

from hstql_resources.fits.byte_source import BLOCK
from hstql_resources.table_files.astropy_tables import spell_unit
from hstql_resources.table_files.columns import Column, plain, tell_apart
from hstql_resources.table_files.texts import render

_NULL = np.iinfo(np.int64).min
_CODES = {bool: "L", int: "K", float: "D"}
_TYPES = {"L": "S1", "K": ">i8", "D": ">f8"}
Batch = Sequence[Sequence[Any]]


def write_fits(path: Path, columns: Sequence[Column], batches: Iterable[Batch]) -> int:
    """Write a table to exactly this path; return the number of its rows."""
    with tempfile.TemporaryFile(dir=path.parent) as spool:
        widths, number = [1] * len(columns), 0
        for batch in batches:
            cells = [_encode(column, values) for column, values in _transpose(columns, batch)]
            pickle.dump((len(batch), cells), spool)
            number += len(batch)
            sizes = [max(map(len, one)) if isinstance(one, list) else 1 for one in cells]
            widths = [max(pair) for pair in zip(widths, sizes, strict=True)]
        spool.seek(0)
        with path.open("wb") as file:
            _write(file, columns, widths, number, _read(spool))
    return number


def _transpose(columns: Sequence[Column], batch: Batch) -> Iterator[tuple[Column, Sequence[Any]]]:
    return zip(columns, zip(*batch, strict=True), strict=True)


def _encode(column: Column, values: Sequence[Any]) -> Any:
    """Return cells as numbers, or as a list of bytes."""
    if column.kind is float:
        return np.array([np.nan if one is None else one for one in values], float)
    if column.kind is int:
        return np.array([_NULL if one is None else one for one in values], np.int64)
    if column.kind is bool:
        return np.array([b"\0" if one is None else b"T" if one else b"F" for one in values], "S1")
    return [render(plain(one)).encode("ascii", "replace") for one in values]


def _read(spool: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
    while True:
        try:
            yield pickle.load(spool)  # noqa: S301 - written above
        except EOFError:
            return


def _write(
    file: IO[bytes],
    columns: Sequence[Column],
    widths: Sequence[int],
    number: int,
    batches: Iterable[tuple[int, list[Any]]],
) -> None:
    codes = [_CODES.get(column.kind, f"{width}A")
             for column, width in zip(columns, widths, strict=True)]  # fmt: skip
    file.write(fits.PrimaryHDU().header.tostring().encode())
    file.write(_make_header(columns, codes, number).tostring().encode())
    layout = np.dtype([(f"f{place}", _TYPES.get(code) or f"S{code[:-1]}")
                       for place, code in enumerate(codes)])  # fmt: skip
    for length, cells in batches:
        rows = np.zeros(length, layout)
        for name, values in zip(layout.names or (), cells, strict=True):
            rows[name] = values
        file.write(rows.tobytes())
    file.write(b"\0" * (-(number * layout.itemsize) % BLOCK))


def _make_header(columns: Sequence[Column], codes: Sequence[str], number: int) -> fits.Header:
    names = tell_apart([column.name for column in columns])
    described = [
        fits.Column(
            name, code, unit=spell_unit(column, "fits"), null=_NULL if code == "K" else None
        )
        for name, code, column in zip(names, codes, columns, strict=True)
    ]
    header = fits.BinTableHDU.from_columns(described, nrows=0).header
    header["NAXIS2"] = number
    for place, column in enumerate(columns, 1):
        if column.about:
            header[f"TCOMM{place}"] = column.about.encode("ascii", "replace").decode()
    return header
