"""Runs of pixels give the flags that they were made from, as the pipelines read them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hstql_assets.monitors.bad_pixel_tables.comparison import compare_runs
from hstql_assets.monitors.bad_pixel_tables.runs import LONG, Runs, apply_runs, find_runs

GAP = 60  # columns of overscan between the halves of a raw image of UVIS


def initialize_quality(runs: Runs, shape: tuple[int, int], gap: int) -> NDArray[np.int16]:
    """Set flags as doDQI of calwf3 does, row by row, in a raw image with overscan in the middle."""
    rows, columns = shape
    quality = np.zeros((rows, columns + gap), np.int16)
    for x1, y1, length, axis, value in zip(*vars(runs).values(), strict=True):
        assert axis in (1, 2)
        assert length > 0
        x, y = x1 - 1, y1 - 1
        if x >= columns // 2:
            x += gap
        if axis == 1:
            quality[y, x : x + length] |= value
        else:
            quality[y : y + length, x] |= value
    return quality


def cut_overscan(quality: NDArray[np.int16], gap: int) -> NDArray[np.int16]:
    half = (quality.shape[1] - gap) // 2
    return np.hstack([quality[:, :half], quality[:, half + gap :]])


@st.composite
def maps(draw: st.DrawFn) -> NDArray[np.int16]:
    """Draw flags: single pixels, and rectangles that may be columns, rows or nothing."""
    shape = draw(st.tuples(st.integers(1, 50), st.integers(1, 20)))
    flags = np.zeros(shape, np.int16)
    for _ in range(draw(st.integers(0, 12))):
        y, x = (draw(st.integers(0, size - 1)) for size in shape)
        height, width = draw(st.sampled_from([(1, 1), (1, 30), (60, 1), (LONG, 2), (3, 3)]))
        flags[y : y + height, x : x + width] |= draw(st.sampled_from([4, 16, 32, 64, 48]))
    return flags


@settings(max_examples=60, deadline=None)
@given(flags=maps(), binning=st.integers(1, 3))
def test_runs_give_the_flags_that_they_were_made_from(
    flags: NDArray[np.int16], binning: int
) -> None:
    runs = find_runs(flags, binning)
    whole = np.kron(flags, np.ones((binning, binning), np.int16))
    np.testing.assert_array_equal(apply_runs(runs, whole.shape), whole)
    assert runs.length.sum() == np.count_nonzero(whole)  # so none overlap
    assert len(set(zip(runs.pix1.tolist(), runs.pix2.tolist(), strict=True))) == len(runs)
    for flag in (4, 16, 32, 64):
        assert runs.count(flag) == np.count_nonzero(whole & flag)


@settings(max_examples=40, deadline=None)
@given(flags=maps())
def test_the_pipeline_reads_the_same_beside_the_overscan_of_a_raw_image(
    flags: NDArray[np.int16],
) -> None:
    flags = np.hstack([flags, flags])  # an even number of columns, as detectors have
    quality = initialize_quality(find_runs(flags), flags.shape, GAP)
    half = flags.shape[1] // 2
    np.testing.assert_array_equal(cut_overscan(quality, GAP), flags)
    assert not quality[:, half : half + GAP].any()


def test_without_flags_there_is_no_run() -> None:
    runs = find_runs(np.zeros((5, 4), np.int16))
    assert len(runs) == 0
    assert not apply_runs(runs, (5, 4)).any()


def test_a_column_is_one_row_of_the_table_and_a_row_two_for_each_half() -> None:
    flags = np.zeros((100, 40), np.int16)
    flags[:, 3] = 4
    assert [vars(find_runs(flags))[name].tolist() for name in ("pix1", "pix2", "length", "axis")] \
        == [[4], [1], [100], [2]]  # fmt: skip
    flags[:] = 0
    flags[7] = 16
    found = find_runs(flags)
    assert (found.pix1.tolist(), found.length.tolist()) == ([1, 21], [20, 20])


@pytest.mark.parametrize("start", [-3, 0, 1, 5, 9])
def test_what_is_outside_of_the_image_is_left_out(start: int) -> None:
    one = np.array([start]), np.array([2]), np.array([4]), np.array([1]), np.array([16])
    found = apply_runs(Runs(*one), (3, 8))
    expected = np.zeros((3, 8), np.int16)
    expected[1, [x for x in range(start - 1, start + 3) if 0 <= x < 8]] = 16
    np.testing.assert_array_equal(found, expected)


def test_rows_of_others_that_overlap_are_joined() -> None:
    columns = np.array([1, 1]), np.array([1, 1]), np.array([2, 1]), np.array([1, 2])
    found = apply_runs(Runs(*columns, np.array([16, 4])), (2, 2))
    assert found.tolist() == [[20, 16], [0, 0]]


def test_a_change_counts_what_became_bad_and_good() -> None:
    before, now = np.zeros((2, 6, 6), np.int16)
    before[1, :3], now[1, 2:] = 16, 64
    change = compare_runs(find_runs(now), find_runs(before), (6, 6))
    assert (change.new, change.gone) == (3, 2)
