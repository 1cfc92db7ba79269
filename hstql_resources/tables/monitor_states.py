"""Declare the tables of what each monitor last said, and of what it said before."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity
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


class MonitorStateChange(Base):
    """That a monitor came to another state."""

    __tablename__ = "monitor_state_changes"
    __table_args__ = ({"comment": "One row per change of the state of a monitor"},)

    id: Mapped[int] = column("Of the row", BigInteger, Identity(), primary_key=True)
    monitor: Mapped[str] = column("Name of the asset", index=True)
    title: Mapped[str] = column("What it watches, for readers")
    state: Mapped[str] = column("What it says, as in monitor_states")
    before: Mapped[str | None] = column("What it said; NULL for the first state of all")
    summary: Mapped[str] = column("One sentence with the numbers")
    changed_at: Mapped[datetime] = column("When it changed, UTC")
