"""Declare the table of the files that are left out of the products, and why."""

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column


class BadData(Base):
    """A file that failed a quality check or cannot be read."""

    __tablename__ = "bad_data"
    __table_args__ = ({"comment": "One row per file that is left out downstream"},)

    filename: Mapped[Filename]
    rootname: Mapped[str | None] = column("Exposure or association", index=True)
    reason: Mapped[str] = column("The check that it failed", index=True)
    detail: Mapped[str | None] = column("The values found, for a human reader")
    step: Mapped[str | None] = column("The asset that found it")
    ingest_date: Mapped[IngestDate]
