"""Blobs in made images: found where they are, with their size and depth, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from hstql_assets.monitors.blobs.combining import flatten, measure_noise, take_median
from hstql_assets.monitors.blobs.finding import find_blobs
from hstql_assets.monitors.blobs.injection import count_false, draw_disc, measure_completeness
from hstql_assets.monitors.blobs.selection import load_selections

IR = load_selections()["IR"]
SHAPE = (200, 200)


def make_image(
    *blobs: tuple[float, float, float, float], noise: float = 0.005
) -> NDArray[np.float32]:
    """Make an image with blobs: row, column, half width at half depth, depth; Gaussians."""
    y, x = np.indices(SHAPE)
    image = 1.0 + noise * np.random.default_rng(5).standard_normal(SHAPE)
    for row, column, radius, depth in blobs:
        apart = np.hypot(y - row, x - column) / radius
        image *= 1.0 - depth * 0.5 ** (apart**2)
    return image.astype(np.float32)


def test_a_blob_has_its_place_radius_and_depth_within_errors() -> None:
    (found,) = find_blobs(make_image((90.0, 50.5, 7.0, 0.1)), 1, IR)
    assert abs(found.row - 90.0) < 4.0 * found.place_error < 1.0
    assert abs(found.column - 50.5) < 4.0 * found.place_error
    assert abs(found.radius - 7.0) < 4.0 * found.radius_error < 1.0
    assert abs(found.depth - 0.1) < 4.0 * found.depth_error < 0.02


def test_in_nothing_there_is_none() -> None:
    assert find_blobs(make_image(), 1, IR) == []
    assert find_blobs(np.full(SHAPE, np.nan, np.float32), 1, IR) == []
    assert find_blobs(np.ones(SHAPE, np.float32), 1, IR) == []
    image = make_image((90.0, 50.0, 7.0, 0.3), (90.0, 66.0, 7.0, 0.3))
    assert count_false(image, find_blobs(image, 1, IR), 1, IR) == 0
    bright = (2.0 - make_image((90.0, 50.0, 7.0, 0.1))).astype(np.float32)
    assert count_false(bright, [], 1, IR) == 1


@pytest.mark.parametrize(("row", "column"), [(3.0, 100.0), (100.0, 197.0), (197.0, 2.0)])
def test_a_blob_at_the_edge_is_found_once(row: float, column: float) -> None:
    (found,) = find_blobs(make_image((row, column, 7.0, 0.2)), 1, IR)
    assert np.hypot(found.row - row, found.column - column) < 2.0


def test_two_that_are_near_are_two_and_a_bad_region_is_none() -> None:
    image = make_image((80.0, 80.0, 6.0, 0.2), (80.0, 104.0, 8.0, 0.1))
    image[120:150, 20:60] = np.nan
    image[10, 10] = 0.2  # one pixel is no blob
    assert sorted(round(one.column) for one in find_blobs(image, 1, IR)) == [80, 104]


def test_what_is_wider_than_a_blob_or_too_shallow_is_none() -> None:
    assert find_blobs(make_image((100.0, 100.0, 40.0, 0.1)), 1, IR) == []
    assert find_blobs(make_image((100.0, 100.0, 8.0, 0.012), noise=0.001), 1, IR) == []


def test_made_blobs_are_found_and_none_where_all_is_unknown() -> None:
    fewer = replace(IR, injected=5)  # many would make most of so small an image
    assert measure_completeness(make_image(), [], 1, fewer, seed=1) == (5, 5)
    unknown = np.full(SHAPE, np.nan, np.float32)
    assert measure_completeness(unknown, [], 1, IR, seed=1) == (0, 0)
    assert measure_completeness(make_image(), [], 1, replace(IR, injected=0), seed=1) == (0, 0)


def test_a_made_blob_is_half_as_deep_at_its_radius() -> None:
    disc = draw_disc(SHAPE, 1, 100.0, 100.0, 8.0, 0.2)
    assert disc[100, 100] == pytest.approx(0.8, abs=0.002)
    assert disc[100, 108] == pytest.approx(0.9, abs=0.001)


def test_a_background_that_falls_and_stars_leave_a_flat_frame() -> None:
    y, x = np.indices(SHAPE)
    light = 1000.0 * (1.1 - 0.0015 * x - 0.001 * y)
    values = np.random.default_rng(2).poisson(light).astype(np.float32)
    values[60:63, 60:63] += 900.0
    ratio = flatten(values, np.zeros(SHAPE, bool))
    assert np.isnan(ratio[61, 61])
    assert np.isfinite(ratio).mean() > 0.95
    edges = [ratio[:, :10], ratio[:, -10:], ratio[:10], ratio[-10:]]
    assert all(abs(np.nanmedian(edge) - 1.0) < 0.01 for edge in edges)
    assert measure_noise(ratio) == pytest.approx(1.0 / np.sqrt(950.0), rel=0.1)


def test_a_frame_without_light_or_pixels_is_all_unknown() -> None:
    nothing = flatten(np.zeros(SHAPE, np.float32), np.zeros(SHAPE, bool))
    assert not np.isfinite(nothing).any()
    assert measure_noise(nothing) == float("inf")
    assert not np.isfinite(flatten(np.ones(SHAPE, np.float32), np.ones(SHAPE, bool))).any()


def test_the_median_is_of_the_frames_that_say_something() -> None:
    frames = [np.full((3, 4), value, np.float32) for value in (1.0, 5.0, 3.0, 9.0)]
    assert take_median(frames)[0, 0] == 4.0
    frames[3][0, 0] = np.nan
    assert take_median(frames)[0, 0] == 3.0
    frames[1][0, 0] = np.nan
    assert take_median(frames)[0, 0] == 2.0
    frames[0][0, 0] = np.nan
    assert np.isnan(take_median(frames)[0, 0])
