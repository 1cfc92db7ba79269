"""Declare the table of commands that were given. Dagster's own runs are in its own database."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, column, key, place


class Run(Base):
    """One call of the command `hstql`."""

    __tablename__ = "runs"
    __table_args__ = ({"comment": "One row per call of the command hstql"},)

    id: Mapped[str] = key("<command>_<UTC>")
    command: Mapped[str] = column("The command line, without secrets")
    started_at: Mapped[datetime] = column("Start, UTC", index=True)
    ended_at: Mapped[datetime | None] = column("End, UTC; NULL while it runs or if it was killed")
    exit_status: Mapped[int | None] = column("0 all done, 1 some keys failed, 2 wrong usage")
    log: Mapped[str | None] = place("Path of the log file")
