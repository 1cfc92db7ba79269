"""Which sets of flats the database has, what makes one outdated, and what the trend reads back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select

from builders.camera_rows import list_exposure
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.flat_gains import membership
from hstql_assets.monitors.flat_gains.measure import measure_flats
from hstql_assets.monitors.flat_gains.monitor import MONITOR
from hstql_assets.monitors.flat_gains.read import read_flat_history
from hstql_assets.monitors.flat_gains.selection import load_selections
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_assets.monitors.framework.membership import (
    locate_sets,
    read_changed_sets,
    select_sets,
    sets_of,
)
from hstql_resources import tables
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_FLATS
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = "flat_gains_uvis_17672"
(MEASUREMENT,) = MONITOR.measurements


def add(database: Database, rootname: str, path: Path | None = None, **other: object) -> None:
    """Write an observation with its raw file; it is a flat of UVIS unless said otherwise."""
    usual = {
        "detector": "UVIS", "proposal_id": 17672, "target_name": "TUNGSTEN", "image_type": "FLAT",
    }  # fmt: skip
    path = path or Path(f"/{rootname}_raw.fits")
    list_exposure(database, rootname, path, "raw", **(usual | other))


def find_keys(database: Database) -> list[str]:
    return sorted(str(row[0]) for row in database.read(select_sets(MEASUREMENT)))


def locate(database: Database, *keys: str) -> list[Any]:
    clients = SimpleNamespace(database=database, references=None)
    return locate_sets(cast("Any", clients), MEASUREMENT, keys)


def store(database: Database, outcome: Outcome) -> None:
    with database.write() as writer:
        for owned in MEASUREMENT.owned:
            writer.upsert(owned.model, outcome.rows[owned.name])


def test_a_set_is_a_proposal_with_a_detector_and_others_are_in_none(database: Database) -> None:
    assert find_keys(database) == []
    add(database, "if0101a1q")
    add(database, "if0101a2q", target_name="tungsten")
    add(database, "if0101a3q", detector="IR")
    add(database, "if0101a4q", target_name="NGC-'1%'")
    add(database, "if0101a5q", image_type="DARK")
    add(database, "if0101a6q", proposal_id=None)
    add(database, "jf0101a1q", instrument="acs", detector="WFC", proposal_id=1)
    assert find_keys(database) == ["flat_gains_ir_17672", KEY, "flat_gains_wfc_1"]
    assert sets_of(database, MEASUREMENT, ["if0101a2q", "if0101a4q", "no"]) == {KEY}
    task, nothing = locate(database, KEY, "flat_gains_uvis_2")
    assert sorted(task.files) == ["if0101a1q", "if0101a2q"]
    assert (nothing.status, nothing.key) == ("none", "flat_gains_uvis_2")


def test_a_set_is_outdated_by_its_members_files_and_its_selection(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, "if0101a1q")
    assert list(read_changed_sets(database, MEASUREMENT)) == [KEY]

    def settle() -> None:
        (task,) = locate(database, KEY)
        row = {
            "set_key": KEY, "asset": "flat_gains", "detector": "UVIS", "exposures": 1, "used": 0,
            "members": task.digest, "ingest_date": NOW,
        }  # fmt: skip
        with database.write() as writer:
            writer.upsert(tables.ExposureSet, [row])

    settle()
    assert read_changed_sets(database, MEASUREMENT) == {}
    add(database, "if0101a2q")  # a new member
    assert list(read_changed_sets(database, MEASUREMENT)) == [KEY]
    settle()
    add(database, "if0101b1q", proposal_id=5)
    changed = read_changed_sets(database, MEASUREMENT)
    assert list(changed) == ["flat_gains_uvis_5"]  # and of the other nothing
    bad = {
        "filename": "if0101a2q_raw.fits", "rootname": "if0101a2q", "reason": "Truncated",
        "detail": "It ends.", "step": "wfc3/header_tables", "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.BadData, [bad])
    assert KEY in read_changed_sets(database, MEASUREMENT)
    settle()
    chosen = load_selections()
    other = dict(chosen) | {"UVIS": replace(chosen["UVIS"], highest_e=1.0)}
    monkeypatch.setattr(membership, "load_selections", lambda: other)
    assert KEY in read_changed_sets(database, MEASUREMENT)


def test_rows_of_a_set_are_read_back_by_the_trend(database: Database, tmp_path: Path) -> None:
    for index in range(5):
        name = f"{WFC3_FLATS.locate(index).rootname}_raw.fits"
        (tmp_path / name).write_bytes(WFC3_FLATS.open_exposure(1, index)(name))
        add(database, name[:9], tmp_path / name)
    (task,) = locate(database, KEY)
    assert isinstance(task, SetTask)
    store(database, measure_flats(task))
    history = read_flat_history(database)
    assert [row.amplifier for row in history.gains] == list("ABCD")
    assert len(history.levels) == 8
    assert history.unused.rows == [("UVIS", "one flat alone", 1)]
    add(database, "if0101a9q")
    bad = {
        "filename": "if0101a9q_raw.fits", "rootname": "if0101a9q", "reason": "Truncated",
        "detail": "It ends.", "step": "wfc3/previews", "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.BadData, [bad])
    rows = read_flat_history(database).unused.rows
    assert rows == [("UVIS", "found bad by another step", 1), ("UVIS", "one flat alone", 1)]
    member = tables.ExposureSetMember
    assert len(database.read(select(member.rootname))) == 5
