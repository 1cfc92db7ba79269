"""False alarm probabilities: against astropy's formula, and against a thousand constant sources."""

import numpy as np
import pytest
from astropy.timeseries import LombScargle
from scipy import stats

from builders.made_curves import VISITS_S, make_curve
from hstql_assets.statistics.false_alarms import SIGNIFICANT, Noise
from hstql_assets.statistics.periodogram import make_grid
from hstql_assets.statistics.periods import search_period

# Means in counts per bin, bins, starts and dead bins: 1,000 lightcurves in all.
CONSTANT = [
    (0.1, 700, (0.0,), (0, 0), 150),
    (0.1, 700, (0.0,), (200, 330), 150),
    (5.0, 700, (0.0,), (0, 0), 150),
    (5.0, 700, (0.0,), (200, 330), 150),
    (100.0, 60, (0.0,), (20, 26), 200),
    (0.1, 200, VISITS_S, (50, 90), 60),
    (5.0, 200, VISITS_S, (0, 0), 60),
    (40.0, 200, tuple(5730.0 * i for i in range(5)), (0, 0), 80),
]


@pytest.mark.parametrize("share", [10, pytest.param(1, marks=pytest.mark.full)])
def test_of_1000_constant_sources_at_most_what_the_probability_allows_are_periodic(
    share: int,
) -> None:
    rng = np.random.default_rng(2026)
    probabilities, flagged = [], 0
    for mean, bins, starts_s, hole, number in CONSTANT:
        for _ in range(number // share):
            search = search_period(make_curve(rng, mean, bins=bins, starts_s=starts_s, hole=hole))
            assert search is not None
            flagged += search.best.is_periodic
            probabilities.append(search.best.false_alarm_probability)
    assert len(probabilities) == 1000 // share
    assert flagged <= stats.binom.ppf(0.999, 1000 // share, SIGNIFICANT)
    for level in (0.1, 0.01):
        found = int(np.sum(np.array(probabilities) < level))
        assert found <= stats.binom.ppf(0.999, 1000 // share, level), level


def test_single_exposures_use_the_probability_up() -> None:
    """An upper bound of 1 for everything would pass the test above."""
    rng = np.random.default_rng(7)
    searches = [search_period(make_curve(rng, 20, bins=400)) for _ in range(150)]
    found = [search.best.false_alarm_probability for search in searches if search]
    assert len(found) == 150
    assert np.mean(np.array(found) < 0.5) > 0.35


@pytest.mark.parametrize("bins", [12, 100, 1400])
def test_the_formula_is_that_of_astropy_for_one_exposure(bins: int) -> None:
    series = make_curve(np.random.default_rng(8), 30, bins=bins)
    grid = make_grid(series)
    noise = Noise.of(series)
    theirs = LombScargle(series.times_s, series.rates, series.errors)
    for power in (0.01, 0.05, 0.3, 0.9):
        expected = theirs.false_alarm_probability(
            power, method="baluev", maximum_frequency=grid.highest_hz
        )
        # astropy rounds the highest frequency up to a point of a grid of its own.
        assert noise.probability(power) == pytest.approx(expected, rel=0.01, abs=1e-14)


def test_the_level_of_a_probability_has_that_probability() -> None:
    series = make_curve(np.random.default_rng(9), 30, bins=200)
    noise = Noise.of(series)
    for probability in (0.5, 0.01, 1e-6):
        assert noise.probability(noise.level(probability)) == pytest.approx(probability, rel=1e-6)


def test_each_mean_that_is_taken_off_costs_a_degree_of_freedom() -> None:
    one = make_curve(np.random.default_rng(1), 9, bins=20)
    five = make_curve(np.random.default_rng(1), 9, bins=4, starts_s=(0, 8, 16, 24, 32))
    assert Noise.of(one).freedom == 19
    assert Noise.of(five).freedom == 15
    assert Noise(3, 10.0).probability(0.9) == 1.0


def test_powers_of_0_and_1_are_certain_and_impossible() -> None:
    noise = Noise(500, 200.0)
    assert noise.probability(0.0) == 1.0
    assert noise.probability(1.0) == 0.0
