"""Ask for targets: by the beginnings of their names or within a cone, and what there is of one.

Exposures have the name of their target in the header; those with a lightcurve have the slug of the
target that was found for them, too. A target is all exposures of one slug, or of one name.
"""

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Integer,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from hstql_resources import tables
from hstql_resources.postgres.cones import within
from hstql_resources.site.rows import AnyRow
from hstql_resources.sky import Cone

OBSERVATION = tables.Observation
MOST_OF_NAME = 200  # exposures that are counted of a name
MOST_IN_CONE = 10_000  # exposures that targets are looked for among
MOST_EXPOSURES = 1000  # of a target that its page shows
_PLAIN = re.compile(r"[\w+(][\w+.()'/&#: -]{0,99}(?<! )")
_LAST = "\U0010ffff"  # sorts behind all other characters
_LISTED = (
    "target_name", "target", "rootname", "instrument", "detector", "exp_start_mjd", "ra_deg",
    "dec_deg",
)  # fmt: skip
_SHOWN = (
    *_LISTED, "opt_elem", "filter", "cenwave", "aperture", "obs_type", "exp_time_s",
    "proposal_id",
)  # fmt: skip
# From name to name by the index: as quick for a million exposures as for a thousand. The operators
# compare bytes, which is what tells a beginning whatever the language of the database is.
_NAMES = text("""
WITH RECURSIVE found(name) AS (
    (SELECT target_name FROM observations
     WHERE target_name ~>~ :behind AND target_name ~>=~ :low AND target_name ~<~ :high
     ORDER BY target_name USING ~<~ LIMIT 1)
    UNION ALL
    SELECT (SELECT target_name FROM observations
            WHERE target_name ~>~ found.name AND target_name ~<~ :high
            ORDER BY target_name USING ~<~ LIMIT 1)
    FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name IS NOT NULL LIMIT :most
""")


class Target(NamedTuple):
    """Which target is meant: by its slug or, where that is empty, by its name in the headers."""

    slug: str
    name: str

    @property
    def label(self) -> str:
        """What it is called."""
        return self.slug or self.name

    @property
    def condition(self) -> ColumnElement[bool]:
        """What its exposures fulfil."""
        if self.slug:
            return OBSERVATION.target == self.slug
        return OBSERVATION.target_name == self.name

    def to_query(self) -> dict[str, str]:
        """Return how an address names it; lists name targets so as well."""
        return {"target": self.slug} if self.slug else {"target_name": self.name}

    @property
    def can_be_listed(self) -> bool:
        """Whether the address of a list can name it: what some names have in them means more."""
        plain = _PLAIN.fullmatch(self.name) and ".." not in self.name
        return bool(self.slug or plain)


def list_names(connection: Connection, written: str, behind: str, most: int) -> list[str]:
    """Return names in headers that begin as somebody wrote, those behind one, in their order.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        The transaction of a person.
    written : str
        Upper and lower case, blanks and - make no difference where headers have capitals.
    behind : str
        The last name of the page before; empty for the first page.
    most : int
        How many at most.
    """
    found: set[str] = set()
    for low in _spell(written):
        values = {"behind": behind, "low": low, "high": low + _LAST, "most": most}
        found |= set(connection.scalars(_NAMES, values))
    return sorted(found)[:most]


def _spell(written: str) -> set[str]:
    """Return a name as proposals may have spelt it."""
    capitals = written.upper()
    return {written, capitals, capitals.replace(" ", "-"), capitals.replace(" ", "")}


def find_names_of_slugs(connection: Connection, written: str, most: int) -> list[str]:
    """Return names in headers of targets whose slugs begin as somebody wrote."""
    low, one = written.lower().replace(" ", "-"), OBSERVATION
    begins = (one.target >= low, one.target < low + _LAST, func.starts_with(one.target, low))
    some = select(one.target_name).where(*begins, one.target_name.is_not(None))
    counted = some.limit(MOST_OF_NAME).subquery()
    return list(connection.scalars(select(counted.c.target_name).distinct().limit(most)))


