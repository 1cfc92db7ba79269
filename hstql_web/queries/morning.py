"""Ask what came in lately, and what is the matter: the rows of the first page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow


def find_newest(connection: Connection) -> datetime | None:
    """Return when the last exposure came in."""
    first: datetime | None = connection.scalar(
        select(tables.Observation.first_ingest_date)
        .where(tables.Observation.first_ingest_date.is_not(None))
        .order_by(tables.Observation.first_ingest_date.desc())
        .limit(1)
    )
    return first


def count_new(connection: Connection, since: datetime, person: str) -> Sequence[AnyRow]:
    """Return by instrument how many exposures came since a time, and how many nobody looked at.

    The last column is how many the person has not looked at.
    """
    one, mine, any_look = tables.Observation, tables.Look, tables.Look.__table__.alias("anybody")
    looked = (
        select(mine.id)
        .where(mine.rootname == one.rootname, mine.person == person, mine.withdrawn_at.is_(None))
        .exists()
    )
    looked_by_anybody = (
        select(any_look.c.id)
        .where(any_look.c.rootname == one.rootname, any_look.c.withdrawn_at.is_(None))
        .exists()
    )
    statement = (
        select(
            one.instrument,
            func.count().label("exposures"),
            func.count().filter(~looked_by_anybody).label("unseen"),
            func.count().filter(~looked).label("unlooked"),
        )
        .where(one.first_ingest_date >= since)
        .group_by(one.instrument)
        .order_by(one.instrument)
    )
    return connection.execute(statement).all()


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


def list_monitors(connection: Connection) -> Sequence[AnyRow]:
    """Return the states of all monitors, the last change first."""
    one = tables.MonitorState.__table__
    return connection.execute(select(one).order_by(one.c.changed_at.desc(), one.c.monitor)).all()


def list_runs(connection: Connection, most: int) -> Sequence[AnyRow]:
    """Return the last commands."""
    one = tables.Run.__table__
    return connection.execute(select(one).order_by(one.c.started_at.desc()).limit(most)).all()
