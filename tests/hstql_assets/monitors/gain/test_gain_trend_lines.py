"""Straight lines through gains: what was put in comes out, within its errors."""

import numpy as np
import pytest

from builders.gain_trend_maps import FIRST_MJD, SHAPE, make_patch, make_pixels
from hstql_assets.monitors.gain.gain_trends import fit_once, refit_lines

RNG_SEED = 4
BLOCK = (slice(200, 300), slice(500, 700))  # 20,000 superpixels
PATCH = (slice(240, 241), slice(100, 101))


def make_samples(gain, slope, errors, mjds, rng, outliers=()):
    """Return images of a block of superpixels with the same line and Gaussian errors."""
    samples = []
    for number, (mjd, error) in enumerate(zip(mjds, errors, strict=True)):
        image = np.full(SHAPE, np.nan)
        shape = (100, 200)
        image[BLOCK] = gain + slope * (mjd - FIRST_MJD) + rng.normal(scale=error, size=shape)
        if number in outliers:
            image[BLOCK] += 5.0
        samples.append((mjd, make_pixels(image, error)))
    return samples


def fit(samples):
    return refit_lines(fit_once(samples), samples)


def require_pulls(pulls: np.ndarray, low: float = 0.97, high: float = 1.03) -> None:
    """Assert that 20,000 pulls have mean 0 and standard deviation 1."""
    assert abs(pulls.mean()) < 5.0 / np.sqrt(pulls.size)
    assert low < pulls.std() < high


@pytest.fixture(scope="module")
def many():
    """Twelve images with errors that differ by a factor of six."""
    rng = np.random.default_rng(RNG_SEED)
    mjds = FIRST_MJD + np.sort(rng.uniform(0.0, 700.0, 12))
    return fit(make_samples(11.0, -0.01, np.linspace(0.05, 0.3, 12), mjds, rng))


def test_slopes_and_gains_are_recovered_within_their_errors(many):
    # The errors are raised where the scatter happens to be larger, so the pulls are below 1.
    require_pulls((many.slope[BLOCK] + 0.01) / many.slope_error[BLOCK], 0.85, 1.0)
    true = 11.0 - 0.01 * (many.reference_mjd[BLOCK] - FIRST_MJD)
    require_pulls((many.gain[BLOCK] - true) / many.gain_error[BLOCK], 0.85, 1.0)


def test_gain_and_slope_are_independent_at_the_reference_time(many):
    true = 11.0 - 0.01 * (many.reference_mjd[BLOCK] - FIRST_MJD)
    pairs = np.vstack([(many.gain[BLOCK] - true).ravel(), many.slope[BLOCK].ravel()])
    assert abs(np.corrcoef(pairs)[0, 1]) < 0.03


def test_projected_dates_are_recovered_within_their_errors(many):
    projected, error = many.projected
    assert (projected[BLOCK].mean() - FIRST_MJD) == pytest.approx(800.0, abs=1.0)
    require_pulls((projected[BLOCK] - FIRST_MJD - 800.0) / error[BLOCK], 0.85, 1.0)


def test_outliers_are_left_out():
    rng = np.random.default_rng(RNG_SEED)
    mjds = FIRST_MJD + np.arange(8) * 60.0
    lines = fit(make_samples(11.0, -0.01, [0.1] * 8, mjds, rng, outliers={2}))
    assert np.mean(lines.number[BLOCK] == 7) > 0.98
    good = lines.number[BLOCK] == 7
    pulls = ((lines.slope[BLOCK] + 0.01) / lines.slope_error[BLOCK])[good]
    require_pulls(pulls, 0.85, 1.02)


def test_an_outlier_of_six_is_left_out():
    rng = np.random.default_rng(RNG_SEED)
    mjds = FIRST_MJD + np.arange(6) * 60.0
    lines = fit(make_samples(11.0, -0.01, [0.02] * 6, mjds, rng, outliers={3}))
    assert np.mean(lines.number[BLOCK] == 5) > 0.98


