"""Declare the tables of targets: which exposure is of which, and positions of a name service."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, column, key


class TargetName(Base):
    """The decision about the target of one exposure."""

    __tablename__ = "target_names"
    __table_args__ = ({"comment": "One row per TIME-TAG exposure: its target, and why"},)

    rootname: Mapped[str] = key("Exposure")
    target_name: Mapped[str] = column("TARGNAME as in the header", index=True)
    resolved_name: Mapped[str] = column("Name of the target, the same for all its exposures")
    target: Mapped[str] = column("Slug of the resolved name", index=True)
    reason: Mapped[str] = column("Which rules led there, for a human reader")
    decided_at: Mapped[datetime] = column("When this was decided, UTC")


class NamedPosition(Base):
    """What the name service Sesame answered about a target name."""

    __tablename__ = "named_positions"
    __table_args__ = ({"comment": "One row per name that Sesame was asked about"},)

    target_name: Mapped[str] = key("The name asked about")
    ra_deg: Mapped[float | None] = column(
        "Right ascension J2000, deg; NULL if the name is not known"
    )
    dec_deg: Mapped[float | None] = column("Declination J2000, deg; NULL if the name is not known")
    asked_at: Mapped[datetime] = column("When it was asked, UTC")
