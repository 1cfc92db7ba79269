"""What the report about superdarks says: nothing there, one, and what is not as before."""

from types import SimpleNamespace
from typing import Any, cast

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.unused import UnusedMembers
from hstql_assets.monitors.superdarks.trend import DarkHistory, summarize_darks


def row(mjd: float, dark: float | None = 0.002, chip: int = 1, **other: object) -> Any:
    return SimpleNamespace(**{
        "set_key": f"superdarks_uvis_{mjd:.0f}", "filename": f"{mjd}.fits", "detector": "UVIS",
        "filetype": "DARK", "binning": 1, "chip": chip, "first_mjd": mjd, "last_mjd": mjd + 4.0,
        "median_dark": dark, "hot_fraction": 0.02, "lowest_threshold": 0.01, "remark": None,
        **other,
    })  # fmt: skip


def report(*rows: Any, unused: Any = ()) -> TrendReport:
    return summarize_darks(
        DarkHistory(rows, 5 * len(rows), UnusedMembers(unused)), cast("TrendContext", None)
    )


def test_without_superdarks_it_says_how_many_darks_there_are() -> None:
    found = report(unused=[("UVIS", "too few darks", 2)])
    assert found.exposures == 0
    assert "2 darks are in none" in found.summary


def test_one_superdark_has_nothing_to_be_judged_by() -> None:
    found = report(row(58000.0), row(58000.0, chip=2))
    assert [one.state for one in found.verdicts if one.limit == "dark_current_steady"] == [None] * 2
    assert len(found.sections[0].charts) == 3
    assert found.summary.startswith("1 superdarks of 10 darks; 0 of 4")


def test_a_dark_current_that_rose_and_a_worse_version_are_warnings() -> None:
    rows = [row(58000.0 + day) for day in range(5)]
    rows += [row(58010.0, 0.004), row(58003.0, chip=2, remark="Worse than x: 5 darks.")]
    found = report(*rows)
    warned = {(one.limit, one.label) for one in found.verdicts if one.state == "warning"}
    assert warned == {
        ("dark_current_steady", "UVIS DARK, chip 1, binning 1"),
        ("version_as_good", "UVIS DARK, chip 2, binning 1"),
    }
    assert "14.40 electrons/h against 7.20" in found.verdicts[0].sentence + " ".join(
        one.sentence for one in found.verdicts
    )
    assert found.newest_mjd == 58014.0


def test_a_superdark_without_a_known_pixel_is_not_judged() -> None:
    found = report(row(58000.0), row(58001.0, None, lowest_threshold=None))
    assert [one.state for one in found.verdicts] == ["ok", None]
