"""Declare the tables of the last decisions about partition keys, and of vain attempts at one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Remarks, column, key


class Outcome(Base):
    """What became of one key in one asset."""

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint("status IN ('made', 'none', 'bad', 'missing')", name="status"),
        Index(None, "asset", "status"),
        Index(
            "outcomes_decided_at_idx",
            "decided_at",
            "asset",
            postgresql_where=text("remarks IS NOT NULL"),
        ),
        Index(
            "outcomes_trouble_idx",
            "changed_at",
            postgresql_where=text("status IN ('bad', 'missing')"),
        ),
        {"comment": "One row per asset and partition key: the last decision"},
    )

    asset: Mapped[str] = key("Asset key, such as cos/raw_files")
    key: Mapped[str] = key("Partition key")
    status: Mapped[str] = column(
        "made; none: nothing to make; bad: in bad_data; missing: not retrieved"
    )
    reason: Mapped[str | None] = column("Why it was not made, one sentence")
    decided_at: Mapped[datetime] = column("When this was decided, UTC")
    changed_at: Mapped[datetime] = column(
        "When a decision last had another result than the one before it, UTC"
    )
    remarks: Mapped[Remarks]
    selection: Mapped[str | None] = column(
        "Digest of the table that selected the exposure and says how it is measured; NULL if none"
    )


class Attempt(Base):
    """What stood in the way of a decision about one key in one asset, and will pass."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index(None, "asset", "next_at"),
        {"comment": "One row per asset and partition key that waits to be tried again"},
    )

    asset: Mapped[str] = key("Asset key, such as cos/raw_files")
    key: Mapped[str] = key("Partition key")
    attempts: Mapped[int] = column("How often it was tried in vain, without a break")
    deaths: Mapped[int] = column("How often a process died that worked on this key alone")
    reason: Mapped[str] = column("What stood in the way last, one sentence")
    tried_at: Mapped[datetime] = column("When it was tried last, UTC")
    next_at: Mapped[datetime] = column(
        "Before this time no sensor tries it again; commands do, UTC"
    )
