"""The trend of acquisitions: what is drawn, listed and judged."""

import subprocess
import sys
import time

import numpy as np
import pytest

from builders.made_acquisitions import acquisition, gather
from hstql_assets.monitors.acquisitions.history import Acquisitions
from hstql_assets.monitors.acquisitions.limits import LIMITS, RECENT, TREND
from hstql_assets.monitors.acquisitions.monitor import MONITOR
from hstql_assets.monitors.acquisitions.trend import summarize_acquisitions
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.pages.charts import Chart, Mark, Points
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Acquisition

NOWHERE = TrendContext(None, None, None)  # type: ignore[arg-type]


def summarize(*rows: dict[str, object]) -> TrendReport:
    return summarize_acquisitions(gather(*rows), NOWHERE)


def find_chart(report: TrendReport, name: str) -> Chart:
    return next(chart for part in report.sections for chart in part.charts if chart.name == name)


def all_points(chart: Chart) -> list[Points]:
    return [layer for layer in chart.layers if isinstance(layer, Points)]


def states(report: TrendReport, limit: str) -> dict[str, str | None]:
    return {one.label: one.state for one in report.verdicts if one.limit == limit}


def peak(kind: str, mjd: float, slew: float | None, **changes: object) -> dict[str, object]:
    is_along = kind == "ACQ/PEAKD"
    return acquisition(
        mjd, exposure_type=kind, obs_type="SPECTROSCOPIC", v2_arcsec=None, v3_arcsec=None,
        slew_x_arcsec=slew if is_along else None, slew_y_arcsec=None if is_along else slew,
        **{"detector": "FUV", "life_adj": 4, **changes},
    )  # fmt: skip


def test_without_acquisitions_the_report_says_so() -> None:
    report = summarize()
    assert (report.exposures, report.newest_mjd, report.sections) == (0, None, ())
    assert report.summary == "There is no acquisition of COS yet (rawacq files)."


def test_images_are_drawn_by_setting_without_failures_and_the_newest_are_marked() -> None:
    rows = [
        acquisition(58000.0, slew_x_arcsec=0.5),
        acquisition(58069.0, aperture="BOA"),
        acquisition(58071.0, opt_elem="MIRRORB"),
        acquisition(58100.0, slew_x_arcsec=3.0),
        acquisition(58100.0, status="Failure"),
        acquisition(58100.0, shutter="Closed"),
        acquisition(58100.0, slew_y_arcsec=None),
    ]
    chart = find_chart(summarize(*rows), "acq_image_slews")
    groups = {points.label: points for points in all_points(chart)}
    assert {label: len(points.x) for label, points in groups.items()} == {
        "BOA-MIRRORA": 1, "PSA-MIRRORA": 2, "PSA-MIRRORB": 1, "2 arcsec or more": 1,
    }  # fmt: skip
    assert groups["PSA-MIRRORA"].x.tolist() == [0.5, 3.0]
    assert groups["PSA-MIRRORA"].is_newest.tolist() == [False, True]
    assert groups["PSA-MIRRORB"].is_newest.tolist() == [True]
    assert groups["BOA-MIRRORA"].is_newest.tolist() == [False]
    assert chart.x.limits == chart.y.limits == (-1.05 * 3.0, 1.05 * 3.0)
    assert "4 of 7 exposures" in chart.note


def test_a_slew_far_away_does_not_make_the_others_unreadable() -> None:
    chart = find_chart(
        summarize(acquisition(58000.0), acquisition(58001.0, slew_x_arcsec=40.0)),
        "acq_image_slews",
    )
    assert chart.x.limits == (-5.0, 5.0)
    assert "1 beyond the edges" in chart.note


def test_all_that_went_wrong_is_listed_newest_first() -> None:
    rows = [
        acquisition(58000.0, slew_x_arcsec=1.2, slew_y_arcsec=1.6),  # exactly 2
        acquisition(58001.0, slew_x_arcsec=1.2, slew_y_arcsec=1.59),
        acquisition(58002.0, status="Failure"),
        acquisition(58003.0, shutter="Closed", status="Failure"),
        peak("ACQ/PEAKD", 58004.0, -1.0),
        peak("ACQ/PEAKXD", 58005.0, 0.999),
        peak("ACQ/PEAKXD", 58006.0, None, status="Failure"),
        acquisition(58007.0, exposure_type="ACQ/SEARCH", slew_x_arcsec=6.0),
    ]
    report = summarize(*rows)
    table = next(part for part in report.sections if part.rows)
    assert [(row[1], row[-1]) for row in table.rows] == [
        ("58006.000", "failed"), ("58004.000", "far"), ("58003.000", "failed, shutter closed"),
        ("58002.000", "failed"), ("58000.000", "far"),
    ]  # fmt: skip
    assert table.rows[0][6:8] == ("", "")
    assert len(table.columns) == len(table.rows[0])
    assert "3 failed, 1 had the shutter closed, and 2 slewed beyond" in report.summary


