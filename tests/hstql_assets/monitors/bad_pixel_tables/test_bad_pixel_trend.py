"""What the report about bad pixel tables says: nothing there, one, and many more than before."""

from types import SimpleNamespace
from typing import Any, cast

from hstql_assets.monitors.bad_pixel_tables.trend import TableHistory, summarize_tables
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport


def row(mjd: float, hot: int = 1000, chip: int = 1, **other: object) -> Any:
    return SimpleNamespace(**{
        "set_key": f"superdarks_uvis_{mjd:.0f}", "filename": f"{mjd}_bpx.fits", "detector": "UVIS",
        "binning": 1, "chip": chip, "first_mjd": mjd, "last_mjd": mjd + 4.0, "exposures": 8,
        "pixels": 40_000, "table_rows": 900, "hot_pixels": hot, "warm_pixels": 300,
        "unstable_pixels": 90, "dead_pixels": 12, "unknown_pixels": 0, "new_pixels": None,
        "gone_pixels": None, "remark": None, **other,
    })  # fmt: skip


def report(*rows: Any, without: Any = ()) -> TrendReport:
    return summarize_tables(TableHistory(rows, 8 * len(rows), without), cast("TrendContext", None))


def test_without_tables_it_says_how_many_windows_there_are() -> None:
    found = report(without=[("WFC", 3)])
    assert found.exposures == 0
    assert "3 windows have none" in found.summary


def test_one_table_has_nothing_to_be_judged_by() -> None:
    found = report(row(58000.0), row(58000.0, chip=2))
    assert {one.state for one in found.verdicts if one.limit == "bad_pixels_steady"} == {None}
    assert found.summary.startswith("1 bad pixel tables of 16 darks; 0 of 10 limits")
    assert len(found.sections[0].charts) == 4
    assert found.exposures == 16


def test_many_more_bad_pixels_and_a_worse_version_are_warnings() -> None:
    rows = [row(58000.0 + day) for day in range(5)]
    rows += [row(58010.0, 1600), row(58003.0, chip=2, remark="Worse than x: 5 darks.")]
    found = report(*rows)
    warned = {(one.limit, one.label) for one in found.verdicts if one.state == "warning"}
    assert warned == {
        ("bad_pixels_steady", "UVIS, chip 1, binning 1, hot"),
        ("bad_pixel_table_as_good", "UVIS, chip 2, binning 1"),
    }
    assert any("1600 hot pixels against 1000 before" in one.sentence for one in found.verdicts)
    assert found.newest_mjd == 58014.0


def test_a_few_pixels_more_are_no_warning() -> None:
    found = report(row(58000.0, 10), row(58001.0, 40))
    assert {one.state for one in found.verdicts} == {"ok"}


def test_dead_pixels_that_nothing_told_are_not_judged_and_not_drawn() -> None:
    found = report(*(row(58000.0 + day, dead_pixels=None) for day in range(2)))
    states = {one.label: one.state for one in found.verdicts}
    assert states["UVIS, chip 1, binning 1, dead"] is None
    assert len(found.sections[0].charts) == 3
    assert "not told" in found.sections[1].rows[0]