def describe_names(connection: Connection, names: Sequence[str]) -> Sequence[AnyRow]:
    """Return a row for each name in headers, and each target that it stands for.

    `exposures` are at most `MOST_OF_NAME` and one of a name, which are `of_name`.
    """
    wanted = func.unnest(bindparam("names", list(names), type_=ARRAY(Text))).table_valued("name")
    some = _select(_LISTED).where(OBSERVATION.target_name == wanted.c.name)
    one = some.limit(MOST_OF_NAME + 1).lateral("one")
    statement = _group(one).select_from(wanted).join(one, true())
    return connection.execute(statement.order_by(one.c.target_name, one.c.target)).all()


def list_within(connection: Connection, cone: Cone, written: str) -> tuple[list[AnyRow], bool]:
    """Return the targets in a circle on the sky, the nearest to its centre first.

    Returns
    -------
    rows : list of Row
        As those of `describe_names`.
    is_cut : bool
        Whether there are more exposures than were looked at.
    """
    row = OBSERVATION
    some = _select(_LISTED).where(within(cone, row.sky_cell, row.ra_deg, row.dec_deg))
    if written:
        some = some.where(func.starts_with(func.lower(row.target_name), written.lower()))
    one = some.limit(MOST_IN_CONE + 1).subquery("one")
    found = connection.execute(_group(one)).all()
    is_cut = sum(row.exposures for row in found) > MOST_IN_CONE
    return sorted(found, key=lambda row: separate(cone, row.ra_deg, row.dec_deg)), is_cut


def separate(cone: Cone, ra_deg: float, dec_deg: float) -> float:
    """Return how far a place is from the centre of a cone, deg."""
    dec, other = math.radians(dec_deg), math.radians(cone.dec_deg)
    across = math.sin(math.radians(ra_deg - cone.ra_deg) / 2) ** 2 * math.cos(dec)
    square = math.sin((dec - other) / 2) ** 2 + across * math.cos(other)
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(square))))


def _select(names: Sequence[str]) -> Select[Any]:
    return select(*(getattr(OBSERVATION, name) for name in names))


def _group(one: Any) -> Select[Any]:
    place = func.upper(one.c.instrument) + func.coalesce("/" + one.c.detector, "")
    number = func.count()
    return select(
        one.c.target_name,
        one.c.target,
        number.label("exposures"),
        cast(func.sum(number).over(partition_by=one.c.target_name), Integer).label("of_name"),
        func.min(one.c.exp_start_mjd).label("first_mjd"),
        func.max(one.c.exp_start_mjd).label("last_mjd"),
        func.array_agg(place.distinct()).label("places"),
        _first(one, one.c.ra_deg).label("ra_deg"),
        _first(one, one.c.dec_deg).label("dec_deg"),
    ).group_by(one.c.target_name, one.c.target)


