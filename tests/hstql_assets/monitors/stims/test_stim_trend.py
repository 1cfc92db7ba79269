"""The stims of two years together: the movement put in, what is missing, and the charts."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from builders.columns import list_rows
from builders.stim_files import measure, references_of, rows_of, write_stims
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.stims.history import SEGMENTS, arrange_history
from hstql_assets.monitors.stims.monitor import MONITOR
from hstql_assets.monitors.stims.read import read_stim_history
from hstql_assets.monitors.stims.trend import summarize_stims
from hstql_assets.pages.charts import Chart, Image, Mark, Points
from hstql_assets.pages.figures import draw_chart
from hstql_assets.pages.ranges import find_extents
from hstql_resources.archive.simulated.cos_monitoring.epochs import epoch_mjd
from hstql_resources.archive.simulated.cos_monitoring.stims import stim_position
from hstql_resources.archive.simulated.observing_program import name_exposure
from hstql_resources.columns import Columns
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.settings import Settings
from hstql_resources.tables import StimPulse, Telemetry

EPOCHS = 24
LOST = ("stim1_x", "stim1_x_error", "stim1_y", "stim1_y_error")
NAMES = ("stim1_x", "stim1_y", "stim2_x", "stim2_y")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> TrendContext:
    folder = tmp_path_factory.mktemp("stim_trend")
    settings = Settings(_env_file=None, home=folder / "home")
    return TrendContext(Filesystem(folder / "home"), references_of(folder), settings)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Rows of both segments at all epochs."""
    folder = tmp_path_factory.mktemp("stim_epochs")
    references = references_of(folder)
    rows: list[dict[str, Any]] = []
    for number in range(EPOCHS):
        key, start = name_exposure("lz", 0, 0, number), epoch_mjd(number)
        paths = [write_stims(folder, 500.0, one, start, key, seed=number) for one in SEGMENTS]
        rows += rows_of(measure(references, *paths))
    return rows