def test_measurements_with_honest_errors_are_hardly_ever_left_out(many):
    # Of 240,000 measurements with Gaussian errors 15 are beyond four standard deviations.
    assert (12 - many.number[BLOCK]).sum() < 60


def test_errors_grow_where_the_scatter_is_larger_than_they_say():
    rng = np.random.default_rng(RNG_SEED)
    mjds = FIRST_MJD + np.arange(20) * 30.0
    samples = make_samples(11.0, -0.01, [0.3] * 20, mjds, rng)
    too_small = [(mjd, make_pixels(np.where(one.is_measured, one.gain, np.nan), 0.1))
                 for mjd, one in samples]  # fmt: skip
    lines = fit(too_small)
    # The scatter of 20 measurements is known to a sixth; the pulls follow Student's distribution.
    require_pulls((lines.slope[BLOCK] + 0.01) / lines.slope_error[BLOCK], 1.0, 1.15)


@pytest.mark.parametrize(("number", "is_line"), [(0, False), (5, False), (6, True)])
def test_a_line_needs_more_than_five_measurements(number, is_line):
    samples = [
        (FIRST_MJD + 10.0 * i, make_pixels(make_patch([9.0 if i < number else np.nan])))
        for i in range(8)
    ]
    lines = fit(samples)
    assert bool(np.isfinite(lines.gain[PATCH]).all()) is is_line
    assert lines.number[PATCH] == number
    assert np.isfinite(lines.gain).sum() == is_line


def test_measurements_at_one_time_make_no_line():
    lines = fit([(FIRST_MJD, make_pixels(make_patch([9.0])))] * 8)
    assert not np.isfinite(lines.slope).any()


def test_rising_and_level_gains_have_no_projected_date():
    samples = [
        (FIRST_MJD + 10.0 * i, make_pixels(make_patch([[9.0 + 0.1 * i, 9.0, 9.0 - 0.1 * i]])))
        for i in range(8)
    ]
    projected, error = fit(samples).projected
    found = projected[240, 100:103]
    assert np.isnan(found[0])
    assert found[2] == pytest.approx(FIRST_MJD + 600.0)
    assert np.isfinite(error[240, 102])
    assert np.isnan(error[240, 100])


def test_no_image_makes_no_line():
    lines = fit([])
    assert not np.isfinite(lines.gain).any()
    assert not lines.is_falling.any()


def test_lines_are_the_weighted_least_squares_lines():
    rng = np.random.default_rng(RNG_SEED)
    number, columns = 9, 200
    mjds = FIRST_MJD + np.sort(rng.choice(5000, number, replace=False)).astype(float)
    errors = rng.uniform(0.05, 0.5, (number, columns))
    gains = rng.uniform(4.0, 18.0, columns) - 0.001 * (mjds[:, np.newaxis] - FIRST_MJD)
    gains += errors * rng.normal(size=gains.shape)
    lines = fit(
        [
            (mjd, make_pixels(make_patch(gain), make_patch(error)))
            for mjd, gain, error in zip(mjds, gains, errors, strict=True)
        ]
    )
    whole = [i for i in range(columns) if lines.number[240, 100 + i] == number]
    assert len(whole) > 195
    for i in whole:
        place = (240, 100 + i)
        days = mjds - lines.reference_mjd[place]
        fitted, covariance = np.polyfit(days, gains[:, i], 1, w=1 / errors[:, i], cov="unscaled")
        residuals = (gains[:, i] - np.polyval(fitted, days)) / errors[:, i]
        scale = np.sqrt(max(1.0, (residuals**2).sum() / (number - 2)))
        found = (lines.slope[place], lines.gain[place])
        found_errors = (lines.slope_error[place], lines.gain_error[place])
        assert found == pytest.approx(tuple(fitted), rel=1e-8)
        assert found_errors == pytest.approx(tuple(scale * np.sqrt(np.diag(covariance))), rel=1e-8)
        assert abs(covariance[0, 1]) < 1e-8
