"""What was put into simulated COS exposures is what their lightcurves say, to a percent."""

import json
from pathlib import Path

import numpy as np
import pytest

import builders.cos_expectation as cos
import builders.simulated_truth as truth
from hstql_resources.archive.simulated.cos.catalogue import Exposure, locate, make_exposure
from hstql_resources.archive.simulated.cos.truth import state_truth

MANY = 200  # archives; an eighth of them on every day
FEW = 2 * cos.OBSERVATIONS
CONSTANT_G130M, ECLIPSE_G230L, CONSTANT_G140L, ECLIPSE_G130M = 0, 5, 6, 11
SINES = (1, 4, 7, 10)
BRIGHT = 50.0


@pytest.fixture(scope="module", params=[FEW, pytest.param(MANY, marks=pytest.mark.full)])
def cases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[truth.Case]:
    """Lightcurves of as many archives: every setting with every target in turn."""
    folder = tmp_path_factory.mktemp("cos")
    return [cos.run(seed, seed % cos.OBSERVATIONS, folder) for seed in range(request.param)]


@pytest.mark.parametrize("index", range(cos.OBSERVATIONS))
def test_expectations_of_all_columns_together_are_the_stated_truth(index: int) -> None:
    exposure = make_exposure(7, locate(index))
    stated = json.loads(json.dumps(state_truth(exposure)))
    lit_s = stated["mean_brightness"] * stated["exposure_time_s"]
    for readout in exposure.configuration.readouts:
        for stripe in readout.stripes:
            segment = stated["segments"][stripe.segment]
            source = cos.expect_source(exposure, readout, stripe).sum() * lit_s
            assert source == pytest.approx(segment["source_counts"], rel=1e-9)
            for name, expect in (
                ("background_counts", cos.expect_background),
                ("airglow_counts", cos.expect_airglow),
            ):
                counts = expect(exposure, readout, stripe).sum() * stated["exposure_time_s"]
                assert counts == pytest.approx(segment[name], rel=1e-3)


def test_gross_counts_are_those_put_in_within_the_poisson_error(cases: list[truth.Case]) -> None:
    deviations = truth.gross_deviations(cases)
    assert truth.is_consistent(deviations)
    assert truth.is_centred(deviations)


def test_net_rates_are_those_put_in_within_their_own_error(cases: list[truth.Case]) -> None:
    deviations = truth.rate_deviations(cases)
    assert truth.is_consistent(deviations)
    assert truth.is_centred(deviations)


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_a_bias_of_two_percent_would_be_seen(cases: list[truth.Case], factor: float) -> None:
    assert not truth.is_consistent(truth.gross_deviations(cases, factor))
    assert not truth.is_consistent(truth.rate_deviations(cases, factor))


def test_every_bin_follows_the_law_of_its_target(cases: list[truth.Case]) -> None:
    assert sum(len(case.expected.gross) for case in cases) > 200 * len(cases)
    assert abs(truth.bin_excess(cases)) < truth.MOST_EXCESS


def test_bins_against_the_mean_brightness_would_be_far_off(cases: list[truth.Case]) -> None:
    assert truth.bin_excess([truth.flatten(case) for case in cases]) > 100 * np.sqrt(
        len(cases) / MANY
    )


def test_airglow_that_is_kept_is_counted(tmp_path: Path) -> None:
    kept = [
        cos.run(seed, CONSTANT_G130M, tmp_path, exclude_airglow=False) for seed in range(MANY // 8)
    ]
    assert min(case.expected.airglow.sum() for case in kept) > 1000
    deviations = truth.gross_deviations(kept)
    assert truth.is_consistent(deviations)
    assert truth.is_centred(deviations)


def test_mean_flux_over_the_seeds_is_that_put_in(cases: list[truth.Case]) -> None:
    ratio, error = truth.flux_ratio(cases)
    assert error < 0.0015 * np.sqrt(MANY / len(cases))
    assert ratio == pytest.approx(1.0, abs=4 * error)


@pytest.mark.parametrize("index", [CONSTANT_G130M, ECLIPSE_G230L, CONSTANT_G140L, ECLIPSE_G130M])
def test_flux_of_a_bright_target_is_within_a_percent(tmp_path: Path, index: int) -> None:
    exposure: Exposure = cos.brighten(make_exposure(3, locate(index)), BRIGHT)
    cos.write_files(exposure, tmp_path)
    case = cos.make_case(exposure, tmp_path)
    assert case.lightcurve.totals.gross > 300_000
    assert case.lightcurve.totals.flux == pytest.approx(case.expected.flux, rel=0.01)
    assert np.nanmean(case.lightcurve.bins.flux) == pytest.approx(case.expected.flux, rel=0.01)


@pytest.mark.parametrize("seed", range(16))
def test_the_period_is_found_within_the_resolution_of_the_grid(tmp_path: Path, seed: int) -> None:
    case = cos.run(seed, SINES[seed % len(SINES)], tmp_path)
    truth.require_period(case, tmp_path)
