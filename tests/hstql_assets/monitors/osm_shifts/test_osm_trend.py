"""The trend: what the simulation put in comes out, and what is odd is said."""

import copy
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from builders.osm_files import make_task, write_references
from builders.osm_history import Rows, history_of, measure_epochs, surround, take
from builders.sms_report import make_sms_report
from hstql_assets.monitors.framework.report import TrendReport
from hstql_assets.monitors.framework.states import complete, judge
from hstql_assets.monitors.osm_shifts import drift_law
from hstql_assets.monitors.osm_shifts.differences import find_differences
from hstql_assets.monitors.osm_shifts.drift_law import fit_drift
from hstql_assets.monitors.osm_shifts.drift_samples import find_rates, find_samples
from hstql_assets.monitors.osm_shifts.flash_table import tabulate
from hstql_assets.monitors.osm_shifts.limits import LIMITS
from hstql_assets.monitors.osm_shifts.long_term import find_medians, fit_change
from hstql_assets.monitors.osm_shifts.measure import measure
from hstql_assets.monitors.osm_shifts.moves import SinceMove, bound_moves, combine_moves
from hstql_assets.monitors.osm_shifts.settings import each_wavelength
from hstql_assets.monitors.osm_shifts.trend import summarize
from hstql_assets.pages.charts import Chart, Mark, Points
from hstql_assets.pages.figures import draw_chart
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import LampPlace
from hstql_resources.archive.simulated.cos_monitoring.lamp_law import LAWS
from hstql_resources.columns import Columns
from hstql_resources.tables import SmsExposure

EPOCHS = 48


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = tmp_path_factory.mktemp("osm_epochs")
    return measure_epochs(EPOCHS, folder, write_references(folder / "lref"))


@pytest.fixture(scope="module")
def sms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sms")
    places = [LampPlace.locate(index) for index in range(2 * EPOCHS)]
    (folder / "190017a1.txt").write_text(make_sms_report("190017a1", places))
    return folder


@pytest.fixture(scope="module")
def report(rows: Rows, sms: Path, tmp_path_factory: pytest.TempPathFactory) -> TrendReport:
    return summarize(history_of(rows, take(EPOCHS)), surround(tmp_path_factory.mktemp("h"), sms))


def charts_of(report: TrendReport) -> dict[str, Chart]:
    return {chart.name: chart for part in report.sections for chart in part.charts}


def table_of(report: TrendReport, title: str) -> list[dict[str, str]]:
    (section,) = [part for part in report.sections if part.title == title]
    return [dict(zip(section.columns, row, strict=True)) for row in section.rows]


def verdict_of(report: TrendReport, limit: str, label: str):
    (found,) = [one for one in report.verdicts if (one.limit, one.label) == (limit, label)]
    return found


def change(rows: Rows, rootname: str, **others: object) -> Rows:
    """Return rows with other values for one exposure; a function makes them of the row."""
    changed = copy.deepcopy(rows)
    for row in changed:
        if row["rootname"] == rootname:
            row.update({k: v(row) if callable(v) else v for k, v in others.items()})
    return changed


def newest(rows: Rows, detector: str) -> str:
    own = [row for row in rows if row["detector"] == detector]
    return str(max(own, key=lambda row: row["exp_start_mjd"])["rootname"])


@pytest.mark.parametrize("detector", ["FUV", "NUV"])
def test_the_drift_law_is_recovered_to_one_percent(report: TrendReport, detector: str) -> None:
    (law,) = [one for one in table_of(report, "Drift laws") if one["detector"] == detector]
    truth = LAWS[detector]
    for cell, value in (("drift (px)", truth.drift), ("time constant (s)", truth.drift_time_s)):
        found, error = (float(part) for part in law[cell].split(" ± "))
        assert found == pytest.approx(value, rel=0.01)
        assert abs(found - value) < 4.0 * error
    assert float(law["scatter (px)"]) == pytest.approx(truth.noise, rel=0.15)
    assert (law["exposures"], law["times from"]) == (str(EPOCHS), "schedule")


