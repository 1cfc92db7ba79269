"""What two flats say: the ratio by blocks, and a pattern that is told from noise."""

import numpy as np
import pytest

from hstql_assets.monitors.bowtie.ratios import find_pattern, measure_blocks, measure_chips

SHAPE = (160, 320)


def flats(seed: int, pattern: float, lamp: float = 1.01) -> list[np.ndarray]:
    """Return two flats of 20,000 electrons; the first has a step of a pattern, in halves."""
    rng = np.random.default_rng(seed)
    step = np.where(np.arange(SHAPE[1]) < SHAPE[1] // 2, 1.0 + pattern, 1.0 - pattern)
    field = 2e4 * (1.0 + 0.01 * rng.standard_normal(SHAPE))
    return [rng.poisson(field * light).astype(float) for light in (lamp * step, 1.0)]


def test_the_ratio_and_its_error_are_those_of_the_lamp() -> None:
    pulls = []
    for seed in range(20):
        found = measure_chips({"A": measure_blocks(*flats(seed, 0.0), np.ones(SHAPE, bool))})[1]
        pulls.append((found.ratio - 1.01) / found.ratio_error)
        assert found.normalised == pytest.approx(1.0)
        assert found.blocks == 64
    assert abs(np.mean(pulls)) < 0.7
    assert 0.6 < np.std(pulls) < 1.5


def test_a_pattern_is_the_true_one_within_its_error() -> None:
    pulls = []
    for seed in range(20):
        found = measure_chips({"A": measure_blocks(*flats(seed, 0.003), np.ones(SHAPE, bool))})[1]
        # Of n blocks, half at each side, the standard deviation is s sqrt(n / (n - 1)).
        pulls.append((found.pattern - 0.003 / np.sqrt(1.0 - 1.0 / 64)) / found.pattern_error)
    assert abs(np.mean(pulls)) < 0.7
    assert 0.6 < np.std(pulls) < 1.5


def test_without_a_pattern_none_is_seen() -> None:
    found = measure_chips({"C": measure_blocks(*flats(1, 0.0), np.ones(SHAPE, bool))})[2]
    assert found.pattern < 3.0 * found.pattern_error
    assert found.pattern_error < 0.0005


def test_a_block_of_bad_pixels_is_left_out_and_nothing_else() -> None:
    before, after = flats(2, 0.0)
    is_good = np.ones(SHAPE, bool)
    is_good[:20, :40] = False
    before[50, 50], after[60, 60] = np.nan, 0.0
    found = measure_blocks(before, after, is_good)
    assert np.isnan(found.ratios[0, 0])
    assert np.isfinite(found.ratios).sum() == 63
    assert len(found.pixels) == 160 * 320 - 800 - 2


def test_of_nothing_and_of_one_block_there_is_no_pattern() -> None:
    empty = measure_blocks(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros((0, 0), bool))
    assert measure_chips({"A": empty}) == {}
    assert measure_chips({}) == {}
    value, error = find_pattern(np.ones(1), np.ones(1))
    assert value == 0.0
    assert np.isnan(error)
