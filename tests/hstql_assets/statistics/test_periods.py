"""Periods that were put in come out, and what is no period is not called one."""

import numpy as np
import pytest

from builders.made_curves import (
    BIN_S,
    DAY_S,
    ORBIT_S,
    VISITS_S,
    Law,
    make_curve,
    make_table,
    sinusoid,
)
from hstql_assets.statistics.false_alarms import Noise
from hstql_assets.statistics.periodogram import MOST_FREQUENCIES, compute_power, make_grid
from hstql_assets.statistics.periods import Peak, PeriodSearch, search_period
from hstql_assets.statistics.red_noise import CLIP, Levels, fit_noise, take_powers
from hstql_assets.statistics.series import Series, make_series
from hstql_assets.statistics.tips import find_tip

ORBITS_S = tuple(ORBIT_S * number for number in range(5))


def search(series: Series) -> PeriodSearch:
    found = search_period(series)
    assert found is not None
    return found


def best(seed: int, mean: float, **options: object) -> Peak:
    return search(make_curve(np.random.default_rng(seed), mean, **options)).best


@pytest.mark.parametrize(
    "period_s", [312.7, *(pytest.param(x, marks=pytest.mark.full) for x in (41.7, 1111.0))]
)
def test_a_sinusoid_of_5_percent_over_five_visits_days_apart_is_found(period_s: float) -> None:
    pulls = []
    for seed in range(8):
        peak = best(seed, 50, starts_s=VISITS_S, law=sinusoid(period_s, 0.05, seed))
        assert peak.is_periodic
        pulls.append((peak.period_s - period_s) / peak.error_s)
    assert np.max(np.abs(pulls)) < 4
    assert np.mean(np.square(pulls)) < 2.5


def test_a_period_shorter_than_the_grid_of_years_is_found_by_its_exposures() -> None:
    starts_s = DAY_S * np.array([0, 91.3, 260.7, 402.1, 555.5, 700.9])
    for seed in range(4):
        curve = make_curve(np.random.default_rng(seed), 40, starts_s=starts_s,
                           law=sinusoid(1010, 0.3, seed))  # fmt: skip
        found = search(curve)
        assert found.grid.highest_hz < 1 / 1010
        assert found.best.is_periodic
        assert abs(found.best.period_s - 1010) < 4 * found.best.error_s < 1


@pytest.mark.parametrize("visits", [6, pytest.param(12, marks=pytest.mark.full)])
def test_visits_at_equal_distances_leave_a_wide_error_and_the_right_period(visits: int) -> None:
    starts_s = np.linspace(0, 330 * DAY_S, visits)
    pulls = []
    for seed in range(6):
        peak = best(seed, 40, bins=1350, starts_s=starts_s, law=sinusoid(1234, 0.3))
        assert peak.is_periodic
        pulls.append((peak.period_s - 1234) / peak.error_s)
    assert np.max(np.abs(pulls)) < 4


@pytest.mark.parametrize("number", [25, pytest.param(150, marks=pytest.mark.full)])
def test_constant_sources_of_years_have_no_period(number: int) -> None:
    starts_s = DAY_S * np.array([0, 91.3, 260.7, 402.1])
    peaks = [best(seed, 3, bins=300, starts_s=starts_s) for seed in range(number)]
    assert sum(peak.is_periodic for peak in peaks) <= 2


def test_the_error_of_a_period_is_the_scatter_of_many() -> None:
    peaks = [best(seed, 50, bins=600, law=sinusoid(100, 0.2, seed)) for seed in range(60)]
    pulls = np.array([(peak.period_s - 100) / peak.error_s for peak in peaks])
    assert np.std(pulls) == pytest.approx(1, abs=0.35)


def test_the_error_is_that_of_montgomery_and_odonoghue_for_equal_bins() -> None:
    n, amplitude, mean = 700, 10.0, 50.0
    peak = best(1, mean, bins=n, law=sinusoid(90, amplitude / mean))
    error_hz = np.sqrt(6 / n) * np.sqrt(mean) / (np.pi * n * BIN_S * amplitude)
    assert peak.error_s == pytest.approx(90**2 * error_hz, rel=0.15)


