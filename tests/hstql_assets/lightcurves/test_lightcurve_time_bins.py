"""Bins, edges and live time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.lightcurves.intervals import intersect, tidy
from hstql_assets.lightcurves.time_bins import TimeBins, low_sun


def bins(width_s: float, count: int, *live: tuple[float, float]) -> TimeBins:
    return TimeBins(width_s, count, np.array(live, dtype=float))


def find_bins(time_bins: TimeBins, times: np.ndarray) -> np.ndarray:
    runs = time_bins.find_runs(times.astype(np.float32))
    return runs.expand(runs.bins)


def index(time_bins: TimeBins, *times: float) -> list[int]:
    found: list[int] = find_bins(time_bins, np.array(times)).tolist()
    return found


def test_an_event_on_an_edge_is_in_the_later_bin() -> None:
    assert index(bins(2, 5, (0, 10)), 0, 1.9, 2, 3.9, 4) == [0, 0, 1, 1, 2]


@pytest.mark.parametrize("width_s", [0.1, 0.3, 0.7, 2.0, 0.032])
def test_edges_hold_for_32_bit_times_too(width_s: float) -> None:
    edges = np.arange(300) * width_s
    found = find_bins(bins(width_s, 400, (0, 400 * width_s)), edges)
    np.testing.assert_array_equal(found, np.arange(300))


def test_an_event_at_the_stop_of_the_good_time_counts_in_its_last_bin() -> None:
    assert index(bins(2, 5, (0, 4), (6, 9.5)), 4, 5, 6, 9.5, 9.6) == [1, -1, 3, 4, -1]


def test_events_in_no_good_time_have_no_bin() -> None:
    assert index(bins(2, 5, (3, 5)), -1, 0, 2.9, 3, 4.5, 5.1, 50) == [-1, -1, -1, 1, 2, -1, -1]


def test_exposure_is_the_live_part_of_each_bin() -> None:
    exposure = bins(2, 5, (0.5, 3), (3.5, 4), (8, 9.5)).exposure_s
    np.testing.assert_allclose(exposure, [1.5, 1.5, 0, 0, 1.5], atol=1e-12)
    assert exposure[2] == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 100, width=32), st.floats(0, 100, width=32)),
        min_size=1, max_size=5,
    ),
    st.sampled_from([0.5, 1.0, 2.0, 7.0]),
)  # fmt: skip
def test_bins_share_out_all_live_time(spans: list[tuple[float, float]], width_s: float) -> None:
    live = tidy(np.array(spans))
    time_bins = TimeBins(width_s, int(np.ceil(100 / width_s)) + 1, live)
    total = np.diff(live, axis=1).sum()
    assert time_bins.exposure_s.sum() == pytest.approx(total, abs=1e-3)
    assert (time_bins.exposure_s <= width_s * (1 + 1e-9)).all()


@given(st.lists(st.floats(0, 60, width=32), min_size=1, max_size=50), st.sampled_from([0.3, 2.0]))
def test_an_event_is_always_in_a_bin_that_was_live(times: list[float], width_s: float) -> None:
    time_bins = bins(width_s, int(np.ceil(60 / width_s)) + 1, (5, 20), (30.5, 47.25))
    found = find_bins(time_bins, np.sort(np.array(times)))
    assert (time_bins.exposure_s[found[found >= 0]] > 0).all()
    live = [5 <= t <= 20 or 30.5 <= t <= 47.25 for t in times]
    assert (found >= 0).sum() == sum(live)


def test_intervals_that_touch_are_joined_and_empty_ones_dropped() -> None:
    given_s = np.array([[5, 6], [0, 2], [2, 3], [8, 8], [9, 7], [-4, 1]], dtype=float)
    assert tidy(given_s).tolist() == [[0, 3], [5, 6]]


def test_the_intersection_is_what_both_have() -> None:
    first, second = np.array([[0.0, 10], [20, 30]]), np.array([[5.0, 25], [28, 40]])
    assert intersect(first, second).tolist() == [[5, 10], [20, 25], [28, 30]]


def test_the_sun_is_low_until_its_altitude_crosses_the_limit() -> None:
    times, altitude = np.array([10.0, 20, 30, 40]), np.array([-10.0, 10, 10, -30])
    assert low_sun(times, altitude, 0.0).tolist() == [[0, 15], [32.5, np.inf]]
    assert low_sun(times, altitude, 20.0).tolist() == [[0, np.inf]]
    assert low_sun(times, altitude, -40.0).tolist() == []
