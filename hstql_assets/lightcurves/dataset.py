"""Write lightcurves as one Parquet dataset: a row for each bin, in files by places on the sky.

It is a HATS catalogue (IVOA note "HATS", 2025), which lsdb opens; every other program reads its
files as Parquet. Cells are HEALPix, nested; a file holds one cell, the coarsest with few enough
rows. Moving targets are in it by where their headers say they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.fits_table import COLUMNS
from hstql_assets.lightcurves.table import ARRAYS, read_curve_table
from hstql_resources.sky_index import ORDER
from hstql_resources.software import name_software
from hstql_resources.table_files.columns import Column
from hstql_resources.table_files.parquet import make_schema

if TYPE_CHECKING:  # it takes a while, and only who exports needs it
    import pyarrow as pa

MOST_ROWS = 1_000_000  # of a file, unless one exposure has more
ROWS_OF_GROUP = 100_000
FINEST = 12  # order of cells that are not divided any more
CELL = "_healpix_29"
_WHOLE = frozenset({"dataset", "quality"})  # numbers of the columns
_LEFT_OUT = frozenset({"dataset"})  # always 1


@dataclass(frozen=True)
class Curve:
    """A lightcurve that goes in.

    Attributes
    ----------
    path : Path
        Its file.
    bins : int
        How many it has.
    cell : int or None
        Where it is: HEALPix, nested, of the order `sky_index.ORDER`.
    values : tuple
        What is the same in all its bins, in the order of the columns.
    """

    path: Path
    bins: int
    cell: int | None
    values: tuple[Any, ...]


@dataclass
class Summary:
    """What was written, and what not."""

    rows: int = 0
    curves: int = 0
    files: int = 0
    unread: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def write_dataset(columns: Sequence[Column], curves: Sequence[Curve], folder: Path) -> Summary:
    """Write lightcurves into an empty folder.

    Parameters
    ----------
    columns : sequence of Column
        Of the values of the curves; `ra_deg` and `dec_deg` are among them.
    curves : sequence of Curve
    folder : Path
        Gets the folder `dataset` and what tells about it; curves without a place go into
        `without_place.parquet`.
    """
    import pyarrow as pa  # as above

    summary = Summary()
    schema = make_schema([*columns, *_describe_bins()])
    schema = pa.schema([pa.field(CELL, pa.int64()), *schema], metadata=schema.metadata)
    placed = sorted((one for one in curves if one.cell is not None), key=_cell)
    pixels: list[tuple[int, int]] = []
    for order, pixel, some in divide(placed):
        path = folder / "dataset" / f"Norder={order}" / f"Dir={pixel // 10_000 * 10_000}"
        path.mkdir(parents=True, exist_ok=True)
        if _write(path / f"Npix={pixel}.parquet", schema, some, summary):
            pixels.append((order, pixel))
    placed_rows = summary.rows
    if elsewhere := [one for one in curves if one.cell is None]:
        _write(folder / "without_place.parquet", schema, elsewhere, summary)
        summary.remarks.append(
            f"{len(elsewhere):,} without a place are in without_place.parquet, which lsdb "
            "does not read."
        )
    _describe(folder, schema, pixels, placed_rows)
    return summary


def _describe(
    folder: Path, schema: "pa.Schema", pixels: Sequence[tuple[int, int]], rows: int
) -> None:
    """Write what says that the folder is a catalogue, and which cells it has."""
    from pyarrow import parquet  # as above

    (folder / "dataset").mkdir(exist_ok=True)
    parquet.write_metadata(schema, folder / "dataset" / "_common_metadata")
    lines = ["Norder,Npix", *(f"{order},{pixel}" for order, pixel in pixels)]
    (folder / "partition_info.csv").write_text("".join(f"{line}\n" for line in lines))
    said = {
        "obs_collection": "hstql_lightcurves", "dataproduct_type": "source", "hats_nrows": rows,
        "hats_col_ra": "ra_deg", "hats_col_dec": "dec_deg", "hats_col_healpix": CELL,
        "hats_col_healpix_order": ORDER, "hats_npix_suffix": ".parquet",
        "hats_order": max((order for order, _ in pixels), default=0), "hats_max_rows": MOST_ROWS,
        "hats_builder": name_software(), "hats_version": "v1.0",
        "hats_creation_date": f"{datetime.now(UTC):%Y-%m-%dT%H:%MUTC}",
    }  # fmt: skip
    text = "".join(f"{name}={value}\n" for name, value in said.items())
    (folder / "hats.properties").write_text(text.replace(":", "\\:"))


def _cell(curve: Curve) -> int:
    return -1 if curve.cell is None else curve.cell


def divide(
    curves: Sequence[Curve], order: int = 0, most: int = MOST_ROWS
) -> Iterator[tuple[int, int, Sequence[Curve]]]:
    """Yield order and number of cells with the curves in each; these are sorted by their places."""
    pixels = np.array([_cell(one) for one in curves], np.int64) >> 2 * (ORDER - order)
    for pixel in np.unique(pixels).tolist():
        first, end = np.searchsorted(pixels, (pixel, pixel + 1))
        some = curves[first:end]
        if len(some) > 1 and order < FINEST and sum(one.bins for one in some) > most:
            yield from divide(some, order + 1, most)
        else:
            yield order, pixel, some


def _describe_bins() -> Iterator[Column]:
    described = {one.name: one for one in COLUMNS}
    for name in _names():
        one = described[name]
        about = f"{one.description}, {one.unit}" if one.unit else one.description
        yield Column(name, about, int if name in _WHOLE else float)


def _names() -> list[str]:
    return [name for name in ARRAYS.values() if name not in _LEFT_OUT]


def _write(path: Path, schema: "pa.Schema", curves: Sequence[Curve], summary: Summary) -> bool:
    """Write curves into one file; return whether there is one."""
    # As above.
    import pyarrow as pa
    from pyarrow import parquet

    waiting: list[pa.RecordBatch] = []
    rows, before = 0, summary.rows
    with parquet.ParquetWriter(path, schema) as writer:
        for curve in curves:
            try:
                waiting.append(_read(curve, schema))
            except BadData as problem:
                summary.unread.append(str(problem))
                continue
            summary.curves += 1
            summary.rows += len(waiting[-1])
            rows += len(waiting[-1])
            if rows >= ROWS_OF_GROUP:
                writer.write_table(pa.Table.from_batches(waiting))
                waiting, rows = [], 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting))
    if summary.rows == before:
        path.unlink()
        return False
    summary.files += 1
    return True


def _read(curve: Curve, schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa  # as above

    table = read_curve_table(curve.path)
    bins = [pa.array(np.asarray(getattr(table, one)).astype(int if name in _WHOLE else float))
            for one, name in ARRAYS.items() if name not in _LEFT_OUT]  # fmt: skip
    values = (curve.cell, *curve.values)
    every = pa.array(np.zeros(len(table.mjd), int))
    fixed = [
        pa.array([value], one.type).take(every) for value, one in zip(values, schema, strict=False)
    ]
    return pa.record_batch([*fixed, *bins], schema=schema)
