"""Read the levels of all exposures, one row for each amplifier, and the reads of the newest."""

from sqlalchemy import func, select

from hstql_assets.monitors.framework.listing import count_unused
from hstql_assets.monitors.ir_bias_levels.trend import LevelHistory
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.times import TIMES_MJD

ASSET = "ir_bias_levels"
NEWEST_EXPOSURES = 5  # whose reads are drawn one by one


def read_level_history(database: Database) -> LevelHistory:
    """Return the levels of all full and partial frames, in three queries."""
    one = tables.IrBiasLevel
    is_zeroth = one.read == 0
    numbers = {
        "level": one.level, "level_error": one.level_error, "image_level": one.image_level,
        "image_level_error": one.image_level_error,
    }  # fmt: skip
    same = (one.rootname, one.amplifier, one.exp_start_mjd, one.image_type, one.sample_sequence,
            one.is_subarray, one.binning, one.source)  # fmt: skip
    exposures = (
        select(
            *same,
            *(func.max(value).filter(is_zeroth).label(name) for name, value in numbers.items()),
            func.sum(one.step).label("drift"),
            func.sqrt(func.sum(func.power(one.step_error, 2))).label("drift_error"),
            func.max(func.abs(one.step)).label("largest_step"),
        )
        .where(one.exp_start_mjd.between(*TIMES_MJD))
        .group_by(*same)
        .order_by(one.exp_start_mjd, one.rootname, one.amplifier)
    )
    newest = (
        select(one.rootname)
        .where(one.exp_start_mjd.between(*TIMES_MJD), is_zeroth, one.amplifier == "all")
        .order_by(one.exp_start_mjd.desc(), one.rootname)
        .limit(NEWEST_EXPOSURES)
    )
    reads = (
        select(one.rootname, one.amplifier, one.time_s, one.level)
        .where(one.rootname.in_(newest))
        .order_by(one.exp_start_mjd, one.rootname, one.amplifier, one.read)
    )
    return LevelHistory(
        database.read_columns(exposures),
        database.read_columns(reads),
        count_unused(database, [ASSET]),
    )
