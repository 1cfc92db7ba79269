"""From rows in the database to the page: sums, verdicts, charts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import delete

from hstql_assets.monitors.darks.limits import judge, judge_requirement, judge_step, split_recent
from hstql_assets.monitors.darks.monitor import MONITOR
from hstql_assets.monitors.darks.rate_charts import draw_histograms, find_levels
from hstql_assets.monitors.darks.read import read_darks
from hstql_assets.monitors.darks.series import DarkRows, Series, make_series
from hstql_assets.monitors.darks.time_charts import find_medians
from hstql_assets.monitors.darks.trend import NO_DARKS, summarize_darks
from hstql_assets.pages.charts import Boxes, Image, Mark, Points, Steps
from hstql_assets.science.robust import fit_line
from hstql_resources.columns import Columns
from hstql_resources.tables import DarkCell, DarkRate, DarkSum

PIXELS = 4169700
NEWEST = 59200.0


def surroundings(path=None):
    return SimpleNamespace(settings=SimpleNamespace(solar_flux=path))


def make_row(name, number, mjd, counts, **changes):
    """A row of the main region of FUVA, in the middle of the Pacific."""
    values = {
        "filename": f"{name}_corrtag_a.fits", "region": "main", "bin": number, "rootname": name,
        "detector": "FUVA", "start_mjd": mjd, "mid_mjd": mjd + 12.5 / 86400.0, "live_time_s": 25.0,
        "pixels": PIXELS, "counts": counts, "all_counts": 2 * counts, "rate": 0.0,
        "rate_error": 0.0, "all_rate": 0.0, "all_rate_error": 0.0, "latitude_deg": 12.0,
        "longitude_deg": 203.0, "sun_latitude_deg": -20.0, "sun_longitude_deg": 210.0,
        "temperature_c": 25.0, "is_in_saa": False, "ingest_date": datetime.now(UTC),
    }  # fmt: skip
    return values | changes


def make_main(rates, mjd, live_s=1000.0, detector="FUVA"):
    """A series of given rates."""
    counts = np.asarray(rates) * live_s * PIXELS
    size = len(counts)
    names = tuple(f"ld{number:06d}q" for number in range(size))
    return Series(
        detector, "main", PIXELS, np.asarray(mjd, float), counts, counts, np.full(size, live_s),
        np.full(size, 25.0), names,
    )  # fmt: skip


def test_sums_are_those_of_the_rows_outside_of_the_anomaly(database):
    rng = np.random.default_rng(8)
    rows = []
    for number, name in enumerate(("ldaaa01aq", "ldaaa02aq", "ldaaa03aq")):
        for stretch in range(6):
            inside = [False, True, None][(stretch + number) % 3]
            live_s = 25.0 if stretch < 5 else 11.0
            row = make_row(
                name, stretch, 58600.0 + 200 * number + stretch * 25.0 / 86400.0,
                int(rng.poisson(100)), is_in_saa=inside, live_time_s=live_s,
                longitude_deg=None if inside is None else 300.0 if inside else 359.0,
                sun_longitude_deg=2.0,
            )  # fmt: skip
            rows.append(row)
    rows.append(make_row("ldaaa04aq", 0, 59000.5, 90, is_in_saa=True))
    with database.write() as writer:
        writer.upsert(DarkRate, rows)
    before = database.statements
    found = read_darks(database)
    assert database.statements - before <= 8  # each of four has its transaction
    series = make_series(found)["FUVA", "main"]
    assert series.rootnames == ("ldaaa01aq", "ldaaa02aq", "ldaaa03aq")
    out = [row for row in rows if row["is_in_saa"] is False]
    for position, name in enumerate(series.rootnames):
        mine = [row for row in out if row["rootname"] == name]
        assert series.counts[position] == sum(row["counts"] for row in mine)
        assert series.live_s[position] == sum(row["live_time_s"] for row in mine)
        weights = [row["live_time_s"] for row in mine]
        mean = np.average([row["mid_mjd"] for row in mine], weights=weights)
        assert series.mjd[position] == pytest.approx(mean, abs=1e-9)
    known = [row for row in rows if row["is_in_saa"] is not None]
    assert sum(cell.live_s for cell in found.cells) == sum(row["live_time_s"] for row in known)
    assert {(cell.x, cell.y) for cell in found.cells} == {(60, 20), (71, 20), (40, 20)}
    (sun_cell,) = found.sun_cells
    assert (sun_cell.x, sun_cell.y) == (35, 21)  # 357 degrees east of the Sun, 32 north
    assert sun_cell.counts == sum(row["counts"] for row in out)
    full = [row for row in out if row["live_time_s"] == 25.0]
    assert sum(row.stretches for row in found.histogram) == len(full)
    ages = {row.age for row in found.histogram}
    assert ages == {0, 1, 2} - ({1} if not any(_is_last_year(row) for row in full) else set())


def make_exposure(rng, number, changed_at):
    """Rows of an exposure somewhere on its orbit, years after that of a lower number."""
    name, mjd = f"ldbbb{number:02d}aq", 57000.0 + 61.0 * number
    return [
        make_row(
            name, stretch, mjd + stretch * 25.0 / 86400.0, int(rng.poisson(90)),
            mid_mjd=mjd + (stretch + 0.5) * 25.0 / 86400.0,
            longitude_deg=float(rng.uniform(0, 360)), is_in_saa=bool(rng.random() < 0.2),
            ingest_date=changed_at,
        )
        for stretch in range(12)
    ]  # fmt: skip


def tell(found):
    """All numbers that were read, to be compared."""
    columns = [found.exposures[name].tolist() for name in found.exposures.names]
    cells = [[tuple(row) for row in part]
             for part in (found.cells, found.sun_cells, found.histogram)]  # fmt: skip
    return str(columns), cells


def test_sums_that_are_kept_are_those_that_would_be_made_anew(database):
    rng, now = np.random.default_rng(3), datetime.now(UTC)

    def write(numbers, at):
        rows = [row for number in numbers for row in make_exposure(rng, number, at)]
        with database.write() as writer:
            writer.delete(DarkRate, "rootname", {row["rootname"] for row in rows})
            writer.upsert(DarkRate, rows)

    write(range(20), now)
    first = tell(read_darks(database))
    write([3], now + timedelta(seconds=1))  # made again, with other counts
    write([20, 26], now)  # new; the newest, with which ages of all stretches change
    with database.write() as writer:
        writer.delete(DarkRate, "rootname", ["ldbbb07aq"])
    kept = tell(read_darks(database))
    before = database.statements
    assert tell(read_darks(database)) == kept
    assert database.statements - before == 6  # nothing is summed
    with database.write() as writer:
        for model in (DarkSum, DarkCell):
            writer.execute(delete(model))
    assert tell(read_darks(database)) == kept
    assert kept != first


def _is_last_year(row):
    return 365.25 / 2 < 59000.5 - row["mid_mjd"] <= 365.25


def test_no_rows_make_a_page_that_says_so(database):
    assert read_darks(database) == DarkRows()
    report = summarize_darks(DarkRows(), surroundings())
    assert (report.summary, report.exposures, report.verdicts) == (NO_DARKS, 0, ())


def exposures(number, rate=1e-6, region="main", detector="FUVA"):
    rng = np.random.default_rng(number)
    return [
        SimpleNamespace(
            rootname=f"l{index:07d}q", detector=detector, region=region,
            start_mjd=NEWEST - 2.0 * (number - index), mjd=NEWEST - 2.0 * (number - index) + 0.01,
            counts=int(rng.poisson(rate * 1000.0 * PIXELS)), all_counts=5000, live_s=1000.0,
            pixels=PIXELS, temperature_c=None,
        )
        for index in range(1, number + 1)
    ]  # fmt: skip


def make_cell(x, y, counts):
    return SimpleNamespace(detector="FUVA", x=x, y=y, counts=counts, live_s=100.0, pixels=PIXELS)


def make_stretch(counts):
    return SimpleNamespace(detector="FUVA", age=0, counts=counts, stretches=5, pixels=PIXELS)


def test_a_page_has_what_was_asked_for(tmp_path):
    path = tmp_path / "flux.txt"
    path.write_text("\n".join(f"{mjd} 80" for mjd in range(58500, 59300)))
    cells = [make_cell(62, 14, 900), make_cell(3, 18, 400)]
    stretches = [make_stretch(100 + step) for step in range(30)]
    rows = DarkRows(Columns.of(exposures(300)), cells, cells, stretches)
    report = summarize_darks(rows, surroundings(path))
    charts = {chart.name: chart for section in report.sections for chart in section.charts}
    assert set(charts) == {
        "dark_rate_fuva", "solar_flux_fuva", "dark_histogram_all_fuva", "dark_histogram_year_fuva",
        "dark_histogram_half_year_fuva", "dark_map_fuva", "dark_sun_map_fuva", "dark_regions",
    }  # fmt: skip
    rates = charts["dark_rate_fuva"]
    assert rates.x.limits == charts["solar_flux_fuva"].x.limits
    (limit,) = [layer for layer in rates.layers if isinstance(layer, Mark) and layer.is_limit]
    assert limit.value == pytest.approx(1.5)  # millionths
    points = [layer for layer in rates.layers if isinstance(layer, Points)]
    (main,) = [layer for layer in points if "3 to 22" in layer.label]
    assert main.is_newest.sum() == 16  # of one each other day
    assert len(main.rootnames) == report.exposures == 300
    (image,) = [layer for layer in charts["dark_map_fuva"].layers if isinstance(layer, Image)]
    assert image.pixels[14 - 11, 62] == pytest.approx(900 / 100.0 / PIXELS * 1e6)
    assert np.isfinite(image.pixels).sum() == 2
    outlines = [layer for layer in charts["dark_map_fuva"].layers if isinstance(layer, Boxes)]
    assert [outline.left[0] for outline in outlines] == [250.0, 260.0]


def test_the_same_rows_give_the_same_report():
    rows = DarkRows(Columns.of(exposures(50)))
    first, second = (summarize_darks(rows, surroundings()) for _ in range(2))
    assert first.summary == second.summary
    assert first.verdicts == second.verdicts


@pytest.mark.parametrize("content", [None, "no flux here at all\n"])
def test_a_bad_file_of_the_sun_is_a_note(tmp_path, content):
    path = tmp_path / "flux.txt"
    if content is not None:
        path.write_text(content)
    report = summarize_darks(DarkRows(Columns.of(exposures(20))), surroundings(path))
    assert "The solar flux is not shown" in report.sections[0].note
    assert "flux.txt" in report.sections[0].note


def test_settings_without_the_sun_are_no_error():
    bare = SimpleNamespace(settings=SimpleNamespace())
    assert summarize_darks(DarkRows(Columns.of(exposures(20))), bare).exposures == 20


def test_exposures_inside_the_anomaly_alone_make_no_rate():
    rows = [SimpleNamespace(**{**vars(row), "live_s": None, "mjd": None}) for row in exposures(3)]
    report = summarize_darks(DarkRows(Columns.of(rows)), surroundings())
    assert report.exposures == 3
    assert report.verdicts == ()
    assert "none of them" in report.summary


def test_lines_of_a_histogram_are_called_what_they_are():
    rng = np.random.default_rng(2)
    counts = rng.poisson(100.0, 20_000)
    rows = [
        SimpleNamespace(age=0, counts=int(value), stretches=int(number), pixels=PIXELS)
        for value, number in zip(*np.unique(counts, return_counts=True), strict=True)
    ]
    chart = draw_histograms("FUVA", rows)[0]
    unit = 1e6 / 25.0 / PIXELS
    marks = {
        mark.label.split(":")[0]: mark.value / unit
        for mark in chart.layers
        if isinstance(mark, Mark)
    }
    assert marks == pytest.approx({
        "mean": counts.mean(), "median": np.median(counts),
        "median + 2 sigma": np.median(counts) + 2 * counts.std(),
        "median + 3 sigma": np.median(counts) + 3 * counts.std(),
        "95 %": np.quantile(counts, 0.95), "99 %": np.quantile(counts, 0.99),
    })  # fmt: skip
    (steps,) = [layer for layer in chart.layers if isinstance(layer, Steps)]
    assert steps.counts.sum() == 20_000
    widths = np.diff(steps.edges) / unit
    assert widths == pytest.approx(np.full(widths.size, round(widths[0])))  # whole counts


def test_levels_of_one_stretch_are_itself():
    levels = find_levels(np.array([3.0]))
    assert (levels.mean, levels.median, levels.sigma, levels.percent_99) == (3.0, 3.0, 0.0, 3.0)


@pytest.mark.parametrize(
    ("rate", "state"), [(1.2e-6, "ok"), (1.505e-6, "warning"), (1.9e-6, "alarm")]
)
def test_the_requirement_is_a_warning_and_beyond_errors_an_alarm(rate, state):
    latest = make_main([rate] * 3, NEWEST - np.arange(3.0)[::-1])
    assert judge_requirement(latest, 1.5e-6).state == state


def year_before(rng, slope_per_year=0.0, number=40):
    mjd = np.linspace(NEWEST - 390.0, NEWEST - 31.0, number)
    rates = 1e-6 * (1.0 + slope_per_year * (mjd - NEWEST) / 365.25) + rng.normal(0, 2e-8, number)
    return mjd, rates


@pytest.mark.parametrize(("step", "state"), [(0.0, "ok"), (0.2, "warning"), (0.6, "alarm")])
def test_a_step_is_found_and_an_odd_exposure_before_does_not_hide_it(step, state):
    mjd, rates = year_before(np.random.default_rng(4))
    rates[5], rates[20] = 9e-6, 0.0
    series = make_main(
        [*rates, *[1e-6 * (1.0 + step)] * 4], [*mjd, *(NEWEST - np.arange(4.0)[::-1])]
    )
    verdict = judge_step(split_recent(series, NEWEST))
    assert verdict.state == state
    assert series.rootnames[-1] in verdict.sentence


def test_a_steady_rise_is_no_step():
    mjd, rates = year_before(np.random.default_rng(4), slope_per_year=0.5)
    series = make_main([*rates, 1e-6, 1e-6], [*mjd, NEWEST - 1.0, NEWEST])
    assert judge_step(split_recent(series, NEWEST)).state == "ok"


def test_too_few_before_or_none_lately_are_not_judged():
    few = make_main([1e-6] * 5, NEWEST - np.array([200.0, 150.0, 100.0, 1.0, 0.0]))
    assert judge_step(split_recent(few, NEWEST)).state is None
    old = make_main([1e-6] * 9, np.linspace(58000.0, 58300.0, 9))
    verdicts = judge({"FUVA": old}, NEWEST)
    assert [verdict.state for verdict in verdicts] == [None, None]


def test_nuv_has_no_requirement_but_is_compared_with_its_trend():
    mjd, rates = year_before(np.random.default_rng(6))
    series = replace(make_main([*rates, 1e-6], [*mjd, NEWEST]), detector="NUV")
    assert [verdict.limit for verdict in judge({"NUV": series}, NEWEST)] == ["dark_rate_steady"]


def test_limits_of_verdicts_are_those_of_the_trend():
    names = {limit.name for limit in MONITOR.trends[0].limits}
    mjd, rates = year_before(np.random.default_rng(6))
    found = judge({"FUVA": make_main([*rates, 1e-6], [*mjd, NEWEST])}, NEWEST)
    assert {verdict.limit for verdict in found} == names


def test_a_line_is_found_among_outliers():
    rng = np.random.default_rng(1)
    mjd = np.sort(rng.uniform(59000, 59365, 80))
    values = 5.0 + 0.01 * (mjd - 59000.0) + rng.normal(0.0, 0.05, 80)
    values[::7] += 30.0
    line = fit_line(mjd, values)
    assert line.slope == pytest.approx(0.01, rel=0.05)
    assert line.at(59400.0) == pytest.approx(9.0, abs=4.0 * line.error_at(59400.0))
    assert line.sigma < 0.2


def test_a_running_median_follows_and_needs_five():
    mjd = np.arange(59000.0, 59400.0, 2.0)
    values = np.where(np.arange(mjd.size) % 10 == 0, 99.0, 1.0 + (mjd - 59000.0) / 100.0)
    times, medians = find_medians(mjd, values)
    middle = (times > 59050.0) & (times < 59350.0)
    assert medians[middle] == pytest.approx(1.0 + (times[middle] - 59000.0) / 100.0, abs=0.15)
    assert np.isnan(find_medians(mjd[:4], values[:4])[1]).all()
    sparse = find_medians(np.linspace(0.0, 5000.0, 6), np.arange(6.0))[1]
    assert np.isfinite(sparse).all()
