"""Hot pixels: counted right among noise, cosmic rays and each other."""

import numpy as np
import pytest

from hstql_assets.monitors.cameras.hot_pixels import count_hot_pixels

SHAPE = (400, 400)
SEEDS = 30


def dark(seed: int, fraction: float, noise: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    is_hot = rng.random(SHAPE) < fraction
    values = rng.normal(10, noise, SHAPE) + is_hot * 100 * 40 ** rng.random(SHAPE)
    return values, is_hot


@pytest.mark.parametrize("fraction", [0.001, 0.01, 0.05])
def test_the_number_is_right_within_its_error_also_where_they_are_neighbours(
    fraction: float,
) -> None:
    pulls = []
    for seed in range(SEEDS):
        values, is_hot = dark(seed, fraction)
        found = count_hot_pixels(values, np.ones(SHAPE, bool), 60.0, 10.0, 4.0)
        assert found
        assert found.searched == values.size
        error = max(found.error, 0.5)
        pulls.append((found.number - is_hot.sum()) / error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(SEEDS)
    assert np.std(pulls) < 1.3


def test_pixels_that_noise_lifts_above_the_threshold_are_taken_off() -> None:
    numbers, errors = [], []
    for seed in range(SEEDS):
        values, _ = dark(seed, 0.0, noise=5.0)
        found = count_hot_pixels(values, np.ones(SHAPE, bool), 22.0, 10.0, 5.0)
        assert found
        assert np.count_nonzero(values > 22) > 1000
        numbers.append(found.number)
        errors.append(found.error)
    assert np.median(numbers) < 2 * np.mean(errors)
    assert np.mean(errors) < 100


def test_tracks_of_cosmic_rays_are_not_hot_pixels() -> None:
    values, is_hot = dark(3, 0.005)
    rng = np.random.default_rng(4)
    for row, column in rng.integers(0, 397, (1500, 2)):
        slope = rng.integers(0, 2)
        for part in range(rng.integers(2, 4)):
            values[row + part, column + part * slope] += 800
    found = count_hot_pixels(values, np.ones(SHAPE, bool), 60.0, 10.0, 4.0)
    assert found
    assert np.count_nonzero(values > 60) > 4 * is_hot.sum()
    assert abs(found.number - is_hot.sum()) < 4 * found.error


def test_a_hot_pixel_on_the_edge_does_not_see_the_other_side() -> None:
    values = np.full((20, 30), 10.0)
    for row, column in ((0, 0), (0, 29), (19, 0), (19, 29), (10, 0), (9, 29)):
        values[row, column] = 500
    found = count_hot_pixels(values, np.ones(values.shape, bool), 60.0, 10.0, 1.0)
    assert found
    assert found.number == pytest.approx(6 / (1 - (4 * 3 + 2 * 5) / 594))


def test_only_pixels_that_are_searched_count() -> None:
    values, is_hot = dark(5, 0.01)
    is_searched = np.zeros(SHAPE, bool)
    is_searched[:200] = True
    found = count_hot_pixels(values, is_searched, 60.0, 10.0, 4.0)
    assert found
    assert found.searched == 200 * 400
    assert abs(found.number - is_hot[:200].sum()) < 4 * found.error


def test_nothing_to_search_or_no_threshold_above_the_median_gives_nothing() -> None:
    values, _ = dark(6, 0.01)
    assert count_hot_pixels(values, np.zeros(SHAPE, bool), 60.0, 10.0, 4.0) is None
    assert count_hot_pixels(values, np.ones(SHAPE, bool), 9.0, 10.0, 4.0) is None
