"""Declare the table of the files that are left out of the products, and why."""

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class BadData(Base):
    """A file that failed a quality check or cannot be read."""

    __tablename__ = "bad_data"
    __table_args__ = ({"comment": "One row per file that is left out downstream"},)

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    rootname: Mapped[str | None] = mapped_column(index=True, comment="Exposure or association")
    reason: Mapped[str] = mapped_column(index=True, comment="The check that it failed")
    detail: Mapped[str | None] = mapped_column(comment="The values found, for a human reader")
    step: Mapped[str | None] = mapped_column(comment="The asset that found it")
    ingest_date: Mapped[IngestDate]
