"""Read what the gain-sag reference file is made from."""

from sqlalchemy import func, select

from hstql_assets.monitors.gain.gain_sag.report import GainSagRows
from hstql_assets.monitors.gain.gain_sag.table import FlaggedSuperpixel
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_rows(database: Database) -> GainSagRows:
    """Return what the reference file is made from, in three statements."""
    pixel, image, own = tables.FlaggedPixel, tables.CumulativeImage, tables.GainSagTable
    columns = (pixel.segment, pixel.high_voltage, pixel.x, pixel.y, pixel.flagged_mjd)
    flagged = database.read(select(*columns).order_by(*columns))
    versions = database.read(select(*own.__table__.columns).order_by(own.made_at, own.filename))
    place = (image.segment, image.high_voltage)
    newest = func.max(image.exp_start_mjd)
    images = database.read(select(*place, func.count(), newest).group_by(*place).order_by(*place))
    return GainSagRows(
        flagged=[FlaggedSuperpixel(*row) for row in flagged],
        versions=[dict(row._mapping) for row in versions],
        images={(segment, level): (count, mjd) for segment, level, count, mjd in images},
    )
