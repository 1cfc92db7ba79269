"""Find the superdarks that tables are made from, and read all tables for the trend."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.monitors.bad_pixel_tables.measure import TableTask
from hstql_assets.monitors.bad_pixel_tables.trend import TableHistory
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.superdarks.selection import ASSET as SUPERDARKS
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


def locate_superdarks(
    clients: "Clients", measurement: Measurement, keys: Sequence[str]
) -> list[Task | Outcome]:
    """Return a task for the newest superdark of each key; `none` for one without.

    That of frames without CTE correction comes first: both are of the same pixels.
    """
    before = list(measurement.upstream)
    decisions = read_decisions(clients.database, before, keys)
    dark = tables.Superdark.__table__
    newest = (
        select(dark.c.set_key, dark.c.path)
        .ext(distinct_on(dark.c.set_key))
        .where(dark.c.set_key == any_of(keys))
        .order_by(dark.c.set_key, dark.c.filetype.desc(), dark.c.made_at.desc())
    )
    paths = {row.set_key: Path(row.path) for row in clients.database.read(newest)}
    return [
        find_unmade(decisions, before, key)
        or (TableTask(key, paths[key], clients.filesystem) if key in paths else _say_none(key))
        for key in keys
    ]


def _say_none(key: str) -> Outcome:
    return Outcome(key, "none", f"There is no superdark {key}: its darks are too few.")


def read_table_history(database: Database) -> TableHistory:
    """Return the newest version of each table, and the windows without any by reason."""
    table = tables.BadPixelTable.__table__
    newest = (
        select(table)
        .ext(distinct_on(table.c.set_key, table.c.chip))
        .order_by(table.c.set_key, table.c.chip, table.c.made_at.desc())
    )
    own = tables.ExposureSet
    without = (
        select(own.detector, func.count())
        .where(own.asset == SUPERDARKS, ~own.set_key.in_(select(table.c.set_key)))
        .group_by(own.detector)
        .order_by(own.detector)
    )
    member = tables.ExposureSetMember
    used = select(func.count(func.distinct(member.rootname))).where(
        member.reason.is_(None), member.set_key.in_(select(table.c.set_key))
    )
    return TableHistory(
        database.read(newest),
        int(database.read(used)[0][0]),
        [(str(row[0]), int(row[1])) for row in database.read(without)],
    )