def _first(one: Any, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value of the first exposure that has a place: both coordinates are of the same."""
    ordered = func.array_agg(aggregate_order_by(value, one.c.rootname), type_=ARRAY(Double))
    return ordered.filter(one.c.ra_deg.is_not(None), one.c.dec_deg.is_not(None))[1]


def read_exposures(connection: Connection, target: Target) -> Sequence[AnyRow]:
    """Return exposures of a target in order of time; one more than `MOST_EXPOSURES` if cut."""
    some = _select(_SHOWN).where(target.condition).limit(MOST_EXPOSURES + 1).subquery()
    ordered = select(some).order_by(some.c.exp_start_mjd.nulls_last(), some.c.rootname)
    return connection.execute(ordered).all()


def find_decision(connection: Connection, slug: str) -> AnyRow | None:
    """Return the name of a target and why exposures are of it, as was decided for one of them."""
    one = tables.TargetName.__table__
    statement = select(one).where(one.c.target == slug).order_by(one.c.rootname)
    return connection.execute(statement.limit(1)).first()


def list_composites(connection: Connection, slug: str) -> Sequence[AnyRow]:
    """Return the composites of a target."""
    one = tables.Composite.__table__
    statement = select(one).where(one.c.target == slug)
    return connection.execute(statement.order_by(one.c.filename)).all()


def find_composite(connection: Connection, filename: str) -> AnyRow | None:
    """Return the row of a composite."""
    one = tables.Composite.__table__
    return connection.execute(select(one).where(one.c.filename == filename)).first()


def read_statistics(connection: Connection, filenames: Sequence[str]) -> dict[str, AnyRow]:
    """Return the statistics of composites, by filename."""
    one = tables.Statistics.__table__
    found = connection.execute(select(one).where(one.c.filename.in_(filenames)))
    return {row.filename: row for row in found}


def list_members(connection: Connection, filename: str) -> Sequence[AnyRow]:
    """Return the exposures of a composite, by their number in it."""
    one = tables.CompositeMember.__table__
    statement = select(one).where(one.c.filename == filename)
    return connection.execute(statement.order_by(one.c.dataset)).all()


def _members(target: Target) -> Subquery:
    return select(OBSERVATION.rootname).where(target.condition).subquery()


def size_files(connection: Connection, rootnames: Sequence[str]) -> AnyRow:
    """Return how many files some exposures have, and how large they are together, bytes."""
    file = tables.File
    statement = select(
        func.count().label("files"), func.coalesce(func.sum(file.size_bytes), 0).label("size_bytes")
    ).where(file.rootname.in_(rootnames), file.set_aside_at.is_(None))
    return connection.execute(statement).one()


def list_files(connection: Connection, target: Target, most: int) -> Sequence[AnyRow]:
    """Return the files of a target: folder in an archive, path, and when it was set aside."""
    file, one = tables.File, _members(target)
    statement = (
        select(
            (literal("files/") + file.rootname).label("folder"),
            file.rootname,
            file.path,
            file.set_aside_at,
        )
        .join(one, one.c.rootname == file.rootname)
        .order_by(file.rootname, file.filename)
    )
    return connection.execute(statement.limit(most)).all()


# Table, its column with a path, and the folder in an archive.
_PRODUCTS = (
    (tables.Lightcurve, "path", "lightcurves"),
    (tables.Extraction, "path", "extractions"),
    (tables.TimeResolvedSpectra, "path", "time_resolved_spectra"),
    (tables.Preview, "path", "pictures"),
)


def list_products(connection: Connection, target: Target, most: int) -> list[AnyRow]:
    """Return what was made of the exposures of a target, in the form of `list_files`."""
    one = _members(target)
    found: list[AnyRow] = []
    for model, name, folder in _PRODUCTS:
        table, path = model.__table__, model.__table__.c[name]
        values = (literal(folder).label("folder"), table.c.rootname, path)
        statement = select(*values, null().label("set_aside_at"))
        joined = statement.join_from(table, one, one.c.rootname == table.c.rootname)
        ordered = joined.where(path.is_not(None)).order_by(table.c.rootname, path)
        found += connection.execute(ordered.limit(most)).all()
    return found


def list_events(connection: Connection, rootnames: Sequence[str]) -> Sequence[AnyRow]:
    """Return the files that lightcurves are made of: exposure, type, path, size, checksum."""
    one = tables.File.__table__
    statement = select(one).where(
        one.c.rootname.in_(rootnames),
        one.c.filetype.in_(("corrtag", "corrtag_a", "corrtag_b", "x1d", "spt")),
        one.c.set_aside_at.is_(None),
    )
    return connection.execute(statement).all()


def count_visible(connection: Connection, rootnames: Sequence[str]) -> int:
    """Return how many of some exposures the person may see."""
    statement = select(func.count()).where(OBSERVATION.rootname.in_(rootnames))
    return int(connection.scalar(statement) or 0)


def list_curves(connection: Connection, rootnames: Sequence[str]) -> set[str]:
    """Return those of some exposures that have a lightcurve."""
    curve = tables.Lightcurve
    statement = select(curve.rootname).where(curve.rootname.in_(rootnames))
    return set(connection.scalars(statement))
