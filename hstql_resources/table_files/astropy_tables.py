"""Make astropy's tables of rows, with units and descriptions."""

from collections.abc import Iterable, Sequence
from typing import Any

from astropy.table import MaskedColumn, Table
from astropy.units import Unit

from hstql_resources.table_files.columns import Column, plain, tell_apart
from hstql_resources.table_files.texts import render


def make_table(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Table:
    """Return rows as a table, masked where there is no value."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = Table()
    names = tell_apart([column.name for column in columns])
    for name, column, cells in zip(names, columns, values, strict=True):
        table[name] = _make_column(column, [plain(cell) for cell in cells])
    return table


def spell_unit(column: Column, standard: str) -> str | None:
    """Return a unit as a standard writes it; None if it has no name for it, such as of electrons.

    Parameters
    ----------
    column : Column
    standard : str
        A format of astropy's units: `fits` or `vounit`.
    """
    try:
        return None if column.unit is None else str(Unit(column.unit).to_string(standard))
    except ValueError:
        return None


def _make_column(column: Column, values: Sequence[Any]) -> MaskedColumn:
    read = render if column.kind is str else column.kind
    filled = [column.kind() if value is None else read(value) for value in values]
    mask = [value is None for value in values]
    return MaskedColumn(
        filled, mask=mask, dtype=column.kind, description=column.about, unit=column.unit
    )
