"""The pointing in many exposures: what is left out, what is beyond the requirement, charts."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from builders.columns import list_rows
from hstql_assets.monitors.jitter.monitor import MONITOR
from hstql_assets.monitors.jitter.read import read_jitter_history
from hstql_assets.monitors.jitter.trend import summarize_jitter
from hstql_assets.pages.charts import Mark, Points
from hstql_assets.pages.figures import draw_chart
from hstql_assets.pages.ranges import find_extents
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.tables import JitterStatistics, Observation

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PLACES: Any = None  # nothing is written


def jitter_row(exposure: str, mjd: float | None = 59000.0, **values: object) -> dict[str, Any]:
    return {
        "filename": f"{exposure}_jit.fits", "ext": 1, "rootname": exposure, "exposure": exposure,
        "start_mjd": mjd, "seconds": 300.0, "samples": 100, "image_type": None,
        "v2_mean_arcsec": 0.0, "v2_rms_arcsec": 0.003, "v2_range_arcsec": 0.02,
        "v3_mean_arcsec": 0.0, "v3_rms_arcsec": 0.004, "v3_range_arcsec": 0.03,
        "ingest_date": NOW, **values,
    }  # fmt: skip


def observation_row(rootname: str, **values: object) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(column.name for column in Observation.__table__.columns)
    return row | {"rootname": rootname, "instrument": "cos"} | values


def test_what_does_not_point_at_a_target_is_left_out(database: Database) -> None:
    with database.write() as writer:
        writer.upsert(
            JitterStatistics,
            [
                jitter_row("ljit01aaj"),
                jitter_row("ljit01aaj", 59000.1, filename="ljit01010_jit.fits", ext=3),
                jitter_row("ljit01abj", image_type="ACQ/IMAGE"),
                jitter_row("ljit01acj", image_type="DARK"),
                jitter_row("ljit01adj"),
                jitter_row("ljit01aej"),
                jitter_row("ljit01afj", samples=0, v2_rms_arcsec=None),
                jitter_row("ljit01agj", None),
            ],
        )
        writer.upsert(
            Observation,
            [
                observation_row("ljit01aaq", exp_start_mjd=59000.003, exposure_type="EXTERNAL/SCI"),
                observation_row("ljit01adq", exposure_type="ACQ/PEAKXD"),
                observation_row("ljit01aeq", exposure_type="FLAT", target_name="DEUTERIUM"),
            ],
        )
    found = {row.exposure: row.mjd for row in list_rows(read_jitter_history(database))}
    assert found == {"ljit01aaq": 59000.003, "ljit01agq": None}
    report = summarize_jitter(read_jitter_history(database), PLACES)
    assert report.exposures == 2
    assert report.metadata["without_start"] == 1
    assert "start of 1 exposures is not known" in report.sections[0].note
    assert report.sections[0].charts[0].layers[0].x.size == 1


def many(number: int) -> list[Any]:
    rng = np.random.default_rng(4)
    names = [f"{axis}_{what}_arcsec" for axis in ("v2", "v3") for what in ("mean", "rms", "range")]
    values = {name: np.abs(rng.normal(0.003, 0.0005, number)) for name in names}
    mjd = np.linspace(58484.0, 59214.5, number)
    return [
        SimpleNamespace(
            exposure=f"l{i:07d}q", mjd=float(mjd[i]), **{key: one[i] for key, one in values.items()}
        )
        for i in rng.permutation(number)
    ]


def test_ten_thousand_exposures_are_drawn_and_judged() -> None:
    rows = many(10_000)
    report = summarize_jitter(Columns.of(rows), PLACES)
    assert report.exposures == 10_000
    assert report.newest_mjd == 59214.5
    assert report.verdicts == summarize_jitter(Columns.of(rows[::-1]), PLACES).verdicts
    assert [(one.label, one.state) for one in report.verdicts] == [("V2", "ok"), ("V3", "ok")]
    assert "median RMS is 3.00 mas along V2 and 3.0" in report.summary
    section, beyond = report.sections
    assert beyond.note == "There are none."
    assert [chart.name for chart in section.charts] == [
        "pointing_mean", "pointing_rms", "pointing_range",
    ]  # fmt: skip
    rms = section.charts[1]
    (limit,) = (layer for layer in rms.layers if isinstance(layer, Mark))
    assert (limit.value, limit.is_limit) == (7.0, True)
    v2, v3 = (layer for layer in rms.layers if isinstance(layer, Points))
    assert (v2.label, v3.label, v2.y.mean()) == ("V2", "V3", pytest.approx(3.0, rel=0.01))
    assert np.all(np.diff(v2.x) > 0.0)
    assert v2.is_newest is not None
    assert v2.is_newest.sum() == (v2.x >= 59184.5).sum()
    assert find_extents(rms)["y"].holds(7.0)
    assert draw_chart(rms).axes


def test_what_is_beyond_the_requirement_is_a_warning_and_listed() -> None:
    rows = many(50)
    by_time = sorted(rows, key=lambda row: row.mjd)
    by_time[3].v2_rms_arcsec = 0.3
    by_time[-1].v3_rms_arcsec = 0.0075
    report = summarize_jitter(Columns.of(rows), PLACES)
    v2, v3 = report.verdicts
    assert (v2.state, v3.state) == ("ok", "warning")
    assert "1 of 3 exposures of the last 30 days are above 7 mas" in v3.sentence
    assert by_time[-1].exposure in v3.sentence
    assert [row[0] for row in report.sections[1].rows] == [
        by_time[-1].exposure,
        by_time[3].exposure,
    ]
    assert report.sections[1].rows[1][2] == "300.00"
    assert report.metadata["above_requirement"] == 2


def test_without_jitter_files_the_report_says_so(database: Database) -> None:
    report = summarize_jitter(read_jitter_history(database), PLACES)
    assert (report.exposures, report.sections) == (0, ())
    assert "no jitter files" in report.summary


def test_without_a_single_start_nothing_is_judged() -> None:
    rows = many(3)
    for row in rows:
        row.mjd = None
    report = summarize_jitter(Columns.of(rows), PLACES)
    assert (report.exposures, report.newest_mjd) == (3, None)
    assert {one.state for one in report.verdicts} == {None}


def test_the_jitter_monitor_is_wired() -> None:
    (measurement,), (trend,) = MONITOR.measurements, MONITOR.trends
    assert measurement.partition_set == "cos_rootname"
    assert measurement.source.needed == ("jit",)
    assert [rows.model for rows in measurement.owned] == [JitterStatistics]
    assert trend.upstream == ("jitter_statistics",)
