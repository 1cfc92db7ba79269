"""Read all maps of unstable pixels, the pixels of the newest, and which darks were not used."""

from sqlalchemy import select

from hstql_assets.monitors.framework.membership import count_unused, count_used
from hstql_assets.monitors.unstable_pixels.selection import ASSET
from hstql_assets.monitors.unstable_pixels.trend import UnstableHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_unstable_history(database: Database) -> UnstableHistory:
    """Return maps by time, the pixels of the newest, and darks by what came of them."""
    one, pixel = tables.UnstablePixelMap.__table__, tables.UnstablePixel
    maps = database.read(select(one).order_by(one.c.first_mjd, one.c.set_key))
    newest = maps[-1].set_key if maps else ""
    pixels = select(pixel.pix1, pixel.pix2, pixel.share, pixel.rate, pixel.off_rate).where(
        pixel.set_key == newest
    )
    return UnstableHistory(
        maps,
        database.read_columns(pixels),
        count_used(database, ASSET),
        count_unused(database, ASSET),
    )
