"""Ask which other images one may want to see beside one."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import File, Observation, Preview

MOST_OTHERS = 60


def list_others(connection: Connection, rootname: str, filetype: str) -> Sequence[str]:
    """Return files to compare with: others of the exposure, and such of the rest of its visit."""
    own = select(File.filename).where(File.rootname == rootname, File.set_aside_at.is_(None))
    visit = (
        select(Observation.proposal_id, Observation.visit, Observation.detector)
        .where(Observation.rootname == rootname)
        .subquery()
    )
    alike = (
        select(File.filename)
        .join(Observation, Observation.rootname == File.rootname)
        .join(
            visit,
            (visit.c.proposal_id == Observation.proposal_id)
            & (visit.c.visit == Observation.visit)
            & (visit.c.detector == Observation.detector),
        )
        .where(File.filetype == filetype, File.rootname != rootname, File.set_aside_at.is_(None))
        .order_by(Observation.exp_start_mjd, File.filename)
        .limit(MOST_OTHERS)
    )
    return [*connection.scalars(own.order_by(File.filename)), *connection.scalars(alike)]


def list_pictures_of(connection: Connection, filename: str) -> Sequence[AnyRow]:
    """Return the pictures that were made of a file."""
    one = Preview.__table__
    return connection.execute(
        select(one).where(one.c.filename == filename).order_by(one.c.number)
    ).all()
