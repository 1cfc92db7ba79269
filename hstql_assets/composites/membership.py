"""Find which targets changed: what the lightcurves are against what the composites were made with.

Asked of the database in one statement each, whatever the number of targets. A target has changed
when the set of its exposures, with the time when each lightcurve was made, differs from the rows
of `composite_members`. So an exposure that is new, gone, made again, or of another target now, all
count, and nothing else does.
"""

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_changed_targets(database: Database) -> dict[str, str]:
    """Return the targets whose composites have to be made, each with a digest of its lightcurves.

    Returns
    -------
    dict of str to str
        By slug; two states of a target have the same digest only if its lightcurves are the same.
        Targets without a lightcurve are not in it.
    """
    curve = tables.Lightcurve
    changed = _changed().subquery()
    state = func.string_agg(
        func.concat(curve.rootname, " ", func.extract("epoch", curve.ingest_date)),
        aggregate_order_by(literal(","), curve.rootname),
    )
    statement = (
        select(curve.target, func.md5(state))
        .where(curve.target.in_(select(changed.c.target)))
        .group_by(curve.target)
        .order_by(curve.target)
    )
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def _changed() -> Select[str]:
    curve, member = tables.Lightcurve, tables.CompositeMember
    is_same = and_(curve.target == member.target, curve.rootname == member.rootname)
    return (
        select(func.coalesce(curve.target, member.target).label("target"))
        .select_from(curve)
        .join(member, is_same, full=True)
        .where(
            or_(
                curve.rootname.is_(None),
                member.rootname.is_(None),
                curve.ingest_date != member.made_at,
            )
        )
        .distinct()
    )


def select_targets() -> Select[str]:
    """Return the query for all targets with a lightcurve."""
    return select(tables.Lightcurve.target).distinct()