def test_the_errors_of_the_law_are_those_of_the_noise() -> None:
    """Over many histories the deviations are as wide as the errors say."""
    rng = np.random.default_rng(5)
    pulls = []
    for _ in range(40):
        rows, moves = make_drift_rows(rng, drift=-4.0, time_s=1500.0, noise=0.05)
        law = fit_drift(find_samples(tabulate(Columns.of(rows)), "FUV", moves), "OSM1", "disp")
        pulls.append([(law.drift + 4.0) / law.drift_error,
                      (law.time_s - 1500.0) / law.time_error_s])  # fmt: skip
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 4.0 / np.sqrt(40))
    assert np.all((np.std(pulls, axis=0) > 0.7) & (np.std(pulls, axis=0) < 1.4))


def make_drift_rows(rng, drift: float, time_s: float, noise: float):
    rows, moves = [], {}
    for number in range(12):
        name, since_s = f"lw{number:06d}q", float(rng.uniform(50.0, 2000.0))
        moves[name] = SinceMove(since_s, np.nan, is_bound=False)
        constant = rng.normal() * 30.0
        for flash, at_s in enumerate((5.0, 600.0, 1200.0, 2400.0), 1):
            shift = constant - drift * np.expm1(-(since_s + at_s) / time_s) + rng.normal() * noise
            rows.append(make_row(name, "FUVA", flash, 58000.0 + number, at_s, float(shift)))
    return rows, moves


def make_row(name, segment, flash, mjd, time_s, disp, xdisp=0.0, **others) -> dict[str, object]:
    return {
        "rootname": name, "filetype": "lampflash", "detector": segment[:3], "segment": segment,
        "flash": flash, "opt_elem": "G130M" if segment[0] == "F" else "G185M", "cenwave": 1291,
        "fppos": 3, "life_adj": 4, "exp_start_mjd": mjd, "time_s": time_s, "shift_disp": disp,
        "shift_xdisp": xdisp, "shift_without_fppos": disp, "search_offset": None,
        "search_range": None, "is_found": True, **others,
    }  # fmt: skip