@pytest.mark.parametrize("period_s", [4.6, 9.0, 57.0, 600.0])
def test_a_period_of_a_single_exposure_comes_out_within_the_resolution(period_s: float) -> None:
    found = search(make_curve(np.random.default_rng(2), 50, law=sinusoid(period_s, 0.2)))
    assert found.best.is_periodic
    assert abs(found.best.period_s - period_s) < period_s**2 / found.series.baseline_s / 4


def test_holes_do_not_matter() -> None:
    peak = best(3, 50, law=sinusoid(80, 0.15), hole=(300, 700))
    assert peak.is_periodic
    assert abs(peak.period_s - 80) < 4 * peak.error_s


def test_visits_of_different_brightness_have_no_period() -> None:
    means = [50.0, 65.0, 40.0, 55.0, 30.0]
    peaks = [best(seed, means, starts_s=VISITS_S, bins=500) for seed in range(10)]
    assert not any(peak.is_periodic for peak in peaks)
    assert not any(peak.is_significant for peak in peaks)


def test_a_period_is_found_under_visits_of_different_brightness() -> None:
    means = [50.0, 65.0, 40.0, 55.0, 30.0]
    peak = best(5, means, starts_s=VISITS_S, law=sinusoid(300, 0.08))
    assert peak.is_periodic
    assert abs(peak.period_s - 300) < 4 * peak.error_s


@pytest.mark.parametrize("harmonic", [1, 3, 4])
def test_the_orbit_and_its_harmonics_are_no_discovery(harmonic: int) -> None:
    law = sinusoid(ORBIT_S / harmonic, 0.15)
    peak = best(6, 50, bins=1300, starts_s=[1.0007 * start for start in ORBITS_S], law=law)
    assert peak.is_significant
    assert peak.note == "orbit"
    assert not peak.is_periodic


def test_a_period_under_a_stronger_orbit_is_found() -> None:
    def law(t: np.ndarray) -> np.ndarray:
        return np.asarray(sinusoid(ORBIT_S, 0.2)(t) + 0.05 * np.sin(2 * np.pi * t / 321))

    peak = best(7, 60, bins=1300, starts_s=ORBITS_S, law=law)
    assert peak.is_periodic
    assert abs(peak.period_s - 321) < 4 * peak.error_s


def rise(t: np.ndarray) -> np.ndarray:
    return np.asarray(1 + 0.3 * t / 2800)


def flare(t: np.ndarray) -> np.ndarray:
    return np.asarray(1 + 1.5 * np.where(t > 800, np.exp(-(t - 800) / 100), 0.0))


def eclipse(t: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(np.abs(t - 1300) < 150, 0.3, 1.0))


@pytest.mark.parametrize("law", [rise, flare, eclipse])
def test_what_happens_once_is_no_period(law: Law) -> None:
    for seed in range(8):
        peak = best(seed, 50, law=law)
        assert peak.is_significant
        assert peak.note is not None


def test_a_rise_is_a_trend_and_a_period_on_it_is_found() -> None:
    assert best(8, 50, law=rise).note == "trend"
    both = best(9, 50, law=lambda t: rise(t) + 0.1 * np.sin(2 * np.pi * t / 211))
    assert both.is_periodic
    assert abs(both.period_s - 211) < 4 * both.error_s


def test_drifts_in_each_of_five_visits_are_no_period() -> None:
    starts_s = np.array(VISITS_S)

    def law(t: np.ndarray) -> np.ndarray:
        since = t - starts_s[np.searchsorted(starts_s, t, side="right") - 1]
        return np.asarray(1 + 0.2 * since / 2800)

    for seed in range(4):
        peak = best(seed, 50, starts_s=VISITS_S, law=law)
        assert peak.is_significant
        assert peak.note is not None


