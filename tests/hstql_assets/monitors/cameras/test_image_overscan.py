"""Bias level and read noise from overscan: unbiased, with errors that are those of the scatter."""

import numpy as np
import pytest

from hstql_assets.monitors.cameras.overscan import measure_overscan, measure_read_noise

SEEDS = 80


@pytest.mark.parametrize("noise", [0.7, 1.4, 2.1, 5.0])
@pytest.mark.parametrize("shape", [(256, 1), (128, 1), (1024, 7)])
def test_level_and_noise_are_right_within_their_errors(
    noise: float, shape: tuple[int, int]
) -> None:
    level = 2371.42
    levels, noises = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        found = measure_overscan(np.rint(rng.normal(level, noise, shape)).astype(np.uint16))
        assert found
        levels.append((found.level - level) / found.level_error)
        noises.append((found.noise - noise) / found.noise_error)
    for pulls in (np.array(levels), np.array(noises)):
        assert abs(pulls.mean()) < 4 / np.sqrt(SEEDS)
        assert 0.75 < pulls.std() < 1.3


def test_no_more_pixels_than_columns_say_nothing() -> None:
    values = np.random.default_rng(1).normal(100, 2, (3, 20))
    assert measure_overscan(values)
    values[1:] = np.nan
    assert measure_overscan(values) is None


def test_hits_and_nan_are_left_out_and_counted_so() -> None:
    values = np.random.default_rng(1).normal(100, 2, (500, 4))
    clean = measure_overscan(values)
    values[3, 1], values[200, 0], values[17, :] = 4000, 250, np.nan
    found = measure_overscan(values)
    assert clean
    assert found
    assert clean.pixels - found.pixels in (6, 7)
    assert found.level == pytest.approx(clean.level, abs=0.02)
    assert found.noise == pytest.approx(clean.noise, abs=0.02)


def test_the_noise_is_about_the_columns_where_these_differ() -> None:
    values = np.random.default_rng(2).normal(100, 2, (2000, 3)) + np.array([30.0, 10.0, 0.0])
    found = measure_overscan(values)
    assert found
    assert abs(found.noise - 2) < 4 * found.noise_error
    assert found.level == pytest.approx(100 + 40 / 3, abs=0.2)


def test_noise_that_rows_share_is_in_the_error_of_the_level() -> None:
    errors = []
    levels = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        found = measure_overscan(rng.normal(0, 1, (400, 8)) + rng.normal(0, 1, (400, 1)))
        assert found
        levels.append(found.level)
        errors.append(found.level_error)
    assert np.mean(errors) == pytest.approx(np.std(levels), rel=0.25)
    assert np.mean(errors) == pytest.approx(np.sqrt(1 + 1 / 8) / 20, rel=0.05)


def test_too_few_pixels_give_nothing() -> None:
    assert measure_overscan(np.zeros((0, 3), np.uint16)) is None
    assert measure_overscan(np.zeros((5, 3), np.uint16)) is None
    assert measure_overscan(np.full((100, 3), np.nan)) is None


def test_constant_overscan_has_no_noise() -> None:
    found = measure_overscan(np.full((100, 3), 1000, np.uint16))
    assert found
    assert (found.level, found.noise, found.level_error) == (1000.0, 0.0, 0.0)


def test_two_reads_tell_the_noise_of_one_whatever_the_pixels_are_like() -> None:
    pulls = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        pattern = 11_000 + 40 * rng.normal(size=(512, 2))
        reads = [
            np.rint(pattern + offset + rng.normal(0, 8.6, pattern.shape)).astype(np.uint16)
            for offset in (0, 5)
        ]
        found = measure_read_noise(*reads)
        assert found
        pulls.append((found[0] - 8.6) / found[1])
    assert abs(np.mean(pulls)) < 4 / np.sqrt(SEEDS)
    assert 0.75 < np.std(pulls) < 1.3
