"""Median and spread: against numpy, and unbiased over many seeds also where pixels are rounded."""

import numpy as np
import pytest

from hstql_assets.science.robust import clip, find_median, measure_spread

SEEDS = 60
PIXELS = 20_000


def pulls(make: object, middle: float, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Deviations of median and sigma from the truth, in units of their errors."""
    found = [measure_spread(make(np.random.default_rng(seed))) for seed in range(SEEDS)]  # type: ignore[operator]
    medians = [(one.median - middle) / one.median_error for one in found if one]
    sigmas = [(one.sigma - sigma) / one.sigma_error for one in found if one]
    return np.array(medians), np.array(sigmas)


@pytest.mark.parametrize("number", [1, 2, 7, 1000, 1001])
def test_the_median_is_that_of_numpy(number: int) -> None:
    values = np.random.default_rng(number).normal(5, 3, number).astype(np.float32)
    assert find_median(values) == pytest.approx(float(np.median(values)), rel=1e-6)


@pytest.mark.parametrize(
    ("sigma", "rounded_to"),
    [(4.0, None), (4.0, 1.0), (0.6, 1.0), (2.2, 1.0), (1.3, 2.02), (4.1, 2.02), (30.0, 2.02)],
)
def test_median_and_sigma_are_right_within_their_errors_however_pixels_are_rounded(
    sigma: float, rounded_to: float | None
) -> None:
    middle = 1234.37

    def make(rng: np.random.Generator) -> np.ndarray:
        values = rng.normal(middle, sigma, PIXELS)
        if rounded_to is None:
            return values.astype(np.float32)
        if rounded_to == 1.0:
            return np.rint(values).astype(np.uint16)
        return (np.rint(values / rounded_to) * rounded_to).astype(np.float32)

    for found in pulls(make, middle, sigma):
        # Much is lost where nearly all pixels are on two steps; then the errors are too small.
        width = 1.3 if rounded_to is None or sigma > rounded_to else 2.0
        assert abs(found.mean()) < 4 * width / np.sqrt(SEEDS)
        assert 0.6 < found.std() < width


def test_steps_are_found_beside_pixels_that_lie_between_them() -> None:
    rng = np.random.default_rng(8)
    values = (np.rint(rng.normal(100.3, 3.0, 200_000) / 2) * 2).astype(np.float32)
    values[::50] += rng.uniform(0, 2, values[::50].size).astype(np.float32)
    found = measure_spread(values)
    assert found
    assert found.median == pytest.approx(100.3 + 0.02, abs=0.05)
    assert found.sigma == pytest.approx(3.0, abs=0.06)


def test_equal_pixels_have_no_spread_and_no_pixel_has_none() -> None:
    for kind in (np.float32, np.int16):
        found = measure_spread(np.full(1000, 7, kind))
        assert found
        assert (found.median, found.sigma, found.mean) == (pytest.approx(7, abs=1e-6), 0.0, 7.0)
        assert len(clip(np.full(10, 7.0), found, 5.0)) == 10
    assert measure_spread(np.zeros(0)) is None


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.int32, np.int64])
def test_whole_numbers_of_any_type_and_range_are_taken(kind: type) -> None:
    lowest, highest = max(np.iinfo(kind).min, -30_000), min(np.iinfo(kind).max, 60_000)
    rng = np.random.default_rng(4)
    values = np.append(np.rint(rng.normal(30, 2, 5000)), [lowest, highest]).astype(kind)
    found = measure_spread(values)
    assert found
    assert found.median == pytest.approx(30.0, abs=5 * found.median_error)


def test_the_counts_of_a_photon_counter_are_not_spread_over_steps() -> None:
    counts = np.random.default_rng(5).poisson(0.14, 10_000).astype(np.int16)
    found = measure_spread(counts, has_noise=False)
    assert found
    assert (found.median, found.sigma) == (0.0, 0.0)
    assert found.mean == pytest.approx(0.14, abs=0.02)


def test_clipping_leaves_a_symmetric_core() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(10, 2, 100_000)
    values[:3000] = rng.uniform(500, 5000, 3000)
    spread = measure_spread(values)
    assert spread
    assert spread.median > 10 + 4 * spread.median_error
    core = measure_spread(clip(values, spread, 5.0))
    assert core
    assert abs(core.median - 10) < 4 * core.median_error
