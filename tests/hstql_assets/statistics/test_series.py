"""The series that periods are looked for in, and its periodogram."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from builders.made_curves import BIN_S, VISITS_S, make_curve, make_table, sinusoid
from hstql_assets.science.barycentre import find_delay
from hstql_assets.statistics import periodogram
from hstql_assets.statistics.periodogram import (
    Grid,
    compute_power,
    compute_window,
    find_maxima,
    make_grid,
)
from hstql_assets.statistics.series import Series, make_series


def test_only_fully_live_bins_are_in_it() -> None:
    table = make_table(np.random.default_rng(1), 9, bins=50, hole=(10, 20))
    series = make_series(table)
    assert len(series.rates) == 40
    np.testing.assert_array_equal(series.rates, table.net[table.is_full])
    assert series.times_s[0] == 0
    assert series.baseline_s == pytest.approx(50 * BIN_S, abs=1e-4)


def test_each_exposure_has_one_error_and_none_is_0() -> None:
    series = make_curve(
        np.random.default_rng(2), [100.0, 4.0, 0.0], bins=500, starts_s=(0, 5000, 9000)
    )
    errors = [set(series.errors[series.dataset == number]) for number in range(3)]
    assert [len(each) for each in errors] == [1, 1, 1]
    values = [each.pop() for each in errors]
    assert values[0] == pytest.approx(np.sqrt(100) / BIN_S, rel=0.02)
    assert values[1] == pytest.approx(np.sqrt(4) / BIN_S, rel=0.05)
    assert values[2] == pytest.approx(np.sqrt(0.5 / 499) / BIN_S)  # of half an event
    assert series.weights.sum() == pytest.approx(1)


def test_the_mean_of_each_exposure_is_taken_off() -> None:
    series = make_curve(np.random.default_rng(3), [100.0, 4.0], bins=50, starts_s=(0, 5000))
    for number in range(2):
        assert abs(series.centred[series.dataset == number].sum()) < 1e-9
    assert series.longest_exposure_s == pytest.approx(100, abs=1e-4)
    assert series.exposures == 2


def test_an_exposure_without_a_full_bin_does_not_count() -> None:
    table = make_table(np.random.default_rng(4), 9, bins=20, starts_s=(0, 900, 1900))
    quality = np.where(table.dataset == 2, 1, table.quality)
    series = make_series(type(table)(**{**vars(table), "quality": quality}))
    assert series.exposures == 2
    assert len(series.rates) == 40


def test_nothing_live_is_an_empty_series() -> None:
    series = make_curve(np.random.default_rng(5), 9, bins=20, hole=(0, 20))
    assert len(series.rates) == len(series.errors) == series.exposures == 0


@pytest.fixture(params=["installed", "absent"])
def nifty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "absent":
        monkeypatch.setattr(periodogram, "has_finufft", lambda: False)
    elif not periodogram.has_finufft():
        pytest.skip("nifty_ls is not installed here")


def test_the_power_is_that_of_scipy_with_and_without_nifty(nifty: None) -> None:
    series = make_curve(np.random.default_rng(6), 30, bins=300, law=sinusoid(60, 0.3))
    grid = make_grid(series)
    ours = compute_power(series, series.centred, grid)
    theirs = signal.lombscargle(
        series.times_s,
        series.centred,
        2 * np.pi * grid.frequency_hz,
        normalize=True,
        floating_mean=True,
    )
    assert grid.count == len(ours) > 1000
    # astropy's own fast method interpolates.
    np.testing.assert_allclose(ours, theirs, atol=2e-2)
    np.testing.assert_allclose(np.median(np.abs(ours - theirs)), 0, atol=2e-4)


def test_few_frequencies_are_exact_with_and_without_nifty(nifty: None) -> None:
    series = make_curve(np.random.default_rng(7), 30, bins=200, starts_s=VISITS_S)
    grid = Grid(0.0123, 1e-7, 33)
    omega = 2 * np.pi * grid.frequency_hz
    theirs = signal.lombscargle(
        series.times_s,
        series.centred,
        omega,
        weights=series.weights,
        normalize=True,
        floating_mean=True,
    )
    np.testing.assert_allclose(compute_power(series, series.centred, grid), theirs, atol=1e-6)


def test_the_window_of_a_regular_gap_is_high_at_its_period_and_low_elsewhere() -> None:
    table = make_table(np.random.default_rng(8), 60, bins=1200)
    quality = np.where(table.times_s % 40 < 20, 0, 1)
    series = make_series(type(table)(**{**vars(table), "quality": quality}))
    grid = make_grid(series)
    window = compute_window(series, grid)
    at = window[np.argmin(np.abs(grid.frequency_hz - 1 / 40))]
    assert at > 0.5
    assert np.median(window) < 0.01


def test_maxima_come_highest_first_with_the_ends() -> None:
    power = np.array([0.5, 0.1, 0.7, 0.2, 0.2, 0.1, 0.6])
    assert list(find_maxima(power, 3)) == [2, 6, 0]
    assert list(find_maxima(power[:1], 3)) == [0]


def test_times_are_those_at_the_barycentre_where_all_bins_have_one() -> None:
    table = make_table(np.random.default_rng(6), 9, bins=20, starts_s=(0, 900))
    bjd = 2400000.5 + table.mjd_centre + (300.0 - 0.001 * table.times_s) / 86400
    at_barycentre = replace(table, bjd_tdb=bjd)
    series, plain = make_series(at_barycentre), make_series(table)
    assert (series.is_barycentric, plain.is_barycentric) == (True, False)
    np.testing.assert_allclose(series.times_s, (bjd - bjd[0]) * 86400, atol=1e-9)
    one_lacks = np.where(table.dataset == 2, np.nan, bjd)
    np.testing.assert_array_equal(
        make_series(replace(table, bjd_tdb=one_lacks)).times_s, plain.times_s
    )


def test_visits_half_a_year_apart_are_in_phase_at_the_barycentre_only() -> None:
    period_s, starts_s = 300.0, [day * 86400.0 for day in (0.0, 41.3, 97.2, 181.9)]
    table = make_table(np.random.default_rng(7), 100.0, bins=900, starts_s=starts_s)
    since_s = (table.mjd_centre - table.mjd_centre[0]) * 86400
    delay_s = find_delay(table.mjd_centre[0], since_s, 80.0, 22.0, np.zeros((len(since_s), 3)))
    law = 1 + 0.3 * np.sin(2 * np.pi * (since_s + delay_s) / period_s)
    bjd = 2400000.5 + table.mjd_centre + delay_s / 86400
    seen = replace(table, net=table.net * law)

    def strength(series: Series) -> float:
        wave = np.exp(2j * np.pi * series.times_s / period_s)
        return float(abs(np.mean(series.centred * wave)) / np.std(series.centred))

    there, here = make_series(replace(seen, bjd_tdb=bjd)), make_series(seen)
    assert strength(there) > 0.6
    assert strength(here) < 0.75 * strength(there)
