"""Write rows as Parquet, with units and descriptions.

They stand in the metadata of each column (`unit`, `description`), and as the head of a VOTable in
that of the file (VOParquet 1.0).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hstql_resources.table_files.columns import Column, plain, tell_apart
from hstql_resources.table_files.texts import render
from hstql_resources.table_files.votables import describe_as_votable

if TYPE_CHECKING:  # it takes a while, and nothing else needs it
    import pyarrow as pa

_TYPES = {bool: "bool", int: "int64", float: "float64"}
Batch = Sequence[Sequence[Any]]


def make_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return what a file says of its columns."""
    import pyarrow as pa  # as above

    names = tell_apart([column.name for column in columns])
    fields = [
        pa.field(name, pa.type_for_alias(_TYPES.get(column.kind, "string")), metadata=_tell(column))
        for name, column in zip(names, columns, strict=True)
    ]
    head = {
        "IVOA.VOTable-Parquet.version": "1.0",
        "IVOA.VOTable-Parquet.content": describe_as_votable(columns),
    }
    return pa.schema(fields, metadata=head)


def _tell(column: Column) -> Mapping[str, str]:
    said = {"description": column.about, "unit": column.unit, "ucd": column.ucd}
    return {name: value for name, value in said.items() if value}


def write_parquet(path: Path, columns: Sequence[Column], batches: Iterable[Batch]) -> int:
    """Write rows to exactly this path, a row group for each batch; return their number."""
    # As above.
    import pyarrow as pa
    from pyarrow import parquet

    schema, number = make_schema(columns), 0
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in batches:
            values = zip(columns, zip(*batch, strict=True), schema, strict=True)
            arrays = [pa.array(_read(column, cells), one.type) for column, cells, one in values]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            number += len(batch)
    return number


def _read(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind is not str:
        return [None if value is None else column.kind(value) for value in values]
    return [None if value is None else render(plain(value)) for value in values]
