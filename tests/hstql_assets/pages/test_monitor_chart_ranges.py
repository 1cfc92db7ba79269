"""Where axes end, which marks are drawn, and what is left out of large charts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.invented_charts import PLAIN, chart, trend_chart
from hstql_assets.pages.charts import Axis, Band, Boxes, Colour, Image, Line, Mark, Points, Steps
from hstql_assets.pages.colours import choose_colours, find_colour
from hstql_assets.pages.labels import find_far_marks, join_labels
from hstql_assets.pages.ranges import Extent, find_extent, find_extents
from hstql_assets.pages.reduction import PAGE, Most, reduce_chart
from hstql_assets.pages.thinning import shrink_image, thin_line, thin_points

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def points(y: list[float], **more: object) -> Points:
    return Points(np.arange(len(y), dtype=float), np.array(y), **more)  # type: ignore[arg-type]


@settings(max_examples=60)
@given(st.lists(FLOATS, max_size=8), st.sampled_from(["linear", "log"]), FLOATS)
def test_any_numbers_give_an_axis_that_holds_those_that_have_a_place(
    y: list[float], kind: str, limit: float
) -> None:
    axis = Axis("y", kind)  # type: ignore[arg-type]
    extent = find_extent(chart(points(y), Mark(limit), y=axis, x=PLAIN), "y")
    assert np.isfinite([extent.low, extent.high]).all()
    assert extent.low < extent.high
    assert extent.low > 0 or kind == "linear"
    placed = [v for v in y if np.isfinite(v) and abs(v) < 1e100 and (v > 0 or kind == "linear")]
    assert all(extent.holds(value) for value in placed)


def test_a_mark_that_is_near_widens_the_axis_and_one_that_is_far_is_written() -> None:
    near, far = Mark(15.0, "near"), Mark(100.0, "far", is_limit=True)
    below = Band(-90.0, -80.0, "bad range")
    whole = chart(points([0.0, 10.0]), near, far, below, x=PLAIN)
    extents = find_extents(whole)
    assert extents["y"].holds(15.0)
    assert extents["y"].high < 20
    assert find_far_marks(whole.layers, extents) == ["far: 100 \u2191", "bad range: -80 \u2193"]
    assert [label.text for label in join_labels(whole.layers, extents)] == ["near"]


def test_given_limits_are_kept_and_points_beyond_them_are_counted() -> None:
    whole = chart(points([0.0, 5.0, 50.0, 60.0]), x=PLAIN, y=Axis("y", limits=(-1.0, 10.0)))
    extents = find_extents(whole)
    assert (extents["y"].low, extents["y"].high) == (-1.0, 10.0)
    assert reduce_chart(whole, extents, PAGE).note == "2 points are beyond the axes."


def test_values_that_are_all_equal_are_shown_between_the_nearest_marks() -> None:
    marks = [Mark(value) for value in (-9.0, -3.0, 3.0, 9.0)]
    extent = find_extent(chart(points([1.1, 1.1]), *marks, x=PLAIN), "y")
    assert -6 < extent.low < -3 < 3 < extent.high < 6
    alone = find_extent(chart(points([1.1, 1.1]), x=PLAIN), "y")
    assert (alone.low, alone.high) == (pytest.approx(0.99), pytest.approx(1.21))


@pytest.mark.parametrize("limits", [(np.nan, 1.0), (2.0, 2.0), (-1.0, np.inf)])
def test_limits_that_are_none_are_passed_over(limits: tuple[float, float]) -> None:
    extent = find_extent(chart(points([3.0, 4.0]), x=PLAIN, y=Axis("y", limits=limits)), "y")
    assert 2.5 < extent.low < 3 < 4 < extent.high < 4.5


def test_an_error_bar_is_within_the_axis_but_a_huge_one_does_not_flatten_the_data() -> None:
    usual = find_extent(chart(points([0.0, 10.0], errors=np.array([2.0, 2.0])), x=PLAIN), "y")
    assert -4 < usual.low < -2
    huge = find_extent(chart(points([0.0, 10.0], errors=np.array([1e9, 1.0])), x=PLAIN), "y")
    assert -15 < huge.low < -9


def test_labels_of_marks_that_are_near_one_another_are_written_as_one() -> None:
    marks = (Mark(1.0, "mean"), Mark(1.01, "median", is_limit=True), Mark(8.0, "top"))
    whole = chart(points([0.0, 10.0]), *marks, x=PLAIN)
    labels = join_labels(whole.layers, find_extents(whole))
    assert [(label.text, label.is_limit) for label in labels] == [
        ("mean; median", True), ("top", False),
    ]  # fmt: skip


def test_thinning_keeps_single_points_and_all_newest_ones() -> None:
    rng = np.random.default_rng(1)
    number = 50_000
    y = rng.normal(size=number)
    y[777] = 40.0
    mjd = np.linspace(55000, 60000, number)
    newest = mjd > 59970
    layer = Points(mjd, y, "dense", is_newest=newest, rootnames=tuple(map(str, range(number))))
    extents = find_extents(chart(layer))
    thin = thin_points(layer, extents["x"], extents["y"], 3000)
    assert thin.is_newest is not None
    assert thin.is_newest.sum() == newest.sum()
    assert 1500 < len(thin.x) - newest.sum() <= 3000
    assert "777" in thin.rootnames
    # A point has kept its name, and they are in order of time.
    assert all(y[int(name)] == value for name, value in zip(thin.rootnames, thin.y, strict=True))
    assert (np.diff(thin.x) > 0).all()
    few = Points(mjd[:3000], y[:3000])
    assert thin_points(few, extents["x"], extents["y"], 3000) is few


def test_what_is_left_out_is_said() -> None:
    number = 9000
    mjd = np.linspace(55000, 60000, number)
    whole = chart(Points(mjd, np.sin(mjd), "FUVA"), note="From 9000 exposures.")
    small = reduce_chart(whole, find_extents(whole), PAGE)
    (layer,) = small.layers
    assert isinstance(layer, Points)
    assert small.note.startswith("From 9000 exposures. Of 9,000 points of FUVA ")
    assert f" {len(layer.x):,} are drawn" in small.note
    assert len(layer.x) <= 3000


def test_values_without_a_logarithm_are_left_out_and_counted() -> None:
    whole = chart(points([1.0, 0.0, -2.0, 10.0, np.nan], label="FUVA"), x=PLAIN, y=Axis("y", "log"))
    small = reduce_chart(whole, find_extents(whole), PAGE)
    assert list(small.layers[0].y) == [1.0, 10.0]  # type: ignore[union-attr]
    assert small.note == "2 points of FUVA at or below zero have no place on the logarithmic axis."


def test_a_thinned_line_keeps_its_extremes_and_its_breaks() -> None:
    y = np.sin(np.linspace(0, 50, 20_000))
    y[5_000], y[9_000:9_003] = 7.0, np.nan
    thin = thin_line(Line(np.arange(20_000.0), y), 2000)
    assert len(thin.x) <= 2500
    assert np.nanmax(thin.y) == 7.0
    assert np.isnan(thin.y).any()
    assert (thin.x[0], thin.x[-1]) == (0, 19_999)


def test_a_smaller_image_has_the_means_of_blocks_at_the_same_places() -> None:
    pixels = np.arange(24.0).reshape(4, 6)
    pixels[0, 0], pixels[2:, 4:] = np.nan, np.nan
    image, block = shrink_image(Image(pixels, 10.0, 16.0, 0.0, 8.0), 3, 2)
    assert block == (2, 2)
    assert image.pixels[0, 0] == pytest.approx((1 + 6 + 7) / 3)
    assert image.pixels[1, 0] == pytest.approx((12 + 13 + 18 + 19) / 4)
    assert np.isnan(image.pixels[1, 2])
    assert (image.left, image.right, image.bottom, image.top) == (10, 16, 0, 8)


def test_an_image_that_blocks_do_not_divide_keeps_the_place_of_its_pixels() -> None:
    image, block = shrink_image(Image(np.ones((5, 7)), 0.0, 7.0, 0.0, 5.0), 4, 5)
    assert block == (2, 1)
    assert image.pixels.shape == (5, 4)
    assert (image.pixels == 1).all()
    assert (image.right, image.top) == (8.0, 5.0)


def test_many_steps_become_means_and_the_note_says_of_how_many() -> None:
    steps = Steps(np.arange(10_001.0), np.repeat([2.0, 4.0], 5000))
    whole = chart(steps, x=PLAIN)
    small = reduce_chart(whole, find_extents(whole), Most(1000, 10, 10))
    (layer,) = small.layers
    assert isinstance(layer, Steps)
    assert len(layer.counts) == 1000
    assert (layer.edges[0], layer.edges[-1]) == (0, 10_000)
    assert set(layer.counts) == {2.0, 4.0}
    assert small.note == "Steps are means of 10 bins."


def test_layers_of_one_label_share_a_colour_and_a_line_is_darker() -> None:
    colours = choose_colours(trend_chart())
    _, first, second, line = colours[:4]
    assert first != second
    assert line not in (first, second)
    assert sum(int(line[i : i + 2], 16) for i in (1, 3, 5)) < sum(
        int(first[i : i + 2], 16) for i in (1, 3, 5)
    )
    own = chart(points([1.0], label="a", colour="#123456"), points([2.0], label="a"))
    assert choose_colours(own) == ["#123456", "#123456"]


@pytest.mark.parametrize(
    ("wanted", "low", "high"),
    [
        (Colour("v", 0, 20), 0, 20),
        (Colour("v", np.nan, np.nan), 2, 8),
        (Colour("v", 5, 5), 5, 5.5),
        (Colour("v", 0, 8, is_log=True), 2, 8),
        (None, 2, 8),
    ],
)
def test_the_ends_of_a_colour_bar_can_always_be_drawn(
    wanted: Colour | None, low: float, high: float
) -> None:
    values = np.array([2.0, np.nan, 8.0])
    whole = replace(chart(points([1.0, 2.0, 3.0], values=values), x=PLAIN), colour=wanted)
    found = find_colour(whole)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_nothing_with_values_has_no_colour_bar() -> None:
    boxes = Boxes(*(np.array([value]) for value in (0.0, 1.0, 0.0, 1.0)))
    assert find_colour(chart(points([1.0]), boxes, colour=Colour("v", 0, 1))) is None


def test_a_place_on_a_logarithmic_axis_is_that_of_the_logarithm() -> None:
    assert Extent(1.0, 100.0, is_log=True).place(np.array([1.0, 10.0, 100.0])) == pytest.approx(
        [0.0, 0.5, 1.0]
    )
