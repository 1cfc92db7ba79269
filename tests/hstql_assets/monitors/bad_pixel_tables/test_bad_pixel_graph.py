"""Tables follow superdarks: by the database, from the newest version, and what there is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from builders.dark_frames import KEY, make_task, make_truth, write_darks
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.bad_pixel_tables.measure import TableTask, make_bad_pixel_table
from hstql_assets.monitors.bad_pixel_tables.monitor import MONITOR, PATTERN
from hstql_assets.monitors.bad_pixel_tables.read import locate_superdarks, read_table_history
from hstql_assets.monitors.bad_pixel_tables.trend import summarize_tables
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.times import mjd_to_datetime

(MEASUREMENT,) = MONITOR.measurements
FEW = "superdarks_wfc_2018-05-21"


def decide(database: Database, key: str) -> None:
    now = mjd_to_datetime(61000.0)
    decision = {"asset": "superdarks", "key": key, "status": "made", "reason": None,
                "remarks": None, "decided_at": now, "changed_at": now}  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Outcome, [decision])


def store(database: Database, outcome: Outcome) -> None:
    every = (tables.ExposureSet, tables.ExposureSetMember, tables.Superdark, tables.BadPixelTable)
    models = {model.__tablename__: model for model in every}
    with database.write() as writer:
        for name, rows in outcome.rows.items():
            writer.upsert(models[name], rows)


def locate(database: Database, home: Path, *keys: str) -> list[Any]:
    clients = cast("Any", SimpleNamespace(database=database, filesystem=Filesystem(home)))
    return locate_superdarks(clients, MEASUREMENT, keys)


def test_before_the_superdark_is_made_its_table_waits(database: Database, tmp_path: Path) -> None:
    (outcome,) = locate(database, tmp_path, KEY)
    assert (outcome.status, outcome.is_upstream_unmade) == ("waiting", True)


def test_a_table_is_made_of_the_newest_superdark_and_the_page_counts_windows_without(
    database: Database, tmp_path: Path
) -> None:
    home, files = tmp_path / "home", write_darks(tmp_path, 6, make_truth(shape=(60, 80)))
    make_superdarks(make_task(home, files))
    newest = make_superdarks(make_task(home, dict(list(files.items())[:5])))
    store(database, newest)
    store(database, make_superdarks(make_task(home, dict(list(files.items())[:2]), FEW)))
    for key in (KEY, FEW):
        decide(database, key)
    task, few = locate(database, home, KEY, FEW)
    assert isinstance(task, TableTask)
    assert task.source.name == newest.rows["superdarks"][-1]["filename"]
    assert (few.status, "too few" in few.reason) == ("none", True)
    store(database, make_bad_pixel_table(task))
    history = read_table_history(database)
    assert [row.chip for row in history.rows] == [1, 2]
    assert (history.used, history.without) == (5, [("WFC", 1)])
    report = summarize_tables(history, cast("TrendContext", None))
    assert report.sections[-1].rows == (("WFC", "1"),)


@pytest.mark.parametrize("key", [KEY, FEW])
def test_files_are_known_by_their_key(key: str) -> None:
    path = f"products/bad_pixel_tables/{key}_2026-12-01T03-04-05_bpx.fits"
    match = MEASUREMENT.files[0].match(path)
    assert match is not None
    assert match["key"] == key
    assert PATTERN.endswith("_bpx\\.fits")
