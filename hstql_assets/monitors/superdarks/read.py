"""Read the superdarks that there are, and which darks were not used, for the trend."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from hstql_assets.monitors.framework.listing import count_unused_members
from hstql_assets.monitors.framework.membership import count_used
from hstql_assets.monitors.superdarks.frames import FILETYPES
from hstql_assets.monitors.superdarks.membership import SETS
from hstql_assets.monitors.superdarks.selection import ASSET
from hstql_assets.monitors.superdarks.trend import DarkHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_dark_history(database: Database) -> DarkHistory:
    """Return the newest version of each superdark, how many darks were used, and why others not."""
    dark = tables.Superdark.__table__
    newest = (
        select(dark)
        .ext(distinct_on(dark.c.set_key, dark.c.filetype, dark.c.chip))
        .order_by(dark.c.set_key, dark.c.filetype, dark.c.chip, dark.c.made_at.desc())
    )
    return DarkHistory(
        database.read(newest),
        count_used(database, ASSET),
        count_unused_members(database, ASSET, SETS, FILETYPES),
    )
