"""Declare the table of the last decision about every partition key of every asset."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, Remarks


class Outcome(Base):
    """What became of one key in one asset."""

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint("status IN ('made', 'none', 'bad', 'missing')", name="status"),
        Index(None, "asset", "status"),
        {"comment": "One row per asset and partition key: the last decision"},
    )

    asset: Mapped[str] = mapped_column(primary_key=True, comment="Asset key, such as cos/raw_files")
    key: Mapped[str] = mapped_column(primary_key=True, comment="Partition key")
    status: Mapped[str] = mapped_column(
        comment="made; none: nothing to make; bad: in bad_data; missing: not retrieved"
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it was not made, one sentence")
    decided_at: Mapped[datetime] = mapped_column(comment="When this was decided, UTC")
    changed_at: Mapped[datetime] = mapped_column(
        comment="When a decision last had another result than the one before it, UTC"
    )
    remarks: Mapped[Remarks]