def test_the_law_of_many_flashes_is_that_of_all_of_them(monkeypatch) -> None:
    rows, moves = make_drift_rows(np.random.default_rng(7), drift=-4.0, time_s=1500.0, noise=0.05)
    samples = find_samples(tabulate(Columns.of(rows)), "FUV", moves)
    law = fit_drift(samples, "OSM1", "disp")
    monkeypatch.setattr(drift_law, "_ENOUGH", len(samples.flashes) // 5)
    from_few = fit_drift(samples, "OSM1", "disp")
    assert (from_few.drift, from_few.time_s) == pytest.approx((law.drift, law.time_s), rel=1e-6)
    assert from_few.flashes == law.flashes


def test_outliers_do_not_carry_the_law_away() -> None:
    rng = np.random.default_rng(6)
    rows, moves = make_drift_rows(rng, drift=-4.0, time_s=1500.0, noise=0.02)
    rows[17]["shift_disp"] += 25.0
    law = fit_drift(find_samples(tabulate(Columns.of(rows)), "FUV", moves), "OSM1", "disp")
    assert law.drift == pytest.approx(-4.0, rel=0.02)
    assert law.flashes == len(rows) - 4  # the whole exposure: its mean is off


def test_a_steady_shift_has_no_law() -> None:
    rng = np.random.default_rng(7)
    rows, moves = make_drift_rows(rng, drift=0.0, time_s=1500.0, noise=0.0)
    assert fit_drift(find_samples(tabulate(Columns.of(rows)), "FUV", moves), "OSM1", "disp") is None


def test_a_rate_is_the_way_from_the_first_flash_over_its_time() -> None:
    rows = [
        make_row("lwa", "FUVA", 2, 58000.0, 1005.0, 8.0),
        make_row("lwa", "FUVA", 1, 58000.0, 5.0, 10.0),
        make_row("lwa", "FUVA", 3, 58000.0, 2005.0, 7.0),
        make_row("lwb", "FUVA", 1, 58001.0, 5.0, 10.0),
    ]
    samples = find_samples(
        tabulate(Columns.of(rows)), "FUV", {"lwa": SinceMove(100.0, 50.0, False)}
    )
    rates, is_later = find_rates(samples, "disp")
    assert rates[is_later].tolist() == [-2.0 / 1000.0, -3.0 / 2000.0]
    assert samples.since_s["OSM1"].tolist() == [105.0, 1105.0, 2105.0]
    assert samples.since_s["OSM2"].tolist() == [55.0, 1055.0, 2055.0]


@pytest.mark.parametrize("detector", ["FUV", "NUV"])
def test_the_change_per_year_is_recovered(report: TrendReport, detector: str) -> None:
    truth = LAWS[detector]
    changes = table_of(report, "Shifts by grating")
    (row,) = [one for one in changes if one["grating"] == truth.opt_elem]
    found, error = (float(part) for part in row["change (px/yr)"].split(" ± "))
    assert abs(found - truth.per_year) < 3.0 * error
    assert error < 0.1 * abs(truth.per_year)


def test_without_a_schedule_close_bounds_stand_in_and_say_so(rows: Rows, tmp_path: Path) -> None:
    found = summarize(history_of(rows, take(EPOCHS)), surround(tmp_path))
    for law in table_of(found, "Drift laws"):
        assert law["times from"] == "exposures before, too"
        drift = float(law["drift (px)"].split(" ± ")[0])
        assert drift == pytest.approx(LAWS[law["detector"]].drift, rel=0.05)
    assert found.metadata["time since move from the schedule"] == 0
    labels = {layer.label for layer in charts_of(found)["fuv_drift_osm1_disp"].layers}
    assert labels == {"G130M, at most"}
    assert found.exposures == 2 * EPOCHS


def test_exposures_that_no_report_has_stay(rows: Rows, tmp_path: Path) -> None:
    places = [LampPlace.locate(index) for index in range(20)]
    (tmp_path / "190017a1.txt").write_text(make_sms_report("190017a1", places))
    found = summarize(history_of(rows, take(EPOCHS)), surround(tmp_path / "h", tmp_path))
    assert found.exposures == 2 * EPOCHS
    assert found.metadata["time since move from the schedule"] == 20
    points = [one for one in charts_of(found)["g130m_without_fppos"].layers
              if isinstance(one, Points)]  # fmt: skip
    assert sum(len(one.x) for one in points) == EPOCHS


def test_a_bound_is_not_less_than_the_truth(rows: Rows) -> None:
    bounds = bound_moves(take(EPOCHS))
    places = {place.rootname: place for place in map(LampPlace.locate, range(2 * EPOCHS))}
    assert len(bounds) == 2 * EPOCHS - 1
    for rootname, bound in bounds.items():
        assert bound >= places[rootname].since_move_s - 1e-3
        if not places[rootname].is_first:
            assert bound == pytest.approx(places[rootname].since_move_s, abs=1e-3)


def test_the_fp_pos_is_taken_out_of_the_shifts(rows: Rows) -> None:
    """Without it the four FP-POS are hundreds of pixels apart."""
    for row in rows:
        law = LAWS[row["detector"]]
        assert row["fp_pixel_shift"] == law.fp_pixel_shift(row["segment"], row["fppos"])
        place = law.place_at(row["segment"], row["exp_start_mjd"])
        reach = abs(law.drift) + 5.0 * law.return_scatter
        assert abs(row["shift_without_fppos"] - place) < reach


@pytest.mark.parametrize(
    ("column", "word", "size", "state"),
    [
        ("shift_disp", "along", 14, "warning"),
        ("shift_disp", "along", 7, "ok"),
        ("shift_xdisp", "across", 7, "warning"),
        ("shift_xdisp", "across", 3, "ok"),
    ],
)
def test_fuv_segments_that_disagree_are_named(
    rows: Rows, tmp_path: Path, column: str, word: str, size: int, state: str
) -> None:
    name = newest(rows, "FUV")

    def disturb(row: dict[str, object]) -> float:
        return row[column] + size * (row["segment"] == "FUVA" and row["flash"] == 2)

    found = summarize(history_of(change(rows, name, **{column: disturb})), surround(tmp_path))
    label = f"FUVA - FUVB {word} the dispersion"
    verdict = verdict_of(found, f"fuv_segments_agree_{word}", label)
    assert verdict.state == state
    assert name in verdict.sentence
    outliers = table_of(found, "FUV flashes that disagree")
    assert [(one["exposure"], one["flash"]) for one in outliers] == (
        [(name, "2")] if state == "warning" else []
    )


def test_a_difference_at_the_limit_of_fuv_is_none(tmp_path: Path) -> None:
    shifts = {"FUVA": 10.0, "FUVB": 0.0}
    rows = [make_row("lwa", name, 1, 58000.0, 5.0, shift) for name, shift in shifts.items()]
    (found,) = find_differences(tabulate(Columns.of(rows)), "FUV", "disp")
    assert found.values.tolist() == [10.0]
    assert not found.is_outlier.any()


def test_a_pair_needs_the_same_flash_and_both_lamps() -> None:
    rows = [
        make_row("lwa", "FUVA", 1, 58000.0, 5.0, 10.0),
        make_row("lwa", "FUVB", 2, 58000.0, 605.0, 0.0),
        make_row("lwb", "FUVA", 1, 58001.0, 5.0, 10.0),
        make_row("lwb", "FUVB", 1, 58001.0, 5.0, 0.0, is_found=False),
        make_row("lwc", "FUVA", 1, 58002.0, 5.0, 10.0, is_found=None),
        make_row("lwc", "FUVB", 1, 58002.0, 5.0, 7.0),
    ]
    (found,) = find_differences(tabulate(Columns.of(rows)), "FUV", "disp")
    assert found.flashes.rootname.tolist() == ["lwc"]
    assert found.values.tolist() == [3.0]


def _lift_stripe_b(column: str, row: dict[str, object]) -> float:
    return row[column] + 0.5 * (row["segment"] == "NUVB")


def test_nuv_stripes_are_held_against_what_is_usual(rows: Rows, tmp_path: Path) -> None:
    usual = summarize(history_of(rows), surround(tmp_path))
    for pair in ("NUVB - NUVC", "NUVC - NUVA"):
        assert verdict_of(usual, "nuv_stripes_agree", f"{pair} along the dispersion").state == "ok"
    names = sorted(
        {(row["exp_start_mjd"], row["rootname"]) for row in rows if row["detector"] == "NUV"}
    )[-3:]
    odd = rows
    for _, name in names:
        for column in ("shift_disp", "shift_without_fppos"):
            odd = change(odd, str(name), **{column: partial(_lift_stripe_b, column)})
    found = summarize(history_of(odd), surround(tmp_path))
    state = verdict_of(found, "nuv_stripes_agree", "NUVB - NUVC along the dispersion").state
    assert state == "warning"
    assert verdict_of(found, "nuv_stripes_agree", "NUVC - NUVA along the dispersion").state == "ok"


def test_two_sigma_of_nuv_are_robust_and_about_the_median() -> None:
    rng = np.random.default_rng(8)
    rows = []
    for number in range(4000):
        name, mjd = f"lv{number:06d}q", 58000.0 + number
        difference = 3.0 + rng.normal() * 0.1 + (50.0 if number % 100 == 0 else 0.0)
        rows += [make_row(name, "NUVB", 1, mjd, 5.0, float(difference)),
                 make_row(name, "NUVC", 1, mjd, 5.0, 0.0)]  # fmt: skip
    first, second = find_differences(tabulate(Columns.of(rows)), "NUV", "disp")
    assert np.unique(first.middles) == pytest.approx(3.0, abs=0.01)
    assert np.unique(first.allowed) == pytest.approx(0.2, rel=0.05)
    assert first.is_outlier.mean() == pytest.approx(0.0455 + 0.01, abs=0.012)
    assert len(second.values) == 0


def test_without_lamptab_stripes_are_compared_within_an_fp_pos() -> None:
    """The template offsets of FP-POS 1 differ by 2 pixels from those of FP-POS 3."""
    rows = []
    for number in range(40):
        name, fppos = f"lv{number:06d}q", 1 + 2 * (number % 2)
        apart = (2.0 if fppos == 1 else 0.0) + 0.01 * (number % 5)
        unknown = {"fppos": fppos, "shift_without_fppos": None}
        rows += [make_row(name, "NUVB", 1, 58000.0 + number, 5.0, apart, **unknown),
                 make_row(name, "NUVC", 1, 58000.0 + number, 5.0, 0.0, **unknown)]  # fmt: skip
    found, _ = find_differences(tabulate(Columns.of(rows)), "NUV", "disp")
    assert np.unique(found.middles) == pytest.approx([0.02, 2.02])
    assert found.allowed.max() < 0.1


def test_few_exposures_of_a_setting_are_not_judged(tmp_path: Path) -> None:
    rows = [
        make_row(f"lv{number}", stripe, 1, 58000.0 + number, 5.0, 90.0 * number)
        for number in range(7)
        for stripe in ("NUVA", "NUVB", "NUVC")
    ]
    found = summarize(history_of(rows), surround(tmp_path))
    assert {one.state for one in found.verdicts if one.limit == "nuv_stripes_agree"} == {None}
    assert "7 exposures are not judged" in charts_of(found)["nuvb_nuvc_disp"].note


def test_equal_differences_are_no_outliers() -> None:
    rows = [
        make_row(f"lv{number}", stripe, 1, 58000.0 + number, 5.0, 1.0)
        for number in range(9)
        for stripe in ("NUVB", "NUVC")
    ]
    found, _ = find_differences(tabulate(Columns.of(rows)), "NUV", "disp")
    assert not found.is_outlier.any()


@pytest.mark.parametrize(("shift", "state"), [(69.9, "warning"), (63.0, "warning"), (55.0, "ok")])
def test_a_shift_near_the_end_of_its_search_warns(
    rows: Rows, tmp_path: Path, shift: float, state: str
) -> None:
    """The simulated WCPTAB of G185M has -20 ± 90 pixels."""
    name = newest(rows, "NUV")
    odd = change(rows, name, shift_without_fppos=shift)
    verdict = verdict_of(
        summarize(history_of(odd), surround(tmp_path)), "shifts_within_search_range", "G185M"
    )
    assert verdict.state == state
    assert name in verdict.sentence
    assert "-20 ± 90 px" in verdict.sentence


@pytest.mark.parametrize(
    ("grating", "mjd", "middle"),
    [("G185M", 56499.0, 0.0), ("G185M", 56501.0, -20.0), ("G225M", 56501.0, -10.0),
     ("G230L", 55536.0, -40.0), ("G285M", 58000.0, 0.0)],
)  # fmt: skip
def test_without_wcptab_the_range_is_the_nominal_one(
    tmp_path: Path, grating: str, mjd: float, middle: float
) -> None:
    row = make_row("lva", "NUVB", 1, mjd, 5.0, middle + 57.0, opt_elem=grating)
    found = summarize(history_of([row]), surround(tmp_path))
    verdict = verdict_of(found, "shifts_within_search_range", grating)
    assert verdict.state == "warning"
    assert f"{middle:g} ± 58 px" in verdict.sentence
    ends = [one.value for one in charts_of(found)[f"{grating.lower()}_without_fppos"].layers
            if isinstance(one, Mark) and one.is_limit]  # fmt: skip
    assert ends == [middle - 58.0, middle + 58.0]


def test_every_limit_is_judged_and_what_is_beyond_comes_first(
    rows: Rows, report: TrendReport, tmp_path: Path
) -> None:
    assert {one.limit for one in report.verdicts} == {one.name for one in LIMITS}
    odd = change(rows, newest(rows, "NUV"), shift_without_fppos=500.0)
    assert summarize(history_of(odd), surround(tmp_path)).verdicts[0].state == "warning"


def test_what_cannot_be_judged_says_why(tmp_path: Path) -> None:
    found = [make_row("lz0000000", "FUVA", 1, 59000.0, 10.0, 500.0, shift_without_fppos=None)]
    report = complete(summarize(history_of(found), surround(tmp_path)), None)
    assert judge(report) == "not judged"
    assert "Not judged: There is no flash in which both FUVA and FUVB are." in report.summary
    assert (
        "There is no LAMPTAB with the settings of the newest exposures of G130M (1)"
        in report.summary
    )
    lost = [found[0] | {"is_found": False}]
    report = complete(summarize(history_of(lost), surround(tmp_path)), None)
    assert judge(report) == "not judged"
    assert "CalCOS found no lamp in any exposure with a grating, of 1." in report.summary


def test_old_outliers_do_not_warn_for_ever(rows: Rows, tmp_path: Path) -> None:
    first = min((row for row in rows if row["detector"] == "FUV"), key=lambda r: r["exp_start_mjd"])
    odd = change(rows, first["rootname"], shift_disp=lambda row: 99.0 * (row["segment"] == "FUVA"))
    found = summarize(history_of(odd), surround(tmp_path))
    verdict = verdict_of(found, "fuv_segments_agree_along", "FUVA - FUVB along the dispersion")
    assert verdict.state == "ok"
    assert verdict.sentence.endswith("Before there were 1.")
    outliers = table_of(found, "FUV flashes that disagree")
    assert {one["exposure"] for one in outliers} == {first["rootname"]}


def test_lamps_that_were_not_found_are_counted_and_not_drawn(tmp_path: Path) -> None:
    rows = [
        make_row("lwa", "FUVA", 1, 58000.0, 5.0, -12.8),
        make_row("lwa", "FUVB", 1, 58000.0, 5.0, -99.9, is_found=False),
        make_row("lwb", "FUVB", 1, 58001.0, 5.0, -88.8, is_found=False),
    ]
    found = summarize(history_of(rows), surround(tmp_path))
    assert table_of(found, "Lamps that were not found") == [
        {"grating": "G130M", "segment": "FUVB", "not found": "2", "flashes": "2"}
    ]
    assert found.exposures == 2
    drawn = [one.y.tolist() for one in charts_of(found)["g130m_without_fppos"].layers
             if isinstance(one, Points)]  # fmt: skip
    assert drawn == [[-12.8]]


def test_mirrors_are_drawn_from_acquisitions(tmp_path: Path) -> None:
    rows = [
        make_row(
            f"la{number}", "NUV", 1, 58000.0 + number, None, 313.0 + number, 800.0,
            filetype="rawacq", opt_elem=mirror, shift_without_fppos=None, is_found=None,
        )
        for number, mirror in enumerate(["MIRRORA", "MIRRORB", "MIRRORA"])
    ]  # fmt: skip
    found = summarize(history_of(rows), surround(tmp_path))
    layers = {layer.label: layer for layer in charts_of(found)["mirrors_disp"].layers}
    assert layers["MIRRORA"].y.tolist() == [313.0, 315.0]
    assert layers["MIRRORB"].y.tolist() == [314.0]
    assert found.exposures == 3


def test_without_rows_the_report_says_so(tmp_path: Path, sms: Path) -> None:
    found = summarize(history_of([]), surround(tmp_path, sms))
    assert (found.exposures, found.newest_mjd, found.sections) == (0, None, ())
    assert found.summary.startswith("There are no shifts yet")
    assert len(found.rows["sms_exposures"]) == 2 * EPOCHS


def test_exposures_without_a_time_are_in_no_chart_and_counted(tmp_path: Path) -> None:
    rows = [
        make_row("lwa", "FUVA", 1, 58000.0, 5.0, 1.0),
        make_row("lwb", "FUVA", 1, None, 5.0, 2.0),
        make_row("lwc", "FUVA", 1, 1e9, 5.0, 3.0),
    ]
    found = summarize(history_of(rows), surround(tmp_path))
    assert found.exposures == 3
    assert found.metadata["without a time"] == 2
    assert found.newest_mjd == 58000.0


def test_a_grating_that_is_not_known_or_odd_has_a_chart_all_the_same(tmp_path: Path) -> None:
    rows = [
        make_row("lwa", "FUVA", 1, 58000.0, 5.0, 1.0, opt_elem=None, cenwave=None, fppos=None),
        make_row("lwb", "FUVA", 1, 58001.0, 5.0, 2.0, opt_elem="../G130M"),
    ]
    charts = charts_of(summarize(history_of(rows), surround(tmp_path)))
    assert {"unknown_without_fppos", "___g130m_without_fppos"} <= set(charts)
    (points,) = [one for one in charts["unknown_xdisp"].layers if isinstance(one, Points)]
    assert (points.label, points.symbol, points.rootnames) == ("unknown", "x", ("lwa",))


@pytest.mark.parametrize("number", [1, 10, 11, 20, 40])
def test_each_wavelength_has_a_colour_of_its_own(number: int) -> None:
    rows = [
        make_row(f"lw{n}", "FUVA", 1, 58000.0 + n, 5.0, 1.0, cenwave=1200 + n)
        for n in range(number)
    ]
    found = list(each_wavelength(tabulate(Columns.of(rows))))
    assert [label for label, _, _ in found] == [f"{1200 + n} A" for n in range(number)]
    assert len({colour for _, colour, _ in found}) == number
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for _, colour, _ in found)


