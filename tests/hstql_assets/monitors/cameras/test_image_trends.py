"""Trends: series, limits, pictures and the page, from rows with a known course."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hstql_assets.monitors.cameras.charts import draw_trend
from hstql_assets.monitors.cameras.limits import judge_all, judge_step
from hstql_assets.monitors.cameras.monitor import MONITOR
from hstql_assets.monitors.cameras.series import Series, Setup, make_series, thin
from hstql_assets.monitors.framework.publishing import publish
from hstql_assets.monitors.framework.report import State, TrendReport
from hstql_assets.pages.figures import draw_chart
from hstql_assets.science.robust import ERROR_OF_MEDIAN, find_sigma
from hstql_resources.columns import Columns, to_objects
from hstql_resources.filesystem import Filesystem

COLUMNS = ("overscan_level", "read_noise", "dark_current", "hot_fraction")


def row(
    mjd: float, amplifier: str = "A", kind: str = "DARK", **values: object
) -> dict[str, object]:
    empty = dict.fromkeys((*COLUMNS, *(f"{name}_error" for name in COLUMNS)))
    filetype = "flt" if {"dark_current", "hot_fraction"} & values.keys() else "raw"
    return {
        "rootname": f"js{mjd:07.1f}", "instrument": "acs", "detector": "WFC", "gain_setting": 2.0,
        "binning": 1, "amplifier": amplifier, "image_type": kind, "filetype": filetype,
        "exp_start_mjd": mjd, **empty, **values,
    }  # fmt: skip


def levels(values: list[float], step_days: float = 20.0, error: float = 0.05) -> list[Series]:
    rows = [
        row(55000 + step_days * number, overscan_level=value, overscan_level_error=error)
        for number, value in enumerate(values)
    ]
    return make_series(Columns.of(rows))


def steady(number: int = 15) -> list[float]:
    return list(2300 + 0.1 * np.random.default_rng(1).normal(size=number))


def test_rows_become_a_series_for_each_setup_quantity_and_amplifier() -> None:
    rows = [
        row(55001, "B", overscan_level=2300.0, read_noise=4.0),
        row(55000, "A", overscan_level=2310.0),
        row(55002, "A", overscan_level=2312.0, binning=8),
        row(55000, "A", dark_current=0.01, hot_fraction=0.02, hot_fraction_error=0.001),
    ]
    found = {
        (one.setup.name, one.quantity.name, one.amplifier): one
        for one in make_series(Columns.of(rows))
    }
    assert set(found) == {
        ("acs_wfc_gain2", "bias_level", "A"),
        ("acs_wfc_gain2", "bias_level", "B"),
        ("acs_wfc_gain2", "read_noise", "B"),
        ("acs_wfc_gain2", "dark_current", "A"),
        ("acs_wfc_gain2", "hot_pixels", "A"),
        ("acs_wfc_gain2_bin8", "bias_level", "A"),
    }
    hot = found["acs_wfc_gain2", "hot_pixels", "A"]
    assert (hot.values[0], hot.errors[0]) == (2.0, 0.1)  # percent
    assert np.isnan(found["acs_wfc_gain2", "dark_current", "A"].errors[0])


def test_points_are_in_order_of_time_and_a_bias_has_no_dark_current() -> None:
    rows = [row(mjd, overscan_level=mjd) for mjd in (55002.0, 55000.0, 55001.0)]
    (series,) = make_series(Columns.of([*rows, row(55000, kind="BIAS", dark_current=1.0)]))
    assert list(series.values) == [55000, 55001, 55002]
    assert series.rootnames[0] == "js55000.0"


def test_many_points_become_medians_of_neighbours_with_the_error_of_a_median() -> None:
    rng = np.random.default_rng(1)
    (series,) = levels(list(2300 + rng.normal(0, 1, 10_000)), step_days=0.1)
    few = thin(series, 100)
    assert len(few.values) == 100
    assert few.exposures_per_point == 100
    pulls = (few.values - 2300) / few.errors
    assert abs(pulls.mean()) < 0.4
    assert 0.75 < pulls.std() < 1.3
    assert thin(few, 100) is few


def test_a_level_like_those_of_the_year_before_is_within_its_limit() -> None:
    (verdict,) = judge_all(levels([*steady(), 2300.3]))
    assert verdict.state == "ok"
    assert "2300.3 against 2300" in verdict.sentence
    assert verdict.label == "ACS/WFC, gain 2, amplifier A"


@pytest.mark.parametrize("jump", [-3.0, 3.0])
def test_a_level_that_jumps_is_beyond(jump: float) -> None:
    (verdict,) = judge_all(levels([*steady(), 2300 + jump]))
    assert verdict.state == "warning"


def test_a_jump_within_its_own_errors_is_no_jump() -> None:
    (verdict,) = judge_all(levels([*steady(), 2303.0], error=0.7))
    assert verdict.state == "ok"


def test_too_few_exposures_in_the_year_before_are_not_judged() -> None:
    (verdict,) = judge_all(levels([*steady(7), 2400.0]))
    assert verdict.state is None
    # Fifteen, but over years.
    (verdict,) = judge_all(levels([*steady(), 2400.0], step_days=100))
    assert verdict.state is None


def test_a_read_noise_may_change_by_a_twentieth() -> None:
    def judge(latest: float) -> State | None:
        rows = [row(55000.0 + 20 * n, read_noise=4.0, read_noise_error=0.01) for n in range(15)]
        rows.append(row(55300.0, read_noise=latest, read_noise_error=0.01))
        verdict = judge_step(make_series(Columns.of(rows))[0])
        assert verdict
        return verdict.state

    assert judge(4.19) == "ok"
    assert judge(4.22) == "warning"
    assert judge(3.7) == "warning"


@pytest.mark.parametrize(("rate", "state"), [(0.019, "ok"), (0.0202, "ok"), (0.03, "warning")])
def test_a_dark_current_has_a_ceiling_that_its_error_may_reach_beyond(
    rate: float, state: State
) -> None:
    (verdict,) = judge_all(
        make_series(Columns.of([row(55000.0, dark_current=rate, dark_current_error=0.0001)]))
    )
    assert verdict.state == state
    assert "0.02 at most" in verdict.sentence


def test_a_detector_without_a_limit_is_not_judged_at_all() -> None:
    rows = [{**row(55000.0, hot_fraction=0.5, hot_fraction_error=0.1), "detector": "SBC"}]
    assert judge_all(make_series(Columns.of(rows))) == []


def everything() -> list[dict[str, object]]:
    rng = np.random.default_rng(3)
    rows = []
    for number in range(40):
        mjd = 55000.0 + 50 * number
        for place, amplifier in enumerate("ABCD"):
            rows.append(row(
                mjd, amplifier, overscan_level=2300 + 30 * place + rng.normal(),
                overscan_level_error=0.1, read_noise=4 + 0.1 * place, read_noise_error=0.02,
            ))  # fmt: skip
            rows.append(row(
                mjd, amplifier, dark_current=0.006 + 3e-4 * number, dark_current_error=1e-5,
                hot_fraction=0.005 + 1e-4 * number, hot_fraction_error=1e-4,
            ))  # fmt: skip
    return rows


def test_a_figure_has_an_amplifier_in_each_colour_and_dates_above() -> None:
    series = [
        one for one in make_series(Columns.of(everything())) if one.quantity.name == "dark_current"
    ]
    figure = draw_chart(draw_trend(series))
    figure.canvas.draw()
    below, above = figure.axes
    assert below.get_ylabel() == "dark current (electrons/s)"
    assert "MJD (UTC)" in below.get_xlabel()
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == [f"amplifier {name}" for name in "ABCD"]
    assert len({line.get_color() for line in below.lines if line.get_marker() == "o"}) == 4
    dates = [text.get_text() for text in above.get_xticklabels()]
    assert re.fullmatch(r"20(09|10)-\d\d", dates[0])
    # MJD 55197 is 1 January 2010.
    assert above.get_xlim()[0] - below.get_xlim()[0] == pytest.approx(-40587)
    (limit,) = [line for line in below.lines if line.get_linestyle() == "--"]
    assert set(limit.get_ydata()) == {0.02}
    assert "limit" in [text.get_text() for text in below.texts]


def test_a_level_is_drawn_about_its_median_which_the_legend_tells() -> None:
    series = [
        one for one in make_series(Columns.of(everything())) if one.quantity.name == "bias_level"
    ]
    figure = draw_chart(draw_trend(series))
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert [float(text.split(": ")[1]) for text in texts] == pytest.approx(
        [2300, 2330, 2360, 2390], abs=1
    )
    assert max(abs(number) for number in figure.axes[0].get_ylim()) < 6


@pytest.mark.parametrize("number", [1, 2])
def test_one_or_two_exposures_are_drawn_without_a_warning(number: int) -> None:
    figure = draw_chart(draw_trend(levels([2300.0, 2301.0][:number])))
    figure.canvas.draw()
    assert figure.axes[0].get_xlim()[0] < 55000


def write_trends(home: Path, rows: list[dict[str, object]]) -> tuple[TrendReport, Path]:
    """Publish the monitor of some rows; return its report and its folder."""
    (trend,) = MONITOR.trends
    columns = Columns.of(rows) if rows else Columns({"rootname": to_objects([])})
    report = trend.summarize(columns, None)  # type: ignore[arg-type]
    return report, publish(trend, report, Filesystem(home), lambda _: {}).parent


def test_all_trends_become_pictures_and_one_page(tmp_path: Path) -> None:
    report, folder = write_trends(tmp_path, everything())
    assert folder == tmp_path / "plots" / "monitors" / "images"
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"acs_wfc_gain2_{name}.{ending}" for name in
          ("bias_level", "dark_current", "hot_pixels", "read_noise") for ending in ("csv", "png")),
        "index.html",
        "page.json",
    ]  # fmt: skip
    html = (folder / "index.html").read_text()
    assert html.count("data-figure=") == 4
    for picture in re.findall(r'href="\./([^"]+\.png)"', html):
        with Image.open(folder / picture) as image:
            assert image.width == 1000
    assert "http" not in re.sub(r"<script type=.*?</script>", "", html, flags=re.DOTALL)
    assert report.metadata["trends"] == 4
    assert [verdict.state for verdict in report.verdicts].count("ok") == 8
    assert {verdict.limit for verdict in report.verdicts} == {
        limit.name for limit in MONITOR.trends[0].limits
    }


def test_the_report_counts_exposures_and_what_is_beyond_its_limits(tmp_path: Path) -> None:
    report, _ = write_trends(tmp_path, [*everything(), row(57000.0, dark_current=1.0)])
    assert (report.exposures, report.newest_mjd) == (41, 57000.0)
    assert report.verdicts[0].state == "warning"
    assert "1 of 16 limits are passed" in report.summary


def test_of_many_exposures_the_chart_has_medians_and_says_so() -> None:
    chart = draw_trend(levels(steady(4000), step_days=1.0))
    assert len(chart.layers[0].x) == 2000
    assert chart.note.startswith("4000 BIAS or DARK exposures, raw files")
    assert "medians of up to 2 exposures" in chart.note


def test_the_same_rows_give_the_same_page_and_pictures(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        _, folder = write_trends(tmp_path / name, everything())
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def test_pictures_of_trends_that_are_no_more_are_removed(tmp_path: Path) -> None:
    write_trends(tmp_path, everything())
    report, folder = write_trends(tmp_path, [])
    assert report.exposures == 0
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "page.json"]
    assert "no DARK or BIAS exposure" in (folder / "index.html").read_text()


def test_names_are_for_files_and_for_readers() -> None:
    setup = Setup("wfc3", "UVIS", 1.5, 8)
    assert (setup.name, setup.label) == (
        "wfc3_uvis_gain1.5_bin8", "WFC3/UVIS, gain 1.5, binned 8 x 8",
    )  # fmt: skip
    assert Setup("acs", "SBC").label == "ACS/SBC"


@pytest.mark.parametrize("number", [7, 10, 15, 100])
def test_each_point_is_the_median_of_neighbours_whose_number_differs_by_one_at_most(number) -> None:
    rng = np.random.default_rng(number)
    (one,) = levels(rng.normal(2300.0, 1.0, number).tolist())
    errors = np.where(rng.random(number) < 0.5, np.nan, 0.1)
    thinned = thin(replace(one, errors=errors), 7)
    groups = np.array_split(np.arange(number), len(thinned.mjd))
    assert len(groups) <= 7
    assert thinned.rootnames == tuple(one.rootnames[group[0]] for group in groups)
    assert thinned.mjd.tolist() == [np.median(one.mjd[group]) for group in groups]
    assert thinned.values.tolist() == [np.median(one.values[group]) for group in groups]
    if number > 7:
        scatters = [find_sigma(one.values[group]) for group in groups]
        owns = [0.1 if np.isfinite(errors[group]).any() else 0.0 for group in groups]
        expected = [
            ERROR_OF_MEDIAN * max(scatter, own) / np.sqrt(len(group))
            for scatter, own, group in zip(scatters, owns, groups, strict=True)
        ]
        assert thinned.errors.tolist() == pytest.approx(expected)
