"""Declare the table of what each monitor last said."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class MonitorState(Base):
    """The state of a monitor: how things are, since when, and where to look."""

    __tablename__ = "monitor_states"
    __table_args__ = ({"comment": "One row per monitor that has been made"},)

    monitor: Mapped[str] = key("Name of the asset")
    title: Mapped[str] = column("What it watches, for readers")
    state: Mapped[str] = column("ok, warning, alarm, not judged, stale or empty")
    summary: Mapped[str] = column("One sentence with the numbers")
    newest_mjd: Mapped[float | None] = column("Latest exposure in it, MJD UTC, d")
    exposures: Mapped[int] = column("Number of exposures in it")
    changed_at: Mapped[datetime] = column("When the state became what it is, UTC")
    stale_at: Mapped[datetime | None] = column(
        "From when on ok turns into stale without newer exposures, UTC; NULL for never"
    )
    page: Mapped[str] = column("Its page, a path relative to the folder of plots")
    ingest_date: Mapped[IngestDate]
