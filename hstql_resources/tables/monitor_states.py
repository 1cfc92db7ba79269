"""Declare the table of what each monitor last said."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class MonitorState(Base):
    """The state of a monitor: how things are, since when, and where to look."""

    __tablename__ = "monitor_states"
    __table_args__ = ({"comment": "One row per monitor that has been made"},)

    monitor: Mapped[str] = mapped_column(primary_key=True, comment="Name of the asset")
    title: Mapped[str] = mapped_column(comment="What it watches, for readers")
    state: Mapped[str] = mapped_column(comment="ok, warning, alarm or empty")
    summary: Mapped[str] = mapped_column(comment="One sentence with the numbers")
    newest_mjd: Mapped[float | None] = mapped_column(comment="Latest exposure in it, MJD UTC, d")
    exposures: Mapped[int] = mapped_column(comment="Number of exposures in it")
    changed_at: Mapped[datetime] = mapped_column(comment="When the state became what it is, UTC")
    page: Mapped[str] = mapped_column(comment="Its page, a path relative to the folder of plots")
    ingest_date: Mapped[IngestDate]
