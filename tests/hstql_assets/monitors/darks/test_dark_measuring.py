import gzip

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.dark_case import START_MJD, DarkCase, even_timeline, nuv_case, spread_events
from hstql_assets.monitors.darks.counts import measure_dark
from hstql_assets.monitors.darks.regions import rate, rate_error, regions_of
from hstql_assets.science.poisson import expect_error
from hstql_resources.fits import stream

MAIN = regions_of("FUVA")[0]


def counts_of(path, region=MAIN):
    return measure_dark(path).regions[region]


def test_an_even_rate_gives_the_same_counts_in_each_stretch(tmp_path):
    found = measure_dark(DarkCase(tmp_path).write())
    assert found.live_s.tolist() == [25.0] * 4
    assert found.regions[MAIN].counts.tolist() == [100] * 4
    assert (found.start_s.tolist(), found.stop_s.tolist()) == ([0, 25, 50, 75], [25, 50, 75, 100])


def test_the_last_stretch_is_as_short_as_the_exposure_leaves_it(tmp_path):
    case = DarkCase(tmp_path, timeline=even_timeline(110), good_times=((0.0, 110.0),))
    found = measure_dark(case.but(events=spread_events(110)).write())
    assert found.live_s.tolist() == [25.0] * 4 + [10.0]
    assert found.regions[MAIN].counts.tolist() == [100] * 4 + [40]
    assert found.middle_s[-1] == 105.0


def test_a_gap_takes_away_exactly_its_time_and_its_events(tmp_path):
    case = DarkCase(tmp_path, corrected_good_times=((0.0, 30.064), (42.08, 100.0)))
    found = measure_dark(case.write())
    assert found.live_s == pytest.approx([25.0, 5.064 + 7.92, 25.0, 25.0], abs=1e-12)
    inside = (case.events["TIME"] <= 30.064) | (case.events["TIME"] >= 42.08)
    expected = np.histogram(case.events["TIME"][inside], [0, 25, 50, 75, 100])[0]
    assert found.regions[MAIN].all_counts.tolist() == expected.tolist()
    assert found.unplaced_events == int((~inside).sum())


@settings(max_examples=40)
@given(
    start_ticks=st.integers(0, 3000), length_ticks=st.integers(1, 1500), rows=st.integers(100, 200)
)
def test_live_time_is_the_good_time_wherever_the_gap_is(
    tmp_path_factory, start_ticks, length_ticks, rows
):
    start, stop = start_ticks * 0.032, (start_ticks + length_ticks) * 0.032
    end = float(rows)
    good = tuple(pair for pair in ((0.0, min(start, end)), (stop, end)) if pair[1] > pair[0])
    case = DarkCase(
        tmp_path_factory.mktemp("gap"), timeline=even_timeline(rows), corrected_good_times=good
    )
    live_s = measure_dark(case.write()).live_s
    assert live_s.sum() == pytest.approx(sum(b - a for a, b in good), abs=1e-6)


def test_flagged_events_do_not_count(tmp_path):
    events = spread_events()
    events["DQ"][:10] = 2048
    events["DQ"][110:115] = 64 + 2
    events["DQ"][200:300] = 8192  # a bad pixel counts darks like any other
    assert counts_of(DarkCase(tmp_path, events=events).write()).counts.tolist() == [
        90,
        95,
        100,
        100,
    ]


def test_pulse_heights_3_to_22_are_good_and_all_are_counted(tmp_path):
    events = spread_events(32.0, 1)
    events["PHA"] = np.arange(32, dtype=np.uint8)
    case = DarkCase(tmp_path, events=events, timeline=even_timeline(32), good_times=((0, 32.0),))
    found = counts_of(case.write())
    assert found.counts.sum() == 20
    assert found.all_counts.tolist() == [25, 7]


def test_nuv_counts_all_events_and_needs_no_pulse_heights(tmp_path):
    events = spread_events()
    events["XCORR"] = np.arange(400.0) * 2.56 // 1
    events["YCORR"] = np.where(np.arange(400) % 2, 0.0, 1023.0)
    region = regions_of("NUV")[0]
    found = counts_of(nuv_case(tmp_path, events).write(), region)
    assert found.counts.tolist() == found.all_counts.tolist() == [100] * 4


