"""Ask what came in lately, and what is the matter: the rows of the first page."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CTE, Connection, func, literal, select, text, union

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow

MOST_NEW = 10_000  # of the exposures that came in, those that are counted


def find_newest(connection: Connection) -> datetime | None:
    """Return when the last exposure came in."""
    first: datetime | None = connection.scalar(
        select(tables.Observation.first_ingest_date)
        .where(tables.Observation.first_ingest_date.is_not(None))
        .order_by(tables.Observation.first_ingest_date.desc())
        .limit(1)
    )
    return first


class NewCount(NamedTuple):
    """How many exposures of an instrument came in, of the last `MOST_NEW`.

    Attributes
    ----------
    instrument : str or None
        Which.
    exposures : int
        How many came.
    unlooked : int
        How many of them the person who asks has not looked at.
    unseen : int
        How many nobody has.
    """

    instrument: str | None
    exposures: int
    unlooked: int
    unseen: int


def count_new(connection: Connection, since: datetime, person: str) -> list[NewCount]:
    """Return by instrument how many exposures came since a time, and who has not looked at them."""
    newest = _newest(since)
    looked = _looked(newest)
    by_all = (
        select(looked.c.rootname, func.bool_or(looked.c.person == person).label("is_mine"))
        .group_by(looked.c.rootname)
        .subquery()
    )
    statement = (
        select(
            newest.c.instrument,
            func.count(),
            func.count().filter(by_all.c.is_mine.is_not(True)),
            func.count().filter(by_all.c.rootname.is_(None)),
        )
        .select_from(newest.outerjoin(by_all, by_all.c.rootname == newest.c.rootname))
        .group_by(newest.c.instrument)
        .order_by(newest.c.instrument)
    )
    return [NewCount(*row) for row in connection.execute(statement)]


def count_looked(connection: Connection, since: datetime, person: str) -> Sequence[AnyRow]:
    """Return by person at how many of the exposures that came since a time they have looked.

    Among them is the one who asks; so are those who have looked at none, if that one knows them.
    """
    looked = _looked(_newest(since))
    by_person = (
        select(looked.c.person, func.count().label("looked")).group_by(looked.c.person).subquery()
    )
    known = union(
        select(tables.Person.person), select(by_person.c.person), select(literal(person))
    ).subquery()
    statement = (
        select(known.c.person, func.coalesce(by_person.c.looked, 0).label("looked"))
        .select_from(known.outerjoin(by_person, by_person.c.person == known.c.person))
        .order_by(known.c.person)
    )
    return connection.execute(statement).all()


def _newest(since: datetime) -> CTE:
    """Return the last exposures that came since a time: as many as are counted in no time."""
    one = tables.Observation
    return (
        select(one.rootname, one.instrument)
        .where(one.first_ingest_date >= since)
        .order_by(one.first_ingest_date.desc())
        .limit(MOST_NEW)
        .cte("newest")
        .prefix_with("MATERIALIZED")
    )


def _looked(newest: CTE) -> CTE:
    look = tables.Look
    statement = select(look.rootname, look.person).where(
        look.rootname.in_(select(newest.c.rootname)), look.withdrawn_at.is_(None)
    )
    return statement.cte("looked")


def list_trouble(connection: Connection, most: int) -> Sequence[AnyRow]:
    """Return the last decisions that something is bad or missing."""
    one = tables.Outcome.__table__
    statement = select(one).where(text("status IN ('bad', 'missing')"))  # as the index has it
    return connection.execute(statement.order_by(one.c.changed_at.desc()).limit(most)).all()


def list_remarks(connection: Connection, most: int) -> Sequence[AnyRow]:
    """Return the last that was made with a remark."""
    one = tables.Outcome.__table__
    statement = select(one).where(one.c.remarks.is_not(None))
    return connection.execute(statement.order_by(one.c.decided_at.desc()).limit(most)).all()
