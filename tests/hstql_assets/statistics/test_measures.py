"""The first seven statistics of a lightcurve."""

import numpy as np
import pytest

from hstql_assets.statistics.measures import LightcurveStatistics, measure


def test_poisson_noise_has_a_poisson_factor_of_one() -> None:
    counts = np.random.default_rng(1).poisson(50, 20_000).astype(float)
    found = measure(counts, np.arange(20_000) / 43200 + 58000)
    assert found.total == counts.sum()
    assert found.mean == pytest.approx(50, rel=0.01)
    assert found.mu == pytest.approx(np.sqrt(50), rel=0.01)
    assert found.poisson_factor == pytest.approx(1, rel=0.02)
    assert abs(found.pearson_r or 0) < 0.03


def test_numbers_of_four_bins_by_hand() -> None:
    found = measure(np.array([1.0, 3, 5, 7]), np.array([0.0, 1, 2, 3]) / 43200 + 58000)
    assert (found.total, found.mean, found.mu) == (16, 4, 2)
    assert found.stdev == pytest.approx(np.sqrt(5))
    assert found.poisson_factor == pytest.approx(np.sqrt(5) / 2)
    assert found.pearson_r == pytest.approx(1, abs=1e-6)
    assert found.pearson_p == pytest.approx(0, abs=1e-4)


def test_a_falling_lightcurve_has_a_negative_correlation_with_time() -> None:
    rng = np.random.default_rng(2)
    found = measure(rng.poisson(100 - np.arange(80)).astype(float), np.arange(80) + 58000.0)
    assert found.pearson_r is not None
    assert found.pearson_p is not None
    assert found.pearson_r < -0.9
    assert found.pearson_p < 1e-20


def test_bins_without_live_time_are_left_out() -> None:
    counts, mjd = np.array([4.0, np.nan, 9, 2, np.nan]), np.arange(5.0)
    known = np.isfinite(counts)
    assert measure(counts, mjd) == measure(counts[known], mjd[known])


@pytest.mark.parametrize("counts", [[], [0.0, 0.0], [2.5, -4.0], [np.nan]])
def test_no_counts_have_a_total_and_nothing_else(counts: list[float]) -> None:
    found = measure(np.array(counts, dtype=float), np.arange(float(len(counts))))
    assert found == LightcurveStatistics(total=int(np.nansum(counts)))


def test_constant_counts_have_no_correlation_and_no_warning() -> None:
    found = measure(np.full(10, 3.0), np.arange(10.0))
    assert found.poisson_factor == 0
    assert found.pearson_r is None
    assert found.pearson_p is None


def test_two_bins_have_no_correlation() -> None:
    assert measure(np.array([1.0, 2]), np.array([0.0, 1])).pearson_r is None


def test_counts_so_few_that_their_mean_vanishes_have_a_total_alone() -> None:
    found = measure(np.array([5e-324, 0.0, 0.0]), np.arange(3.0))
    assert found == LightcurveStatistics(total=0)


def test_counts_and_times_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="3 counts, but 2 times"):
        measure(np.ones(3), np.ones(2))
