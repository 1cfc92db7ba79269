"""Describe the columns of tables to those who write rows for other programs."""

from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer

from hstql_resources.table_files import columns

_KINDS = ((Boolean, bool), (Integer, int), (Float, float))


def describe(column: Column[Any]) -> columns.Column:
    """Return a column as it is written: its name, comment and kind."""
    kind = next((kind for of, kind in _KINDS if isinstance(column.type, of)), str)
    return columns.Column(column.name, column.comment or "", kind)