def test_regular_holes_are_a_window_not_a_period() -> None:
    """Every other 20 s are dead, and the star has a period of 40 s: nobody can tell."""
    table = make_table(np.random.default_rng(10), 60, bins=1200, law=sinusoid(40, 0.3))
    quality = table.quality | np.where(table.times_s % 40 < 20, 0, 1)
    peak = search(make_series(type(table)(**{**vars(table), "quality": quality}))).best
    assert peak.is_significant
    assert peak.note == "window"


def test_two_exposures_with_the_same_times_are_measured() -> None:
    series = make_curve(
        np.random.default_rng(11), 60, bins=700, starts_s=(0.0, 0.0), law=sinusoid(70, 0.15)
    )
    assert np.all(np.diff(series.times_s) >= 0)
    found = search(series)
    assert found.best.is_periodic
    assert abs(found.best.period_s - 70) < 4 * found.best.error_s


def test_the_order_of_the_bins_in_a_file_does_not_matter() -> None:
    table = make_table(np.random.default_rng(12), 60, bins=300, law=sinusoid(70, 0.3))
    order = np.random.default_rng(1).permutation(300)
    shuffled = {
        name: value[order] if isinstance(value, np.ndarray) else value
        for name, value in vars(table).items()
    }
    assert search(make_series(type(table)(**shuffled))).best == search(make_series(table)).best


@pytest.mark.parametrize(("bins", "mean"), [(0, 5), (1, 5), (9, 5), (200, 0)])
def test_nothing_is_searched_in_too_few_bins_or_constant_values(bins: int, mean: float) -> None:
    assert search_period(make_curve(np.random.default_rng(1), mean, bins=bins)) is None


@pytest.mark.parametrize("bins", [10, 11, 20])
def test_tiny_lightcurves_have_a_peak_and_no_warning(bins: int) -> None:
    for seed in range(5):
        peak = best(seed, 20, bins=bins)
        assert 0 <= peak.false_alarm_probability <= 1
        assert np.isfinite([peak.period_s, peak.error_s, peak.power]).all()


def test_twelve_exposures_of_one_bin_have_no_period() -> None:
    starts_s = tuple(np.arange(12) * 7000.0)
    assert search_period(make_curve(np.random.default_rng(1), 9, bins=1, starts_s=starts_s)) is None


def test_the_grid_goes_from_the_baseline_to_two_bins() -> None:
    grid = make_grid(make_curve(np.random.default_rng(1), 9, bins=1000))
    assert 1 / grid.lowest_hz == pytest.approx(2000)
    assert 1 / grid.highest_hz == pytest.approx(4, rel=0.01)
    assert grid.step_hz == pytest.approx(1 / 2000 / 10)
    assert grid.count == len(grid.frequency_hz) > 4900


def test_the_grid_of_years_is_bounded_and_still_resolves_them() -> None:
    series = make_curve(np.random.default_rng(1), 9, bins=100, starts_s=(0, 1e8, 3e8))
    grid = make_grid(series)
    assert grid.count == MOST_FREQUENCIES
    assert grid.step_hz * series.baseline_s == pytest.approx(0.2)
    assert len(compute_power(series, series.centred, grid)) == MOST_FREQUENCIES


def test_a_baseline_of_ten_days_reaches_periods_of_half_a_minute() -> None:
    grid = make_grid(make_curve(np.random.default_rng(1), 9, bins=100, starts_s=(0, 864000)))
    assert 1 / grid.highest_hz < 30


def test_the_peak_is_the_same_where_single_exposures_show_it_over_red_noise_too() -> None:
    series = make_curve(
        np.random.default_rng(1), 40, bins=400, starts_s=VISITS_S, law=sinusoid(90, 0.3)
    )
    values, grid, noise = series.centred, make_grid(series), Noise.of(series)
    power = compute_power(series, values, grid)
    tip = find_tip(series, values, grid, power, noise)
    assert tip.interval is not None
    model = fit_noise(take_powers(series, values, grid, power), CLIP)
    assert model is not None
    levels = Levels.of(model, series)
    assert find_tip(series, values, grid, power, noise, levels, tip) is tip
    assert find_tip(series, values, grid, power, noise, levels) == tip
