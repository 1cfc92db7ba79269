"""What is decided about an exposure, and what becomes of the lightcurve that it had."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.corrtag_files import Events, Observation
from builders.spt_files import write_spt
from hstql_assets.lightcurves.making import LightcurveTask, decide_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.filesystem import Filesystem


@pytest.fixture
def task(observation: Observation, tmp_path: Path) -> LightcurveTask:
    """An exposure of 100 s with an x1d, and no lightcurve yet."""
    events = Events(np.linspace(1, 99, 50), np.full(50, 8000.0), np.full(50, 420.0))
    return LightcurveTask(
        key=observation.rootname,
        target="a-star",
        events=(observation.corrtag(events),),
        x1d=observation.x1d(),
        missing_reason=None,
        before=None,
        settings=ExtractionSettings(),
        filesystem=Filesystem(tmp_path / "home"),
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (ExtractionSettings(bin_s=1e-6), "Bins of 1e-06 s would be 100,000,000"),
        (ExtractionSettings(wave_min=1700, wave_max=1750), "no good column from 1700 to 1750"),
    ],
)
def test_settings_that_leave_nothing_make_none_and_leave_the_composite_its_lightcurve(
    task: LightcurveTask, settings: ExtractionSettings, said: str
) -> None:
    made = decide_lightcurve(task)
    assert made.status == "made"
    (row,) = made.rows["lightcurves"]
    before = Path(str(row["path"]))
    assert before.exists()
    outcome = decide_lightcurve(replace(task, before=before, settings=settings))
    assert (outcome.status, outcome.bad_files, outcome.rows) == ("none", (), {})
    assert said in (outcome.reason or "")
    assert (before.exists(), outcome.is_settled) == (True, False)
    assert "The lightcurve of before stays." in (outcome.reason or "")
    never = decide_lightcurve(replace(task, settings=settings))
    assert (never.status, never.is_settled) == ("none", True)


def test_an_x1d_at_fault_is_the_file_that_is_bad(
    task: LightcurveTask, observation: Observation
) -> None:
    x1d = observation.x1d(FUVA={"DQ_WGT": np.zeros(16384)})
    outcome = decide_lightcurve(task)
    assert outcome.status == "bad"
    assert [file.filename for file in outcome.bad_files] == [x1d.name]


def test_the_support_file_tells_where_the_telescope_was(
    task: LightcurveTask, tmp_path: Path
) -> None:
    spt = write_spt(tmp_path / "a_spt.fits", EPCHTIME=(58000.0 - 46066.0) * 86400)
    outcome = decide_lightcurve(replace(task, spt=spt))
    (row,) = outcome.rows["lightcurves"]
    assert fits.getheader(row["path"])["BJDPOS"] == "spt"
