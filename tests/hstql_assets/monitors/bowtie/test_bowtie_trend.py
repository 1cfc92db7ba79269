"""Which visits the database has, and the page of the bowtie: limits, map, what was not used."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from builders.bowtie_flats import KEY, measure, write_visit
from builders.camera_rows import list_exposure
from hstql_assets.monitors.bowtie.monitor import MONITOR
from hstql_assets.monitors.bowtie.read import read_bowtie_history
from hstql_assets.monitors.bowtie.trend import BowtieHistory, summarize_bowtie
from hstql_assets.monitors.framework.membership import select_sets
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used
(MEASUREMENT,) = MONITOR.measurements


def row(chip: int, visit: int, pattern: float = 0.001, **other: object) -> Any:
    columns = {
        "rootname": f"iw{visit:06d}q", "before_rootname": f"iu{visit:06d}q",
        "after_rootname": f"iv{visit:06d}q", "chip": chip, "detector": "UVIS", "binning": 3,
        "lamp": "TUNGSTEN", "filter_name": "F475X", "before_mjd": 55000.0 + 3 * visit,
        "days": 7.0 + 3 * visit, "ratio": 1.004, "ratio_error": 1e-5, "normalised": 1.001,
        "pattern": pattern, "pattern_error": 1e-4, "path": "/gone/map.fits",
    }  # fmt: skip
    return SimpleNamespace(**(columns | other))


def test_a_pattern_beyond_the_limit_comes_first_and_only_the_newest_is_judged() -> None:
    rows = [row(1, 1, 0.009), row(2, 1, 0.009), row(1, 2, 0.005), row(2, 2, ratio=1.04)]
    report = summarize_bowtie(BowtieHistory(rows, [("UVIS", "lamp off", 2)]), CONTEXT)
    assert [one.state for one in report.verdicts] == ["warning", "warning", "ok", "ok"]
    assert {one.limit for one in report.verdicts[:2]} == {
        "bowtie_pattern_small", "bowtie_ratio_near_one",
    }  # fmt: skip
    assert "iu000002q over iv000002q: 0.500 ± 0.010 %" in report.verdicts[0].sentence
    assert report.summary.startswith("2 saturated flats with one before and after, 2 flats not")
    setup, shown, unused = report.sections
    assert [len(chart.layers) for chart in setup.charts] == [4, 2, 3]
    assert shown.note == "map.fits is not there or cannot be read."
    assert unused.rows == (("lamp off", "2"),)


def test_a_pattern_that_is_above_by_chance_and_one_block_are_no_alarm() -> None:
    rows = [row(1, 1, 0.0034), row(2, 1, 0.0, pattern_error=float("nan"))]
    states = {
        (one.label[10:11], one.limit): one.state
        for one in summarize_bowtie(BowtieHistory(rows, []), CONTEXT).verdicts
    }
    assert states["1", "bowtie_pattern_small"] == "ok"
    assert states["2", "bowtie_pattern_small"] is None


def test_without_any_there_is_a_sentence() -> None:
    report = summarize_bowtie(BowtieHistory([], [("UVIS", "no saturated flat", 4)]), CONTEXT)
    assert (report.exposures, report.verdicts) == (0, ())
    assert report.summary == "No flat is before and after a saturated one; 4 are not."


def test_a_set_is_a_visit_and_its_rows_and_map_are_read_back(
    database: Database, tmp_path: Path
) -> None:
    others: dict[str, Any] = {
        "iwa001z1q": {"detector": "IR"},
        "iwa00201q": {},
        "iwa00301q": {"proposal_id": None},
    }
    paths = write_visit(tmp_path)
    names: dict[str, Any] = {path.name[:9]: {} for path in paths}
    for name, other in {**names, **others}.items():
        usual = {
            "detector": "UVIS", "proposal_id": 90360, "target_name": "TUNGSTEN",
            "image_type": "FLAT",
        }  # fmt: skip
        list_exposure(database, name, Path(f"/{name}_flt.fits"), **(usual | other))
    found = sorted(str(one[0]) for one in database.read(select_sets(MEASUREMENT)))
    assert found == [KEY, "bowtie_uvis_90360-02"]
    outcome = measure(tmp_path / "home", paths)
    with database.write() as writer:
        for owned in MEASUREMENT.owned:
            writer.upsert(owned.model, outcome.rows[owned.name])
    history = read_bowtie_history(database)
    assert [one.chip for one in history.ratios] == [1, 2]
    report = summarize_bowtie(history, CONTEXT)
    assert [one.state for one in report.verdicts].count("warning") == 2  # of both chips
    (chart,) = report.sections[1].charts
    assert chart.layers[0].pixels.shape == (16, 16)  # type: ignore[union-attr]