def test_peaks_are_drawn_by_sensor_with_the_sign_turned() -> None:
    rows = [
        peak("ACQ/PEAKXD", 57000.0, 0.25, life_adj=3),
        peak("ACQ/PEAKXD", 58500.0, -1.5),
        peak("ACQ/PEAKXD", 58500.0, 0.1, detector="NUV", life_adj=None),
        peak("ACQ/PEAKXD", 58500.0, 0.1, fgs=None),
        peak("ACQ/PEAKD", 58500.0, 0.3, fgs="F2"),
        peak("ACQ/PEAKD", 58500.0, None, fgs="F3"),
    ]
    report = summarize(*rows)
    names = [chart.name for part in report.sections for chart in part.charts]
    assert names == ["peakxd_f1", "peakxd_unknown", "peakd_f2"]
    chart = find_chart(report, "peakxd_f1")
    groups = {points.label: points for points in all_points(chart)}
    assert {label: points.y.tolist() for label, points in groups.items()} == {
        "LP? NUV": [-0.1], "LP3 FUV": [-0.25], "LP4 FUV": [1.5], "1 arcsec or more": [1.5],
    }  # fmt: skip
    assert groups["LP? NUV"].symbol == "square"
    marks = [layer for layer in chart.layers if isinstance(layer, Mark)]
    assert [mark.value for mark in marks if mark.direction == "vertical"] == [58028.0]
    assert sorted(mark.value for mark in marks if mark.is_limit) == [-1.0, 1.0]
    later = find_chart(report, "peakd_f2")
    assert not [layer for layer in later.layers if getattr(layer, "direction", "") == "vertical"]


def test_recent_failures_warn_and_old_ones_do_not() -> None:
    old = [acquisition(58000.0, status="Failure"), acquisition(58000.0, slew_x_arcsec=2.5)]
    good = [acquisition(58100.0), peak("ACQ/PEAKD", 58100.0, 0.9)]
    report = summarize(*old, *good)
    assert states(report, RECENT) == {"ACQ/IMAGE": "ok", "ACQ/PEAKXD": None, "ACQ/PEAKD": "ok"}
    wrong = [peak("ACQ/PEAKD", 58099.0, 1.1), acquisition(58080.0, status="Failure")]
    report = summarize(*good, *wrong)
    assert states(report, RECENT) == {
        "ACQ/IMAGE": "warning", "ACQ/PEAKXD": None, "ACQ/PEAKD": "warning",
    }  # fmt: skip
    sentence = next(one.sentence for one in report.verdicts if one.label == "ACQ/PEAKD")
    assert "1 went wrong: l58099000 (far, 1.10 arcsec)" in sentence


def drifting(jump: float, scatter: float = 0.05) -> list[dict[str, object]]:
    """Return four years of F1 with a slope, and a jump of V2 a year before the end."""
    rng = np.random.default_rng(3)
    rows = []
    for mjd in np.arange(59100.0, 60561.0, 20.0):
        offset = 0.1 - 0.02 * (mjd - 59000.0) / 365.25 + (jump if mjd > 60200.0 else 0.0)
        v2, v3 = -offset + rng.normal(0.0, scatter), rng.normal(0.0, scatter)
        rows.append(acquisition(float(mjd), v2_arcsec=v2, v3_arcsec=v3))
    return rows


@pytest.mark.parametrize(
    ("jump", "state"), [(0.0, "ok"), (0.05, "ok"), (0.2, "warning"), (-0.2, "warning")]
)
def test_a_jump_of_the_offset_is_noticed(jump: float, state: str) -> None:
    found = states(summarize(*drifting(jump)), TREND)
    assert found.pop("F1 V2") == state
    assert found == {
        "F1 V3": "ok", "F2 V2": None, "F2 V3": None, "F3 V2": None, "F3 V3": None,
    }  # fmt: skip


def test_a_jump_within_the_noise_is_not() -> None:
    assert states(summarize(*drifting(0.2, scatter=0.9)), TREND)["F1 V2"] == "ok"