def test_a_report_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "190017a1.txt").write_text("Dear all,")
    row = make_row("lwa", "FUVA", 1, 58000.0, 5.0, 1.0)
    found = summarize(history_of([row]), surround(tmp_path / "h", tmp_path))
    assert "190017a1.txt has no title" in found.metadata["reports that cannot be read"]
    missing = summarize(history_of([row]), surround(tmp_path / "h", tmp_path / "gone"))
    assert "gone is no folder" in missing.metadata["reports that cannot be read"]


def test_the_schedule_is_stored_with_its_source_and_kept(
    rows: Rows, report: TrendReport, tmp_path: Path
) -> None:
    made = report.rows["sms_exposures"]
    assert {row["sms"] for row in made} == {"190017a1"}
    assert set(made[0]) == set(SmsExposure.__table__.columns.keys())
    history = replace(history_of(rows), stored=tuple(made))
    later = summarize(history, surround(tmp_path))
    assert later.rows["sms_exposures"] == made
    assert later.metadata["time since move from the schedule"] == 2 * EPOCHS


def test_the_same_rows_give_the_same_report(
    rows: Rows, report: TrendReport, sms: Path, tmp_path: Path
) -> None:
    again = summarize(history_of(rows, take(EPOCHS)), surround(tmp_path, sms))
    assert (again.summary, again.verdicts, again.metadata) == (
        report.summary, report.verdicts, report.metadata,
    )  # fmt: skip
    for one, other in zip(again.sections, report.sections, strict=True):
        assert (one.rows, one.note) == (other.rows, other.note)
        assert [repr(chart) for chart in one.charts] == [repr(chart) for chart in other.charts]


