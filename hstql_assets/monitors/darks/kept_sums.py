"""Keep sums over dark rates, so that only exposures that are new are summed.

Of each file and region there is a row of `dark_sums`. Cells of maps and numbers of counts are rows
of `dark_cells`, summed over all exposures that began in the same 90 days; where one of these is new
or gone, they are summed anew. An exposure is new if its rows were written at another time than
those that were summed. Whoever changes what is summed here empties both tables by a migration.
"""

from typing import Any

from sqlalchemy import (
    Executable,
    Select,
    String,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    true,
    union,
    union_all,
)
from sqlalchemy.types import Integer

from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.darks.counts import BIN_S
from hstql_assets.monitors.darks.regions import MAIN_REGIONS
from hstql_assets.monitors.darks.series import CELL_DEG, SUN_CELL_DEG
from hstql_resources.postgres.database import Writer
from hstql_resources.tables import DarkCell, DarkRate, DarkSum

BLOCK_DAYS = 90.0
# A stretch that lacks a tick of the clock of 0.032 s counts as full.
FULL_S = BIN_S - 0.05
# By the index of exposures, which has their names, from each to the next: millions of rows are of
# some ten thousand.
_CHANGED = """
WITH RECURSIVE found AS (
    (SELECT rootname, ingest_date FROM dark_rates ORDER BY rootname LIMIT 1)
    UNION ALL
    SELECT next.* FROM found, LATERAL (
        SELECT d.rootname, d.ingest_date FROM dark_rates d WHERE d.rootname > found.rootname
        ORDER BY d.rootname LIMIT 1
    ) next
), kept AS (
    SELECT rootname, min(first_ingest_date) AS first, max(last_ingest_date) AS last
    FROM dark_sums GROUP BY rootname
)
SELECT rootname FROM found FULL JOIN kept USING (rootname)
WHERE (found.ingest_date BETWEEN kept.first AND kept.last) IS NOT TRUE
"""


def refresh_sums(writer: Writer) -> None:
    """Sum the exposures that are new, and leave out those that are gone; in three statements."""
    changed = list(writer.connection.scalars(text(_CHANGED)))
    if changed:
        writer.execute(_remove(changed))
        writer.execute(_add(changed))


def is_full() -> Any:
    """Return which stretches are as long as they can be, and outside of the anomaly."""
    return DarkRate.is_in_saa.is_(False) & (DarkRate.live_time_s >= FULL_S)


def list_stretches(files: Any, condition: Any, *columns: Any) -> Any:
    """Return columns of the stretches of each row with a filename and a region, to be joined.

    File by file, by the primary key, which Postgres would not choose: it cannot know that some
    files are few. The offset keeps it from choosing.
    """
    dark = DarkRate
    is_own = (dark.filename == files.c.filename) & (dark.region == files.c.region)
    return select(*columns).where(is_own, condition).offset(0).lateral()


def _remove(changed: list[str]) -> Executable:
    """Remove the sums of exposures, and all cells of the days in which they are now or were."""
    gone = (
        delete(DarkSum).where(DarkSum.rootname == any_of(changed)).returning(DarkSum.block)
    ).cte("gone")
    fresh = _sum_files(changed).subquery()
    blocks = union(select(gone.c.block), select(fresh.c.block))
    return delete(DarkCell).where(DarkCell.block.in_(blocks))


def _add(changed: list[str]) -> Executable:
    """Add the sums of exposures, and the cells of all days of which there are none."""
    sums = _sum_files(changed)
    added = insert(DarkSum).from_select([one.name for one in sums.selected_columns], sums)
    new = added.returning(DarkSum.filename, DarkSum.region, DarkSum.block).cte("new")
    kept = select(DarkSum.filename, DarkSum.region, DarkSum.block)
    members = union_all(kept, select(new)).subquery("members")
    dirty = select(members).where(
        members.c.block.not_in(select(DarkCell.block)), members.c.region.in_(MAIN_REGIONS)
    ).cte("dirty")  # fmt: skip
    cells = union_all(*(_sum_cells(dirty, *one) for one in _list_kinds()))
    names = ("block", "detector", "kind", "x", "y", "counts", "live_time_s", "stretches", "pixels")
    return insert(DarkCell).from_select(names, cells)


def _sum_files(rootnames: list[str]) -> Select[*tuple[Any, ...]]:
    """Sum over each file and region outside of the anomaly; NULL where it was always inside."""
    dark = DarkRate
    is_out = dark.is_in_saa.is_(False)
    live_s = func.sum(dark.live_time_s).filter(is_out)
    middle = func.sum(dark.mid_mjd * dark.live_time_s).filter(is_out) / func.nullif(live_s, 0)
    start_mjd = func.min(dark.start_mjd)
    return (
        select(
            dark.filename,
            dark.region,
            dark.rootname,
            dark.detector,
            cast(func.floor(start_mjd / BLOCK_DAYS), Integer).label("block"),
            start_mjd.label("start_mjd"),
            func.max(dark.mid_mjd).label("last_mjd"),
            func.max(dark.pixels).label("pixels"),
            func.sum(dark.counts).filter(is_out).label("counts"),
            func.sum(dark.all_counts).filter(is_out).label("all_counts"),
            live_s.label("live_time_s"),
            middle.label("mjd"),
            func.max(dark.temperature_c).label("temperature_c"),
            func.min(dark.ingest_date).label("first_ingest_date"),
            func.max(dark.ingest_date).label("last_ingest_date"),
        )
        .where(dark.rootname == any_of(rootnames))
        .group_by(dark.filename, dark.rootname, dark.detector, dark.region)
    )


def _list_kinds() -> list[tuple[str, Any, Any, Any]]:
    """Return the kinds of cells: name, x, y, and which stretches are in one.

    Of the Earth x is counted from longitude 0, y from latitude -90; of the Sun from 0 and -180
    degrees east and north of it.
    """
    dark = DarkRate
    x = cast(func.floor(dark.longitude_deg / CELL_DEG), Integer)
    y = cast(func.floor((dark.latitude_deg + 90.0) / CELL_DEG), Integer)
    east = dark.longitude_deg - dark.sun_longitude_deg
    east = east - 360.0 * func.floor(east / 360.0)
    north = dark.latitude_deg - dark.sun_latitude_deg
    sun_x = cast(func.floor(east / SUN_CELL_DEG), Integer)
    sun_y = cast(func.floor((north + 180.0) / SUN_CELL_DEG), Integer)
    is_live = dark.live_time_s > 0.0
    return [
        ("earth", x, y, is_live & dark.is_in_saa.is_not(None)),
        ("sun", sun_x, sun_y, is_live & dark.is_in_saa.is_(False)),
        ("counts", dark.counts, literal(0, Integer), is_full()),
    ]


def _sum_cells(dirty: Any, kind: str, x: Any, y: Any, condition: Any) -> Select[*tuple[Any, ...]]:
    dark = DarkRate
    each = list_stretches(
        dirty, condition, dark.detector, x.label("x"), y.label("y"), dark.counts,
        dark.live_time_s, dark.pixels,
    )  # fmt: skip
    one = each.c
    return (
        select(
            dirty.c.block, one.detector, literal(kind, String), one.x, one.y, func.sum(one.counts),
            func.sum(one.live_time_s), func.count(), func.max(one.pixels),
        )
        .select_from(dirty)
        .join(each, true())
        .group_by(dirty.c.block, one.detector, one.x, one.y)
    )  # fmt: skip
