"""Share what all tables have in common: types, names of constraints, the date of ingest.

A Python type always means the same column type: float is double precision (MJD and fluxes need
it), datetime has a time zone and is UTC.
"""

from datetime import datetime
from typing import Annotated

from sqlalchemy import DateTime, Double, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column


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


Remarks = Annotated[
    str | None,
    mapped_column(comment="What was left out of it or is odd about it, sentences; NULL if nothing"),
]
IngestDate = Annotated[
    datetime, mapped_column(comment="When hstql last wrote this row, UTC", nullable=False)
]
