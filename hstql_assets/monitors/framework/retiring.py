"""Remove the measurements of exposures that are no longer of their kind."""

from collections.abc import Sequence

from sqlalchemy import and_, delete

from hstql_assets.batching.decisions import among
from hstql_assets.monitors.framework.registry import foreign_tables, read_measurements, read_trends
from hstql_assets.monitors.framework.trend_run import make_tables
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def retire_measurements(database: Database, partition_set: str, keys: Sequence[str]) -> None:
    """Remove rows, bad data and decisions, so that the trends are made again without them.

    Parameters
    ----------
    database : Database
        Where they are.
    partition_set : str
        That the keys have left.
    keys : sequence of str
        Those that were never measured do not matter.
    """
    own = [one for one in read_measurements() if one.partition_set == partition_set]
    if not own or not keys:
        return
    make_tables(database, foreign_tables())
    outcome, bad = tables.Outcome, tables.BadData
    names = [measurement.name for measurement in own]
    trends = [one.name for one in read_trends() if set(names).intersection(one.upstream)]
    with database.write() as writer:
        gone = writer.execute(
            delete(outcome).where(outcome.asset == among(names), outcome.key == among(keys))
        )
        if not gone:
            return
        for rows in (rows for measurement in own for rows in measurement.owned):
            table = tables.Base.metadata.tables[rows.model.__tablename__]
            stale = table.c[rows.key_column] == among(keys)
            writer.execute(
                table.delete().where(stale if rows.only is None else and_(stale, rows.only))
            )
        writer.execute(delete(bad).where(bad.step == among(names), bad.rootname == among(keys)))
        writer.execute(delete(outcome).where(outcome.asset == among(trends)))
