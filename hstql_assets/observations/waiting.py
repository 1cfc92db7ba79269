"""Which keys wait to be retrieved: never tried, or tried before their files were public."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select

from hstql_assets.observations.listing import PUBLIC
from hstql_assets.upstream import among
from hstql_resources import tables
from hstql_resources.database import Database

KINDS = ("raw_files", "calibrated_files")


def find_undecided(database: Database, instrument: str, keys: Sequence[str]) -> list[str]:
    """Return the keys that retrieval was never run for, or not to its end, in the order given."""
    outcome = tables.Outcome
    statement = (
        select(outcome.key)
        .where(outcome.asset == among(_file_assets(instrument)))
        .group_by(outcome.key)
        .having(func.count() == len(KINDS))
    )
    decided = {str(row[0]) for row in database.read(statement)}
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
            outcome.asset == among(_file_assets(instrument)),
            outcome.status == "missing",
            product.access == PUBLIC,
            product.released_at > outcome.decided_at,
            product.released_at <= datetime.now(UTC),
        )
        .group_by(outcome.key)
    )
    return {str(row[0]): row[1] for row in database.read(statement)}


def _file_assets(instrument: str) -> list[str]:
    return [f"{instrument}/{kind}" for kind in KINDS]
