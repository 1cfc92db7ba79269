"""Ask how often each kind of anomaly was flagged, and when; write which kinds there are."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import AnomalyFlag, AnomalyKind, Observation


def list_all_kinds(connection: Connection) -> Sequence[AnyRow]:
    """Return the kinds of all instruments, those that are not offered too."""
    one = AnomalyKind.__table__
    return connection.execute(select(one).order_by(one.c.instrument, one.c.position)).all()


def count_flags(connection: Connection) -> Sequence[AnyRow]:
    """Return instrument, kind, month of the exposure and number of exposures, of what stands."""
    month = func.left(Observation.date_obs, 7).label("month")
    statement = (
        select(Observation.instrument, AnomalyFlag.kind, month, func.count().label("exposures"))
        .join(Observation, Observation.rootname == AnomalyFlag.rootname)
        .where(AnomalyFlag.unset_at.is_(None))
        .group_by(Observation.instrument, AnomalyFlag.kind, month)
        .order_by(month.desc(), AnomalyFlag.kind, Observation.instrument)
    )
    return connection.execute(statement).all()


def find_last_change(connection: Connection) -> tuple[object, ...]:
    """Return what is another one as soon as a flag was set or taken back."""
    one = AnomalyFlag
    newest = select(func.max(one.id)).scalar_subquery()
    last = select(func.max(one.unset_at)).where(one.unset_at.is_not(None)).scalar_subquery()
    return tuple(connection.execute(select(newest, last)).one())


def describe_sight(connection: Connection) -> tuple[object, ...]:
    """Return what is the same for people who see the same exposures."""
    sees_all, undated, early = connection.execute(
        select(func.site_sees_all(), func.site_shows_undated(), func.site_proposals())
    ).one()
    return (True,) if sees_all else (undated, *sorted(early))


def list_last(connection: Connection, most: int) -> Sequence[AnyRow]:
    """Return the last flags that were set, and that stand."""
    one = AnomalyFlag.__table__
    statement = select(one).where(one.c.unset_at.is_(None))
    return connection.execute(statement.order_by(one.c.id.desc()).limit(most)).all()


def write_kind(
    connection: Connection, instrument: str, kind: str, values: dict[str, object], person: str
) -> None:
    """Add a kind of an instrument at the end of its list, or change what is said of it."""
    last = select(func.coalesce(func.max(AnomalyKind.position), 0) + 1).where(
        AnomalyKind.instrument == instrument
    )
    changed = {**values, "changed_by": person}
    statement = insert(AnomalyKind).values(
        instrument=instrument, kind=kind, position=last.scalar_subquery(), **changed
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["instrument", "kind"], set_={**changed, "changed_at": func.now()}
        )
    )


def offer_kind(
    connection: Connection, instrument: str, kind: str, person: str, *, is_active: bool
) -> None:
    """Offer a kind, or do not offer it any more; what was flagged stays."""
    one = AnomalyKind
    statement = update(one).where(one.instrument == instrument, one.kind == kind)
    values = {"is_active": is_active, "changed_by": person, "changed_at": func.now()}
    connection.execute(statement.values(values))
