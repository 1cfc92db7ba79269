"""Temperatures and mechanisms of many exposures: boxes, aperture shifts, limits, charts."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from builders.columns import list_rows
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.telemetry.history import NUMBERS, central_box
from hstql_assets.monitors.telemetry.monitor import MONITOR
from hstql_assets.monitors.telemetry.read import read_telemetry_history
from hstql_assets.monitors.telemetry.trend import summarize_telemetry
from hstql_assets.pages.charts import Band, Chart, Mark, Points
from hstql_assets.pages.figures import draw_chart
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Observation, Telemetry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLACES: Any = None  # nothing is written
NOMINAL = {1: 126.0, 2: 53.0, 3: 181.0, 4: 234.0}


def many(number: int, shift: float = 1.1) -> list[Any]:
    """Exposures of both detectors, which move through four lifetime positions."""
    rng = np.random.default_rng(8)
    rows = []
    for i, mjd in enumerate(np.linspace(58484.0, 59214.5, number)):
        is_fuv = bool(i % 2)
        life_adj = 1 + 4 * i // number if is_fuv else 1
        values = dict.fromkeys(NUMBERS) | {
            "fuva_temperature_c": 24.0 + rng.normal(), "fuvb_temperature_c": 23.0 + rng.normal(),
            "nuv_temperature_c": 22.0 + rng.normal(), "osm1_steps": 1596.1,
            "aperture_x_steps": 22.1, "aperture_y_steps": NOMINAL[life_adj] + shift,
        }  # fmt: skip
        rows.append(
            SimpleNamespace(
                rootname=f"l{i:07d}q", mjd=float(mjd), detector="FUV" if is_fuv else "NUV",
                aperture="PSA", life_adj=life_adj, **values,
            )
        )  # fmt: skip
    return rows


def charts_of(report: TrendReport) -> dict[str, Chart]:
    return {chart.name: chart for section in report.sections for chart in section.charts}


def states_of(report: TrendReport) -> dict[tuple[str, str], str | None]:
    return {(verdict.limit, verdict.label): verdict.state for verdict in report.verdicts}


def test_ten_thousand_exposures_have_charts_with_the_central_box() -> None:
    rows = many(10_000)
    report = summarize_telemetry(Columns.of(rows), PLACES)
    assert (report.exposures, report.newest_mjd) == (10_000, 59214.5)
    assert set(states_of(report).values()) == {"ok"}
    assert report.verdicts == summarize_telemetry(Columns.of(rows), PLACES).verdicts
    charts = charts_of(report)
    assert set(charts) == {
        "fuva_temperature_c", "fuvb_temperature_c", "nuv_temperature_c", "osm1_steps",
        "aperture_shift_fuv", "aperture_shift_nuv", "aperture_x_steps", "aperture_y_steps",
    }  # fmt: skip
    (band,) = (one for one in charts["fuva_temperature_c"].layers if isinstance(one, Band))
    assert (band.low, band.high) == pytest.approx((24.0 - 2.576, 24.0 + 2.576), abs=0.15)
    shift = charts["aperture_shift_fuv"]
    positions = [layer for layer in shift.layers if isinstance(layer, Points)]
    assert [layer.label for layer in positions] == ["LP1", "LP2", "LP3", "LP4"]
    assert all(layer.y == pytest.approx(1.1) for layer in positions)
    limits = [layer.value for layer in shift.layers if isinstance(layer, Mark) and layer.is_limit]
    assert limits == [-3.0, 3.0]
    assert "+1.1 to +1.1 steps from nominal" in report.summary
    newest = positions[-1].is_newest
    assert newest is not None
    assert newest.sum() == (positions[-1].x >= 59184.5).sum() > 0
    assert draw_chart(shift).axes


def test_an_aperture_out_of_place_and_odd_temperatures_are_warnings() -> None:
    rows = many(400)
    rows[-1].aperture_y_steps += 4.0
    rows[10].aperture_y_steps += 40.0  # long ago
    for row in rows[-16:]:
        row.nuv_temperature_c = 60.0
    report = summarize_telemetry(Columns.of(rows), PLACES)
    assert states_of(report) == {
        ("temperatures_as_usual", "FUV amplifier A"): "ok",
        ("temperatures_as_usual", "FUV amplifier B"): "ok",
        ("temperatures_as_usual", "NUV MAMA control electronics"): "warning",
        ("aperture_in_place", "FUV"): "warning",
        ("aperture_in_place", "NUV"): "ok",
    }
    (sentence,) = (one.sentence for one in report.verdicts if one.label == "FUV")
    assert "largest shift is +5.1 steps in l0000399q" in sentence


def test_exposures_without_nominal_position_or_values_are_left_out() -> None:
    rows = many(4)
    rows[0].aperture, rows[1].life_adj, rows[2].detector = None, -1, None
    rows[3].mjd = None
    report = summarize_telemetry(Columns.of(rows), PLACES)
    assert not {name for name in charts_of(report) if "shift" in name}
    assert set(states_of(report).values()) == {None}
    (drawn,) = (
        one
        for one in charts_of(report)["osm1_steps"].layers
        if isinstance(one, Points) and one.label == "unknown detector"
    )
    assert drawn.x.size == 1
    assert report.metadata["exposures_with_aperture_shift"] == 1


def test_a_box_needs_ten_values() -> None:
    assert central_box(np.append(np.arange(9.0), np.nan)) is None
    low, high = central_box(np.arange(1001.0)) or (0.0, 0.0)
    assert (low, high) == (5.0, 995.0)


def test_rows_come_with_the_start_of_the_exposure(database: Database) -> None:
    empty: dict[str, Any] = dict.fromkeys(column.name for column in Telemetry.__table__.columns)
    nothing: dict[str, Any] = dict.fromkeys(column.name for column in Observation.__table__.columns)
    starts = {"ltel01aaq": 59000.0, "ltel01abq": 58999.0, "ltel01acq": None}
    with database.write() as writer:
        writer.upsert(
            Telemetry,
            [
                empty
                | {"filename": f"{name}_spt.fits", "rootname": name, "start_mjd": start}
                | {"ingest_date": NOW, "fuva_temperature_c": 24.0}
                for name, start in starts.items()
            ],
        )
        known = {"rootname": "ltel01aaq", "exp_start_mjd": 59000.01}
        writer.upsert(Observation, [nothing | known])
    rows = read_telemetry_history(database)
    assert [(row.rootname, row.mjd) for row in list_rows(rows)] == [
        ("ltel01abq", 58999.0), ("ltel01aaq", 59000.01), ("ltel01acq", None),
    ]  # fmt: skip
    report = summarize_telemetry(rows, PLACES)
    assert report.exposures == 3
    assert set(charts_of(report)) == {"fuva_temperature_c"}


def test_without_support_files_the_report_says_so(database: Database) -> None:
    report = summarize_telemetry(read_telemetry_history(database), PLACES)
    assert (report.exposures, report.sections) == (0, ())
    assert "no telemetry" in report.summary


def test_the_telemetry_monitor_is_wired() -> None:
    (measurement,), (trend,) = MONITOR.measurements, MONITOR.trends
    assert measurement.partition_set == "cos_rootname"
    assert measurement.source.needed == ("spt",)
    assert [rows.model for rows in measurement.owned] == [Telemetry]
    assert trend.upstream == ("telemetry",)
