"""Find the files of sets of flats for the measurement, and what was measured for the trend."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.monitors.flat_gains.measure import FlatSetTask
from hstql_assets.monitors.flat_gains.membership import (
    ASSET,
    detector_of,
    join_files,
    name_set,
    read_digests,
)
from hstql_assets.monitors.flat_gains.selection import load_selections
from hstql_assets.monitors.flat_gains.trend import FlatHistory
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


def locate_flats(
    clients: "Clients",
    measurement: Measurement,  # noqa: ARG001, as of every measurement
    keys: Sequence[str],
) -> list[Task | Outcome]:
    """Return a task for each set of a batch, in two queries; `none` for one without members."""
    file, wanted = tables.File, name_set() == any_of(keys)
    statement = join_files(
        select(
            name_set().label("key"), file.rootname, file.filename, file.filetype, file.path
        )
    ).where(wanted).order_by(file.filename)  # fmt: skip
    files: dict[str, dict[str, tuple[InputFile, ...]]] = defaultdict(dict)
    for row in clients.database.read(statement):
        own = files[row.key]
        one = InputFile(row.filename, row.filetype, Path(row.path))
        own[row.rootname] = (*own.get(row.rootname, ()), one)
    digests = read_digests(clients.database, wanted)
    selections = load_selections()
    return [
        FlatSetTask(
            key, detector_of(key), selections[detector_of(key)], files[key], digests[key]
        )
        if key in files and key in digests
        else Outcome(key, "none", f"There are no flats of {key}.")
        for key in keys
    ]  # fmt: skip


def read_flat_history(database: Database) -> FlatHistory:
    """Return all gains, all levels, and how many flats were not used for which reason."""
    gain, level = tables.FlatGain.__table__, tables.FlatLevel.__table__
    own, member = tables.ExposureSet, tables.ExposureSetMember
    gains = select(gain).order_by(
        gain.c.detector, gain.c.binning, gain.c.gain_setting, gain.c.amplifier, gain.c.mjd
    )
    levels = select(level).order_by(level.c.set_key, level.c.rootname, level.c.amplifier)
    unused = (
        select(own.detector, member.reason, func.count().label("flats"))
        .join(member, member.set_key == own.set_key)
        .where(own.asset == ASSET, member.reason.is_not(None))
        .group_by(own.detector, member.reason)
        .order_by(own.detector, member.reason)
    )
    return FlatHistory(
        database.read(gains),
        database.read(levels),
        [(str(row[0]), str(row[1]), int(row[2])) for row in database.read(unused)],
    )
