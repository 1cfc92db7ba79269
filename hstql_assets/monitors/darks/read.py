"""Read what the trend is made from: sums over exposures, cells of a map, and counts.

The sums are made by the database, so that an exposure is a few numbers here, not hundreds of rows.
"""

from typing import Any

from sqlalchemy import Executable, case, cast, func, select
from sqlalchemy.types import Integer

from hstql_assets.monitors.darks.counts import BIN_S
from hstql_assets.monitors.darks.regions import MAIN_REGIONS
from hstql_assets.monitors.darks.series import (
    CELL_DEG,
    EARLIER,
    HALF_YEAR,
    LAST_YEAR,
    SUN_CELL_DEG,
    YEAR_DAYS,
    DarkRows,
)
from hstql_resources.postgres.database import Database
from hstql_resources.tables import DarkRate

# A stretch that lacks a tick of the clock of 0.032 s counts as full.
FULL_S = BIN_S - 0.05


def read_darks(database: Database) -> DarkRows:
    """Read all dark rates, in four statements that return sums."""
    exposures = database.read(_select_exposures())
    if not exposures:
        return DarkRows()
    newest = max(row.start_mjd for row in exposures)
    return DarkRows(
        exposures,
        database.read(_select_cells()),
        database.read(_select_sun_cells()),
        database.read(_select_histogram(newest)),
    )


def _select_exposures() -> Executable:
    """Sum over each file and region outside of the anomaly; NULL where it was always inside."""
    dark = DarkRate
    is_out = dark.is_in_saa.is_(False)
    live_s = func.sum(dark.live_time_s).filter(is_out)
    return (
        select(
            dark.rootname,
            dark.detector,
            dark.region,
            func.min(dark.start_mjd).label("start_mjd"),
            func.max(dark.pixels).label("pixels"),
            func.sum(dark.counts).filter(is_out).label("counts"),
            func.sum(dark.all_counts).filter(is_out).label("all_counts"),
            live_s.label("live_s"),
            (
                func.sum(dark.mid_mjd * dark.live_time_s).filter(is_out) / func.nullif(live_s, 0)
            ).label("mjd"),
            func.max(dark.temperature_c).label("temperature_c"),
        )
        .group_by(dark.filename, dark.rootname, dark.detector, dark.region)
        .order_by("start_mjd", dark.filename, dark.region)
    )


def _select_cells() -> Executable:
    """Sum over cells of 5 degrees of the main regions: x from longitude 0, y from latitude -90."""
    dark = DarkRate
    x = cast(func.floor(dark.longitude_deg / CELL_DEG), Integer)
    y = cast(func.floor((dark.latitude_deg + 90.0) / CELL_DEG), Integer)
    return _sum_cells(x, y, dark.is_in_saa.is_not(None))


def _select_sun_cells() -> Executable:
    """Sum over cells of 10 degrees: x and y from 0 and -180 degrees east and north of the Sun."""
    dark = DarkRate
    east = dark.longitude_deg - dark.sun_longitude_deg
    east = east - 360.0 * func.floor(east / 360.0)
    north = dark.latitude_deg - dark.sun_latitude_deg
    x = cast(func.floor(east / SUN_CELL_DEG), Integer)
    y = cast(func.floor((north + 180.0) / SUN_CELL_DEG), Integer)
    return _sum_cells(x, y, dark.is_in_saa.is_(False))


def _sum_cells(x: Any, y: Any, condition: Any) -> Executable:
    dark = DarkRate
    cells = (
        select(
            dark.detector, x.label("x"), y.label("y"), dark.counts, dark.live_time_s, dark.pixels
        )
        .where(dark.region.in_(MAIN_REGIONS), dark.live_time_s > 0.0, condition)
        .subquery()
    )
    return (
        select(
            cells.c.detector,
            cells.c.x,
            cells.c.y,
            func.sum(cells.c.counts).label("counts"),
            func.sum(cells.c.live_time_s).label("live_s"),
            func.max(cells.c.pixels).label("pixels"),
        )
        .group_by(cells.c.detector, cells.c.x, cells.c.y)
        .order_by(cells.c.detector, cells.c.x, cells.c.y)
    )


def _select_histogram(newest_mjd: float) -> Executable:
    """Count how many full stretches have so many counts, by detector and age."""
    dark = DarkRate
    age = case(
        (dark.mid_mjd >= newest_mjd - YEAR_DAYS / 2.0, HALF_YEAR),
        (dark.mid_mjd >= newest_mjd - YEAR_DAYS, LAST_YEAR),
        else_=EARLIER,
    )
    stretches = (
        select(dark.detector, age.label("age"), dark.counts, dark.pixels)
        .where(
            dark.region.in_(MAIN_REGIONS),
            dark.is_in_saa.is_(False),
            dark.live_time_s >= FULL_S,
        )
        .subquery()
    )
    columns = stretches.c
    return (
        select(
            columns.detector,
            columns.age,
            columns.counts,
            func.count().label("stretches"),
            func.max(columns.pixels).label("pixels"),
        )
        .group_by(columns.detector, columns.age, columns.counts)
        .order_by(columns.detector, columns.age, columns.counts)
    )
