"""Expected errors: pulls of 1, never 0, whatever the source does and however faint it is."""

import numpy as np
import pytest

from hstql_assets.science.steady_blocks import expect, find_steady_blocks

BINS, SEEDS = 900, 100
TIME = np.arange(BINS)
LIVE_S = np.where((TIME >= 100) & (TIME < 140), 0.0, 2.0)
LIVE_S[99] = 1.3
IN_ECLIPSE = TIME % 200 > 170
SHAPES = {
    "constant": np.ones(BINS),
    "eclipse": np.where(IN_ECLIPSE, 0.05, 1.0),
    "flare": 1 + 10 * np.where(TIME % 300 > 50, np.exp(-(TIME % 300 - 50) / 12), 0.0),
}


def expect_counts(counts: np.ndarray, live_s: np.ndarray) -> np.ndarray:
    return expect(counts, 1.0, live_s, find_steady_blocks(counts, live_s))


@pytest.mark.parametrize("mean", [0.05, 0.5, 5.0, 50.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_pulls_have_a_deviation_of_1_and_no_live_bin_lacks_an_error(
    shape: str, mean: float
) -> None:
    rng = np.random.default_rng(4)
    truth = mean * SHAPES[shape] * LIVE_S / 2
    is_live = LIVE_S > 0
    pulls = []
    for _ in range(SEEDS):
        counts = rng.poisson(truth).astype(float)
        variance = expect_counts(counts, LIVE_S)
        assert (variance[is_live] > 0).all()
        assert not variance[~is_live].any()
        pulls.append(((counts - truth)[is_live]) / np.sqrt(variance[is_live]))
    all_pulls = np.concatenate(pulls)
    assert 0.97 < all_pulls.std() < 1.03
    assert abs(all_pulls.mean()) < 3 / np.sqrt(all_pulls.size)


def test_a_weighted_mean_is_the_mean_and_with_errors_of_single_bins_it_is_not() -> None:
    rng = np.random.default_rng(5)
    counts, live_s = rng.poisson(5.0, (SEEDS, BINS)).astype(float), np.full(BINS, 2.0)
    variances = np.array([expect_counts(row, live_s) for row in counts])
    weighted = np.average(counts, axis=1, weights=1 / variances)
    error = np.sqrt(counts.mean(axis=1) / BINS)
    assert (np.abs(weighted - counts.mean(axis=1)) < error).all()
    own = np.average(counts, axis=1, weights=1 / (counts + 1))  # what it is compared with
    assert (own < counts.mean(axis=1) - 5 * error).all()


def test_an_eclipse_is_a_stretch_of_its_own() -> None:
    counts = np.random.default_rng(6).poisson(20 * SHAPES["eclipse"]).astype(float)
    expected = expect_counts(counts, np.full(BINS, 2.0))
    deep = TIME % 200 > 180  # away from the edges
    assert expected[deep].max() < 5
    assert expected[~IN_ECLIPSE].mean() == pytest.approx(20, rel=0.03)


@pytest.mark.parametrize("bins", [0, 1, 2, 3, 7])
def test_few_bins_without_counts_have_an_error_all_the_same(bins: int) -> None:
    expected = expect_counts(np.zeros(bins), np.ones(bins))
    assert expected.shape == (bins,)
    assert (expected > 0).all()


def test_the_prior_is_half_of_what_an_event_adds() -> None:
    live_s = np.full(4, 3.0)
    blocks = find_steady_blocks(np.zeros(4), live_s)
    np.testing.assert_allclose(expect(np.zeros(4), 8.0, live_s, blocks), 0.5 * 8.0 / 3)