def test_every_chart_can_be_drawn_and_marks_what_is_newest(report: TrendReport) -> None:
    charts = charts_of(report)
    assert len(charts) == sum(len(part.charts) for part in report.sections) >= 20
    for chart in charts.values():
        draw_chart(chart).canvas.draw()
        newest_points = [
            layer.is_newest.any()
            for layer in chart.layers
            if isinstance(layer, Points) and layer.is_newest is not None
        ]
        assert any(newest_points), chart.name
        assert "(" in chart.x.label
        assert "(" in chart.y.label


def test_lifetime_positions_are_marked_where_there_are_data(tmp_path: Path) -> None:
    rows = [make_row(f"lw{mjd}", "FUVA", 1, mjd, 5.0, 0.0) for mjd in (57000.0, 58100.0)]
    chart = charts_of(summarize(history_of(rows), surround(tmp_path)))["g130m_without_fppos"]
    marks = [one.label for one in chart.layers if isinstance(one, Mark) and not one.is_limit]
    assert marks == ["LP3", "LP4"]


def test_real_lampflash_files_make_a_report(real_archive: Path, tmp_path: Path) -> None:
    lref = real_archive.parent / "references"
    rows = [
        row
        for path in sorted(real_archive.glob("*/*/*_lampflash.fits*"))
        for row in measure(make_task(path, lref)).rows["osm_shifts"]
    ]
    found = summarize(history_of(rows), surround(tmp_path))
    assert found.exposures == 9
    assert found.metadata["without a lamp"] == 3
    for chart in charts_of(found).values():
        draw_chart(chart).canvas.draw()
    (along,) = find_differences(tabulate(Columns.of(rows)), "FUV", "disp")
    assert set(along.flashes.rootname) == {"ld1ce1rcq", "ld1ce2j1q"}
    assert np.abs(along.values).max() < 2.0


