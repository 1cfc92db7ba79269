"""Excess variance and gaps."""

import numpy as np
import pytest

from hstql_assets.statistics.variance import compare_errors, count_gaps, measure_excess


def test_excess_variance_of_four_bins_by_hand() -> None:
    counts, errors = np.array([8.0, 12.0, 8.0, 12.0]), np.full(4, 1.0)
    found = measure_excess(counts, errors)
    assert found is not None
    # S^2 = 16 / 3, mean square error 1, mean 10.
    assert found.variance == pytest.approx((16 / 3 - 1) / 100)
    f = np.sqrt(found.variance)
    expected = np.sqrt((np.sqrt(2 / 4) / 100) ** 2 + (np.sqrt(1 / 4) * 2 * f / 10) ** 2)
    assert found.error == pytest.approx(expected)


def test_a_constant_source_has_none_within_the_errors_over_200_seeds() -> None:
    rng = np.random.default_rng(11)
    pulls = []
    for _ in range(200):
        counts = rng.poisson(40, 500).astype(float)
        found = measure_excess(counts, np.sqrt(counts))
        assert found is not None
        pulls.append(found.variance / found.error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(200)
    assert np.std(pulls) == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("amplitude", [0.1, 0.4])
def test_the_variance_put_in_comes_out(amplitude: float) -> None:
    rng = np.random.default_rng(12)
    phase = np.arange(1000) * 2 * np.pi / 50
    pulls = []
    for _ in range(100):
        counts = rng.poisson(100 * (1 + amplitude * np.sin(phase))).astype(float)
        found = measure_excess(counts, np.sqrt(counts))
        assert found is not None
        pulls.append((found.variance - amplitude**2 / 2) / found.error)
    assert abs(np.mean(pulls)) < 0.5
    assert 0.7 < np.std(pulls) < 1.3


@pytest.mark.parametrize(
    "counts", [[], [5.0], [0.0, 0.0, 0.0], [-1.0, -2.0, 0.5], [np.nan, np.nan, 4.0]]
)
def test_too_few_bins_or_no_light_have_none(counts: list[float]) -> None:
    assert measure_excess(np.array(counts), np.ones(len(counts))) is None


def test_gaps_are_within_exposures_and_between_them() -> None:
    first = np.delete(np.arange(10) * 2.0, [4, 5])
    assert count_gaps(first, 2.0) == 1
    assert count_gaps(np.concatenate([first, first + 500]), 2.0) == 3


def test_bins_that_follow_or_overlap_have_no_gap() -> None:
    times = np.arange(10) * 2.0
    assert count_gaps(times, 2.0) == 0
    assert count_gaps(np.sort(np.concatenate([times, times])), 2.0) == 0
    assert count_gaps(np.concatenate([times, times + 20.9]), 2.0) == 0
    assert count_gaps(times[:0], 2.0) == 0


def test_a_deviation_over_its_error_is_1_for_what_its_errors_explain() -> None:
    counts = np.random.default_rng(13).normal(30, 4.0, 2000)
    assert compare_errors(counts, np.full(2000, 4.0)) == pytest.approx(1, abs=0.05)
    assert compare_errors(np.array([1.0, np.nan, 3.0]), np.array([1.0, 1.0, np.nan])) is None
    assert compare_errors(np.zeros(5), np.zeros(5)) is None
