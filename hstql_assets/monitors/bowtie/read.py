"""Read what was measured of the bowtie for the trend."""

from sqlalchemy import select

from hstql_assets.monitors.bowtie.selection import ASSET
from hstql_assets.monitors.bowtie.trend import BowtieHistory
from hstql_assets.monitors.framework.membership import count_unused
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_bowtie_history(database: Database) -> BowtieHistory:
    """Return all ratios by time, and how many flats were not used for which reason."""
    ratio = tables.BowtieRatio.__table__
    ratios = select(ratio).order_by(ratio.c.before_mjd, ratio.c.rootname, ratio.c.chip)
    return BowtieHistory(database.read(ratios), count_unused(database, ASSET))
