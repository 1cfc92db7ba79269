"""The page of reference pixels: an alarm that was built in, and what is too little to judge."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from sqlalchemy import select

from builders.camera_rows import list_exposure
from builders.ramp_files import write_ramp
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.recording import record_batch
from hstql_assets.monitors.framework import listing, selection
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.ir_bias_levels.measure import measure_reference_pixels
from hstql_assets.monitors.ir_bias_levels.monitor import MONITOR
from hstql_assets.monitors.ir_bias_levels.read import read_level_history
from hstql_assets.monitors.ir_bias_levels.selection import RampSelection, load_ramps
from hstql_assets.monitors.ir_bias_levels.trend import LevelHistory, summarize_levels
from hstql_resources import tables
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used
NOW = datetime(2026, 1, 1, tzinfo=UTC)
(MEASUREMENT,), (TREND,) = MONITOR.measurements, MONITOR.trends


def make_history(level: float = 11300.0, step: float = 3.0, number: int = 40) -> LevelHistory:
    """Exposures every five days, the last with a level and a step of its own."""
    rng = np.random.default_rng(1)
    rows = []
    for place in range(number):
        is_last = place == number - 1
        for amplifier in "ABCD":
            rows.append(
                {
                    "rootname": f"ir{place:06d}q", "amplifier": amplifier, "source": "raw",
                    "exp_start_mjd": 59000.0 + 5.0 * place, "image_type": "DARK",
                    "sample_sequence": "SPARS50", "is_subarray": False, "binning": 1,
                    "level": level if is_last else 11300.0 + rng.normal(0.0, 2.0),
                    "level_error": 1.0, "image_level": 70.0, "image_level_error": 0.1,
                    "drift": 2.0, "drift_error": 0.3,
                    "largest_step": step if is_last else 3.0 + rng.normal(0.0, 0.5),
                }
            )  # fmt: skip
    reads = [
        {"rootname": "ir000039q", "amplifier": name, "time_s": 50.0 * read, "level": 11300.0 + read}
        for name in "ABCD"
        for read in range(4)
    ]
    return LevelHistory(Columns.of(rows), Columns.of(reads), Unused([("One read", 2)]))


def test_a_level_that_left_and_a_step_are_named_first_with_their_exposure() -> None:
    report = summarize_levels(make_history(level=11330.0, step=40.0), CONTEXT)
    states = [verdict.state for verdict in report.verdicts]
    assert states == ["warning"] * 8
    levels = [one for one in report.verdicts if one.limit == "reference_level_near_year_before"]
    assert levels[0].sentence.startswith("ir000039q: 11330.00 against 11299.")
    assert report.summary == (
        "40 exposures of WFC3 IR, 2 could not be used; 8 of 8 limits are passed."
    )
    steps = next(one for one in report.sections if one.title == "Steps in the newest exposures")
    assert [row[0] for row in steps.rows] == ["ir000039q"] * 4
    assert steps.rows[0][-1] == "40.0"


def test_levels_as_before_are_ok_and_few_are_not_judged() -> None:
    report = summarize_levels(make_history(), CONTEXT)
    assert {verdict.state for verdict in report.verdicts} == {"ok"}
    full, reads, steps, unused = report.sections
    assert [chart.name for chart in full.charts] == [
        "full_level", "full_drift", "full_step", "full_zeroth",
    ]  # fmt: skip
    assert [chart.name for chart in reads.charts] == ["newest_ramps"]
    assert steps.note == "There are none."
    assert unused.rows == (("One read", "2"),)
    few = summarize_levels(make_history(number=5), CONTEXT)
    assert {verdict.state for verdict in few.verdicts} == {None}


def test_a_step_below_the_smallest_is_none() -> None:
    report = summarize_levels(make_history(step=9.0), CONTEXT)  # twelve deviations
    assert {verdict.state for verdict in report.verdicts} == {"ok"}


def add(database: Database, rootname: str, path: Path, **other: object) -> None:
    """Write an observation with its raw file, as header_tables does; a dark unless told else."""
    usual = {
        "detector": "IR", "proposal_id": 17677, "target_name": "DARK", "image_type": "DARK",
    }  # fmt: skip
    list_exposure(database, rootname, path, "raw", **(usual | other))
    with database.write() as writer:
        decide(writer, "wfc3/header_tables", rootname, "made", None)


def decide(
    writer: Any, asset: str, rootname: str, status: str, reason: str | None,
    remarks: str | None = None,
) -> None:  # fmt: skip
    row = {
        "asset": asset, "key": rootname, "status": status, "reason": reason, "remarks": remarks,
        "decided_at": NOW, "changed_at": NOW,
    }  # fmt: skip
    writer.upsert(tables.Outcome, [row])


def test_what_was_measured_is_read_back_with_what_was_not(
    database: Database, tmp_path: Path
) -> None:
    rng = np.random.default_rng(7)
    reads = [rng.normal(11300.0 + rise, 9.0, (266, 266)).astype(np.uint16) for rise in (0, 2, 50)]
    file = write_ramp(tmp_path, reads, (0.0, 2.9, 52.9))
    assert len(read_level_history(database).exposures) == 0
    assert summarize_levels(read_level_history(database), CONTEXT).exposures == 0
    add(database, "irtst01aq", file.path)
    add(database, "iutst01aq", tmp_path / "iutst01aq_raw.fits", detector="UVIS")
    add(database, "iftst01aq", tmp_path / "iftst01aq_raw.fits", image_type="FLAT")
    clients = cast("Any", SimpleNamespace(database=database, references=None))
    keys = ["iutst01aq", "irtst01aq", "iftst01aq"]
    other, task, flat = listing.locate_selected(clients, MEASUREMENT, keys)
    assert other.reason == (
        "Not selected: ir_bias.toml does not name UVIS DARK of DARK, proposal 17677."
    )
    assert flat.status == "none"
    outcome = measure_reference_pixels(cast("Any", task))
    with database.write() as writer:
        writer.upsert(tables.IrBiasLevel, outcome.rows["ir_bias_levels"])
        decide(writer, "ir_bias_levels", "iftst01aq", "none", flat.reason)
        lacks = "irtst01aq_raw.fits lacks 2 of its reads. EXPFLAG is INDETERMINATE."
        decide(writer, "ir_bias_levels", "irtst01aq", "made", None, lacks)
        for name in ("irtst02aq", "irtst03aq"):
            decide(writer, "ir_bias_levels", name, "none", f"One read: {name}_raw.fits has 1 read.")
    history = read_level_history(database)
    assert history.unused == Unused(
        [("One read", 2)],
        [("EXPFLAG is INDETERMINATE.", 1), ("… lacks … of its reads.", 1)],
    )
    assert sorted(history.exposures["amplifier"]) == ["A", "B", "C", "D", "all"]
    assert history.exposures.numbers("drift") == pytest.approx(np.full(5, 50.0), abs=2.0)
    assert history.exposures.numbers("largest_step") == pytest.approx(np.full(5, 48.0), abs=2.0)
    assert len(history.reads) == 15
    report = summarize_levels(history, CONTEXT)
    assert report.exposures == 1
    assert database.read(select(tables.IrBiasLevel.image_type).distinct())[0][0] == "DARK"


def test_the_table_of_selection_is_narrow_where_it_says_so_and_no_word_in_it_is_misspelt() -> None:
    assert load_ramps()["IR"].image_types == ("DARK", "EXT")
    text = '[IR]\ninstrument = "wfc3"\nimage_types = ["DARK"]\nsmallest_step = 5.0\n'
    chosen = selection.parse_selections(RampSelection, text)
    assert chosen["IR"].proposals == ()
    with pytest.raises(ValueError, match="imagetypes"):
        selection.parse_selections(RampSelection, text + "imagetypes = []\n")


@pytest.mark.parametrize(
    ("other", "is_selected"),
    [
        ({}, True),
        ({"target_name": "dark"}, True),
        ({"target_name": "NGC-'1%'"}, False),
        ({"target_name": None}, False),
        ({"proposal_id": None}, False),
        ({"proposal_id": 5}, False),
        ({"image_type": None}, False),
        ({"instrument": "acs"}, False),
        ({"detector": None}, False),
    ],
)
def test_an_exposure_is_selected_by_all_that_the_table_names(
    other: dict[str, object], is_selected: bool, database: Database
) -> None:
    add(database, "irtst01aq", Path("/irtst01aq_raw.fits"), **other)
    chosen = selection.ExposureSelection(
        instrument="wfc3", image_types=("DARK",), target_names=("DARK",), proposals=(17677,)
    )
    found = listing.find_others(database, {"IR": chosen}, ["irtst01aq", "irtst09aq"])
    assert list(found) == ([] if is_selected else ["irtst01aq"])


def test_an_edited_table_outdates_what_it_changes_and_nothing_else(database: Database) -> None:
    def edit(**changes: object) -> Any:
        chosen = {"IR": replace(load_ramps()["IR"], **cast("Any", changes))}
        table = selection.SelectionTable("ir_bias.toml", lambda: chosen)
        return replace(MEASUREMENT, selection=table)

    def find(**changes: object) -> list[str]:
        return sorted(listing.find_reselected(database, edit(**changes)))

    add(database, "irtst01aq", Path("/irtst01aq_raw.fits"))
    add(database, "irtst02aq", Path("/irtst02aq_raw.fits"), image_type="FLAT")
    add(database, "iutst01aq", Path("/iutst01aq_raw.fits"), detector="UVIS", image_type="FLAT")
    assert find() == []
    for name in ("irtst01aq", "irtst02aq", "iutst01aq"):
        clients = cast("Any", SimpleNamespace(database=database, references=None))
        (found,) = listing.locate_selected(clients, edit(), [name])
        if not isinstance(found, Outcome):
            digest = listing.require_table(edit()).digest("wfc3")
            found = listing.measure_selected(
                lambda task: Outcome(task.key, "none", "One read: it has 1."), digest, found
            )
        record_batch(database, MEASUREMENT.name, [found], ())
    assert find() == []
    assert find(smallest_step=20.0) == ["irtst01aq"]
    assert find(image_types=("DARK", "FLAT")) == ["irtst01aq", "irtst02aq"]
    gone = selection.SelectionTable("ir_bias.toml", dict)
    assert listing.find_reselected(database, replace(MEASUREMENT, selection=gone)) == ["irtst01aq"]
