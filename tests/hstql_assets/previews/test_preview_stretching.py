"""From values to grey levels: percentiles of good pixels, faint and bright, nothing to be seen."""

import numpy as np
import pytest

from hstql_assets.previews.stretching import (
    LOWER_SHARE,
    NO_DATA,
    SAMPLE,
    Limits,
    Pixels,
    find_limits,
    stretch,
)


def grey(pixels: Pixels, limits: Limits) -> np.ndarray:
    out = np.zeros(pixels.values.shape, np.uint8)
    stretch(pixels, limits, out)
    return out


def limits_of(*parts: Pixels) -> Limits:
    found = find_limits(parts)
    assert found is not None
    return found


def test_the_limits_of_a_small_image_are_its_percentiles() -> None:
    values = np.random.default_rng(1).normal(50, 3, (200, 300)).astype(np.float32)
    limits = limits_of(Pixels(values))
    assert (limits.low, limits.high) == pytest.approx(np.percentile(values, [1, 99]), rel=1e-6)
    assert limits.top == values.max()


@pytest.mark.parametrize("rate", [0.001, 0.015, 0.3, 5.0, 900.0])
def test_counts_have_the_limits_and_grey_levels_of_their_values(rate: float) -> None:
    counts = np.random.default_rng(4).poisson(rate, (700, 900)).astype(np.uint16)
    of_counts, of_values = (
        (limits_of(pixels), grey(pixels, limits_of(pixels)))
        for pixels in (Pixels(counts), Pixels(counts.astype(np.float32)))
    )
    assert of_counts[0] == of_values[0]
    assert np.abs(of_counts[1].astype(int) - of_values[1]).max() <= 1


def test_flags_and_nan_and_infinity_do_not_move_the_limits() -> None:
    clean = np.random.default_rng(2).normal(50, 3, (500, 500)).astype(np.float32)
    spoilt, flags = clean.copy(), np.zeros(clean.shape, np.int16)
    spoilt[:100], flags[:100] = 1e6, 4096
    spoilt[100:150], spoilt[150:160], spoilt[160:170] = np.nan, np.inf, -np.inf
    limits = limits_of(Pixels(spoilt, flags))
    expected = np.percentile(clean[170:], [1, 99])
    assert (limits.low, limits.high) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_sampled_percentile_has_the_right_rank_to_a_thousandth(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(100, 10, (2048, 4096)).astype(np.float32)
    values += 200 * rng.standard_exponential((2048, 1)).astype(np.float32) * (seed % 2)
    values[1000:1030] += 500  # a trace of spectrum along the rows
    values[:, 2000:2030] += 500  # and one along the columns
    assert values.size > 10 * SAMPLE
    limits = limits_of(Pixels(values), Pixels(values[::-1] + 1))
    every = np.concatenate([values.ravel(), values.ravel() + 1])
    assert (every < limits.low).mean() == pytest.approx(0.01, abs=0.001)
    assert (every < limits.high).mean() == pytest.approx(0.99, abs=0.001)


def test_where_all_pixels_are_flagged_the_flags_do_not_count() -> None:
    values = np.random.default_rng(3).normal(50, 3, (100, 100)).astype(np.float32)
    limits = limits_of(Pixels(values, np.full(values.shape, 4, np.int16)))
    assert limits.low == pytest.approx(np.percentile(values, 1), rel=1e-6)


def test_an_image_without_a_finite_pixel_has_no_limits() -> None:
    assert find_limits([Pixels(np.full((10, 10), np.nan, np.float32))]) is None


def test_finite_pixels_that_the_sample_misses_are_found() -> None:
    values = np.full((2048, 4096), np.nan, np.float32)
    values[7, 9], values[8, 9] = 1.0, 2.0
    assert limits_of(Pixels(values)).top == 2.0


def test_a_constant_image_has_equal_limits() -> None:
    limits = limits_of(Pixels(np.full((3000, 3000), 7, np.uint16)))
    assert limits.low == limits.high == limits.top == 7


def test_a_few_counts_among_zeros_are_seen() -> None:
    counts = np.zeros((1024, 1024), np.int32)
    counts[::64, ::64] = 1
    counts[500, 500] = 90
    limits = limits_of(Pixels(counts))
    levels = grey(Pixels(counts), limits)
    assert (limits.low, limits.high, limits.top) == (0, 1, 90)
    assert (levels[1, 1], levels[0, 0], levels[500, 500]) == (0, 127, 255)


def test_a_zero_of_a_resampled_image_is_no_data() -> None:
    values = np.random.default_rng(4).normal(0.01, 0.1, (400, 400)).astype(np.float32)
    values[:, :200] = 0
    part = Pixels(values, is_resampled=True)
    limits = limits_of(part)
    assert limits.low == pytest.approx(np.percentile(values[:, 200:], 1), rel=1e-6)
    assert (grey(part, limits)[:, :200] == NO_DATA).all()
    assert values[0, 0] == 0  # the image itself is as it was


def test_black_white_and_no_data_are_where_they_belong() -> None:
    values = np.array([[-1e9, 0.0, 1.0, 10.0, 1e9, np.nan, np.inf, -np.inf]], np.float32)
    levels = grey(Pixels(values), Limits(0.0, 1.0, 10.0))
    assert list(levels[0]) == [0, 0, round(255 * LOWER_SHARE), 255, 255, NO_DATA, 255, 0]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32, np.int64, np.int16, np.uint8])
