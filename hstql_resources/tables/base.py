"""Share what all tables have in common: types, names of constraints, how columns are declared.

A Python type always means the same column type: float is double precision (MJD and fluxes need
it), datetime has a time zone and is UTC.
"""

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import DateTime, Double, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column


class Base(DeclarativeBase):
    """The base of every table; each table and each column has a comment with its unit."""

    # Migrations change constraints by name, so the names must not be Postgres's choice.
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        }
    )
    type_annotation_map = {float: Double, str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012


def column(comment: str, *arguments: Any, **options: Any) -> MappedColumn[Any]:
    """Declare a column by what it holds, with its unit; the rest is as `mapped_column` takes it."""
    return mapped_column(*arguments, comment=comment, **options)


def place(comment: str) -> MappedColumn[Any]:
    """Declare a column of absolute paths; they follow home and archive (`postgres.home`)."""
    return mapped_column(comment=comment, info={"is_place": True})


def key(comment: str) -> MappedColumn[Any]:
    """Declare a column of the primary key; its values always come with the row."""
    return mapped_column(primary_key=True, autoincrement=False, comment=comment)


Filename = Annotated[str, key("Name of the file without folder and without .gz")]
Remarks = Annotated[
    str | None, column("What was left out of it or is odd about it, sentences; NULL if nothing")
]
IngestDate = Annotated[datetime, column("When hstql last wrote this row, UTC", nullable=False)]