def telemetry_row(number: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(Telemetry.__table__.columns.keys())
    key = name_exposure("lz", 0, 0, number)
    temperature = 24.0 + 0.1 * number
    row |= {"filename": f"{key}_spt.fits", "rootname": key, "fuva_temperature_c": temperature}
    return row | {"fuvb_temperature_c": temperature - 1.0, "ingest_date": NOW}


def charts_of(report: TrendReport) -> dict[str, Chart]:
    return {chart.name: chart for section in report.sections for chart in section.charts}


def points_of(chart: Chart) -> Points:
    (points,) = (layer for layer in chart.layers if isinstance(layer, Points))
    return points


def states_of(report: TrendReport) -> dict[tuple[str, str], str | None]:
    return {(verdict.limit, verdict.label): verdict.state for verdict in report.verdicts}


def test_two_years_of_stims_follow_the_law(
    database: Database, measured: list[dict[str, Any]], surroundings: TrendContext
) -> None:
    with database.write() as writer:
        writer.upsert(StimPulse, measured)
        writer.upsert(Telemetry, [telemetry_row(number) for number in range(EPOCHS)])
    rows = read_stim_history(database)
    assert len(rows) == 2 * EPOCHS
    for segment in SEGMENTS:
        history = arrange_history(rows, segment)
        assert np.all(np.diff(history.mjd) > 0.0)
        middle = history.mjd + 250.0 / 86400.0
        places = {one: stim_position(segment, one, middle) for one in (1, 2)}
        for name in NAMES:
            truth = places[int(name[4])]["xy".index(name[-1])]
            distance = history.means[name] - truth
            assert np.sqrt(np.mean(distance**2)) < 0.1
            assert np.std(distance / history.errors[name]) == pytest.approx(1.0, abs=0.4)
        stretch = history.stretch("x")
        assert stretch == pytest.approx(places[2][0] - places[1][0], abs=0.5)
        assert history.midpoint("y") == pytest.approx((places[1][1] + places[2][1]) / 2, abs=0.15)
        assert not history.is_missing.any()
        assert np.isfinite(history.temperature_c).all()
    report = summarize_stims(rows, surroundings)
    assert report.exposures == EPOCHS
    assert report.newest_mjd == max(epoch_mjd(number) for number in range(EPOCHS))
    assert set(states_of(report).values()) == {"ok"}
    assert len(report.verdicts) == 2 * len(MONITOR.trends[0].limits)
    charts = charts_of(report)
    assert len(charts) == len([c for s in report.sections for c in s.charts]) == 24
    points = points_of(charts["stim2_x_fuva"])
    assert points.x.size == len(points.rootnames) == EPOCHS
    newest = points.x >= report.newest_mjd - 30.0
    assert points.is_newest is not None
    assert points.is_newest.tolist() == newest.tolist()
    assert 0 < newest.sum() < EPOCHS
    marks = [layer for layer in charts["spread"].layers if isinstance(layer, Mark)]
    assert [(mark.value, mark.is_limit) for mark in marks] == [(2.0, True)]
    assert find_extents(charts["spread"])["y"].holds(2.0)
    (image,) = charts["relation_x_fuvb"].layers
    assert isinstance(image, Image)
    assert np.nansum(image.pixels) == EPOCHS
    assert points_of(charts["stretch_temperature_fuva"]).x.size == EPOCHS


def as_row(**values: object) -> Any:
    row: dict[str, object] = {
        "windows": 4,
        "missing": 0,
        "displaced": 0,
        "temperature_c": None,
        "segment": "FUVA",
    }
    places = dict.fromkeys(NAMES, 400.0)
    errors = {f"{name}_error": 0.1 for name in NAMES}
    spreads = {f"{name}_spread": 0.1 for name in NAMES}
    return SimpleNamespace(**{**row, **places, **errors, **spreads, **values})


def test_missing_and_moving_stims_are_listed_and_judged(surroundings: TrendContext) -> None:
    gone = dict.fromkeys((*NAMES, *(f"{name}_error" for name in NAMES)))
    still = {f"{name}_spread": None for name in NAMES}
    rows = [
        as_row(rootname="l0000000q", mjd=59000.0),
        as_row(rootname="l0000001q", mjd=59001.0, missing=4, **gone, **still),
        as_row(rootname="l0000002q", mjd=59300.0, missing=1),
        as_row(rootname="l0000003q", mjd=59395.0, stim2_x_spread=2.5),
        # Neither was a stim due here, nor is it known when that was.
        as_row(rootname="l0000004q", mjd=None, windows=0, **gone, **still),
        as_row(rootname="l0000005q", mjd=59400.0, segment="FUVB", missing=4, **gone, **still),
    ]
    report = summarize_stims(Columns.of(rows), surroundings)
    assert report.exposures == 6
    assert states_of(report) == {
        ("stims_found_in_the_last_week", "FUVA"): "ok",
        ("stims_found", "FUVA"): "warning",
        ("stims_steady", "FUVA"): "warning",
        ("stims_found_in_the_last_week", "FUVB"): "warning",
        ("stims_found", "FUVB"): "warning",
        ("stims_steady", "FUVB"): None,
    }
    sentences = {(one.limit, one.label): one.sentence for one in report.verdicts}
    assert sentences["stims_found", "FUVA"] == (
        "A stim is missing in 1 of 4 exposures, the latest is l0000001q."
    )
    tables = {section.title: section.rows for section in report.sections if section.columns}
    assert [row[:2] for row in tables["Missing stims"]] == [
        ("l0000005q", "FUVB"), ("l0000002q", "FUVA"), ("l0000001q", "FUVA"),
    ]  # fmt: skip
    assert [row[-1] for row in tables["Missing stims"]] == ["yes", "", ""]
    ((moving, *_),) = tables["Stims that move within an exposure"]
    assert moving == "l0000003q"
    assert points_of(charts_of(report)["stim1_x_fuva"]).x.size == 3


def test_displaced_stims_are_a_warning_and_listed(surroundings: TrendContext) -> None:
    rows = [as_row(rootname="l0000000q", mjd=59000.0),
            as_row(rootname="l0000001q", mjd=59001.0, displaced=4)]  # fmt: skip
    report = summarize_stims(Columns.of(rows), surroundings)
    assert states_of(report)["stims_found_in_the_last_week", "FUVA"] == "warning"
    assert report.verdicts[1].sentence == (
        "A stim is missing or displaced in 1 of 2 exposures, displaced in 1, the latest is "
        "l0000001q."
    )
    assert report.summary.endswith("a stim is missing in 0 files, displaced in 1.")
    (row,) = next(one.rows for one in report.sections if one.title == "Missing stims")
    assert row[3:] == ("0 of 4", "4 of 4", "yes")


@pytest.mark.parametrize(("exposures", "state"), [(99, "warning"), (100, "ok")])
def test_one_missing_stim_of_long_ago_is_no_warning_for_ever(
    surroundings: TrendContext, exposures: int, state: str
) -> None:
    rows = [as_row(rootname=f"l{i:07}q", mjd=59000.0 + i) for i in range(exposures)]
    rows[0].missing = rows[0].windows
    states = states_of(summarize_stims(Columns.of(rows), surroundings))
    assert states["stims_found", "FUVA"] == state
    assert states["stims_found_in_the_last_week", "FUVA"] == "ok"


def test_without_data_the_report_says_so(database: Database, surroundings: TrendContext) -> None:
    report = summarize_stims(read_stim_history(database), surroundings)
    assert report.exposures == 0
    assert "no stim pulses" in report.summary
    assert not report.sections
    assert report.newest_mjd is None


def test_only_stretches_with_pulses_due_and_events_can_miss_a_stim(database: Database) -> None:
    whole = dict.fromkeys(column.name for column in StimPulse.__table__.columns) | {
        "rootname": "l0000000q", "segment": "FUVA", "exp_start_mjd": 59000.0, "start_s": 0.0,
        "duration_s": 120.0, "live_s": 120.0, "counts": 100, "stim_rate_hz": 2.0,
        "boxes": "header", "stim1_counts": 0, "stim2_counts": 0, "ingest_date": NOW, "bin": 0,
    }  # fmt: skip
    changes = {
        "lost": {},
        "off": {"stim_rate_hz": 0.0},
        "dead": {"live_s": 5.0},
        "dark": {"counts": 0},
        "cold": {"stim1_x": 500.0, "stim2_x": 16000.0, "stim1_flag": "displaced"},
    }
    with database.write() as writer:
        writer.upsert(
            StimPulse, [whole | {"filename": name} | change for name, change in changes.items()]
        )
    history = list_rows(read_stim_history(database))
    found = {row.filename: (row.windows, row.missing) for row in history}
    assert found == {"lost": (1, 1), "off": (0, 0), "dead": (0, 0), "dark": (0, 0), "cold": (1, 0)}
    assert {row.filename: row.displaced for row in history} == dict.fromkeys(found, 0) | {"cold": 1}


def test_ten_thousand_exposures_take_no_time_and_every_chart_can_be_drawn(
    surroundings: TrendContext,
) -> None:
    rng = np.random.default_rng(30)
    mjd = np.sort(rng.uniform(58484.0, 59215.0, 10_000))
    law = {s: [stim_position(s, one, mjd) for one in (1, 2)] for s in SEGMENTS}
    rows = [
        as_row(
            rootname=f"l{number:07d}q", mjd=float(time), segment=segment,
            temperature_c=24.0 + float(rng.normal()),
            **{name: float(law[segment][int(name[4]) - 1]["xy".index(name[-1])][number])
               for name in NAMES},
        )
        for number, time in enumerate(mjd)
        for segment in SEGMENTS
    ]  # fmt: skip
    report = summarize_stims(Columns.of(rows), surroundings)
    again = summarize_stims(Columns.of(rows), surroundings)
    assert report.summary == again.summary
    assert report.verdicts == again.verdicts
    charts = charts_of(report)
    for name in ("relation_x_fuva", "stretch_x_fuva"):
        figure = draw_chart(charts[name])
        assert figure.axes


def test_the_monitor_is_wired() -> None:
    (measurement,), (trend,) = MONITOR.measurements, MONITOR.trends
    assert measurement.partition_set == "cos_fuv_event_rootname"
    assert measurement.source.filetypes == ("corrtag_a", "corrtag_b", "rawtag_a", "rawtag_b")
    assert [rows.model for rows in measurement.owned] == [StimPulse]
    assert measurement.name in trend.upstream
