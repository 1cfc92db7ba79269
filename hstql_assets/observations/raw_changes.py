"""Which calibrated files are older than the raw files that they are made of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import aliased

from hstql_assets.observations.listing import select_made_here
from hstql_assets.upstream import among
from hstql_resources import tables
from hstql_resources.database import Database


def find_uncalibrated(database: Database, instrument: str) -> dict[str, datetime]:
    """Return the keys with files made here of raw files that are others by now.

    Returns
    -------
    dict of str to datetime
        When the last of its raw files changed, UTC.
    """
    keys = [str(row[0]) for row in database.read(select_made_here(instrument))]
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
        product.dataset == among(keys)
    )
    named = select(observation.association, observation.rootname).where(
        observation.association == among(keys)
    )
    own = select(raw.key.label("key"), raw.key.label("member")).where(raw.key == among(keys))
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
