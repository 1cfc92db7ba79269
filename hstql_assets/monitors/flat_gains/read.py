"""Read what was measured of flats for the trend."""

from sqlalchemy import select

from hstql_assets.monitors.flat_gains.flat_frames import FILETYPES
from hstql_assets.monitors.flat_gains.membership import SETS
from hstql_assets.monitors.flat_gains.selection import ASSET
from hstql_assets.monitors.flat_gains.trend import FlatHistory
from hstql_assets.monitors.framework.listing import count_unused_members
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_flat_history(database: Database) -> FlatHistory:
    """Return all gains, all levels, and how many flats were not used for which reason."""
    gain, level = tables.FlatGain.__table__, tables.FlatLevel.__table__
    gains = select(gain).order_by(
        gain.c.detector, gain.c.binning, gain.c.gain_setting, gain.c.amplifier, gain.c.mjd
    )
    levels = select(level).order_by(level.c.set_key, level.c.rootname, level.c.amplifier)
    return FlatHistory(
        database.read(gains),
        database.read(levels),
        count_unused_members(database, ASSET, SETS, FILETYPES),
    )
