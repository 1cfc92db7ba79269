"""What was put into the simulated STIS exposures can be found in them."""

from dataclasses import replace

import numpy as np
import pytest

from hstql_resources.archive.simulated.stis.catalogue import Exposure, locate, make_exposure
from hstql_resources.archive.simulated.stis.detector import flat_field, map_flags
from hstql_resources.archive.simulated.stis.extraction import extract_spectra
from hstql_resources.archive.simulated.stis.photons import Events, draw_events
from hstql_resources.archive.simulated.stis.truth import (
    expect_spectrum,
    mean_brightness,
    state_truth,
)

FIRST_ORDER, SINE_ECHELLE, ECLIPSE, SINE = 0, 1, 2, 4
SEEDS = 120
FEWER = 30


def weights_of(events: Events) -> np.ndarray:
    return 1.0 / flat_field()[(events.axis2 - 1) // 2, (events.detector_axis1 - 1) // 2]


def in_good_time(exposure: Exposure, events: Events) -> np.ndarray:
    time_s = events.tick * 0.000125
    intervals = exposure.repeats[0].good_intervals_s
    return np.any([(time_s >= start) & (time_s < stop) for start, stop in intervals], axis=0)


def near_traces(exposure: Exposure, events: Events, half_rows: float) -> np.ndarray:
    """Return which events are within some lo-res rows of a trace."""
    column, row = (events.axis1 + 0.5) / 2, (events.axis2 + 0.5) / 2
    near = np.zeros(row.size, dtype=bool)
    for order in exposure.setting.orders:
        near |= np.abs(row - order.trace_at(column, exposure.shift2)) < half_rows
    return near


def source_times(index: int) -> tuple[Exposure, np.ndarray]:
    """Return an exposure, and the times [s] of the events near its traces."""
    exposure = make_exposure(20090511, locate(index))
    events = draw_events(exposure, exposure.repeats[0])
    near = near_traces(exposure, events, exposure.setting.box_rows / 2)
    return exposure, events.tick[near] * 0.000125


@pytest.fixture(scope="module", params=[FEWER, pytest.param(SEEDS, marks=pytest.mark.full)])
def many(request: pytest.FixtureRequest) -> np.ndarray:
    """Weighted events in the boxes, error, expectation, and events as they are, over seeds."""
    rows = []
    for seed in range(request.param):
        exposure = make_exposure(seed, locate(seed % 6))
        events = draw_events(exposure, exposure.repeats[0])
        keep = in_good_time(exposure, events)
        keep &= near_traces(exposure, events, exposure.setting.box_rows / 2)
        weights = weights_of(events)[keep]
        expected = state_truth(exposure)["repeats"][0]["gross_counts"]
        rows.append((weights.sum(), np.sqrt(np.sum(weights**2)), expected, keep.sum()))
    return np.array(rows)


def test_weighted_counts_are_those_expected_within_poisson_errors_over_many_seeds(many):
    gross, error, expected, _ = many.T
    deviations = (gross - expected) / error
    assert np.abs(deviations).max() < 4.5
    seeds = len(deviations)
    assert abs(np.sum(deviations**2) - seeds) < 4.0 * np.sqrt(2.0 * seeds)
    # A bias of 2 % of 13,000 counts would add 2.3 to each deviation: 270, where 44 is allowed
    # of 120.
    assert abs(deviations.sum()) < 4.0 * np.sqrt(seeds)


def test_dividing_by_the_flat_fields_restores_what_they_took(many):
    gross, _, expected, uncorrected = many.T
    assert gross.sum() / expected.sum() == pytest.approx(1.0, abs=0.003)
    assert uncorrected.sum() / expected.sum() > 1.02


@pytest.mark.parametrize("index", [FIRST_ORDER, pytest.param(SINE_ECHELLE, marks=pytest.mark.full)])
def test_mean_flux_is_within_a_percent_of_the_spectrum(index):
    ratios = []
    for seed in range(40):
        exposure = make_exposure(seed, locate(index))
        repeat = exposure.repeats[0]
        brightness = mean_brightness(exposure, repeat)
        net = expected = 0.0
        for row in extract_spectra(exposure, repeat, draw_events(exposure, repeat)):
            sensitivity = row.order.sensitivity_at(row.wavelength_a)
            flux = exposure.target.spectrum.flux_at(row.wavelength_a) * brightness
            net += np.sum(row.flux * sensitivity)
            expected += np.sum(flux * sensitivity)
        ratios.append(net / expected)
    assert np.mean(ratios) == pytest.approx(1.0, abs=4 * np.std(ratios) / np.sqrt(40))
    assert np.std(ratios) / np.sqrt(40) < 0.0025


def test_background_is_that_of_the_detector_with_and_without_orders_between():
    for index in (FIRST_ORDER, SINE_ECHELLE):
        measured = expected = 0.0
        for seed in range(20):
            exposure = make_exposure(seed, locate(index))
            repeat = exposure.repeats[0]
            spectra = extract_spectra(exposure, repeat, draw_events(exposure, repeat))
            measured += sum(row.background.sum() for row in spectra) * repeat.exposure_time_s
            expected += state_truth(exposure)["repeats"][0]["background_counts"]
        assert measured == pytest.approx(expected, abs=6.0 * np.sqrt(expected))


def test_flagged_counts_are_those_of_the_pixels_with_a_serious_flag():
    counted = expected = 0.0
    for seed in range(40):
        exposure = make_exposure(seed, locate(FIRST_ORDER))
        events = draw_events(exposure, exposure.repeats[0])
        flags = map_flags("G140L")[(events.axis2 - 1) // 2, (events.detector_axis1 - 1) // 2]
        keep = (flags & 31743 != 0) & in_good_time(exposure, events)
        keep &= near_traces(exposure, events, exposure.setting.box_rows / 2)
        counted += weights_of(events)[keep].sum()
        expected += state_truth(exposure)["repeats"][0]["flagged_counts"]
    assert expected > 2000
    assert counted == pytest.approx(expected, abs=4.5 * np.sqrt(expected))


def test_hot_pixels_are_hot_and_flagged():
    exposure = make_exposure(1, locate(FIRST_ORDER))
    events = draw_events(exposure, exposure.repeats[0])
    flags = map_flags("G140L")[(events.axis2 - 1) // 2, (events.detector_axis1 - 1) // 2]
    expected = 3 * 0.5 * exposure.repeats[0].duration_s
    assert np.count_nonzero(flags & 16) == pytest.approx(expected, abs=5 * np.sqrt(expected))


@pytest.mark.parametrize("index", [SINE, SINE_ECHELLE])
def test_the_sinusoid_is_seen_at_its_period_and_amplitude(index):
    exposure, times_s = source_times(index)
    law = exposure.target.variability
    trials_s = law.period_s * np.linspace(0.8, 1.2, 161)
    powers = [abs(np.mean(np.exp(2j * np.pi * times_s / trial))) for trial in trials_s]
    resolution = law.period_s / exposure.repeats[0].duration_s
    assert trials_s[np.argmax(powers)] == pytest.approx(law.period_s, rel=resolution / 2)
    whole = times_s[times_s < times_s.max() // law.period_s * law.period_s]
    amplitude = 2 * abs(np.mean(np.exp(2j * np.pi * whole / law.period_s)))
    expect = expect_spectrum(exposure, exposure.repeats[0], exposure.setting.orders[0])
    source_fraction = expect.source.sum() / (expect.source + expect.background).sum()
    assert amplitude == pytest.approx(law.amplitude * source_fraction, abs=0.04)


def test_eclipses_are_as_deep_as_the_law_says():
    exposure, times_s = source_times(ECLIPSE)
    law, repeat = exposure.target.variability, exposure.repeats[0]
    moments_s = np.arange(0.0, repeat.duration_s, 0.05)
    brightness = law.brightness_at(repeat.start_mjd, moments_s)
    dark = brightness <= 1.0 - law.eclipse_depth + 1e-9
    counts = np.histogram(times_s, moments_s.size, (0.0, repeat.duration_s))[0]
    ratio = counts[dark].mean() / counts[brightness == 1.0].mean()
    assert 1.0 - ratio == pytest.approx(law.eclipse_depth, abs=0.06)


def test_the_mean_brightness_is_that_of_the_good_time_alone():
    exposure = make_exposure(3, locate(5))
    repeat = exposure.repeats[0]
    assert repeat.gap_s is not None
    law = exposure.target.variability
    whole, lost = (
        law.brightness_at(repeat.start_mjd, np.linspace(start, stop, 200_000)).mean()
        for start, stop in ((0.0, repeat.duration_s), repeat.gap_s)
    )
    lost_s = repeat.gap_s[1] - repeat.gap_s[0]
    expected = (whole * repeat.duration_s - lost * lost_s) / repeat.exposure_time_s
    assert mean_brightness(exposure, repeat) == pytest.approx(expected, rel=1e-3)


def test_repeats_of_an_exposure_are_drawn_apart():
    exposure = make_exposure(0, locate(6))
    first, second = (draw_events(exposure, repeat) for repeat in exposure.repeats)
    shared = min(first.tick.size, second.tick.size)
    assert np.count_nonzero(first.axis2[:shared] == second.axis2[:shared]) < 0.1 * shared


def test_a_brighter_law_gives_more_source_and_the_same_background():
    exposure = make_exposure(0, locate(SINE))
    spectrum = replace(exposure.target.spectrum, flux_1300=3 * exposure.target.spectrum.flux_1300)
    brighter = replace(exposure, target=replace(exposure.target, spectrum=spectrum))
    before, after = (state_truth(each)["repeats"][0] for each in (exposure, brighter))
    assert after["source_counts"] == pytest.approx(3 * before["source_counts"])
    assert after["background_counts"] == before["background_counts"]
