"""Read what was found of blobs for the trend, and the list as it is."""

from sqlalchemy import select

from hstql_assets.monitors.blobs.selection import ASSET
from hstql_assets.monitors.blobs.trend import BlobHistory
from hstql_assets.monitors.framework.membership import count_unused
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_blob_history(database: Database) -> BlobHistory:
    """Return all windows by time, all sightings, the list, and why exposures were not used."""
    window, blob = tables.BlobWindow.__table__, tables.BlobSighting.__table__
    listed = tables.Blob.__table__
    return BlobHistory(
        database.read(select(window).order_by(window.c.middle_mjd, window.c.set_key)),
        database.read(select(blob).order_by(blob.c.set_key, blob.c.number)),
        database.read(select(listed).order_by(listed.c.number)),
        count_unused(database, ASSET),
    )
