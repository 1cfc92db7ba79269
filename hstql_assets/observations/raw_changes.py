"""Find the calibrated files that are older than the raw files that they are made of."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.job_names import FILE_ASSETS, file_assets
from hstql_assets.batching.news import Keys
from hstql_assets.observations.listing import PUBLIC, select_made_here
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def find_uncalibrated(
    database: Database, instrument: str, among: Keys | None = None
) -> dict[str, datetime]:
    """Return the keys with files made here of raw files that are others by now.

    Parameters
    ----------
    database : Database
        Where the decisions are.
    instrument : str
        Such as `cos`.
    among : Select, optional
        Only these keys are looked at, and the associations that they belong to.

    Returns
    -------
    dict of str to datetime
        When the last of its raw files changed, UTC.
    """
    statement = select_made_here(instrument)
    if among is not None:
        product, observation = tables.Product, tables.Observation
        meant: Keys = union(
            among,
            select(product.dataset).where(product.rootname.in_(among)),
            select(observation.association).where(observation.rootname.in_(among)),
        )
        statement = statement.where(tables.File.rootname.in_(meant))
    keys = [str(row[0]) for row in database.read(statement)]
    return find_newer_raw(database, keys) if keys else {}


def find_newer_raw(database: Database, keys: Sequence[str]) -> dict[str, datetime]:
    """Return the keys whose raw files changed after their calibrated ones were decided.

    Those of an association are the raw files of its members, too: known by the list of the
    archive, or by their headers, for a folder lists each under its own name.

    Returns
    -------
    dict of str to datetime
        When the last of its raw files changed, UTC.
    """
    raw, calibrated = aliased(tables.Outcome), aliased(tables.Outcome)
    product, observation = tables.Product, tables.Observation
    listed = select(product.dataset.label("key"), product.rootname.label("member")).where(
        product.dataset == any_of(keys)
    )
    named = select(observation.association, observation.rootname).where(
        observation.association == any_of(keys)
    )
    own = select(raw.key.label("key"), raw.key.label("member")).where(raw.key == any_of(keys))
    pairs = union(listed, named, own).subquery()
    statement = (
        select(pairs.c.key, func.max(raw.changed_at))
        .join(raw, raw.key == pairs.c.member)
        .join(calibrated, calibrated.key == pairs.c.key)
        .where(
            raw.asset.endswith("/raw_files"),
            calibrated.asset.endswith("/calibrated_files"),
            raw.changed_at > calibrated.decided_at,
        )
        .group_by(pairs.c.key)
    )
    return {str(row[0]): row[1] for row in database.read(statement)}


def find_undecided(database: Database, instrument: str, keys: Sequence[str]) -> list[str]:
    """Return the keys that retrieval was never run for, or not to its end, in the order given."""
    outcome = tables.Outcome
    statement = (
        select(outcome.key)
        .where(outcome.asset == any_of(file_assets(instrument)), outcome.key == any_of(keys))
        .group_by(outcome.key)
        .having(func.count() == len(FILE_ASSETS))
    )
    decided = {str(row[0]) for row in database.read(statement)} if keys else set()
    return [key for key in keys if key not in decided]


def find_released(database: Database, instrument: str) -> dict[str, datetime]:
    """Return the missing keys whose files became public after they were last tried.

    Returns
    -------
    dict of str to datetime
        With the date of release, UTC.
    """
    outcome, product = tables.Outcome, tables.Product
    released_at = func.max(product.released_at)
    statement = (
        select(outcome.key, released_at)
        .join(product, product.rootname == outcome.key)
        .where(
            outcome.asset == any_of(file_assets(instrument)),
            outcome.status == "missing",
            product.access == PUBLIC,
            product.released_at > outcome.decided_at,
            product.released_at <= datetime.now(UTC),
        )
        .group_by(outcome.key)
    )
    return {str(row[0]): row[1] for row in database.read(statement)}
