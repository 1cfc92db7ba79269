"""The page of losses: an amplifier that left the model, and what is too little to judge."""

from pathlib import Path
from typing import cast

import numpy as np

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.eper_cte.measure import measure_trails
from hstql_assets.monitors.eper_cte.read import read_cte_history
from hstql_assets.monitors.eper_cte.trend import CteHistory, summarize_cte
from hstql_assets.monitors.framework.monitor import ExposureTask, TrendContext
from hstql_assets.monitors.framework.unused import Unused
from hstql_resources import tables
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_EPER
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database

CONTEXT = cast("TrendContext", None)  # nothing of it is used


def make_history(factor: float = 1.0, epochs: int = 8) -> CteHistory:
    """Three levels each half a year; the latest of amplifier B is `factor` of what it should be."""
    rows = []
    for epoch in range(epochs):
        for level, signal in enumerate((160.0, 1600.0, 16000.0)):
            for amplifier in "ABCD":
                cti = (1e-3 + 5e-5 * epoch) * (signal / 160.0) ** -0.72
                is_odd = amplifier == "B" and (epoch, level) == (epochs - 1, 2)
                rows.append(
                    {
                        "rootname": f"ie{epoch:03d}{level}aaq"[:9], "detector": "UVIS",
                        "binning": 1, "amplifier": amplifier,
                        "exp_start_mjd": 59000.0 + 180.0 * epoch + 0.01 * level,
                        "signal": signal, "cti": cti * (factor if is_odd else 1.0),
                        "cti_error": 0.01 * cti,
                    }
                )  # fmt: skip
    return CteHistory(Columns.of(rows), Unused([("Lamp off", 2)]))


def test_an_amplifier_that_left_the_model_comes_first_with_its_flat() -> None:
    report = summarize_cte(make_history(factor=1.5), CONTEXT)
    first, *others = report.verdicts
    assert first.state == "warning"
    assert first.label == "UVIS, amplifier B"
    assert first.sentence.startswith("ie0072aaq"[:9])
    assert {one.state for one in others} == {"ok"}
    assert "24 flats with a larger overscan, 2 could not be used; the latest loss of 1 of 4" in (
        report.summary
    )


def test_the_page_has_the_growth_by_amplifier_and_both_charts() -> None:
    uvis, unused = summarize_cte(make_history(), CONTEXT).sections
    assert [chart.name for chart in uvis.charts] == ["uvis_years", "uvis_signals"]
    assert [row[0] for row in uvis.rows] == list("ABCD")
    # Half a year of 180 days has 5e-5: a year 1.01e-4.
    assert uvis.rows[0][3].startswith("0.000101 ±")
    assert uvis.rows[0][4].startswith("-0.720 ±")
    assert unused.rows == (("Lamp off", "2"),)


def test_few_epochs_are_not_judged_and_nothing_says_so() -> None:
    report = summarize_cte(make_history(epochs=2), CONTEXT)
    assert {one.state for one in report.verdicts} == {None}
    assert report.sections[0].rows[0][2] == "fewer than 3 epochs"
    few = make_history().rows
    nothing = CteHistory(few.where(np.zeros(len(few), bool)), Unused([("Lamp off", 2)]))
    report = summarize_cte(nothing, CONTEXT)
    assert report.exposures == 0
    assert report.summary == (
        "There is no flat with a larger overscan yet; 2 flats could not be used."
    )


def test_rows_are_read_back(database: Database, tmp_path: Path) -> None:
    assert len(read_cte_history(database).rows) == 0
    name = f"{WFC3_EPER.locate(1).rootname}_raw.fits"
    (tmp_path / name).write_bytes(WFC3_EPER.open_exposure(1, 1)(name))
    file = InputFile(name, "raw", tmp_path / name)
    outcome = measure_trails(ExposureTask(name[:9], (file,), None))  # type: ignore[arg-type]
    with database.write() as writer:
        writer.upsert(tables.EperCte, outcome.rows["eper_cte"])
    history = read_cte_history(database)
    assert list(history.rows["amplifier"]) == list("ABCD")
    assert summarize_cte(history, CONTEXT).exposures == 1
