"""Declare the tables of what people write on the site, and of what each of them may see.

What was written is never changed or deleted: it is taken back, with the time and the person.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, func, text
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, column, key

ROLES = ("reader", "flagger", "admin")


def _number(comment: str) -> Mapped[int]:
    return column(comment, BigInteger, Identity(), primary_key=True)


def _now(comment: str) -> Mapped[datetime]:
    return column(comment, nullable=False, server_default=func.now())


class AnomalyKind(Base):
    """What can be wrong with an exposure, or odd about it."""

    __tablename__ = "anomaly_kinds"
    __table_args__ = ({"comment": "One row per instrument and kind of anomaly; a team edits it"},)

    instrument: Mapped[str] = key("Instrument, such as wfc3")
    kind: Mapped[str] = key("Its short name, such as satellite_trail")
    label: Mapped[str] = column("Its name for readers")
    description: Mapped[str | None] = column("How to tell it")
    source: Mapped[str | None] = column("Where it is described")
    position: Mapped[int] = column("Its place in the list of the instrument")
    is_active: Mapped[bool] = column(
        "Whether it is offered; what was flagged stays", server_default=text("true")
    )
    changed_by: Mapped[str | None] = column("Who changed it last; NULL if it came with hstql")
    changed_at: Mapped[datetime] = _now("When it was changed last, UTC")


class AnomalyFlag(Base):
    """That somebody saw an anomaly in an exposure."""

    __tablename__ = "anomaly_flags"
    __table_args__ = (
        Index(
            "anomaly_flags_standing_key", "rootname", "kind",
            unique=True, postgresql_where=text("unset_at IS NULL"),
        ),
        Index(
            "anomaly_flags_standing_idx", "kind", "rootname",
            postgresql_where=text("unset_at IS NULL"),
        ),
        Index(None, "unset_at", postgresql_where=text("unset_at IS NOT NULL")),
        Index(None, "kind", "set_at"),
        Index(None, "rootname"),
        {"comment": "One row per anomaly that was set on an exposure, also where it was unset"},
    )  # fmt: skip

    id: Mapped[int] = _number("Of the row")
    rootname: Mapped[str] = column("Exposure or association")
    kind: Mapped[str] = column("Kind of anomaly, as in anomaly_kinds")
    set_by: Mapped[str] = column("Who set it")
    set_at: Mapped[datetime] = _now("When it was set, UTC")
    unset_by: Mapped[str | None] = column("Who took it back; NULL while it stands")
    unset_at: Mapped[datetime | None] = column("When it was taken back, UTC; NULL while it stands")


class Comment(Base):
    """What somebody wrote about an exposure."""

    __tablename__ = "comments"
    __table_args__ = ({"comment": "One row per comment on an exposure, also where it was removed"},)

    id: Mapped[int] = _number("Of the row")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    text: Mapped[str] = column("What was written")
    written_by: Mapped[str] = column("Who wrote it")
    written_at: Mapped[datetime] = _now("When it was written, UTC")
    removed_by: Mapped[str | None] = column("Who removed it; NULL while it stands")
    removed_at: Mapped[datetime | None] = column("When it was removed, UTC; NULL while it stands")


class Look(Base):
    """That somebody has looked at an exposure."""

    __tablename__ = "looks"
    __table_args__ = (
        Index(
            "looks_standing_key", "person", "rootname",
            unique=True, postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(None, "rootname"),
        {"comment": "One row per person and exposure that was looked at, also where withdrawn"},
    )  # fmt: skip

    id: Mapped[int] = _number("Of the row")
    rootname: Mapped[str] = column("Exposure or association")
    person: Mapped[str] = column("Who looked")
    looked_at: Mapped[datetime] = _now("When that was said, UTC")
    withdrawn_at: Mapped[datetime | None] = column("When it was taken back, UTC; NULL if it stands")


class SavedQuery(Base):
    """A list of exposures that somebody gave a name."""

    __tablename__ = "saved_queries"
    __table_args__ = ({"comment": "One row per list that was saved, also where it was removed"},)

    id: Mapped[int] = _number("Of the row")
    name: Mapped[str] = column("Its name")
    person: Mapped[str] = column("Who saved it", index=True)
    address: Mapped[str] = column("The list, as in its address behind the ?")
    saved_at: Mapped[datetime] = _now("When it was saved, UTC")
    removed_at: Mapped[datetime | None] = column("When it was removed, UTC; NULL while it stands")


class ProgramKey(Base):
    """What a program shows in place of a person who signs in."""

    __tablename__ = "program_keys"
    __table_args__ = ({"comment": "One row per key of a program, also where it was revoked"},)

    id: Mapped[int] = _number("Of the row")
    person: Mapped[str] = column("Who made it, and for whom it stands", index=True)
    name: Mapped[str] = column("What it is for")
    digest: Mapped[str] = column(
        "Its SHA-256 in hexadecimal; the key itself is kept nowhere", unique=True
    )
    made_at: Mapped[datetime] = _now("When it was made, UTC")
    revoked_at: Mapped[datetime | None] = column("When it was revoked, UTC; NULL while it holds")


class Person(Base):
    """Somebody who may sign in to the site of a team."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        {"comment": "One row per person who may sign in to the site"},
    )

    person: Mapped[str] = key("The name that the sign-in tells")
    role: Mapped[str] = column("reader, flagger or admin")
    sees_everything: Mapped[bool] = column(
        "Whether exposures of all proposals are shown before their release",
        server_default=text("false"),
    )
    changed_by: Mapped[str | None] = column("Who changed it last; NULL if a setting named them")
    changed_at: Mapped[datetime] = _now("When it was changed last, UTC")


class ProposalAccess(Base):
    """That a person may see the exposures of a proposal before their release."""

    __tablename__ = "proposal_access"
    __table_args__ = ({"comment": "One row per person and proposal that they may see early"},)

    person: Mapped[str] = key("Who")
    proposal_id: Mapped[int] = key("PROPOSID")
    granted_by: Mapped[str] = column("Who allowed it")
    granted_at: Mapped[datetime] = _now("When that was, UTC")
