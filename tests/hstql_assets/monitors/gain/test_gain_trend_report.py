"""The report of the gain monitor: from maps with a known law to rows, limits and charts."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from builders.gain_trend_maps import FIRST_MJD, make_patch, write_map, write_series
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.gain.gain_images import GainImage, group_images
from hstql_assets.monitors.gain.monitor import GAIN_MONITOR
from hstql_assets.monitors.gain.read import read_images
from hstql_assets.monitors.gain.trend import report_gain
from hstql_assets.pages.figures import draw_chart
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings

MJDS = FIRST_MJD + 28.0 * np.arange(14)
NEWEST = float(MJDS[-1])
START, SLOPE = 8.0, -0.02  # of the worst column of the patch; others fall less
ROWS, COLUMNS = 20, 200
# Columns of the patch by how fast they fall.
FALLS = SLOPE * np.linspace(1.0, 0.0, COLUMNS)
ERROR = 0.15


def make_law(seed: int):
    """Return the gains at a time: a patch that falls with time, and random errors."""

    def gains(mjd: float) -> np.ndarray:
        rng = np.random.default_rng([seed, int(mjd)])
        true = np.tile(START + FALLS * (mjd - FIRST_MJD), (ROWS, 1))
        drawn = true + rng.normal(scale=ERROR, size=true.shape)
        return make_patch(np.where(drawn > 1.0, drawn, np.nan), 235, 900)

    return gains


def surround(home: Path) -> TrendContext:
    settings = Settings(home=home)
    files = Filesystem.from_settings(settings)
    archive: Archive = None  # type: ignore[assignment]  # nothing is fetched
    return TrendContext(files, References(archive, files), settings)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> TrendReport:
    """Of both segments, one of them at two voltages, and a file that is not there."""
    folder = tmp_path_factory.mktemp("maps")
    images = write_series(folder, make_law(1), MJDS, "FUVA", 163, ERROR)
    images += write_series(folder, make_law(2), MJDS[:8], "FUVB", 163, ERROR)
    images += write_series(folder, make_law(3), MJDS[8:], "FUVB", 167, ERROR)
    images.append(GainImage("gone", "weekly", "FUVA", 163, NEWEST + 7.0, NEWEST + 8.0,
                            folder / "gone_gainmap.fits"))  # fmt: skip
    return report_gain(images, surround(tmp_path_factory.mktemp("home")))


def select(report: TrendReport, model, segment: str, voltage: int) -> list[dict]:
    rows = report.rows[model.__tablename__]
    return [one for one in rows if (one["segment"], one["high_voltage"]) == (segment, voltage)]


def test_superpixels_are_flagged_when_their_gain_reached_the_limit(report):
    rows = select(report, tables.FlaggedPixel, "FUVA", 163)
    true_mjd = FIRST_MJD + (3.0 - START) / FALLS[:-1]
    lost = {(x, y) for x in range(COLUMNS - 1) for y in range(ROWS) if true_mjd[x] < NEWEST - 56.0}
    found = {(one["x"] - 900, one["y"] - 235): one for one in rows}
    assert lost <= found.keys()
    assert all(START + FALLS[x] * (NEWEST - FIRST_MJD) < 3.0 + 3.0 * ERROR for x, _ in found)
    late_d = np.array([found[place]["flagged_mjd"] - true_mjd[place[0]] for place in lost])
    # The next image comes within 28 days; the noise of the gain is 7 days of the worst column.
    assert late_d.min() > -40.0
    assert late_d.max() < 75.0
    assert {one["image"] for one in rows} <= {f"fuva_163_weekly_{i}" for i in range(14)}


def test_lines_have_the_slopes_that_were_put_in(report):
    rows = select(report, tables.GainTrend, "FUVA", 163)
    pulls = np.array([(one["slope"] - FALLS[one["x"] - 900]) / one["slope_error"] for one in rows])
    assert len(rows) > 2000
    # A line of a superpixel near 1 lacks the gains below it; columns that stop early are left out.
    slow = np.array([FALLS[one["x"] - 900] * (NEWEST - FIRST_MJD) > -6.0 for one in rows])
    assert abs(pulls[slow].mean()) < 0.15
    assert 0.8 < pulls[slow].std() < 1.05
    ahead = [one for one in rows if one["projected_mjd"] > NEWEST and slow[rows.index(one)]]
    errors = np.array([
        (one["projected_mjd"] - FIRST_MJD + (START - 3.0) / FALLS[one["x"] - 900])
        / one["projected_error_d"]
        for one in ahead
    ])  # fmt: skip
    assert len(ahead) > 500
    assert abs(np.median(errors)) < 0.3
    assert np.percentile(np.abs(errors), 68.3) < 1.1


def test_flags_by_chance_are_few(report):
    (row,) = [one for one in report.sections[0].rows if one[:2] == ("FUVA", "163")]
    by_name = dict(zip(report.sections[0].columns, row, strict=True))
    assert by_name["images"] == "14"
    assert int(by_name["superpixels"]) == ROWS * COLUMNS
    assert float(by_name["expected by chance"]) < 0.02 * int(by_name["flagged"])


def test_limits_speak_of_each_segment_at_its_present_voltage(report):
    said = {(one.limit, one.label): one.state for one in report.verdicts}
    names = [limit.name for limit in GAIN_MONITOR.limits]
    assert set(said) == {
        (name, label) for name in names for label in ("FUVA at 163", "FUVB at 167")
    }
    assert said["few_lost_superpixels", "FUVA at 163"] == "alarm"
    assert said["gain_lasts_half_a_year", "FUVA at 163"] in ("warning", "alarm")
    assert said["few_newly_lost_superpixels", "FUVA at 163"] == "alarm"
    found = ("few_lost_superpixels", "FUVA at 163")
    (sentence,) = [one.sentence for one in report.verdicts if (one.limit, one.label) == found]
    flagged = len(select(report, tables.FlaggedPixel, "FUVA", 163))
    assert sentence.startswith(f"{flagged} of {ROWS * COLUMNS} superpixels")


def test_an_image_that_cannot_be_read_is_named_and_left_out(report):
    (section,) = [one for one in report.sections if one.title == "Unreadable gain maps"]
    assert section.rows == (("gone_gainmap.fits cannot be read: No such file or directory.",),)
    assert report.metadata["unreadable_images"] == 1
    assert report.exposures == 28
    assert report.newest_mjd == NEWEST


def test_products_are_written(report):
    names = {path.name for path in report.products}
    assert {"total_gain.fits", "proj_bad_FUVA_163.fits", "proj_bad_FUVB_163.fits",
            "proj_bad_FUVB_167.fits"} < names  # fmt: skip
    assert all(path.is_file() for path in report.products)


def test_charts_can_be_drawn_and_have_units(report):
    charts = [chart for section in report.sections for chart in section.charts]
    assert len({chart.name for chart in charts}) == len(charts) == 13
    for chart in charts:
        assert "(" in chart.x.label + chart.y.label
    draw_chart(next(one for one in charts if one.name == "gain_tracks_fuva_163"))


def test_the_same_images_give_the_same_report(tmp_path):
    images = write_series(tmp_path, make_law(4), MJDS[:6])
    first, second = (
        report_gain(order, surround(tmp_path / "home")) for order in (images, images[::-1])
    )
    assert first.rows == second.rows
    assert first.summary == second.summary
    assert first.verdicts == second.verdicts
    assert [one.rows for one in first.sections] == [one.rows for one in second.sections]


def test_without_images_the_report_says_so(tmp_path):
    report = report_gain([], surround(tmp_path))
    assert report.exposures == 0
    assert report.summary == "There is no gain map to look at."
    assert report.rows == {"flagged_pixels": [], "gain_trends": []}


def test_with_unreadable_images_only_the_report_says_so(tmp_path):
    image = GainImage("gone", "weekly", "FUVA", 163, NEWEST, NEWEST, tmp_path / "gone.fits")
    report = report_gain([image], surround(tmp_path))
    assert report.exposures == 0
    assert report.summary == "There is no gain map to look at. 1 of them cannot be read."


def test_one_image_is_enough_for_a_report(tmp_path):
    path = write_map(tmp_path / "m.fits", make_patch([5.0], row=10))  # out of the rows of spectra
    report = report_gain(
        [GainImage("m", "cci", "FUVB", 163, NEWEST, NEWEST, path)], surround(tmp_path)
    )
    assert report.exposures == 1
    assert {one.state for one in report.verdicts} == {None}
    assert report.verdicts[0].sentence == "No superpixel in the rows of spectra has a gain."
    for section in report.sections:
        for chart in section.charts:
            draw_chart(chart)


def test_a_weekly_image_gives_way_to_a_cci_file_of_the_same_time():
    def make(name, source, start, segment="FUVA"):
        return GainImage(name, source, segment, 163, start, start + 7.0, Path(name))

    images = [make("w1", "weekly", 0.0), make("w2", "weekly", 7.0), make("w3", "weekly", 20.0),
              make("c", "cci", 5.0), make("b", "weekly", 5.0, "FUVB")]  # fmt: skip
    groups = group_images(images)
    assert [one.name for one in groups["FUVA", 163]] == ["c", "w3"]
    assert [one.name for one in groups["FUVB", 163]] == ["b"]


def test_images_are_read_from_the_database_in_one_statement(database):
    row = {"source": "weekly", "segment": "FUVB", "high_voltage": 167, "exp_start_mjd": 57000.5,
           "exp_end_mjd": 57005.25, "exp_time_s": 10.0, "files": 1, "counts": 5, "superpixels": 2,
           "members": "x", "path": "/data/b_gainmap.fits"}  # fmt: skip
    stamped = row | {"ingest_date": datetime.now(UTC)}
    with database.write() as writer:
        writer.upsert(tables.CumulativeImage, [stamped | {"image": "b"}])
    before = database.statements
    (image,) = read_images(database)
    assert database.statements == before + 1
    assert image == GainImage(
        "b", "weekly", "FUVB", 167, 57000.5, 57005.25, Path("/data/b_gainmap.fits")
    )
