"""The periodogram of hstlc, held against scipy's."""

import numpy as np
import pytest
from scipy import signal

from builders.made_curves import VISITS_S, make_curve, sinusoid
from hstql_assets.statistics import trigonometric_sums
from hstql_assets.statistics.three_grids import (
    classical_power,
    has_period,
    highest_candidate,
    period_grids,
)
from hstql_assets.statistics.trigonometric_sums import sum_waves


def power_of_hstlc(times_s: np.ndarray, rates: np.ndarray, periods_s: np.ndarray) -> np.ndarray:
    y = rates - rates.mean()
    power = signal.lombscargle(times_s, y, 2 * np.pi / periods_s)
    return np.asarray(power * 2 / (len(y) * y.std() ** 2))


def has_period_of_hstlc(times_s: np.ndarray, rates: np.ndarray) -> bool:
    """The rule in its words: maxima by scipy, mean + 3 sigma, 0.30."""
    for limits in ((5, 600), (600, 3600), (3600, 36000)):
        power = power_of_hstlc(times_s, rates, np.linspace(*limits, len(times_s)))
        peaks = signal.argrelextrema(power, np.greater)[0]
        high = power[peaks][power[peaks] > power.mean() + 3 * power.std()]
        if len(high) and high.max() >= 0.30:
            return True
    return False


@pytest.fixture(params=["installed", "absent"])
def finufft(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "absent":
        monkeypatch.setattr(trigonometric_sums, "has_finufft", lambda: False)
    elif not trigonometric_sums.has_finufft():
        pytest.skip("finufft is not installed here")
    return str(request.param)


@pytest.mark.parametrize(
    ("bins", "starts_s"), [(900, (0.0,)), (120, VISITS_S), (12, (0.0,)), (40, (0.0, 3e7, 2e8))]
)
def test_the_power_is_that_of_scipy(finufft: str, bins: int, starts_s: tuple[float, ...]) -> None:
    series = make_curve(np.random.default_rng(3), 20, bins=bins, starts_s=starts_s)
    for periods_s in period_grids(len(series.rates)):
        ours = classical_power(series.times_s, series.rates, periods_s)
        theirs = power_of_hstlc(series.times_s, series.rates, periods_s)
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("amplitude", [0.0, 0.15, 0.5])
def test_the_verdict_is_that_of_hstlc(seed: int, amplitude: float) -> None:
    law = sinusoid(200.0 * (1 + seed), amplitude)
    series = make_curve(np.random.default_rng(seed), 40, bins=300, law=law)
    expected = has_period_of_hstlc(series.times_s, series.rates)
    assert has_period(series.times_s, series.rates) is expected


def test_a_strong_period_is_one_and_a_constant_source_has_none() -> None:
    rng = np.random.default_rng(4)
    periodic = make_curve(rng, 50, law=sinusoid(200, 0.4))
    steady = make_curve(rng, 50)
    assert has_period(periodic.times_s, periodic.rates) is True
    assert has_period(steady.times_s, steady.rates) is False


def test_a_candidate_is_inside_strictly_higher_than_its_neighbours_and_clear_of_the_rest() -> None:
    flat = np.full(100, 0.01)
    at_the_edge, alone, twice = flat.copy(), flat.copy(), flat.copy()
    at_the_edge[0], alone[50], twice[50:52] = 0.9, 0.4, 0.4
    assert highest_candidate(at_the_edge) == 0
    assert highest_candidate(alone) == 0.4
    assert highest_candidate(twice) == 0
    assert highest_candidate(np.tile([0.3, 0.4], 50)) == 0


@pytest.mark.parametrize("rates", [[], [1.0], [1.0, 2.0], [3.0] * 50])
def test_no_periodogram_of_too_few_bins_or_constant_values(rates: list[float]) -> None:
    assert has_period(np.arange(float(len(rates))), np.array(rates)) is None


def test_grids_are_capped_for_very_long_series() -> None:
    assert [len(grid) for grid in period_grids(1_000_000)] == [20_000] * 3
    assert [(grid[0], grid[-1]) for grid in period_grids(7)] == [
        (5, 600), (600, 3600), (3600, 36000),
    ]  # fmt: skip


def test_a_sum_of_waves_is_the_sum_of_its_terms(finufft: str) -> None:
    rng = np.random.default_rng(5)
    times_s = np.sort(np.concatenate([rng.uniform(0, 3000, 400), 4e8 + rng.uniform(0, 3000, 400)]))
    values, omega = rng.normal(size=800), np.linspace(0.001, 1.2, 500)
    exact = np.exp(1j * np.outer(omega, times_s)) @ values
    # At 4e8 s the phase itself is only known to 1e-7.
    np.testing.assert_allclose(sum_waves(times_s, values, omega), exact, atol=1e-4)
