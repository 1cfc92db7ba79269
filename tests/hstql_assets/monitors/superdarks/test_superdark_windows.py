"""Which windows a dark is in, by the database and by the table, and what makes one outdated."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from builders.camera_rows import list_exposure
from builders.dark_frames import make_task, make_truth, write_darks
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.framework.membership import (
    locate_sets,
    read_changed_sets,
    select_sets,
    sets_of,
)
from hstql_assets.monitors.framework.selection import parse_selections
from hstql_assets.monitors.superdarks.measure import make_superdarks
from hstql_assets.monitors.superdarks.monitor import MONITOR
from hstql_assets.monitors.superdarks.read import read_dark_history
from hstql_assets.monitors.superdarks.selection import (
    DarkSelection,
    find_window,
    list_tiles,
    load_selections,
)
from hstql_resources import tables
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
(MEASUREMENT,) = MONITOR.measurements
UVIS = load_selections()["UVIS"]
ANNEAL_MJD = 58257.74391204  # 2018-05-19; the next one is at 58281.927, 2018-06-12


def add(database: Database, rootname: str, mjd: float | None, **other: object) -> None:
    """Write an observation with its flt file; it is a dark of UVIS unless said otherwise."""
    usual = {
        "detector": "UVIS", "proposal_id": 15567, "target_name": "DARK", "image_type": "DARK",
        "exp_start_mjd": mjd,
    }  # fmt: skip
    list_exposure(database, rootname, Path(f"/{rootname}_flt.fits"), **(usual | other))


def days_of(database: Database, rootname: str) -> list[str]:
    return sorted(key.rpartition("_")[2] for key in sets_of(database, MEASUREMENT, [rootname]))


@pytest.mark.parametrize(
    ("mjd", "days"),
    [
        (ANNEAL_MJD - 1e-6, ["2018-05-14"]),  # the last window before goes on until the anneal
        (ANNEAL_MJD + 1e-6, ["2018-05-19"]),
        (58259.5, ["2018-05-19", "2018-05-20", "2018-05-21"]),
        (58266.0, [f"2018-05-{day}" for day in range(24, 29)]),
        (58280.5, ["2018-06-07"]),
        (58281.9, ["2018-06-07"]),
        (54000.0, []),  # before all anneals
        (None, []),
    ],
)
def test_a_dark_is_in_the_windows_of_its_days(
    database: Database, mjd: float | None, days: list[str]
) -> None:
    add(database, "id0101a1q", mjd)
    found = days_of(database, "id0101a1q")
    assert found[: len(days)] == days
    assert mjd == 58280.5 or len(found) == len(days)
    for day in found:
        window = find_window(UVIS, day)
        assert mjd is not None
        assert window.start_mjd <= mjd < window.end_mjd


def test_others_are_in_no_window(database: Database) -> None:
    add(database, "id0101a1q", 58259.5, detector="IR")
    add(database, "id0101a2q", 58259.5, target_name="NGC-'1%'")
    add(database, "id0101a3q", 58259.5, image_type="BIAS")
    assert database.read(select_sets(MEASUREMENT)) == []
    add(database, "jd0101a1q", 58259.5, detector="WFC", instrument="acs")
    assert [row[0] for row in database.read(select_sets(MEASUREMENT))] == [
        "superdarks_wfc_2018-05-21"
    ]


def test_a_new_dark_outdates_its_windows_alone(database: Database) -> None:
    add(database, "id0101a1q", 58259.5)

    def settle() -> None:
        keys = sorted(read_changed_sets(database, MEASUREMENT))
        clients = cast("Any", SimpleNamespace(database=database, references=None))
        rows = [
            task.describe("superdarks", 0) | {"ingest_date": NOW}
            for task in locate_sets(clients, MEASUREMENT, keys)
            if isinstance(task, SetTask)
        ]
        with database.write() as writer:
            writer.upsert(tables.ExposureSet, rows)

    settle()
    assert read_changed_sets(database, MEASUREMENT) == {}
    add(database, "id0101a2q", 58261.5)
    assert [key[-5:] for key in read_changed_sets(database, MEASUREMENT)] == [
        f"05-{day}" for day in (19, 20, 21, 22, 23)
    ]


def test_an_anneal_that_is_added_changes_the_windows_of_its_period_alone() -> None:
    text = """[UVIS]
instrument = "wfc3"
image_types = ["DARK"]
target_names = ["DARK"]
exposure_s = [900.0]
excluded = []
binnings = [1]
window_days = 5
least_frames = 5
hot_e_per_s = 0.015
hot_rows = 50
least_times = 5.0
read_noise_e = 3.1
gains_e = {{ A = 1.58 }}
anneals = [2018-05-19T17:51:14Z, 2018-06-12T22:14:31Z{}]
"""
    before = parse_selections(DarkSelection, text.format(""))["UVIS"]
    after = parse_selections(DarkSelection, text.format(", 2018-07-13T14:40:05Z"))["UVIS"]
    assert find_window(before, "2018-05-24") == find_window(after, "2018-05-24")
    assert find_window(before, "2018-06-20") != find_window(after, "2018-06-20")
    with pytest.raises(KeyError):
        find_window(before, "2018-05-18")
    with pytest.raises(KeyError):
        find_window(before, "2018-5-x")


def test_tiles_cover_the_period_and_do_not_overlap_the_window() -> None:
    window = find_window(UVIS, "2018-05-26")
    assert not window.is_tile
    assert list_tiles(window) == ["2018-05-19", "2018-06-03"]
    assert find_window(UVIS, "2018-05-29").is_tile


def test_rows_of_a_superdark_are_read_back_by_the_trend(
    database: Database, tmp_path: Path
) -> None:  # fmt: skip
    outcome = make_superdarks(make_task(tmp_path / "home", write_darks(tmp_path, 5, make_truth())))
    with database.write() as writer:
        for owned in MEASUREMENT.owned:
            writer.upsert(owned.model, outcome.rows[owned.name])
    history = read_dark_history(database)
    assert [row.chip for row in history.rows] == [1, 2]
    assert (history.used, history.unused.rows) == (5, [])
