"""Rows of selects that are held as columns, row by row."""

import math
from types import SimpleNamespace

from hstql_resources.columns import Columns


def list_rows(columns: Columns) -> list[SimpleNamespace]:
    """Return the rows, None for what is not known."""
    rows = zip(*(columns[name].tolist() for name in columns.names), strict=True)
    return [
        SimpleNamespace(**dict(zip(columns.names, map(_known, row), strict=True))) for row in rows
    ]


def _known(value: object) -> object:
    return None if isinstance(value, float) and math.isnan(value) else value
