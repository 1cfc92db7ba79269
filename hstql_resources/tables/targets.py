"""Declare the tables of targets: which exposure is of which, and positions of a name service."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base


class TargetName(Base):
    """The decision about the target of one exposure."""

    __tablename__ = "target_names"
    __table_args__ = ({"comment": "One row per TIME-TAG exposure: its target, and why"},)

    rootname: Mapped[str] = mapped_column(primary_key=True, comment="Exposure")
    target_name: Mapped[str] = mapped_column(index=True, comment="TARGNAME as in the header")
    resolved_name: Mapped[str] = mapped_column(
        comment="Name of the target, the same for all its exposures"
    )
    target: Mapped[str] = mapped_column(index=True, comment="Slug of the resolved name")
    reason: Mapped[str] = mapped_column(comment="Which rules led there, for a human reader")
    decided_at: Mapped[datetime] = mapped_column(comment="When this was decided, UTC")


class NamedPosition(Base):
    """What the name service Sesame answered about a target name."""

    __tablename__ = "named_positions"
    __table_args__ = ({"comment": "One row per name that Sesame was asked about"},)

    target_name: Mapped[str] = mapped_column(primary_key=True, comment="The name asked about")
    ra_deg: Mapped[float | None] = mapped_column(
        comment="Right ascension J2000, deg; NULL if the name is not known"
    )
    dec_deg: Mapped[float | None] = mapped_column(
        comment="Declination J2000, deg; NULL if the name is not known"
    )
    asked_at: Mapped[datetime] = mapped_column(comment="When it was asked, UTC")
