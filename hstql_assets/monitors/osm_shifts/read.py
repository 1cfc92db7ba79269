"""Read what the trend needs: flashes, moves, and when the other exposures were."""

import math

import numpy as np
from sqlalchemy import select

from hstql_assets.monitors.osm_shifts.flash_table import TIMES_MJD, FlashTable, tabulate
from hstql_assets.monitors.osm_shifts.moves import History, Taken
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Observation, OsmShift, SmsExposure
from hstql_resources.times import SECONDS_PER_DAY

_SHIFTS = (
    OsmShift.rootname, OsmShift.filetype, OsmShift.detector, OsmShift.segment, OsmShift.flash,
    OsmShift.opt_elem, OsmShift.cenwave, OsmShift.fppos, OsmShift.life_adj,
    OsmShift.exp_start_mjd, OsmShift.time_s, OsmShift.shift_disp, OsmShift.shift_xdisp,
    OsmShift.shift_without_fppos, OsmShift.search_offset, OsmShift.search_range,
    OsmShift.is_found,
)  # fmt: skip


def read(database: Database) -> History:
    """Read all shifts, all exposures and the stored schedule, in three queries."""
    order = (OsmShift.exp_start_mjd, OsmShift.rootname, OsmShift.flash, OsmShift.segment)
    # Not held by a name: the rows as they come are as large as the table that is made of them.
    flashes = tabulate(database.read_columns(select(*_SHIFTS).order_by(*order)))
    return History(flashes, _read_taken(database, _find_fppos(flashes)), _read_stored(database))


def _find_fppos(flashes: FlashTable) -> dict[str, float]:
    """Return the FP-POS of each exposure: that of its last flash."""
    exposure, last = np.unique(flashes.exposure[::-1], return_index=True)
    own = flashes.where(len(flashes) - 1 - last)
    return dict(zip(own.rootname, own.fppos.tolist(), strict=True)) if len(exposure) else {}


def _read_taken(database: Database, fppos: dict[str, float]) -> Taken:
    """Return the exposures with a time; the names of associations end in a zero."""
    one = Observation
    statement = select(
        one.rootname, one.exp_start_mjd, one.exp_end_mjd, one.exp_time_s, one.opt_elem, one.cenwave
    ).where(
        one.instrument == "cos",
        one.exp_start_mjd.between(*TIMES_MJD),
        one.rootname.notlike("%0"),
    )
    rows = database.read_columns(statement)
    names, start_mjd = rows["rootname"], rows["exp_start_mjd"]
    end_mjd = np.where(np.isnan(rows["exp_end_mjd"]), start_mjd, rows["exp_end_mjd"])
    length_days = np.nan_to_num(rows["exp_time_s"]) / SECONDS_PER_DAY
    end_mjd = np.maximum(end_mjd, start_mjd + length_days)
    known = np.array([fppos.get(name, math.nan) for name in names], dtype=np.float64)
    return Taken(names, start_mjd, end_mjd, rows["opt_elem"], rows["cenwave"], known)


def _read_stored(database: Database) -> tuple[dict[str, object], ...]:
    table = SmsExposure.__table__
    return tuple(
        dict(row._mapping) for row in database.read(select(table).order_by(table.c.exposure))
    )
