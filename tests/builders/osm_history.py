"""Histories of simulated exposures, as the trend reads them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from builders.osm_files import make_task
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.osm_shifts.flash_table import tabulate
from hstql_assets.monitors.osm_shifts.measure import measure
from hstql_assets.monitors.osm_shifts.moves import History, Taken
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import LAMPS
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import DURATION_S, LampPlace
from hstql_resources.columns import Columns, to_objects
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings
from hstql_resources.tables import OsmShift

SEED = 11
Rows = list[dict[str, object]]


def measure_epochs(epochs: int, folder: Path, lref: Path | None) -> Rows:
    """Write and measure all lamp exposures of so many epochs."""
    holdings = LAMPS
    rows: Rows = []
    for index in range(holdings.count(epochs)):
        name = next(one for one in holdings.list_filenames(index) if "lampflash" in one)
        path = folder / name
        path.write_bytes(holdings.open_exposure(SEED, index)(name))
        rows += measure(make_task(path, lref)).rows["osm_shifts"]
        path.unlink()
    return rows


def take(epochs: int) -> Taken:
    """Return the lamp exposures of so many epochs as `observations` has them."""
    places = [LampPlace.locate(index) for index in range(LAMPS.count(epochs))]
    return gather_taken(
        (
            place.rootname, place.start_mjd, place.start_mjd + DURATION_S / 86400.0,
            place.law.opt_elem, place.law.cenwave, place.fppos,
        )
        for place in places
    )  # fmt: skip


def gather_taken(rows: Iterable[tuple[object, ...]]) -> Taken:
    """Return exposures, each with all that `Taken` has, in its order."""
    found = list(rows)
    columns = [[row[place] for row in found] for place in range(6)]
    is_text = (True, False, False, True, False, False)
    return Taken(
        *(
            to_objects(column) if text else np.array(column, np.float64)
            for column, text in zip(columns, is_text, strict=True)
        )
    )


def history_of(rows: Rows, taken: Taken | None = None) -> History:
    names = rows[0] if rows else OsmShift.__table__.columns.keys()
    columns = {name: to_objects([row[name] for row in rows]) for name in names}
    return History(tabulate(Columns(columns)), gather_taken(()) if taken is None else taken, ())


def surround(folder: Path, sms: Path | None = None) -> TrendContext:
    filesystem = Filesystem(folder)
    references = References(SimulatedArchive(0), filesystem)
    return TrendContext(filesystem, references, Settings.model_construct(sms=sms))
