"""What flickers is not called periodic, and periods come out, not their multiples or fractions."""

import numpy as np
import pytest
from scipy import stats

from builders.flickering import SAMPLINGS, make_series
from builders.made_curves import Law
from hstql_assets.statistics.false_alarms import SIGNIFICANT
from hstql_assets.statistics.folding import sum_harmonics
from hstql_assets.statistics.periods import Peak, search_period
from hstql_assets.statistics.red_noise import fit_noise, measure_powers

MEAN = 40.0  # counts a bin of 2 s


def find_best(rng: np.random.Generator, **options: object) -> Peak:
    search = search_period(make_series(rng, MEAN, **options))
    assert search is not None
    return search.best


def box(period_s: float, duty: float, phase: float, height: float) -> Law:
    """A total eclipse at height -1, a pulse above 0."""
    return lambda t: 1 + height * ((t / period_s + phase) % 1 < duty)


def wave(period_s: float, amplitude: float, phase: float) -> Law:
    return lambda t: 1 + amplitude * np.sin(2 * np.pi * (t / period_s + phase))


def find_alarms(number: int) -> list[str]:
    """Return the labels of what flickers with every slope, strength and sampling."""
    rng = np.random.default_rng(2026)
    return [
        find_best(rng, slope=slope, rms=rms, sampling=sampling).label
        for sampling in SAMPLINGS
        for slope in (1.0, 1.5, 2.0)
        for rms in (0.05, 0.2, 0.5)
        for _ in range(number)
    ]


def assert_few_are_periodic(labels: list[str]) -> None:
    periodic = [label for label in labels if label not in ("flicker", "orbit", "none")]
    assert len(periodic) <= stats.binom.ppf(0.99, len(labels), SIGNIFICANT)


def test_what_flickers_is_not_periodic() -> None:
    labels = find_alarms(1)
    assert_few_are_periodic(labels)
    assert labels.count("flicker") > 0.4 * len(labels)


@pytest.mark.full
def test_of_thousands_that_flicker_no_more_are_periodic_than_stated() -> None:
    assert_few_are_periodic(find_alarms(110))


def find_right(number: int, duty: float, height: float) -> tuple[int, set[str]]:
    """Return how often a period of 60 to 500 s in 2,000 s comes out, and the labels."""
    rng = np.random.default_rng(int(1000 * duty))
    right, labels = 0, set()
    for _ in range(number):
        period_s = float(np.exp(rng.uniform(np.log(60), np.log(500))))
        law = box(period_s, duty, rng.random(), height)
        peak = find_best(rng, law=law)
        right += peak.is_periodic and abs(peak.period_s / period_s - 1) < 0.02
        labels.add(peak.label)
    return right, labels


@pytest.mark.parametrize(
    ("duty", "height", "label"),
    [(0.05, -1.0, "eclipse-like"), (0.1, -1.0, "eclipse-like"), (0.05, 2.0, "pulse-like"),
     (0.2, 1.0, "pulse-like")],
)  # fmt: skip
def test_eclipses_and_pulses_have_their_own_period(duty: float, height: float, label: str) -> None:
    assert find_right(5, duty, height) == (5, {label})


@pytest.mark.full
@pytest.mark.parametrize("height", [-1.0, 1.0])
@pytest.mark.parametrize("duty", [0.05, 0.1, 0.3, 0.5, 0.7])
def test_95_percent_of_the_periods_are_right(duty: float, height: float) -> None:
    right, _ = find_right(100, duty, height)
    assert right >= 95


def test_a_sinusoid_is_one_and_is_found_in_flicker_that_is_weaker() -> None:
    rng = np.random.default_rng(8)
    for flicker in ({}, {"slope": 1.0, "rms": 0.1}):
        for period_s in (17.0, 90.0, 310.0):
            peak = find_best(rng, law=wave(period_s, 0.3, rng.random()), **flicker)
            assert (peak.label, peak.is_periodic) == ("sinusoid", True)
            assert abs(peak.period_s / period_s - 1) < 0.01


def test_the_errors_of_eclipses_hold() -> None:
    rng = np.random.default_rng(9)
    pulls = []
    for _ in range(12):
        period_s = float(rng.uniform(80, 300))
        peak = find_best(rng, law=box(period_s, 0.1, rng.random(), -1.0))
        pulls.append((peak.period_s - period_s) / peak.error_s)
    assert np.max(np.abs(pulls)) < 4


def test_periods_under_flicker_of_orbits_come_out() -> None:
    rng = np.random.default_rng(10)
    law = box(173.0, 0.1, 0.3, -1.0)
    peak = find_best(rng, slope=1.5, rms=0.05, sampling="orbits", law=law)
    assert (peak.label, peak.is_periodic) == ("eclipse-like", True)
    assert abs(peak.period_s / 173.0 - 1) < 0.005


@pytest.mark.parametrize("slope", [1.0, 2.0])
def test_the_slope_that_was_put_in_is_fitted(slope: float) -> None:
    rng = np.random.default_rng(11)
    models = []
    for _ in range(10):
        series = make_series(rng, MEAN, slope=slope, rms=0.3)
        powers = measure_powers(series, series.centred)
        model = fit_noise(powers)
        assert model is not None
        models.append(model.slope)
        ratio = powers.power / model.level(powers.frequency_hz)
        assert ratio.mean() == pytest.approx(1, abs=0.1)
    assert np.median(models) == pytest.approx(slope, abs=0.4)


def test_white_noise_has_the_level_of_the_errors_and_the_chances_of_chi_square() -> None:
    series = make_series(np.random.default_rng(12), MEAN)
    model = fit_noise(measure_powers(series, series.centred))
    assert model is not None
    assert model.level(np.array([0.1]))[0] == pytest.approx(1, abs=0.1)
    assert model.chance(7.0, 0.1) == pytest.approx(np.exp(-7), rel=0.6)


def test_noise_is_not_fitted_to_too_little() -> None:
    series = make_series(np.random.default_rng(13), MEAN, bins=8)
    assert fit_noise(measure_powers(series, series.centred)) is None


def test_harmonics_are_added_up_at_their_own_frequencies() -> None:
    power = np.zeros(100)
    first = 10  # frequencies 10, 11 ... 109
    for harmonic in range(1, 9):
        power[12 * harmonic - first] = 50.0
    score = sum_harmonics(power, first, 1000)
    assert int(np.argmax(score)) == 12 - first
    assert score.max() == pytest.approx(8 * (50 - np.log(1000)))
