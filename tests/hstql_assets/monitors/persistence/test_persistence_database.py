"""Which exposures are before which, what makes one outdated, and what the trend reads back."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import delete, select

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.persistence import membership, read
from hstql_assets.monitors.persistence.measure import PersistenceTask, measure_persistence
from hstql_assets.monitors.persistence.membership import (
    followers_of,
    read_changed_exposures,
    select_exposures,
)
from hstql_assets.monitors.persistence.monitor import MONITOR
from hstql_assets.monitors.persistence.read import locate_persistence, read_persistence_history
from hstql_assets.monitors.persistence.settings import load_settings
from hstql_resources import tables
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_PERSISTENCE
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
(MEASUREMENT,) = MONITOR.measurements


def add(database: Database, rootname: str, hours: float, path: Path | None = None,
        *, has_file: bool = True, sha256: str = "a", **other: object) -> None:  # fmt: skip
    """Write an IR exposure that begins so many hours after the first, with its flt."""
    observation = {
        "rootname": rootname, "instrument": "wfc3", "detector": "IR", "proposal_id": 100,
        "exp_start_mjd": 59000.0 + hours / 24.0, "first_ingest_date": NOW,
        "last_ingest_date": NOW, **other,
    }  # fmt: skip
    file = {
        "filename": f"{rootname}_flt.fits", "rootname": rootname, "filetype": "flt",
        "kind": "calibrated", "path": str(path or f"/{rootname}_flt.fits"), "size_bytes": 100,
        "sha256": sha256 * 64, "origin": "archive", "ingest_date": NOW,
    }  # fmt: skip
    header = {
        "asset": "wfc3/header_tables", "key": rootname, "status": "made", "decided_at": NOW,
        "changed_at": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Observation, [observation])
        if has_file:
            writer.upsert(tables.File, [file])
        writer.upsert(tables.Outcome, [header])


def locate(database: Database, *keys: str, references: object = None) -> list[Any]:
    clients = SimpleNamespace(
        database=database, references=references, filesystem=Filesystem(Path("/nowhere"))
    )
    return locate_persistence(cast("Any", clients), MEASUREMENT, keys)


def settle(database: Database) -> None:
    """Write rows as if all that is to be measured had been, with nothing in them."""
    keys = list(read_changed_exposures(database))
    empty = dict.fromkeys(
        ("unknown", "leaves_half", "leaves_1", "leaves_2", "leaves_5", "leaves_10"), 0.0
    )
    rows = [
        {
            "rootname": task.key, "exp_start_mjd": 1.0, "source": "flt", "model": "fermi",
            "predecessors": 0, "used": 0, "unusable": 0, **empty, "members": task.digest,
            "ingest_date": NOW,
        }
        for task in locate(database, *keys)
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Persistence, rows)


def before(database: Database, key: str) -> dict[str, str | None]:
    (task,) = locate(database, key)
    assert isinstance(task, PersistenceTask)
    return {one.rootname: one.fault and one.fault[0] for one in task.predecessors}


def test_those_of_sixteen_hours_before_count_and_no_others(database: Database) -> None:
    assert read_changed_exposures(database) == {}
    add(database, "iown02a1q", 20.0)
    add(database, "iear01a1q", 3.9)
    add(database, "iin001a1q", 4.1)
    add(database, "iin002a1q", 19.9)
    add(database, "iaft01a1q", 20.1)
    add(database, "iuvi01a1q", 19.0, detector="UVIS")
    add(database, "iasn01010", 19.0, association="iasn01010")
    add(database, "inul01a1q", 19.0, exp_start_mjd=None)
    assert before(database, "iown02a1q") == {"iin001a1q": None, "iin002a1q": None}
    keys = sorted(str(row[0]) for row in database.read(select_exposures()))
    assert keys == ["iaft01a1q", "iear01a1q", "iin001a1q", "iin002a1q", "iown02a1q"]
    assert followers_of(database, ["iin002a1q"]) == {"iaft01a1q", "iin002a1q", "iown02a1q"}
    assert followers_of(database, ["iuvi01a1q"]) == frozenset()


def test_two_that_begin_together_are_before_each_other_one_way_only(database: Database) -> None:
    add(database, "isam01a1q", 1.0)
    add(database, "isam01a2q", 1.0)
    assert before(database, "isam01a1q") == {}
    assert before(database, "isam01a2q") == {"isam01a1q": None}


def test_one_that_comes_late_or_changes_makes_those_after_it_outdated(database: Database) -> None:
    add(database, "iown02a1q", 20.0)
    add(database, "iaft01a1q", 40.0)
    assert sorted(read_changed_exposures(database)) == ["iaft01a1q", "iown02a1q"]
    settle(database)
    assert read_changed_exposures(database) == {}
    add(database, "iear01a1q", 10.0)
    assert sorted(read_changed_exposures(database)) == ["iear01a1q", "iown02a1q"]
    settle(database)
    add(database, "iear01a1q", 10.0, sha256="b")
    assert sorted(read_changed_exposures(database)) == ["iear01a1q", "iown02a1q"]
    settle(database)
    add(database, "imis01a1q", 11.0, has_file=False)  # known, and not here: it is no key
    assert list(read_changed_exposures(database)) == ["iown02a1q"]
    settle(database)
    with database.write() as writer:
        gone = tables.Observation.rootname == "iear01a1q"
        writer.execute(delete(tables.File).where(tables.File.rootname == "iear01a1q"))
        writer.execute(delete(tables.Observation).where(gone))
    assert list(read_changed_exposures(database)) == ["iown02a1q"]


def test_other_settings_make_all_outdated(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, "iown02a1q", 20.0)
    settle(database)
    monkeypatch.setattr(membership, "_say_settings", lambda: "other")
    assert list(read_changed_exposures(database)) == ["iown02a1q"]


def test_one_that_failed_waits_for_another_file(database: Database) -> None:
    add(database, "iown02a1q", 20.0)
    failed = {
        "asset": "persistence", "key": "iown02a1q", "status": "bad", "decided_at": NOW,
        "changed_at": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Outcome, [failed])
    assert read_changed_exposures(database) == {}
    with database.write() as writer:
        writer.upsert(tables.Outcome, [failed | {"decided_at": datetime(2025, 1, 1, tzinfo=UTC)}])
    assert list(read_changed_exposures(database)) == ["iown02a1q"]


def test_what_is_not_here_or_bad_is_among_those_before_with_its_reason(database: Database) -> None:
    add(database, "iown02a9q", 20.0)
    add(database, "imis01a1q", 19.0, has_file=False)
    add(database, "ibad01a1q", 18.0)
    bad = {
        "filename": "ibad01a1q_flt.fits", "rootname": "ibad01a1q", "reason": "Truncated",
        "detail": "It ends.", "step": "wfc3/header_tables", "ingest_date": NOW,
    }  # fmt: skip
    listed = [
        {"filename": f"{name}_raw.fits", "rootname": name, "dataset": name, "uri": "x",
         "access": "public", "listed_at": NOW}
        for name in ("iown02a8q", "iown02a9q", "iown02abq", "iown02010", "iown01a8q")
    ]  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.BadData, [bad])
        writer.upsert(tables.Product, listed)
    assert before(database, "iown02a9q") == {
        "ibad01a1q": "unreadable", "imis01a1q": "not retrieved", "iown02a8q": "no headers",
    }  # fmt: skip
    (nothing,) = locate(database, "ibad01a1q")
    assert (nothing.status, nothing.reason) == ("none", "It ends.")
    (unmade,) = locate(database, "inew01a1q")
    assert unmade.status == "waiting"


def test_a_table_that_is_nowhere_is_said_and_no_other_model_taken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    add(database, "iown02a1q", 20.0)
    other = replace(load_settings(), model="table", table="iref$a_gamma.fits")
    monkeypatch.setattr(read, "load_settings", lambda: other)
    nowhere = SimpleNamespace(find=lambda _: None)
    (outcome,) = locate(database, "iown02a1q", references=nowhere)
    assert (outcome.status, "a_gamma.fits" in outcome.reason) == ("missing", True)


def test_rows_are_read_back_by_the_trend(database: Database, tmp_path: Path) -> None:
    for index in range(2):
        name = f"{WFC3_PERSISTENCE.locate(index).rootname}_flt.fits"
        path = tmp_path / name
        path.write_bytes(WFC3_PERSISTENCE.open_exposure(1, index)(name))
        mjd = WFC3_PERSISTENCE.locate(index).start_mjd
        add(database, name[:9], 0.0, path, exp_start_mjd=mjd, target_name="SIM", filter="F160W")
    add(database, "imis01a1q", 0.0, has_file=False, exp_start_mjd=mjd - 0.1)
    keys = list(read_changed_exposures(database))
    clients = SimpleNamespace(database=database, references=None, filesystem=Filesystem(tmp_path))
    for task in locate_persistence(cast("Any", clients), MEASUREMENT, keys):
        store(database, measure_persistence(cast("PersistenceTask", task)))
    assert read_changed_exposures(database) == {}
    history = read_persistence_history(database)
    first, second = history.exposures
    assert (first.used, second.used, second.unusable, second.target_name) == (0, 1, 1, "SIM")
    assert history.harm == {first.rootname: (1, pytest.approx(second.above_001))}
    assert history.unused == [("not retrieved", 2, 2)]
    assert history.failed == Unused([], [])
    assert len(database.read(select(tables.PersistenceStimulus.stimulus))) == 3


def store(database: Database, outcome: Outcome) -> None:
    with database.write() as writer:
        for owned in MEASUREMENT.owned:
            writer.upsert(owned.model, outcome.rows[owned.name])
