"""Which window a dark is in by the database, what makes it outdated, and what the trend reads."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import ValidationError

from builders.camera_rows import list_exposure
from builders.ir_darks import make_task, make_truth, write_darks
from hstql_assets.monitors.framework.membership import (
    locate_sets,
    read_changed_sets,
    select_sets,
    sets_of,
)
from hstql_assets.monitors.framework.selection import parse_selections
from hstql_assets.monitors.unstable_pixels import membership
from hstql_assets.monitors.unstable_pixels.measure import map_unstable
from hstql_assets.monitors.unstable_pixels.monitor import MONITOR
from hstql_assets.monitors.unstable_pixels.read import read_unstable_history
from hstql_assets.monitors.unstable_pixels.selection import (
    TABLE,
    UnstableSelection,
    load_unstable,
    selection_of,
)
from hstql_resources import tables
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
(MEASUREMENT,) = MONITOR.measurements
TEXT = (Path(membership.__file__).parent / TABLE).read_text("utf-8")


def add(database: Database, rootname: str, mjd: float | None, **other: object) -> None:
    """Write an observation with its flt file; it is a dark of IR unless said otherwise."""
    usual = {
        "detector": "IR", "proposal_id": 17677, "target_name": "DARK", "image_type": "DARK",
        "exp_start_mjd": mjd,
    }  # fmt: skip
    list_exposure(database, rootname, Path(f"/{rootname}_flt.fits"), **(usual | other))


def keys(database: Database) -> list[str]:
    return sorted(row[0] for row in database.read(select_sets(MEASUREMENT)))


def test_a_window_is_a_year_and_others_are_in_none(database: Database) -> None:
    assert keys(database) == []
    add(database, "it0101a1q", 57753.99)  # 2016-12-31
    add(database, "it0101a2q", 57754.0)
    add(database, "it0101a3q", 58118.99)  # 2017-12-31
    add(database, "it0101a4q", None)
    add(database, "it0101a5q", 57800.0, detector="UVIS")
    add(database, "it0101a6q", 57800.0, image_type="FLAT")
    assert keys(database) == ["unstable_pixels_ir_2016-01", "unstable_pixels_ir_2017-01"]
    assert sets_of(database, MEASUREMENT, ["it0101a1q"]) == {"unstable_pixels_ir_2016-01"}


def test_a_corrected_table_makes_other_windows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEXT.replace("window_months = 12", "window_months = 3")
    text = text.replace("proposals = []", "proposals = [17677]")
    text = text.replace("target_names = []", 'target_names = ["DARK"]')
    quarters = parse_selections(UnstableSelection, text)
    monkeypatch.setattr(membership, "load_unstable", lambda: quarters)
    add(database, "it0101a1q", 57754.0 + 89.9)  # March
    add(database, "it0101a2q", 57754.0 + 90.0)  # April
    add(database, "it0101a3q", 57754.0 + 364.9)  # December
    add(database, "it0101a4q", 58300.0, proposal_id=1)
    add(database, "it0101a5q", 58300.0, target_name="ANY")
    assert [key[-7:] for key in keys(database)] == ["2017-01", "2017-04", "2017-10"]


def test_a_new_dark_outdates_its_window_alone(database: Database) -> None:
    add(database, "it0101a1q", 57400.0)
    add(database, "it0101a2q", 57800.0)
    clients = cast("Any", SimpleNamespace(database=database, references=None))
    tasks = cast("Any", locate_sets(clients, MEASUREMENT, keys(database)))
    rows = [one.describe("unstable_pixels", 0) | {"ingest_date": NOW} for one in tasks]
    with database.write() as writer:
        writer.upsert(tables.ExposureSet, rows)
    assert read_changed_sets(database, MEASUREMENT) == {}
    add(database, "it0101a3q", 57801.0)
    assert list(read_changed_sets(database, MEASUREMENT)) == ["unstable_pixels_ir_2017-01"]


def test_rows_are_read_back_by_the_trend(database: Database, tmp_path: Path) -> None:
    files = write_darks(tmp_path, 12, make_truth(), changes={0: {"EXPFLAG": "INDETERMINATE"}})
    outcome = map_unstable(make_task(tmp_path, files))
    with database.write() as writer:
        for owned in MEASUREMENT.owned:
            writer.upsert(owned.model, outcome.rows[owned.name])
    history = read_unstable_history(database)
    assert [row.set_key for row in history.maps] == ["unstable_pixels_ir_2017-01"]
    assert len(history.pixels["share"]) == history.maps[0].unstable > 0
    assert (history.used, history.unused) == (11, [("IR", "exposure flag", 1)])


@pytest.mark.parametrize(
    "change", [("window_months = 12", "window_months = 5"), ("least_gain", "least_gian"),
               ("least_share = 0.05", "least_share = 5"), ("least_frames = 8", "least_frames = 2")]
)  # fmt: skip
def test_a_table_that_cannot_be_meant_is_refused(change: tuple[str, str]) -> None:
    with pytest.raises(ValidationError):
        parse_selections(UnstableSelection, TEXT.replace(*change))


def test_the_selection_is_found_by_the_key() -> None:
    assert selection_of("unstable_pixels_ir_2017-01") is load_unstable()["IR"]
    with pytest.raises(KeyError):
        selection_of("unstable_pixels_uvis_2017-01")
