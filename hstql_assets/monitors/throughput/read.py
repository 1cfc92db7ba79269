"""Read the light of all standard stars."""

from sqlalchemy import select

from hstql_assets.monitors.framework.listing import count_unused
from hstql_assets.monitors.throughput.trend import ThroughputHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.times import TIMES_MJD

ASSETS = ("acs/throughput", "wfc3/throughput")


def read_throughput_history(database: Database) -> ThroughputHistory:
    """Return all rates by time, and how many exposures were not used for which reason."""
    one = tables.Throughput
    rows = (
        select(
            one.rootname, one.detector, one.chip, one.filter_name, one.filetype, one.pivot,
            one.star, one.exp_start_mjd, one.rate, one.rate_error, one.pixel_area,
            one.cosmic_ray_pixels,
        )
        .where(one.exp_start_mjd.between(*TIMES_MJD))
        .order_by(one.exp_start_mjd, one.rootname)
    )  # fmt: skip
    return ThroughputHistory(database.read_columns(rows), count_unused(database, ASSETS))
