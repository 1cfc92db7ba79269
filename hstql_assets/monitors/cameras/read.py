"""Read the numbers of DARK and BIAS exposures from the database."""

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.cameras.series import QUANTITIES
from hstql_resources import tables
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.times import TIMES_MJD


def read_trend_rows(database: Database) -> Columns:
    """Return the numbers of all full-frame DARK and BIAS exposures, by time, in one query.

    Those with a time that cannot be are left out: one alone would take the axis of all.
    """
    table = tables.ImageStatistics
    columns = dict.fromkeys(
        name
        for quantity in QUANTITIES
        for name in (quantity.column, quantity.error_column)
        if name != "hot_fraction_error"
    )
    statement = (
        select(
            table.rootname,
            table.instrument,
            table.detector,
            table.amplifier,
            table.filetype,
            table.image_type,
            table.exp_start_mjd,
            table.gain_setting,
            table.binning,
            # Over the pixels that were searched for them, whose number is not stored.
            (
                table.hot_pixels_error
                * func.coalesce(
                    table.hot_fraction / func.nullif(table.hot_pixels, 0), 1.0 / table.pixels
                )
            ).label("hot_fraction_error"),
            *(table.__table__.c[name] for name in columns),
        )
        .where(
            table.image_type == any_of(("DARK", "BIAS")),
            table.exp_start_mjd.between(*TIMES_MJD),
            ~table.is_subarray,
        )
        .order_by(table.exp_start_mjd, table.rootname)
    )
    return database.read_columns(statement)
