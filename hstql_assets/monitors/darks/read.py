"""Read what the trend is made from: sums over exposures, cells of a map, and counts.

The sums are kept in tables, so that an exposure is a few numbers here, not hundreds of rows.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)

from hstql_assets.monitors.darks.kept_sums import is_full, list_stretches, refresh_sums
from hstql_assets.monitors.darks.regions import MAIN_REGIONS
from hstql_assets.monitors.darks.series import (
    EARLIER,
    HALF_YEAR,
    LAST_YEAR,
    YEAR_DAYS,
    DarkRows,
)
from hstql_resources.postgres.database import Database
from hstql_resources.tables import DarkCell, DarkRate, DarkSum


def read_darks(database: Database) -> DarkRows:
    """Sum dark rates that are new, and read all sums, in four statements."""
    database.transact(refresh_sums)
    exposures = database.read_columns(_select_exposures())
    if not len(exposures):
        return DarkRows()
    newest = float(exposures["start_mjd"].max())
    return DarkRows(
        exposures,
        database.read(_select_cells("earth")),
        database.read(_select_cells("sun")),
        database.read(_select_histogram(newest)),
    )


def _select_exposures() -> Select[*tuple[Any, ...]]:
    one = DarkSum
    return select(
        one.rootname, one.detector, one.region, one.start_mjd, one.pixels, one.counts,
        one.all_counts, one.live_time_s.label("live_s"), one.mjd, one.temperature_c,
    ).order_by(one.start_mjd, one.filename, one.region)  # fmt: skip


def _select_cells(kind: str) -> Select[*tuple[Any, ...]]:
    cell = DarkCell
    place = (cell.detector, cell.x, cell.y)
    sums = (
        cast(func.sum(cell.counts), BigInteger).label("counts"),
        # In decimals, for floats have another sum in another order, and so another picture.
        cast(func.sum(cast(cell.live_time_s, Numeric)), Double).label("live_s"),
        func.max(cell.pixels).label("pixels"),
    )
    return select(*place, *sums).where(cell.kind == kind).group_by(*place).order_by(*place)


def _select_histogram(newest_mjd: float) -> Select[*tuple[Any, ...]]:
    """Count how many full stretches have so many counts, by detector and age.

    Where an age ends within the 90 days that sums are kept of, the stretches are asked.
    """
    ends_mjd = (newest_mjd - YEAR_DAYS / 2.0, newest_mjd - YEAR_DAYS)
    first, last = func.min(DarkSum.start_mjd), func.max(DarkSum.last_mjd)
    blocks = (
        select(
            DarkSum.block,
            _find_age(last, ends_mjd).label("age"),
            or_(*(and_(first < end, last >= end) for end in ends_mjd)).label("is_mixed"),
        )
        .where(DarkSum.region.in_(MAIN_REGIONS))
        .group_by(DarkSum.block)
        .subquery()
    )
    cell, dark = DarkCell, DarkRate
    kept = (
        select(cell.detector, blocks.c.age, cell.x.label("counts"), cell.stretches, cell.pixels)
        .join(blocks, blocks.c.block == cell.block)
        .where(cell.kind == "counts", ~blocks.c.is_mixed)
    )
    mixed = (
        select(DarkSum.filename, DarkSum.region)
        .join(blocks, blocks.c.block == DarkSum.block)
        .where(blocks.c.is_mixed, DarkSum.region.in_(MAIN_REGIONS))
        .subquery()
    )
    age = _find_age(dark.mid_mjd, ends_mjd).label("age")
    each = list_stretches(mixed, is_full(), dark.detector, age, dark.counts, dark.pixels)
    own = (each.c.detector, each.c.age, each.c.counts)
    asked = (
        select(*own, func.count().label("stretches"), func.max(each.c.pixels).label("pixels"))
        .select_from(mixed)
        .join(each, true())
        .group_by(*own)
    )
    one = union_all(kept, asked).subquery().c
    kind = (one.detector, one.age, one.counts)
    number = cast(func.sum(one.stretches), BigInteger).label("stretches")
    return (
        select(*kind, number, func.max(one.pixels).label("pixels")).group_by(*kind).order_by(*kind)
    )


def _find_age(mjd: Any, ends_mjd: tuple[float, float]) -> Any:
    return case((mjd >= ends_mjd[0], HALF_YEAR), (mjd >= ends_mjd[1], LAST_YEAR), else_=EARLIER)