def test_stretches_go_by_time_and_not_by_rows(tmp_path):
    timeline = {name: values[[0, 1, 2, 50, 51, 99]] for name, values in even_timeline().items()}
    found = measure_dark(DarkCase(tmp_path, timeline=timeline, good_times=((0, 99.5),)).write())
    assert found.live_s.tolist() == [25.0, 25.0, 25.0, 24.5]
    assert found.position.latitude_deg == pytest.approx(0.03 * found.middle_s, abs=1e-5)
    assert found.position.longitude_deg == pytest.approx(100.0 + 0.06 * found.middle_s, abs=1e-4)


def test_what_is_beyond_the_timeline_is_left_out_with_its_time(tmp_path):
    events = spread_events(100)
    events["TIME"][-5:] = 1.0e5
    case = DarkCase(tmp_path, events=events, timeline=even_timeline(60))
    found = measure_dark(case.write())
    assert found.live_s.sum() == pytest.approx(60.0)
    assert found.unplaced_s == pytest.approx(40.0)
    assert found.regions[MAIN].counts.sum() == 240
    assert found.unplaced_events == 160


def test_events_in_any_order_and_in_blocks_give_the_same(tmp_path, monkeypatch):
    expected = counts_of(DarkCase(tmp_path).write()).counts.tolist()
    shuffled = np.random.default_rng(5).permutation(400)
    events = {name: values[shuffled] for name, values in spread_events().items()}
    events["PHA"][:7] = 0
    monkeypatch.setattr(stream, "BLOCK_ROWS", 33)
    found = counts_of(DarkCase(tmp_path, events=events).write())
    assert found.all_counts.tolist() == expected
    assert found.counts.sum() == sum(expected) - 7


def test_a_gzipped_file_gives_the_same(tmp_path):
    path = DarkCase(tmp_path).write()
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert counts_of(packed).counts.tolist() == counts_of(path).counts.tolist()


def test_times_are_double_precision_from_expstart(tmp_path):
    found = measure_dark(DarkCase(tmp_path).write())
    assert found.exp_start_mjd == START_MJD
    assert found.start_s.dtype == np.float64


def test_no_count_has_the_error_of_one():
    assert rate(0, 25.0, 100) == 0.0
    assert rate_error(0, 25.0, 100) == pytest.approx(1 / 2500)
    assert np.isnan(rate(0, 0.0, 100))
    assert np.isnan(rate_error(5, 0.0, 100))


@pytest.mark.parametrize("mean", [3.0, 20.0, 500.0])
def test_the_error_is_that_of_poisson_counts(mean):
    counts = np.random.default_rng(11).poisson(mean, 200_000)
    pulls = (rate(counts, 1.0, 1) - mean) / rate_error(counts, 1.0, 1)
    expected = (1.0 + mean) ** 2 * -np.expm1(-mean) / mean - (1.0 + mean)
    assert np.mean(pulls**2) == pytest.approx(expected, rel=0.02)


def test_the_errors_of_few_counts_are_right_and_make_the_weighted_mean_the_mean():
    rng = np.random.default_rng(12)
    live_s = np.full(50, 25.0)
    pulls, means = [], []
    for _ in range(200):
        counts = rng.poisson(0.5, 50)
        errors = expect_error(counts, live_s)
        assert (errors > 0).all()
        pulls.append((counts - 0.5) / errors)
        means.append(np.average(counts, weights=errors**-2) - counts.mean())
    assert np.std(pulls) == pytest.approx(1.0, abs=0.03)
    assert abs(np.mean(means)) < 0.03  # by the counts' own errors it would be far off


def test_a_real_file_gives_the_counts_that_astropy_reads(real_archive):
    path = real_archive / "ld9m" / "ld9m10ujq" / "ld9m10ujq_corrtag_a.fits"
    found = measure_dark(path)
    with fits.open(path) as hdus:
        events = hdus["EVENTS"].data
        good_s = hdus["EVENTS"].header["EXPTIME"]
        x, y, pha = (events[name] for name in ("XCORR", "YCORR", "PHA"))
        every = (x >= 1200) & (x < 15099) & (y >= 380) & (y < 680)
        good = every & (pha > 2) & (pha < 23)
        edges = [*np.arange(0.0, 1876.0, 25.0), 1882.0]
        expected = np.histogram(events["TIME"][good], edges)[0]
    assert found.regions[MAIN].counts.tolist() == expected.tolist()
    assert found.regions[MAIN].all_counts.sum() == every.sum()
    assert found.live_s.sum() == pytest.approx(good_s, abs=1e-6)
