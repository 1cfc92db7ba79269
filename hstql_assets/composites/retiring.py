"""Remove the statistics of composites that are no more, of targets that have others.

What a target leaves without any lightcurve is the business of `batching.retiring`.
"""

from sqlalchemy import delete, select

from hstql_resources import tables
from hstql_resources.postgres.database import Database


def drop_lost_statistics(database: Database) -> None:
    """Remove the statistics of composites that their targets do not have any more."""
    statistics, composite = tables.Statistics, tables.Composite
    is_there = select(composite.filename).where(composite.filename == statistics.filename).exists()
    with database.write() as writer:
        writer.execute(delete(statistics).where(statistics.kind == "composite", ~is_there))
