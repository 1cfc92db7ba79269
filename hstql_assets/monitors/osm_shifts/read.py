"""Read what the trend needs: flashes, moves, and when the other exposures were."""

from sqlalchemy import select

from hstql_assets.monitors.osm_shifts.flash_table import TIMES_MJD, tabulate
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
    shifts = database.read(select(*_SHIFTS).order_by(*order))
    rows = [dict(row._mapping) for row in shifts]
    fppos = {str(row["rootname"]): row["fppos"] for row in rows}
    return History(tabulate(rows), _read_taken(database, fppos), _read_stored(database))


def _read_taken(database: Database, fppos: dict[str, int | None]) -> tuple[Taken, ...]:
    """Return the exposures with a time; the names of associations end in a zero."""
    one = Observation
    statement = select(
        one.rootname, one.exp_start_mjd, one.exp_end_mjd, one.exp_time_s, one.opt_elem, one.cenwave
    ).where(
        one.instrument == "cos",
        one.exp_start_mjd.between(*TIMES_MJD),
        one.rootname.notlike("%0"),
    )
    found = []
    for row in database.read(statement):
        length_days = (row.exp_time_s or 0.0) / SECONDS_PER_DAY
        end_mjd = row.exp_end_mjd if row.exp_end_mjd is not None else row.exp_start_mjd
        found.append(
            Taken(
                row.rootname,
                row.exp_start_mjd,
                max(end_mjd, row.exp_start_mjd + length_days),
                row.opt_elem,
                row.cenwave,
                fppos.get(row.rootname),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.start_mjd, one.rootname)))


def _read_stored(database: Database) -> tuple[dict[str, object], ...]:
    table = SmsExposure.__table__
    return tuple(
        dict(row._mapping) for row in database.read(select(table).order_by(table.c.exposure))
    )
