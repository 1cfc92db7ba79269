"""Read the trails of all flats."""

from sqlalchemy import select

from hstql_assets.monitors.eper_cte.trend import CteHistory
from hstql_assets.monitors.framework.listing import count_unused
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.times import TIMES_MJD

ASSETS = ("acs/eper_cte", "wfc3/eper_cte")


def read_cte_history(database: Database) -> CteHistory:
    """Return all losses by time, and how many flats were not used for which reason."""
    one = tables.EperCte
    rows = (
        select(
            one.rootname, one.detector, one.binning, one.amplifier, one.exp_start_mjd, one.signal,
            one.cti, one.cti_error,
        )
        .where(one.exp_start_mjd.between(*TIMES_MJD))
        .order_by(one.exp_start_mjd, one.rootname, one.amplifier)
    )  # fmt: skip
    return CteHistory(database.read_columns(rows), count_unused(database, ASSETS))
