"""What was put into simulated STIS exposures is what their lightcurves say, to a percent."""

from pathlib import Path

import numpy as np
import pytest

import builders.simulated_truth as truth
import builders.stis_expectation as stis
from hstql_resources.archive.simulated.stis.catalogue import locate, make_exposure

SEEDS = 200
# G140L is even, the echelle E140M is odd; 0 and 5 have a gap in their time, and 6 is of two parts.
TURNS = (0, 2, 4, 1, 0, 2, 4, 3, 0, 2, 4, 5, 6)
CONSTANT_G140L, SINE_E140M, ECLIPSE_E140M = 0, 1, 5
SINES = (1, 4)
BRIGHT = 50.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the reference files."""
    folder = tmp_path_factory.mktemp("stis")
    stis.fetch_references(folder)
    return folder


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[truth.Case]:
    """Lightcurves of as many archives, by way of tag and corrtag, which takes a minute."""
    return [stis.run(seed, TURNS[seed % len(TURNS)], folder) for seed in range(SEEDS)]


@pytest.mark.full
def test_gross_counts_are_those_put_in_within_the_poisson_error(cases: list[truth.Case]) -> None:
    deviations = truth.gross_deviations(cases)
    assert truth.is_consistent(deviations)
    assert truth.is_centred(deviations)


@pytest.mark.full
def test_net_rates_are_those_put_in_within_their_own_error(cases: list[truth.Case]) -> None:
    deviations = truth.rate_deviations(cases)
    assert truth.is_consistent(deviations)
    assert truth.is_centred(deviations)


@pytest.mark.full
@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_a_bias_of_two_percent_would_be_seen(cases: list[truth.Case], factor: float) -> None:
    assert not truth.is_consistent(truth.gross_deviations(cases, factor))
    assert not truth.is_consistent(truth.rate_deviations(cases, factor))


@pytest.mark.full
def test_every_bin_follows_the_law_of_its_target(cases: list[truth.Case]) -> None:
    assert sum(len(case.expected.gross) for case in cases) > 40_000
    assert abs(truth.bin_excess(cases)) < truth.MOST_EXCESS


@pytest.mark.full
def test_bins_against_the_mean_brightness_would_be_far_off(cases: list[truth.Case]) -> None:
    assert truth.bin_excess([truth.flatten(case) for case in cases]) > 100


@pytest.mark.full
def test_mean_flux_over_the_seeds_is_that_put_in(cases: list[truth.Case]) -> None:
    # The sensitivity of the x1d is for an image of whole pixels: 0.1 to 0.2 % less light.
    ratio, error = truth.flux_ratio(cases)
    assert error < 0.0015
    assert ratio == pytest.approx(1.0, abs=0.002 + 4 * error)


@pytest.mark.parametrize("index", [CONSTANT_G140L, SINE_E140M, ECLIPSE_E140M])
def test_flux_of_a_bright_target_is_within_a_percent(folder: Path, index: int) -> None:
    exposure = stis.brighten(make_exposure(3, locate(index)), BRIGHT)
    stis.write_files(exposure, folder)
    case = stis.make_case(exposure, folder)
    assert case.lightcurve.totals.gross > 300_000
    assert case.lightcurve.totals.flux == pytest.approx(case.expected.flux, rel=0.01)
    assert np.nanmean(case.lightcurve.bins.flux) == pytest.approx(case.expected.flux, rel=0.01)


@pytest.mark.parametrize("seed", range(16))
def test_the_period_is_found_within_the_resolution_of_the_grid(folder: Path, seed: int) -> None:
    truth.require_period(stis.run(seed, SINES[seed % len(SINES)], folder), folder)
