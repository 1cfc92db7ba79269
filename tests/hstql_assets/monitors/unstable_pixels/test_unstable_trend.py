"""What the report about unstable pixels says: nothing there, one map, and too many of them."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.unstable_pixels.trend import UnstableHistory, summarize_unstable
from hstql_resources.columns import Columns

NAMES = ("pix1", "pix2", "share", "rate", "off_rate")


def row(year: int, unstable: int = 1000, **other: object) -> Any:
    counts = {f"unstable_{name}": unstable // 4 for name in "abcd"}
    return SimpleNamespace(**{
        "set_key": f"unstable_pixels_ir_{year}-01", "detector": "IR", "binning": 1,
        "sample_sequence": "SPARS200", "reads": 16, "source": "flt",
        "first_mjd": 55000.0 + 365.0 * (year - 2010), "last_mjd": 55300.0 + 365.0 * (year - 2010),
        "frames": 100, "judged": 1_000_000, "unstable": unstable, "not_judged": 3,
        "remark": None, **{f"judged_{name}": 250_000 for name in "abcd"}, **counts, **other,
    })  # fmt: skip


def report(*rows: Any, pixels: int = 50, unused: Any = ()) -> TrendReport:
    rng = np.random.default_rng(1)
    columns = Columns({name: rng.random(pixels) for name in NAMES})
    columns["pix1"][:], columns["pix2"][:] = rng.integers(1, 1015, (2, pixels))
    history = UnstableHistory(rows, columns, 100 * len(rows), unused)
    return summarize_unstable(history, cast("TrendContext", None))


def warned(found: TrendReport) -> set[tuple[str, str]]:
    return {(one.limit, one.label) for one in found.verdicts if one.state == "warning"}


def test_without_maps_it_says_how_many_darks_there_are() -> None:
    found = report(pixels=0, unused=[("IR", "too few darks", 2)])
    assert found.exposures == 0
    assert "2 darks are in none" in found.summary
    assert found.sections[0].rows == (("IR", "too few darks", "2"),)


def test_one_map_has_nothing_to_be_judged_by() -> None:
    found = report(row(2012))
    assert [one.state for one in found.verdicts] == [None] * 4 + ["ok"]
    assert found.summary.startswith(
        "1 maps of 100 darks; 1000 unstable pixels in the newest, 0.10%"
    )


def test_a_map_without_unstable_pixels_is_drawn() -> None:
    found = report(row(2012, 0), row(2013, 0), pixels=0)
    assert warned(found) == set()
    assert sum(len(section.charts) for section in found.sections) == 4


def test_too_many_in_one_amplifier_and_a_worse_map_are_warnings() -> None:
    rows = [row(2012), row(2013, 1100), row(2014, 1200, remark="Worse: 8 darks instead of 9.")]
    found = report(*rows, row(2015, 1600, unstable_d=900))
    assert warned(found) == {
        ("unstable_pixels_as_before", "IR, amplifier D"), ("map_as_good", "all maps"),
    }  # fmt: skip
    assert "0.36% against 0.11% before" in " ".join(one.sentence for one in found.verdicts)


def test_an_amplifier_of_which_nothing_was_judged_is_not_judged() -> None:
    found = report(row(2012), row(2013, judged_a=None, unstable_a=None, judged_b=0, unstable_b=0))
    states = {one.label[-1]: one.state for one in found.verdicts if "amplifier" in one.label}
    assert states == {"A": None, "B": None, "C": "ok", "D": "ok"}