def test_all_types_of_pixels_give_the_same_grey_to_a_level(kind: type) -> None:
    values = np.arange(120).reshape(3, 40)
    limits = Limits(10.0, 80.0, 110.0, steepness=3.0)
    expected = grey(Pixels(values.astype(np.uint16)), limits).astype(int)
    assert np.abs(grey(Pixels(values.astype(kind)), limits).astype(int) - expected).max() <= 1


def test_grey_never_falls_where_the_value_rises() -> None:
    values = np.linspace(-5, 300, 40_000, dtype=np.float32).reshape(200, 200)
    for steepness in (1.0, 30.0, 400.0):
        levels = grey(Pixels(values), Limits(0.0, 20.0, 250.0, steepness)).ravel().astype(int)
        assert (np.diff(levels) >= 0).all()
        assert (levels[0], levels[-1]) == (0, 255)


def test_noise_alone_is_drawn_nearly_linearly() -> None:
    limits = limits_of(Pixels(np.random.default_rng(5).normal(0, 1, (700, 700))))
    assert limits.steepness == pytest.approx(1.0, rel=0.05)
    middle = grey(Pixels(np.array([[(limits.low + limits.high) / 2]])), limits)[0, 0]
    assert middle == pytest.approx(255 * LOWER_SHARE / 2, rel=0.12)


def test_faint_stars_are_seen_beside_many_bright_ones() -> None:
    values = np.random.default_rng(6).normal(100, 5, (1000, 1000)).astype(np.float32)
    values[::10, ::5] = 20_000  # 2 % of the pixels
    values[5::50, 3::50] = 150  # ten times the noise
    part = Pixels(values)
    levels = grey(part, limits_of(part))
    assert np.median(levels) > 5
    assert levels[5, 3] - np.median(levels) > 25  # in a linear picture it would be less than one


def test_damaged_values_of_any_size_are_drawn_without_a_complaint() -> None:
    rng = np.random.default_rng(7)
    for kind, bits in ((np.float32, np.uint32), (np.float64, np.uint64)):
        whole = rng.integers(0, np.iinfo(bits).max, (100, 100), bits).view(kind)
        part = Pixels(whole)
        with np.errstate(all="ignore"):  # signalling NaN
            levels = grey(part, limits_of(part))
        assert len(np.unique(levels)) > 2