def test_after_a_change_of_the_sensor_nothing_is_said_for_a_year() -> None:
    rows = [acquisition(float(mjd)) for mjd in range(58840, 58990, 5)]
    assert set(states(summarize(*rows), TREND).values()) == {None}


def test_offsets_have_lines_labels_and_events() -> None:
    rows = [acquisition(float(mjd), v2_arcsec=0.1) for mjd in range(58700, 59100, 10)]
    report = summarize(*rows)
    chart = find_chart(report, "offset_f1_v2")
    labels = [layer.label for layer in chart.layers]
    assert [label for label in labels if label[:2] != "20"] == [
        "FGS realignment 3", "FHST alignment", "40 exposures",
    ]  # fmt: skip
    assert [label[:20] for label in labels if label[:2] == "20"] == [
        "2014.055 to 2019.352", "2019.352 to 2020.150", "2020.150 to now: +0.",
    ]  # fmt: skip
    table = next(part for part in report.sections if part.title.startswith("Pointing"))
    assert [row[3] for row in table.rows] == ["14", "14", "16", "16", "10", "10"]
    assert report.metadata["slope_F1_V2_arcsec_per_yr"] == pytest.approx(0.0, abs=1e-12)


def test_every_verdict_is_of_a_limit_and_the_same_rows_give_the_same_report() -> None:
    rows = [*drifting(0.1), peak("ACQ/PEAKD", 60560.0, 0.2)]
    report = summarize(*rows)
    assert {one.limit for one in report.verdicts} == {limit.name for limit in LIMITS}
    assert summarize(*rows).verdicts == report.verdicts
    assert summarize(*rows).summary == report.summary


def test_unknown_times_and_kinds_are_no_trouble() -> None:
    nothing = dict.fromkeys(acquisition(58000.0))
    report = summarize(nothing | {"rootname": "lnone001q"})
    assert (report.exposures, report.newest_mjd, report.verdicts) == (1, None, ())
    report = summarize(acquisition(58000.0), nothing | {"rootname": "lnone001q"},
                       acquisition(58000.0, exp_start_mjd=None))  # fmt: skip
    assert (report.exposures, report.newest_mjd) == (3, 58000.0)


def test_a_start_that_cannot_be_does_not_make_all_others_old() -> None:
    report = summarize(acquisition(58000.0), acquisition(58000.0, exp_start_mjd=1e12))
    assert (report.exposures, report.newest_mjd) == (2, 58000.0)
    assert states(report, "recent_acquisitions_are_good")["ACQ/IMAGE"] == "ok"


def test_ten_thousand_acquisitions_take_a_moment() -> None:
    rng = np.random.default_rng(1)
    rows = [
        acquisition(float(mjd), v2_arcsec=float(x), fgs=("F1", "F2", "F3")[number % 3])
        for number, (mjd, x) in enumerate(
            zip(np.linspace(55000.0, 61000.0, 10_000), rng.normal(0.0, 0.2, 10_000), strict=True)
        )
    ]
    data = gather(*rows)
    began = time.process_time()
    report = summarize_acquisitions(data, NOWHERE)
    assert time.process_time() - began < 3.0  # 0.1 s, on a machine with nothing else to do
    assert report.exposures == 10_000


def test_rows_of_the_table_are_read_in_order_of_time(database: Database) -> None:
    rows = []
    for mjd in (58002.0, 58000.0, None, 58001.0):
        row = acquisition(mjd or 0.0) | {"exp_start_mjd": mjd, "events": None, "fgs": None}
        rows.append(row | {"filename": f"{row['rootname']}_rawacq.fits", "ingest_date": "now"})
    with database.write() as writer:
        writer.upsert(Acquisition, rows)
    before = database.statements
    (trend,) = MONITOR.trends
    read = trend.read(database)
    assert database.statements - before == 1
    assert isinstance(read, Acquisitions)
    assert read.exp_start_mjd[:3].tolist() == [58000.0, 58001.0, 58002.0]
    assert np.isnan(read.exp_start_mjd[3])
    assert np.isnan(read.events).all()
    assert read.fgs.tolist() == [""] * 4
    assert trend.summarize(read, NOWHERE).exposures == 4


def test_the_monitor_is_cheap_to_import() -> None:
    code = (
        "import sys, hstql_assets.monitors.framework.monitor; before = set(sys.modules); "
        "import hstql_assets.monitors.acquisitions.monitor; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "sys.exit(', '.join(new & {'astropy', 'bokeh', 'matplotlib', 'scipy'}) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
