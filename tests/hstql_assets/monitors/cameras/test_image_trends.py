"""Trends: series, limits, pictures and the page, from rows with a known course."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hstql_assets.monitors.cameras.charts import draw_trend
from hstql_assets.monitors.cameras.limits import judge_all, judge_step
from hstql_assets.monitors.cameras.series import Series, Setup, make_series, thin
from hstql_assets.monitors.cameras.trend import TrendsTask, find_folder, write_trends
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
    return make_series(rows)


def steady(number: int = 15) -> list[float]:
    return list(2300 + 0.1 * np.random.default_rng(1).normal(size=number))


def test_rows_become_a_series_for_each_setup_quantity_and_amplifier() -> None:
    rows = [
        row(55001, "B", overscan_level=2300.0, read_noise=4.0),
        row(55000, "A", overscan_level=2310.0),
        row(55002, "A", overscan_level=2312.0, binning=8),
        row(55000, "A", dark_current=0.01, hot_fraction=0.02, hot_fraction_error=0.001),
    ]
    found = {(one.setup.name, one.quantity.name, one.amplifier): one for one in make_series(rows)}
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
    (series,) = make_series([*rows, row(55000, kind="BIAS", dark_current=1.0)])
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
    assert verdict.is_within is True
    assert "2300.3 against 2300" in verdict.sentence
    assert verdict.label == "ACS/WFC, gain 2, amplifier A"


@pytest.mark.parametrize("jump", [-3.0, 3.0])
def test_a_level_that_jumps_is_beyond(jump: float) -> None:
    (verdict,) = judge_all(levels([*steady(), 2300 + jump]))
    assert verdict.is_within is False


def test_a_jump_within_its_own_errors_is_no_jump() -> None:
    (verdict,) = judge_all(levels([*steady(), 2303.0], error=0.7))
    assert verdict.is_within is True


def test_too_few_exposures_in_the_year_before_are_not_judged() -> None:
    (verdict,) = judge_all(levels([*steady(7), 2400.0]))
    assert verdict.is_within is None
    # Fifteen, but over years.
    (verdict,) = judge_all(levels([*steady(), 2400.0], step_days=100))
    assert verdict.is_within is None


def test_a_read_noise_may_change_by_a_twentieth() -> None:
    def judge(latest: float) -> bool | None:
        rows = [row(55000.0 + 20 * n, read_noise=4.0, read_noise_error=0.01) for n in range(15)]
        rows.append(row(55300.0, read_noise=latest, read_noise_error=0.01))
        verdict = judge_step(make_series(rows)[0])
        assert verdict
        return verdict.is_within

    assert judge(4.19) is True
    assert judge(4.22) is False
    assert judge(3.7) is False


@pytest.mark.parametrize(("rate", "is_within"), [(0.019, True), (0.0202, True), (0.03, False)])
def test_a_dark_current_has_a_ceiling_that_its_error_may_reach_beyond(
    rate: float, is_within: bool
) -> None:
    (verdict,) = judge_all(
        make_series([row(55000.0, dark_current=rate, dark_current_error=0.0001)])
    )
    assert verdict.is_within is is_within
    assert "0.02 at most" in verdict.sentence


def test_a_detector_without_a_limit_is_not_judged_at_all() -> None:
    rows = [{**row(55000.0, hot_fraction=0.5, hot_fraction_error=0.1), "detector": "SBC"}]
    assert judge_all(make_series(rows)) == []


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
    series = [one for one in make_series(everything()) if one.quantity.name == "dark_current"]
    figure = draw_trend(series)
    figure.canvas.draw()
    below, above = figure.axes
    assert below.get_ylabel() == "dark current (electrons/s)"
    assert "MJD (UTC)" in below.get_xlabel()
    assert [text.get_text() for text in below.get_legend().get_texts()][:4] == list("ABCD")
    dates = [text.get_text() for text in above.get_xticklabels()]
    assert re.fullmatch(r"20(09|10)-\d\d", dates[0])
    # MJD 55197 is 1 January 2010.
    assert above.get_xlim()[0] - below.get_xlim()[0] == pytest.approx(-40587)
    (limit,) = [line for line in below.lines if line.get_label() == "limit"]
    assert set(limit.get_ydata()) == {0.02}


def test_a_level_is_drawn_about_its_median_which_the_legend_tells() -> None:
    series = [one for one in make_series(everything()) if one.quantity.name == "bias_level"]
    figure = draw_trend(series)
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert [float(text.split(": ")[1]) for text in texts] == pytest.approx(
        [2300, 2330, 2360, 2390], abs=1
    )
    assert max(abs(number) for number in figure.axes[0].get_ylim()) < 6


@pytest.mark.parametrize("number", [1, 2])
def test_one_or_two_exposures_are_drawn_without_a_warning(number: int) -> None:
    figure = draw_trend(levels([2300.0, 2301.0][:number]))
    figure.canvas.draw()
    assert figure.axes[0].get_xlim()[0] < 55000


def task(home: Path, rows: list[dict[str, object]]) -> TrendsTask:
    return TrendsTask("all", rows, Filesystem(home))


def test_all_trends_become_pictures_and_one_page(tmp_path: Path) -> None:
    outcome = write_trends(task(tmp_path, everything()))
    folder = find_folder(Filesystem(tmp_path))
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"acs_wfc_gain2_{name}.png" for name in
          ("bias_level", "dark_current", "hot_pixels", "read_noise")),
        "index.html",
    ]  # fmt: skip
    html = (folder / "index.html").read_text()
    assert html.count("data-figure=") == 4
    for picture in re.findall(r'href="\./([^"]+\.png)"', html):
        with Image.open(folder / picture) as image:
            assert image.width == 1000
    assert "http" not in re.sub(r"<script type=.*?</script>", "", html, flags=re.DOTALL)
    assert outcome.facts["trends"] == 4
    assert str(outcome.facts["limits"]).count("| within |") == 8


def test_the_same_rows_give_the_same_page_and_pictures(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        write_trends(task(tmp_path / name, everything()))
        folder = find_folder(Filesystem(tmp_path / name))
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def test_pictures_of_trends_that_are_no_more_are_removed(tmp_path: Path) -> None:
    write_trends(task(tmp_path, everything()))
    outcome = write_trends(task(tmp_path, []))
    assert outcome.status == "made"
    assert [path.name for path in find_folder(Filesystem(tmp_path)).iterdir()] == ["index.html"]
    assert (
        "no DARK or BIAS exposure" in (find_folder(Filesystem(tmp_path)) / "index.html").read_text()
    )


def test_names_are_for_files_and_for_readers() -> None:
    setup = Setup("wfc3", "UVIS", 1.5, 8)
    assert (setup.name, setup.label) == (
        "wfc3_uvis_gain1.5_bin8", "WFC3/UVIS, gain 1.5, binned 8 x 8",
    )  # fmt: skip
    assert Setup("acs", "SBC").label == "ACS/SBC"
