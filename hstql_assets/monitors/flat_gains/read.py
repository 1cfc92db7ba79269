"""Read what was measured of flats for the trend."""

from sqlalchemy import func, select

from hstql_assets.monitors.flat_gains.selection import ASSET
from hstql_assets.monitors.flat_gains.trend import FlatHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_flat_history(database: Database) -> FlatHistory:
    """Return all gains, all levels, and how many flats were not used for which reason."""
    gain, level = tables.FlatGain.__table__, tables.FlatLevel.__table__
    own, member = tables.ExposureSet, tables.ExposureSetMember
    gains = select(gain).order_by(
        gain.c.detector, gain.c.binning, gain.c.gain_setting, gain.c.amplifier, gain.c.mjd
    )
    levels = select(level).order_by(level.c.set_key, level.c.rootname, level.c.amplifier)
    unused = (
        select(own.detector, member.reason, func.count().label("flats"))
        .join(member, member.set_key == own.set_key)
        .where(own.asset == ASSET, member.reason.is_not(None))
        .group_by(own.detector, member.reason)
        .order_by(own.detector, member.reason)
    )
    return FlatHistory(
        database.read(gains),
        database.read(levels),
        [(str(row[0]), str(row[1]), int(row[2])) for row in database.read(unused)],
    )
