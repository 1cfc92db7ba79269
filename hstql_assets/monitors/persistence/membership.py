"""Find the exposures of the infrared detector, those before each, and which have changed since.

A digest of an exposure is the number and the sum of hashes of its own files and of those of all
exposures that began in the hours before it: names and contents. As a sum over a window that moves
along the exposures it costs one pass, where a list for each would be as long as there are pairs.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    Numeric,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of, select_changed
from hstql_assets.monitors.persistence.frames import FILETYPES
from hstql_assets.monitors.persistence.settings import load_settings
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.times import SECONDS_PER_DAY

ASSET = "persistence"
SECONDS_PER_HOUR = 3600


def is_exposure(observation: Any) -> Any:
    """Return the condition that an observation is an exposure of the detector with a start."""
    settings = load_settings()
    return and_(
        observation.instrument == settings.instrument,
        observation.detector == settings.detector,
        observation.exp_start_mjd.is_not(None),
        observation.rootname != func.coalesce(observation.association, ""),
    )


def is_before(one: Any, other: Any) -> Any:
    """Return the condition that an exposure began in the hours before another one began."""
    start = _seconds(other.exp_start_mjd)
    length = literal(_window_s())
    return and_(
        # Days find the rows by the index, whole seconds are those of the digest.
        one.exp_start_mjd.between(
            other.exp_start_mjd - (_window_s() + 1) / SECONDS_PER_DAY,
            other.exp_start_mjd + 1.0 / SECONDS_PER_DAY,
        ),
        _seconds(one.exp_start_mjd).between(start - length, start),
        or_(
            one.exp_start_mjd < other.exp_start_mjd,
            and_(one.exp_start_mjd == other.exp_start_mjd, one.rootname < other.rootname),
        ),
    )


def is_usable(file: Any) -> Any:
    """Return the condition that a file is of a type that is read, and not found bad elsewhere."""
    bad = tables.BadData
    is_bad = exists().where(bad.filename == file.filename, bad.step != ASSET)
    return and_(file.filetype == any_of(FILETYPES), ~is_bad)


def select_exposures() -> Select[str]:
    """Return the query for all exposures with a file that can be read."""
    observation, file = tables.Observation, tables.File
    return (
        select(observation.rootname)
        .join(file, file.rootname == observation.rootname)
        .where(is_exposure(observation), is_usable(file))
        .distinct()
    )


def followers_of(database: Database, rootnames: Sequence[str]) -> frozenset[str]:
    """Return the exposures that some were before, and these themselves."""
    earlier, later = aliased(tables.Observation), aliased(tables.Observation)
    statement = (
        select(later.rootname)
        .select_from(earlier)
        .join(later, or_(is_before(earlier, later), earlier.rootname == later.rootname))
        .where(earlier.rootname == any_of(rootnames), is_exposure(earlier), is_exposure(later))
        .distinct()
    )
    return frozenset(str(row[0]) for row in database.read(statement))


def read_changed_exposures(database: Database) -> dict[str, str]:
    """Return the exposures to be measured, each with the digest of what it is made of, by key."""
    stored = tables.Persistence
    states = _select_digests().subquery()
    statement = select_changed(ASSET, states, stored.rootname, stored.members)
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def read_digests(database: Database, keys: Sequence[str]) -> dict[str, str]:
    """Return the digests of some exposures; only those near them in time are looked at."""
    observation = tables.Observation
    own = select(
        func.min(observation.exp_start_mjd), func.max(observation.exp_start_mjd)
    ).where(observation.rootname == any_of(keys), is_exposure(observation))  # fmt: skip
    ((first, last),) = database.read(own)
    if first is None:
        return {}
    since = first - (_window_s() + 1) / SECONDS_PER_DAY
    digests = _select_digests(observation.exp_start_mjd.between(since, last)).subquery()
    statement = select(digests.c.key, digests.c.digest).where(digests.c.key == any_of(keys))
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def _select_digests(*conditions: Any) -> Select[Any]:
    """Return the query for name, digest and newest file of each exposure with a file."""
    observation, file = tables.Observation, tables.File
    content = func.coalesce(file.sha256, cast(file.size_bytes, String))
    files = func.sum(func.hashtextextended(func.concat(file.filename, " ", content), 0))
    own = (
        select(
            observation.rootname,
            _seconds(func.min(observation.exp_start_mjd)).label("start_s"),
            (
                cast(func.hashtextextended(observation.rootname, 0), Numeric)
                + func.coalesce(files, 0)
            ).label("hash"),
            func.max(file.ingest_date).label("newest"),
        )
        .outerjoin(file, and_(file.rootname == observation.rootname, is_usable(file)))
        .where(is_exposure(observation), *conditions)
        .group_by(observation.rootname)
        .subquery()
    )
    window: dict[str, Any] = {"order_by": own.c.start_s, "range_": (-_window_s(), 0)}
    digest = func.concat(
        func.count().over(**window), " ", func.sum(own.c.hash).over(**window), " ", _say_settings()
    )
    whole = select(own.c.rootname.label("key"), digest.label("digest"), own.c.newest).subquery()
    # Windows first: exposures without a file count among those before others.
    return select(whole).where(whole.c.newest.is_not(None))


def _seconds(mjd: Any) -> Any:
    return cast(func.floor(mjd * SECONDS_PER_DAY), BigInteger)


def _window_s() -> int:
    return round(load_settings().hours * SECONDS_PER_HOUR)


def _say_settings() -> str:
    """Return what tells settings apart."""
    return sha256(repr(load_settings()).encode()).hexdigest()[:16]
