"""Ask what there is of one exposure: pictures, files, members, decisions, what was measured."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, Table, func, literal, null, or_, select

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow

MOST_ROWS = 100
# In which order they are shown: light first, then what each monitor measured.
MEASURED = (
    tables.Lightcurve, tables.Statistics, tables.Flare, tables.Extraction,
    tables.TimeResolvedSpectra, tables.SpectrumStatistics, tables.PulseHeights,
    tables.ImageStatistics, tables.DarkRate, tables.StimPulse, tables.OsmShift, tables.Acquisition,
    tables.JitterStatistics, tables.Telemetry, tables.CumulativeImageMember, tables.CompositeMember,
    tables.BadData,
)  # fmt: skip
# Told elsewhere on a page, or nobody's business.
HIDDEN = frozenset({"rootname", "path", "thumbnail_path", "transaction_id"})


class Measured(NamedTuple):
    """Rows of one table that are about an exposure.

    Attributes
    ----------
    table : str
        Its name.
    about : str
        What a row of it is.
    columns : tuple of (str, str)
        Names, and what they hold.
    rows : sequence of tuples
        The first `MOST_ROWS`.
    """

    table: str
    about: str
    columns: tuple[tuple[str, str], ...]
    rows: Sequence[Sequence[Any]]


def find_exposure(connection: Connection, rootname: str) -> AnyRow | None:
    """Return the row of an exposure, None if there is none that the person may see."""
    one = tables.Observation.__table__
    return connection.execute(select(one).where(one.c.rootname == rootname)).first()


def is_closed(connection: Connection, rootname: str) -> bool:
    """Return whether there is an exposure of that name, be it closed to the person."""
    return bool(connection.scalar(select(func.site_exists(rootname))))


def find_lightcurve(connection: Connection, rootname: str) -> AnyRow | None:
    """Return the row of the lightcurve of an exposure."""
    one = tables.Lightcurve.__table__
    return connection.execute(select(one).where(one.c.rootname == rootname)).first()


def find_proposal(connection: Connection, proposal_id: int | None) -> AnyRow | None:
    """Return the row of a proposal."""
    one = tables.Proposal.__table__
    return connection.execute(select(one).where(one.c.proposal_id == proposal_id)).first()


def list_pictures(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return the pictures of an exposure, the one that stands for it first."""
    one = tables.Preview.__table__
    statement = select(one).where(one.c.rootname == rootname)
    return connection.execute(
        statement.order_by(one.c.is_preferred.desc(), one.c.filename, one.c.number)
    ).all()


def list_files(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return the files of an exposure."""
    one = tables.File.__table__
    statement = select(one).where(one.c.rootname == rootname)
    return connection.execute(statement.order_by(one.c.kind.desc(), one.c.filename)).all()


def list_members(connection: Connection, association: str | None) -> Sequence[AnyRow]:
    """Return what belongs to an association, itself too."""
    one = tables.Observation.__table__
    if association is None:
        return ()
    statement = select(one).where(one.c.association == association)
    return connection.execute(statement.order_by(one.c.exp_start_mjd, one.c.rootname)).all()


def list_outcomes(connection: Connection, rootname: str) -> Sequence[AnyRow]:
    """Return the last decision about an exposure in each asset; what waits as well."""
    one, other = tables.Outcome.__table__, tables.Attempt.__table__
    decided = select(one.c.asset, one.c.status, one.c.reason, one.c.remarks, one.c.decided_at)
    waiting = select(
        other.c.asset, literal("waiting"), other.c.reason, null(), other.c.tried_at
    ).where(other.c.key == rootname)
    statement = decided.where(one.c.key == rootname).union_all(waiting).order_by("asset")
    return connection.execute(statement).all()


def read_measured(connection: Connection, rootname: str) -> list[Measured]:
    """Return what was measured of an exposure, by table."""
    found = []
    for model in MEASURED:
        table = cast("Table", model.__table__)
        columns = [column for column in table.columns if column.name not in HIDDEN]
        key = list(table.primary_key.columns)
        statement = select(*columns).where(table.c.rootname == rootname).order_by(*key)
        if rows := connection.execute(statement.limit(MOST_ROWS)).all():
            about = tuple((column.name, column.comment or "") for column in columns)
            found.append(Measured(table.name, table.comment or "", about, rows))
    return found


def find_picture(connection: Connection, filename: str, number: int) -> AnyRow | None:
    """Return the row of a picture."""
    one = tables.Preview.__table__
    return connection.execute(
        select(one).where(one.c.filename == filename, one.c.number == number)
    ).first()


def find_preferred(connection: Connection, rootnames: Sequence[str]) -> dict[str, AnyRow]:
    """Return the picture that stands for each of some exposures."""
    one = tables.Preview.__table__
    statement = select(one).where(one.c.rootname.in_(rootnames), one.c.is_preferred)
    return {row.rootname: row for row in connection.execute(statement)}


def find_file(connection: Connection, filename: str) -> AnyRow | None:
    """Return the row of a file."""
    one = tables.File.__table__
    return connection.execute(select(one).where(one.c.filename == filename)).first()


def search(connection: Connection, text: str, most: int) -> list[str]:
    """Return exposures whose name is a text, or begins with it."""
    one = tables.Observation
    statement = select(one.rootname).where(
        or_(one.rootname == text, one.rootname.between(text, f"{text}~"))
    )
    return list(connection.scalars(statement.order_by(one.rootname).limit(most)))
