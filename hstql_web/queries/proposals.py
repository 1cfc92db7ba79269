"""Ask for proposals, and for what there is of one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, text

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow

MOST = 50_000  # files of one proposal
_VISITS = text("""
SELECT coalesce(visit, '') AS visit, string_agg(DISTINCT instrument, ', ') AS instruments,
       count(*) AS here,
       count(*) FILTER (WHERE NOT has_undated AND (public_from IS NULL OR public_from <= now()))
           AS released,
       count(*) FILTER (WHERE EXISTS (SELECT FROM files WHERE files.rootname = one.rootname))
           AS retrieved,
       count(*) FILTER (WHERE EXISTS (SELECT FROM looks WHERE looks.rootname = one.rootname
           AND withdrawn_at IS NULL AND person = :person)) AS looked,
       count(*) FILTER (WHERE EXISTS (SELECT FROM looks WHERE looks.rootname = one.rootname
           AND withdrawn_at IS NULL)) AS seen,
       count(*) FILTER (WHERE EXISTS (SELECT FROM anomaly_flags AS flag
           WHERE flag.rootname = one.rootname AND unset_at IS NULL)) AS flagged,
       min(exp_start_mjd) AS first_mjd, max(exp_start_mjd) AS last_mjd
FROM observations AS one
WHERE proposal_id = :proposal AND association IS DISTINCT FROM rootname GROUP BY 1
""")


class VisitStatus(NamedTuple):
    """How far a visit of a proposal is; numbers are of exposures.

    Attributes
    ----------
    visit : str
        Two characters; empty if no header says.
    instruments : str
        With commas.
    observed : int
        How many the archive lists, or are here.
    released : int
        How many everybody may see.
    retrieved : int
        How many have files here, or had before they were set aside.
    looked, seen : int
        At how many the person who asks has looked, and anybody.
    flagged : int
        How many have an anomaly.
    first_mjd, last_mjd : float or None
        When the first and the last began, MJD UTC, d.
    """

    visit: str
    instruments: str
    observed: int
    released: int
    retrieved: int
    looked: int = 0
    seen: int = 0
    flagged: int = 0
    first_mjd: float | None = None
    last_mjd: float | None = None


def list_proposals(
    connection: Connection, instrument: str | None, behind: int, limit: int
) -> Sequence[AnyRow]:
    """Return proposals with a number above another, in order; of an instrument, or of all."""
    one, seen = tables.Proposal.__table__, tables.Observation
    statement = select(one).where(one.c.proposal_id > behind)
    if instrument is not None:
        of_it = select(seen.rootname).where(
            seen.proposal_id == one.c.proposal_id, seen.instrument == instrument
        )
        statement = statement.where(of_it.exists())
    return connection.execute(statement.order_by(one.c.proposal_id).limit(limit)).all()


def read_status(connection: Connection, proposal: int, person: str) -> list[VisitStatus]:
    """Return how far each visit of a proposal is, of what the person may see."""
    found = {
        row.visit: VisitStatus(
            row.visit, row.instruments or "", row.here, row.released, row.retrieved, row.looked,
            row.seen, row.flagged, row.first_mjd, row.last_mjd,
        )
        for row in connection.execute(_VISITS, {"proposal": proposal, "person": person})
    }  # fmt: skip
    begins = {name[:4] for name in _exposures(connection, proposal)}
    for name, is_released in _list_missing(connection, begins):
        visit = name[4:6].upper()
        known = found.get(visit, VisitStatus(visit, "", 0, 0, 0))
        found[visit] = known._replace(
            observed=known.observed + 1, released=known.released + is_released
        )
    return [found[visit] for visit in sorted(found)]


def _list_missing(connection: Connection, begins: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield exposures that the archive lists and that were not retrieved, and are they released.

    The letters 2 to 4 of a rootname are those of its proposal, 5 and 6 of its visit; that of an
    association ends with 0.
    """
    one, here = tables.Product, tables.Observation
    is_released = func.bool_and(
        func.coalesce(one.released_at <= func.now(), one.access == "public")
    )
    for begin in sorted(begins):
        statement = (
            select(one.rootname, is_released)
            .where(one.rootname.between(begin, f"{begin}~"))
            .where(~select(here.rootname).where(here.rootname == one.rootname).exists())
            .group_by(one.rootname)
        )
        for name, released in connection.execute(statement.limit(MOST)):
            if not name.endswith("0"):
                yield name, released


def list_filenames(connection: Connection, proposal: int) -> list[str]:
    """Return the names of the files of a proposal."""
    one = tables.File
    statement = select(one.filename).where(one.rootname.in_(_exposures(connection, proposal)))
    return list(connection.scalars(statement.order_by(one.filename).limit(MOST)))


def list_pictures(connection: Connection, proposal: int) -> Sequence[AnyRow]:
    """Return the pictures of a proposal."""
    one = tables.Preview.__table__
    statement = select(one).where(one.c.rootname.in_(_exposures(connection, proposal)))
    return connection.execute(statement.order_by(one.c.filename, one.c.number).limit(MOST)).all()


def _exposures(connection: Connection, proposal: int) -> Sequence[str]:
    statement = select(tables.Observation.rootname).where(
        tables.Observation.proposal_id == proposal
    )
    return connection.scalars(statement).all()
