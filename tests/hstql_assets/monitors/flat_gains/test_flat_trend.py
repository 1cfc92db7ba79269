"""The page of gains from flats: charts by set-up, what is not as expected, what was not used."""

from types import SimpleNamespace
from typing import Any, cast

from hstql_assets.monitors.flat_gains.selection import load_selections
from hstql_assets.monitors.flat_gains.trend import FlatHistory, best_gain, summarize_flats
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.unused import UnusedMembers

CONTEXT = cast("TrendContext", None)  # nothing of it is used


def gain(amplifier: str, value: float | None, epoch: int = 1, **other: object) -> Any:
    row = {
        "set_key": "flat_gains_uvis_90000", "epoch": epoch, "amplifier": amplifier, "binning": 1,
        "gain_setting": 1.5, "detector": "UVIS", "mjd": 59000.0 + 200 * epoch, "gain": value,
        "gain_error": value and 0.004, "uncoupled_gain": value and value + 0.01,
        "uncoupled_gain_error": value and 0.012, "read_noise": 3.1, "reason": None,
    }  # fmt: skip
    return SimpleNamespace(**(row | other))


def level(amplifier: str, mean: float, epoch: int = 1) -> Any:
    return SimpleNamespace(
        set_key="flat_gains_uvis_90000", epoch=epoch, amplifier=amplifier, binning=1,
        gain_setting=1.5, rootname=f"if{mean:07.0f}", mean=mean, variance=mean / 1.58 + 4,
        variance_error=0.01 * mean,
    )  # fmt: skip


def make_history() -> FlatHistory:
    gains = [
        gain(name, value + 0.002 * epoch, epoch)
        for name, value in (("A", 1.58), ("B", 1.50), ("C", 1.60), ("D", 1.59))
        for epoch in (1, 2, 3)
    ]
    levels = [level(name, mean, 3) for name in "ABCD" for mean in (300.0, 2500.0, 9000.0, 25000.0)]
    return FlatHistory(
        gains, levels, UnusedMembers([("UVIS", "lamp off", 2), ("UVIS", "one flat alone", 1)])
    )


def test_a_gain_that_is_not_as_expected_comes_first_with_its_set() -> None:
    report = summarize_flats(make_history(), CONTEXT)
    first, *others = report.verdicts
    assert first.state == "warning"
    assert first.label.startswith("UVIS B")
    assert "flat_gains_uvis_90000: 1.5060" in first.sentence
    assert [one.state for one in others] == ["ok"] * 3
    assert report.summary == "8 flats in pairs, 3 in none; 1 of 4 gains are not as expected."
    assert report.newest_mjd == 59600.0


def test_each_set_up_has_its_gains_and_the_newest_levels_and_what_was_not_used_a_table() -> None:
    setup, unused = summarize_flats(make_history(), CONTEXT).sections
    assert [chart.name for chart in setup.charts] == [
        "uvis_binning1_gain1.5_gain", "uvis_binning1_gain1.5_levels",
    ]  # fmt: skip
    assert unused.rows == (("UVIS", "lamp off", "2"), ("UVIS", "one flat alone", "1"))


def test_of_another_gain_setting_nothing_is_expected_and_its_levels_are_cut_in_proportion() -> None:
    rows = [gain("A", 1.1, gain_setting=1.0)]
    (verdict,) = summarize_flats(FlatHistory(rows, [], UnusedMembers()), CONTEXT).verdicts
    assert verdict.state is None
    assert "nothing is expected of this amplifier and CCDGAIN" in verdict.sentence
    selection = load_selections()["UVIS"]
    assert selection.expect("A", 3.0) == 2 * 1.58
    assert (selection.expect("A", None), selection.expect("E", 1.5)) == (1.58, None)


def test_of_ir_the_gain_with_what_neighbours_share_is_taken() -> None:
    row = gain("A", 2.5, detector="IR")
    assert best_gain(row) == (2.51, 0.012)
    assert best_gain(gain("A", 2.5)) == (2.5, 0.004)


def test_no_gain_is_not_judged_and_says_why() -> None:
    row = gain("A", None, reason="There are 1 levels.")
    report = summarize_flats(FlatHistory([row], [level("A", 300.0)], UnusedMembers()), CONTEXT)
    (verdict,) = report.verdicts
    assert verdict.state is None
    assert "There are 1 levels." in verdict.sentence


def test_without_a_pair_the_page_says_how_many_flats_there_are() -> None:
    report = summarize_flats(
        FlatHistory([], [], UnusedMembers([("IR", "one flat alone", 3)])), CONTEXT
    )
    assert report.exposures == 0
    assert report.summary == "There is no pair of flats yet; 3 flats are in none."
