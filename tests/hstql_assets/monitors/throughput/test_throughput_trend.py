"""Slopes of stars against what was put in, odd exposures, and what the page warns of."""

from itertools import chain
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from builders.star_files import BLUE, EPOCH, IR, UVIS1, UVIS2, make_star, measure
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.throughput.read import read_throughput_history
from hstql_assets.monitors.throughput.slopes import DAYS_PER_YEAR, Slope, fit_slope
from hstql_assets.monitors.throughput.trend import ThroughputHistory, summarize_throughput
from hstql_resources import tables
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used
LEVELS = {"GRW+70 5824": 2e5, "GD 153": 1.1e5}
Rows = list[dict[str, object]]


def make_rows(
    percent: float = -0.2,
    filter_name: str = "F606W",
    epochs: int = 12,
    last: float = 1.0,
    scatter: float = 0.003,
    seed: int = 3,
    **more: object,
) -> Rows:
    """Two exposures each half a year, of a star at first and of another one later, with noise."""
    rng, rows = np.random.default_rng(seed), []
    for place in range(2 * epochs):
        epoch = place // 2
        star = list(LEVELS)[epoch > epochs // 2 if place % 2 else epoch >= epochs // 3]
        rate = LEVELS[star] * (1.0 + percent / 100.0 * (epoch * 0.5 - 3.0))
        rate *= (last if epoch == epochs - 1 else 1.0) * (1.0 + scatter * rng.standard_normal())
        rows.append(
            {
                "rootname": f"ic{epoch:03d}{place % 2}a1q"[:9], "detector": "UVIS", "chip": 2,
                "filter_name": filter_name, "filetype": "flc", "pivot": 5889.0, "star": star,
                "exp_start_mjd": 58000.0 + 182.6 * epoch + 0.01 * (place % 2), "rate": rate,
                "rate_error": 0.003 * rate, "pixel_area": 1.0, "cosmic_ray_pixels": 0, **more,
            }
        )  # fmt: skip
    return rows


def report_of(*rows: Rows, unused: int = 0) -> TrendReport:
    together = sorted(chain(*rows), key=lambda row: float(str(row["exp_start_mjd"])))
    reasons = Unused([("Two stars", unused)] if unused else [])
    return summarize_throughput(ThroughputHistory(Columns.of(together), reasons), CONTEXT)


def fit_rows(rows: Rows) -> Slope:
    columns = Columns.of(rows)
    found = fit_slope(
        columns.numbers("exp_start_mjd"), columns.numbers("rate"), columns.numbers("rate_error"),
        np.array([str(star) for star in columns["star"]]),
    )  # fmt: skip
    assert found is not None
    return found


def test_slopes_are_within_their_errors_over_many_seeds() -> None:
    fits = [fit_rows(make_rows(seed=seed)) for seed in range(60)]
    pulls = np.array([(fit.percent + 0.2) / fit.error for fit in fits])
    assert abs(pulls.mean()) < 0.5
    assert 0.6 < pulls.std() < 1.3
    # Errors too small by three are made larger by the scatter.
    small = [fit_rows(make_rows(seed=seed, scatter=0.009)) for seed in range(60)]
    pulls = np.array([(fit.percent + 0.2) / fit.error for fit in small])
    assert 0.6 < pulls.std() < 1.5


def test_odd_exposures_are_left_out_and_named() -> None:
    rows = make_rows()
    clean = fit_rows(rows)
    for place, factor in ((3, 0.6), (23, 1.4), (12, 0.0)):
        rows[place]["rate"] = factor * float(str(rows[place]["rate"]))
    fit = fit_rows(rows)
    assert np.flatnonzero(~fit.is_used).tolist() == [3, 12, 23]
    assert fit.percent == pytest.approx(clean.percent, abs=2.0 * clean.error)
    odd = next(one for one in report_of(rows).sections if one.title == "Odd exposures")
    assert [row[0] for row in odd.rows] == [rows[place]["rootname"] for place in (23, 12, 3)]


def test_a_star_seen_once_takes_nothing_away() -> None:
    rows = make_rows()
    alone = {**rows[6], "star": "GD 71", "rate": 7.0}
    fit = fit_rows([*rows[:7], alone, *rows[7:]])
    assert fit.percent == pytest.approx(fit_rows(rows).percent)
    assert fit.levels["GD 71"] == pytest.approx(7.0, rel=0.02)


def test_too_few_epochs_have_no_slope() -> None:
    rows = make_rows(epochs=2)
    report = report_of(rows, unused=3)
    assert {one.state for one in report.verdicts} == {None}
    assert report.rows["throughput_slopes"][0]["slope"] is None
    assert "4 exposures of standard stars, 3 could not be used; 0 of 1" in report.summary
    # Each star at a time of its own: what is slope and what is level cannot be told.
    mjd, rate = 58000.0 + 400.0 * np.arange(4.0), np.full(4, 1e5)
    assert fit_slope(mjd, rate, rate / 300.0, np.array(list("abcd"))) is None
    assert fit_slope(mjd[:0], rate[:0], rate[:0], np.array([], str)) is None


@pytest.mark.parametrize(
    ("rows", "limit"),
    [
        ([make_rows(percent=-1.5)], "slope_as_published"),
        ([make_rows(last=0.97)], "latest_as_before"),
        ([make_rows(), make_rows(percent=-0.6, filter_name="F275W", pivot=2704.0)],
         "no_contamination"),
    ],
)  # fmt: skip
def test_what_is_wrong_comes_first_on_the_page(rows: list[Rows], limit: str) -> None:
    assert {one.state for one in report_of(make_rows()).verdicts} <= {"ok", None}
    first = report_of(*rows).verdicts[0]
    assert (first.limit, first.state) == (limit, "warning")


def test_the_page_has_light_slopes_and_wavelengths_of_each_chip() -> None:
    report = report_of(
        make_rows(), make_rows(percent=-0.1, filter_name="F275W", pivot=2704.0, seed=4),
        make_rows(chip=1, pixel_area=None), unused=2,
    )  # fmt: skip
    first, second, odd, unused = report.sections
    assert (first.title, second.title) == ("UVIS, chip 1", "UVIS, chip 2")
    assert [chart.name for chart in second.charts] == [
        "uvis_chip_2_years_0", "uvis_chip_2_wavelengths",
    ]  # fmt: skip
    assert "24 exposures have no distortion in their header" in first.note
    assert [row[0] for row in second.rows] == ["F275W", "F606W"]
    assert second.rows[1][-1].startswith("GD 153: 1")
    assert unused.rows == (("Two stars", "2"),)
    assert odd.note == "There are none."
    slopes = report.rows["throughput_slopes"]
    assert [(row["chip"], row["filter_name"]) for row in slopes] == [
        (1, "F606W"), (2, "F275W"), (2, "F606W"),
    ]  # fmt: skip


def test_nothing_says_so_and_rows_are_read_back(database: Database, tmp_path: Path) -> None:
    report = summarize_throughput(read_throughput_history(database), CONTEXT)
    assert (report.exposures, len(report.sections)) == (0, 1)
    file, _ = make_star(tmp_path, UVIS2)
    with database.write() as writer:
        writer.upsert(tables.Throughput, measure(file).rows["throughput"])
    history = read_throughput_history(database)
    assert list(history.rows["star"]) == ["GRW+70 5824"]
    report = summarize_throughput(history, CONTEXT)
    with database.write() as writer:
        writer.upsert(tables.ThroughputSlope, report.rows["throughput_slopes"])
    assert report.exposures == 1


@pytest.mark.parametrize(
    ("seed", "index"),
    [
        (2016, UVIS2),
        *(
            pytest.param(seed, index, marks=pytest.mark.full)
            for seed in (7, 8, 9)
            for index in (UVIS2, UVIS1, BLUE, IR)
        ),
    ],
)
def test_the_slope_that_was_put_into_the_archive_comes_out(
    seed: int, index: int, tmp_path: Path
) -> None:
    rows = []
    for epoch in range(8):
        file, truth = make_star(tmp_path, index + EPOCH * epoch, seed)
        rows += measure(file).rows.get("throughput", [])
    assert len(rows) >= 7  # an exposure may have been hit in the core
    fit = fit_rows(cast("Rows", rows))
    assert abs(fit.percent - 100.0 * truth["standard"]["growth_per_year"]) < 3.0 * fit.error
    assert fit.error < 0.2  # three and a half years; 0.1 where photons are all of it


def test_years_are_julian() -> None:
    mjd = 58000.0 + DAYS_PER_YEAR * np.arange(4.0)
    rates = 1e5 * np.exp(-0.01 * np.arange(4.0))
    fit = fit_slope(mjd, rates, rates * 1e-3, np.array(["a"] * 4))
    assert fit is not None
    assert fit.percent == pytest.approx(-1.0)
    assert fit.predict(mjd) * fit.levels["a"] == pytest.approx(rates)
    assert fit.error_at(mjd[3]) > fit.error_at(fit.middle_mjd) == pytest.approx(5e-4)
