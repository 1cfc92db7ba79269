"""Declare the table of commands that were given. Dagster's own runs are in its own database."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base


class Run(Base):
    """One call of the command `hstql`."""

    __tablename__ = "runs"
    __table_args__ = ({"comment": "One row per call of the command hstql"},)

    id: Mapped[str] = mapped_column(primary_key=True, comment="<command>_<UTC>")
    command: Mapped[str] = mapped_column(comment="The command line, without secrets")
    started_at: Mapped[datetime] = mapped_column(index=True, comment="Start, UTC")
    ended_at: Mapped[datetime | None] = mapped_column(
        comment="End, UTC; NULL while it runs or if it was killed"
    )
    exit_status: Mapped[int | None] = mapped_column(
        comment="0 all done, 1 some keys failed, 2 wrong usage"
    )
    log: Mapped[str | None] = mapped_column(comment="Path of the log file")
