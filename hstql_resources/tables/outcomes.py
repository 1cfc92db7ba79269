"""Declare the table of the last decision about every partition key of every asset."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Remarks, column, key


class Outcome(Base):
    """What became of one key in one asset."""

    __tablename__ = "outcomes"
    __table_args__ = (
        CheckConstraint("status IN ('made', 'none', 'bad', 'missing')", name="status"),
        Index(None, "asset", "status"),
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
