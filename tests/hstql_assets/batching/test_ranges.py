"""Ranges of neighbouring keys: together exactly the wanted ones."""

from hypothesis import given
from hypothesis import strategies as st

from hstql_assets.batching.run_ranges import plan_ranges

STORED = ("m", "b", "z", "a", "k")  # in the order of their registration


def test_neighbours_in_the_stored_order_are_one_range() -> None:
    assert plan_ranges(STORED, {"z", "b", "k"}, 10, 10) == [("b", "z"), ("k",)]


def test_a_long_range_is_cut_and_the_number_of_ranges_is_bounded() -> None:
    assert plan_ranges(STORED, set(STORED), 2, 10) == [("m", "b"), ("z", "a"), ("k",)]
    assert plan_ranges(STORED, set(STORED), 2, 2) == [("m", "b"), ("z", "a")]


def test_nothing_wanted_is_no_range() -> None:
    assert plan_ranges(STORED, {"unknown"}, 10, 10) == []


@given(st.lists(st.integers(0, 60), unique=True), st.sets(st.integers(0, 60)), st.integers(1, 7))
def test_ranges_hold_each_wanted_key_once_and_no_other(
    stored: list[int], wanted: set[int], longest: int
) -> None:
    keys, asked = [str(key) for key in stored], {str(key) for key in wanted}
    ranges = plan_ranges(keys, asked, longest, 1000)
    assert [key for found in ranges for key in found] == [key for key in keys if key in asked]
    for found in ranges:
        start = keys.index(found[0])
        assert tuple(keys[start : start + len(found)]) == found
        assert len(found) <= longest
