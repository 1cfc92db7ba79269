"""Losses of charge against a model of traps that has no formula of them, and what bad flats get."""

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.eper_cte.cti_model import DAYS_PER_YEAR, CtiModel, fit_model
from hstql_assets.monitors.eper_cte.deferred_charge import measure_deferred
from hstql_assets.monitors.eper_cte.measure import measure_trails
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive.simulated.cameras.archive_contents import (
    ACS_EPER,
    WFC3_EPER,
    WFC3_FLATS,
)
from hstql_resources.archive.simulated.cameras.trap_model import Traps, clock

CONTENTS = {"UVIS": WFC3_EPER, "WFC": ACS_EPER}
SEED = 2016


def make_flat(folder: Path, detector: str, index: int) -> tuple[InputFile, dict[str, float]]:
    contents = CONTENTS[detector]
    rootname, make = contents.locate(index).rootname, contents.open_exposure(SEED, index)
    name = f"{rootname}_raw.fits"
    (folder / name).write_bytes(make(name))
    losses = json.loads(make(f"{rootname}_truth.json"))["transfer_losses"]
    return InputFile(name, "raw", folder / name), losses


def measure(file: InputFile) -> Outcome:
    return measure_trails(ExposureTask(file.filename[:9], (file,), None))  # type: ignore[arg-type]


@pytest.mark.parametrize("detector", ["UVIS", "WFC"])
def test_the_loss_and_its_growth_are_those_of_the_traps_within_the_errors(
    detector: str, tmp_path: Path
) -> None:
    pulls, found, truth = [], [], []
    for index in range(3 * 8):
        file, losses = make_flat(tmp_path, detector, index)
        outcome = measure(file)
        assert outcome.status == "made", outcome.reason
        rows = outcome.rows["eper_cte"]
        assert {row["amplifier"] for row in rows} == set("ABCD")
        for row in rows:
            values = {name: row[name] for name in ("exp_start_mjd", "signal", "cti", "cti_error")}
            mjd, signal, cti, error = (float(str(value)) for value in values.values())
            true = losses[str(row["amplifier"])]
            pulls.append((cti - true) / error)
            found.append((mjd, signal, cti, error))
            truth.append((mjd, signal, true, 0.01 * true))
        file.path.unlink()
    assert abs(np.mean(pulls)) < 0.8  # what trails beyond the overscan is a part of an error
    assert np.abs(pulls).max() < 4.5
    models = [fit_model(*np.array(rows).T, 160.0, -0.6) for rows in (found, truth)]
    measured, true_model = models
    assert isinstance(measured, CtiModel)
    assert isinstance(true_model, CtiModel)
    assert abs(measured.slope - true_model.slope) < 3 * measured.slope_error
    assert abs(measured.power - true_model.power) < 3 * measured.power_error
    assert measured.slope > 3 * measured.slope_error  # it is seen at all
    assert measured.power == pytest.approx({"UVIS": -0.72, "WFC": -0.5}[detector], abs=0.03)


def test_traps_lose_no_charge_and_give_it_back_behind_it() -> None:
    traps = Traps(0.05, 0.4, (0.5, 0.5), (0.7, 4.0))
    light = np.array([50.0, 0.0, 400.0, 0.0, 0.0, 900.0])
    arrived = clock(light, traps, 500)
    # They were filled by the exposure, so that what they held comes on top; the last of it is late.
    late = light.sum() + traps.reached(light).sum() - arrived.sum()
    assert 0.0 <= late < 0.1
    assert (arrived >= 0.0).all()
    nothing = clock(np.zeros(5), traps, 5)
    assert not nothing.any()
    one = clock(np.array([100.0]), Traps(0.0, 0.4, (1.0,), (1.0,)), 3)
    assert list(one) == [100.0, 0.0, 0.0, 0.0]


