"""Ask what people wrote about exposures, and write it: flags, comments, looks.

Who may do so is for the policies of the database to say. What was written is taken back by a time
and a name, never deleted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Text, func, literal, null, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import AnomalyFlag, AnomalyKind, Comment, Look, Observation

_STANDING: dict[str, Any] = {
    "index_elements": ["rootname", "kind"],
    "index_where": AnomalyFlag.unset_at.is_(None),
}
_LOOKED: dict[str, Any] = {
    "index_elements": ["person", "rootname"],
    "index_where": Look.withdrawn_at.is_(None),
}


def list_kinds(connection: Connection, instrument: str | None) -> Sequence[AnyRow]:
    """Return the kinds of anomalies that are offered, of an instrument or of all."""
    one = AnomalyKind.__table__
    statement = select(one).where(one.c.is_active)
    if instrument is not None:
        statement = statement.where(one.c.instrument == instrument)
    return connection.execute(statement.order_by(one.c.position, one.c.instrument)).all()


def list_flags(connection: Connection, rootnames: Sequence[str]) -> Sequence[AnyRow]:
    """Return the flags that stand, of some exposures."""
    one = AnomalyFlag.__table__
    statement = select(one).where(one.c.rootname.in_(rootnames), one.c.unset_at.is_(None))
    return connection.execute(statement.order_by(one.c.rootname, one.c.set_at)).all()


def list_comments(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return the comments on an exposure that stand, the first one first."""
    one = Comment.__table__
    statement = select(one).where(one.c.rootname == rootname, one.c.removed_at.is_(None))
    return connection.execute(statement.order_by(one.c.id)).all()


def list_looks(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return who has looked at an exposure."""
    one = Look.__table__
    statement = select(one).where(one.c.rootname == rootname, one.c.withdrawn_at.is_(None))
    return connection.execute(statement.order_by(one.c.looked_at)).all()


def find_looked(connection: Connection, rootnames: Sequence[str], person: str) -> set[str]:
    """Return at which of some exposures a person has looked."""
    statement = select(Look.rootname).where(
        Look.rootname.in_(rootnames), Look.person == person, Look.withdrawn_at.is_(None)
    )
    return set(connection.scalars(statement))


def list_history(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return who did what with an exposure and when, the last first: time, person, what, about."""
    flag, comment, look = AnomalyFlag, Comment, Look
    parts = (
        (flag, flag.set_at, flag.set_by, "set", flag.kind),
        (flag, flag.unset_at, flag.unset_by, "unset", flag.kind),
        (comment, comment.written_at, comment.written_by, "wrote", comment.text),
        (comment, comment.removed_at, comment.removed_by, "removed", comment.text),
        (look, look.looked_at, look.person, "looked", null()),
        (look, look.withdrawn_at, look.person, "took back the look", null()),
    )
    told = union_all(
        *(
            select(
                at.label("at"), person.label("person"), literal(what).label("what"),
                func.cast(about, Text).label("about") if about is null() else about.label("about"),
            ).where(model.rootname == rootname, at.is_not(None))
            for model, at, person, what, about in parts
        )
    ).subquery()  # fmt: skip
    return connection.execute(select(told).order_by(told.c.at.desc())).all()


def set_flag(connection: Connection, rootnames: Sequence[str], kind: str, person: str) -> int:
    """Flag exposures that have such a kind; return how many were not flagged so before."""
    named = select(Observation.rootname, literal(kind), literal(person)).where(
        Observation.rootname.in_(rootnames),
        select(AnomalyKind.kind)
        .where(AnomalyKind.kind == kind, AnomalyKind.instrument == Observation.instrument)
        .exists(),
    )
    statement = insert(AnomalyFlag).from_select(["rootname", "kind", "set_by"], named)
    return connection.execute(statement.on_conflict_do_nothing(**_STANDING)).rowcount


def unset_flag(connection: Connection, rootnames: Sequence[str], kind: str, person: str) -> int:
    """Take flags back; return how many stood."""
    one = AnomalyFlag
    statement = update(one).where(
        one.rootname.in_(rootnames), one.kind == kind, one.unset_at.is_(None)
    )
    return connection.execute(statement.values(unset_by=person, unset_at=func.now())).rowcount


def add_comment(connection: Connection, rootname: str, text: str, person: str) -> None:
    """Write a comment on an exposure."""
    values = {"rootname": rootname, "text": text, "written_by": person}
    connection.execute(insert(Comment).values(values))


def remove_comment(connection: Connection, number: int, person: str) -> bool:
    """Take a comment back; return whether it stood, and the person may."""
    statement = update(Comment).where(Comment.id == number, Comment.removed_at.is_(None))
    values = {"removed_by": person, "removed_at": func.now()}
    return connection.execute(statement.values(values)).rowcount == 1


def look(connection: Connection, rootnames: Sequence[str], person: str) -> int:
    """Note that a person has looked at exposures; return at how many for the first time."""
    seen = select(Observation.rootname, literal(person)).where(Observation.rootname.in_(rootnames))
    statement = insert(Look).from_select(["rootname", "person"], seen)
    return connection.execute(statement.on_conflict_do_nothing(**_LOOKED)).rowcount


def look_away(connection: Connection, rootnames: Sequence[str], person: str) -> int:
    """Take back that a person has looked at exposures; return at how many they had."""
    one = Look
    statement = update(one).where(
        one.rootname.in_(rootnames), one.person == person, one.withdrawn_at.is_(None)
    )
    return connection.execute(statement.values(withdrawn_at=func.now())).rowcount
