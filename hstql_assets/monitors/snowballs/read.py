"""Read all ramps that were searched, and all snowballs."""

from sqlalchemy import select

from hstql_assets.monitors.framework.listing import count_unused
from hstql_assets.monitors.snowballs.trend import SnowballHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.times import TIMES_MJD

ASSET = "snowballs"


def read_snowball_history(database: Database) -> SnowballHistory:
    """Return what was searched and found, by time, in three queries."""
    one, event = tables.SnowballSearch, tables.SnowballEvent
    searches = (
        select(
            one.rootname, one.exp_start_mjd, one.searched_s, one.searched_share, one.snowballs,
            one.hits, one.put_in, one.recovered,
        )
        .where(one.exp_start_mjd.between(*TIMES_MJD))
        .order_by(one.exp_start_mjd, one.rootname)
    )  # fmt: skip
    events = (
        select(
            event.rootname, one.exp_start_mjd, event.read, event.image_row, event.image_column,
            event.pixels, event.charge,
        )
        .join(one, one.rootname == event.rootname)
        .where(one.exp_start_mjd.between(*TIMES_MJD))
        .order_by(one.exp_start_mjd, event.rootname, event.number)
    )  # fmt: skip
    return SnowballHistory(
        database.read_columns(searches),
        database.read_columns(events),
        count_unused(database, [ASSET]),
    )
