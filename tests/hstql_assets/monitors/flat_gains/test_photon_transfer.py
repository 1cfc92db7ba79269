"""The gain from pairs of flats that were made with a known one: unbiased, to half a percent."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import convolve

from hstql_assets.monitors.flat_gains.fitting import GainFit, fit_gain
from hstql_assets.monitors.flat_gains.photon_transfer import Level, measure_pair

GAIN, READ_NOISE_E = 1.56, 3.0
SHAPE = (512, 512)
Floats = NDArray[np.float64]


def make_flat(
    rng: np.random.Generator, pattern: Floats, level_e: float, hits: int = 0, coupling: float = 0.0
) -> Floats:
    """Return counts without bias; each hit adds some charge to four pixels in a row."""
    charge = rng.poisson(pattern * level_e).astype(float)
    for row, column in zip(*rng.integers(4, SHAPE[0] - 4, (2, hits)), strict=True):
        charge[row, column : column + 4] += rng.exponential(1500.0, 4)
    if coupling:
        side = np.array(
            [[0, coupling, 0], [coupling, 1 - 4 * coupling, coupling], [0, coupling, 0]]
        )
        charge = convolve(charge, side, mode="wrap")
    return np.rint((charge + rng.normal(0, READ_NOISE_E, charge.shape)) / GAIN)


def make_pattern(rng: np.random.Generator) -> Floats:
    """Return a flat field: a slope of light, and pixels that differ by 1 %."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] / SHAPE[0]
    return (0.8 + 0.3 * x + 0.1 * y**2) * rng.normal(1.0, 0.01, SHAPE)


def measure(seed: int, level_e: float, drift: float = 1.0, **options: float) -> Level:
    rng = np.random.default_rng(seed)
    pattern = make_pattern(rng)
    pair = [
        make_flat(rng, pattern, level, **options)  # type: ignore[arg-type]
        for level in (level_e, level_e * drift)
    ]
    found = measure_pair(*pair, np.ones(SHAPE, bool), roundings=1)
    assert found is not None
    return found


def fit(levels: list[Level], *, is_whole: bool = False) -> GainFit:
    found = fit_gain(
        [one.mean for one in levels],
        [one.whole_variance if is_whole else one.variance for one in levels],
        [one.whole_variance_error if is_whole else one.variance_error for one in levels],
    )
    assert isinstance(found, GainFit)
    return found


@pytest.mark.parametrize("drift", [1.0, 1.004, 0.93])
def test_the_gain_is_right_to_half_a_percent_whatever_the_lamp_does(drift: float) -> None:
    levels = [
        measure(10 * number + again, level_e, drift, hits=150)
        for number, level_e in enumerate((500.0, 4000.0, 12000.0, 30000.0))
        for again in range(2)
    ]
    found = fit(levels)
    assert found.gain == pytest.approx(GAIN, rel=0.005)
    assert abs(found.gain - GAIN) < 4 * found.gain_error
    assert found.gain_error < 0.004 * GAIN
    read_noise_e = np.sqrt(found.intercept) * GAIN
    assert abs(read_noise_e - READ_NOISE_E) < 2.0
    assert np.mean([one.ratio for one in levels]) == pytest.approx(1 / drift, abs=2e-3)


def test_errors_are_those_of_the_scatter() -> None:
    pulls = []
    for seed in range(24):
        levels = [measure(1000 * seed + number, level) for number, level in enumerate((2e3, 2e4))]
        found = fit(levels)
        pulls.append((found.gain - GAIN) / found.gain_error)
    assert abs(np.mean(pulls)) < 3 / np.sqrt(len(pulls))
    assert 0.6 < np.std(pulls) < 1.4


def test_charge_that_pixels_share_is_made_up_for() -> None:
    levels = [
        measure(10 * number + again, level_e, coupling=0.015)
        for number, level_e in enumerate((3000.0, 30000.0))
        for again in range(8)
    ]
    assert fit(levels).gain > 1.08 * GAIN  # uncorrected: by 8 times the coupling
    found = fit(levels, is_whole=True)
    assert abs(found.gain - GAIN) < 3 * found.gain_error
    assert found.gain == pytest.approx(GAIN, rel=0.01)


def test_without_sharing_there_is_none() -> None:
    shares = [measure(seed, 8000.0) for seed in range(12)]
    pulls = [one.neighbour_share / one.neighbour_share_error for one in shares]
    assert abs(np.mean(pulls)) < 3 / np.sqrt(len(pulls))
    assert 0.5 < np.std(pulls) < 1.6


def test_pixels_that_are_not_good_and_boxes_with_a_defect_are_left_out() -> None:
    rng = np.random.default_rng(5)
    pattern = make_pattern(rng)
    first, second = (make_flat(rng, pattern, 9000.0) for _ in range(2))
    clean = measure_pair(first, second, np.ones(SHAPE, bool), roundings=1)
    first[:, 100:103], first[64:96, 64:96] = np.nan, rng.normal(6000, 3000, (32, 32))
    is_good = np.ones(SHAPE, bool)
    is_good[:, :16] = False
    first[:, :16] = 60000
    found = measure_pair(first, second, is_good, roundings=1)
    assert clean is not None
    assert found is not None
    assert found.variance == pytest.approx(clean.variance, rel=0.02)
    assert found.boxes < clean.boxes


@pytest.mark.parametrize("light", [0.0, -5.0, np.nan])
def test_without_light_there_is_no_level(light: float) -> None:
    flat = np.full(SHAPE, light)
    assert measure_pair(flat, flat, np.ones(SHAPE, bool), roundings=0) is None


def test_nothing_good_and_images_of_a_few_pixels_say_nothing() -> None:
    flat = np.full(SHAPE, 100.0)
    assert measure_pair(flat, flat, np.zeros(SHAPE, bool), roundings=0) is None
    assert measure_pair(flat, flat, np.ones(SHAPE, bool), roundings=0) is None
    one = np.full((1, 1), 100.0)
    assert measure_pair(one, one, np.ones((1, 1), bool), roundings=0) is None


def test_a_slope_takes_two_levels_apart_and_growth() -> None:
    assert "There are 1 levels" in str(fit_gain([100.0], [60.0], [1.0]))
    assert "range of 2" in str(fit_gain([100.0, 150.0], [60.0, 90.0], [1.0, 1.0]))
    assert "does not grow" in str(fit_gain([100.0, 900.0], [90.0, 60.0], [1.0, 1.0]))