def test_the_running_median_follows_a_step_within_half_a_window() -> None:
    mjd = np.arange(0.0, 1000.0, 5.0)
    places, medians = find_medians(mjd, np.where(mjd < 500.0, 1.0, 4.0))
    assert np.all(medians[places < 410.0] == 1.0)
    assert np.all(medians[places > 590.0] == 4.0)
    places, medians = find_medians(np.array([0.0, 1000.0]), np.array([1.0, 2.0]))
    assert np.isnan(medians).all()


def test_a_change_needs_exposures_and_time() -> None:
    mjd = np.linspace(0.0, 730.5, 30)
    values = 3.0 - 2.0 * mjd / 365.25
    values[4] += 40.0
    values += 0.01 * np.sin(7.0 * mjd)
    assert fit_change(mjd, values).per_year == pytest.approx(-2.0, abs=0.02)
    assert fit_change(mjd[:7], values[:7]) is None
    assert fit_change(mjd * 0.1, values) is None


def test_moves_of_both_mechanisms_are_kept_apart() -> None:
    rows, _ = make_drift_rows(np.random.default_rng(9), -4.0, 1500.0, 0.01)
    names = sorted({str(row["rootname"]) for row in rows})
    moves = combine_moves(names, {}, dict.fromkeys(names, 5000.0))
    samples = find_samples(tabulate(Columns.of(rows)), "FUV", moves)
    assert samples.is_bound.all()
    assert fit_drift(samples, "OSM1", "disp") is None  # bounds of 5000 s say too little