def test_a_trail_is_summed_without_hits_and_without_columns_that_differ() -> None:
    rng = np.random.default_rng(3)
    pulls = []
    for _ in range(200):
        bias = 2500.0 + rng.normal(0.0, 5.0, 200)
        trail = 20.0 * 0.5 ** np.arange(1, 61)
        overscan = bias + rng.normal(0.0, 3.0, (60, 200)) + trail[:, np.newaxis]
        overscan[5, 7] += 5000.0
        last = bias + 1000.0 + rng.normal(0.0, 3.0, 200)
        found = measure_deferred(last, overscan, 40)
        assert found is not None
        pulls.append((found.deferred - 20.0) / found.deferred_error)
        assert found.signal == pytest.approx(1000.0, abs=5 * found.signal_error)
    assert abs(np.mean(pulls)) < 0.3
    assert 0.6 < np.std(pulls) < 1.3
    assert measure_deferred(last[:8], overscan[:, :8], 40) is None
    assert measure_deferred(last, overscan[:41], 40) is None


def test_no_trail_is_a_loss_of_nothing_with_an_error() -> None:
    overscan, last = np.full((60, 50), 2500.0), np.full(50, 3500.0)
    found = measure_deferred(last, overscan, 40)
    assert found is not None
    assert found.find_inefficiency(2051) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ({"SCLAMP": "NONE"}, "Lamp off:"),
        ({"DETECTOR": "SBC"}, "No such detector:"),
        ({"DETECTOR": "IR"}, "No such detector:"),
    ],
)
def test_a_flat_that_says_nothing_has_a_named_reason(
    cards: dict[str, str], reason: str, tmp_path: Path
) -> None:
    file, _ = make_flat(tmp_path, "UVIS", 0)
    with fits.open(file.path, "update") as hdus:
        hdus[0].header.update(cards)
    outcome = measure(file)
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith(reason)


def test_a_usual_flat_has_too_little_overscan_and_a_dark_one_no_light(tmp_path: Path) -> None:
    name = f"{WFC3_FLATS.locate(0).rootname}_raw.fits"
    (tmp_path / name).write_bytes(WFC3_FLATS.open_exposure(1, 0)(name))
    outcome = measure(InputFile(name, "raw", tmp_path / name))
    assert (outcome.reason or "").startswith(f"No larger overscan: {name} has 16 rows")
    file, _ = make_flat(tmp_path, "UVIS", 0)
    with fits.open(file.path, "update") as hdus:
        hdus["SCI", 1].data[:] = 2500
        hdus["SCI", 2].data[:] = 2500
    outcome = measure(file)
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith("No light:")
    file.path.write_bytes(b"no FITS")
    assert measure(file).status == "bad"


def test_an_amplifier_that_is_saturated_is_left_out_alone_and_named(tmp_path: Path) -> None:
    file, _ = make_flat(tmp_path, "WFC", 1)
    with fits.open(file.path, "update") as hdus:
        chip = hdus["SCI", 1].data
        chip[:, : chip.shape[1] // 2] = 65535
    outcome = measure(file)
    assert {row["amplifier"] for row in outcome.rows["eper_cte"]} == {"A", "B", "D"}
    assert outcome.remarks == ("Amplifier C: its last row is saturated.",)


def test_a_model_needs_three_epochs_and_takes_the_power_of_the_table_for_one_level() -> None:
    rng = np.random.default_rng(5)
    mjd = 59000.0 + DAYS_PER_YEAR * np.arange(6.0)
    errors = np.full(6, 1e-5)
    cti = 1e-3 + 1e-4 * np.arange(6.0) + rng.normal(0.0, 1e-5, 6)
    same = np.full(6, 160.0)
    model = fit_model(mjd, same, cti, errors, 160.0, -0.72)
    assert model is not None
    assert (model.power, model.power_error) == (-0.72, 0.0)
    assert model.slope == pytest.approx(1e-4, abs=3 * model.slope_error)
    assert fit_model(mjd[:2], same[:2], cti[:2], errors[:2], 160.0, -0.72) is None
