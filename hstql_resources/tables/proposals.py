"""Declare the table of proposals: who asked for the observations, and what for."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class Proposal(Base):
    """A proposal that observations were seen of."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("source IN ('header', 'spt', 'archive')", name="source"),
        {"comment": "One row per proposal that observations were seen of"},
    )

    proposal_id: Mapped[int] = key("PROPOSID")
    proposal_type: Mapped[str | None] = column("PROP_TYP, such as GO or SNAP")
    title: Mapped[str | None] = column(
        "PROPTTL1 and PROPTTL2; cut at 68 characters where source is header"
    )
    investigator_last: Mapped[str | None] = column(
        "PR_INV_L, last name of the principal investigator"
    )
    investigator_first: Mapped[str | None] = column(
        "PR_INV_F, first name of the principal investigator"
    )
    cycle: Mapped[int | None] = column(
        "Cycle of observations; NULL where the archive does not tell"
    )
    source: Mapped[str] = column(
        "The best that was asked: archive, else spt file, else another header"
    )
    ingest_date: Mapped[IngestDate]
