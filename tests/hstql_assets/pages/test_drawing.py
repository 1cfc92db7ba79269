"""Plots by Pillow: ticks, what covers which pixel, and where values stand in the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor, ImageDraw

from hstql_assets.pages.drawing.coverage import cover_dots, cover_line, cover_spans, trace
from hstql_assets.pages.drawing.legend import Entry, write_legend
from hstql_assets.pages.drawing.lettering import SMALLEST, find_font, fit, measure, write
from hstql_assets.pages.drawing.palette import MOST, reduce_colours
from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot
from hstql_assets.pages.drawing.scales import Scale, fit_scale

BOX = (80, 40, 380, 240)
BLUE = "#1f5aa0"
numbers = st.floats(-1e300, 1e300)


def make_plot(x: Scale, y: Scale) -> Plot:
    image = Image.new("RGB", (400, 300), PAPER)
    return Plot(image, BOX, Axis(x, "time", "s"), Axis(y, "rate", "counts/s"))


def find_blue(plot: Plot) -> np.ndarray:
    """Return where in the area the colour is, shape (height, width)."""
    pixels = np.asarray(plot.image.crop(plot.box)).astype(int)
    return np.abs(pixels - ImageColor.getrgb(BLUE)).sum(axis=-1) < 30


@pytest.mark.parametrize(
    ("low", "high", "most", "labels", "power"),
    [
        (0.0, 10.0, 5, ["0", "2", "4", "6", "8", "10"], 0),
        (0.0, 1.0, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], 0),
        (-1.2, 1.2, 3, ["\N{MINUS SIGN}1", "0", "1"], 0),
        (0.0, 2.4e-14, 6, ["0.0", "0.5", "1.0", "1.5", "2.0"], -14),
        (1.2e9, 1.3e9, 4, ["1.200", "1.225", "1.250", "1.275", "1.300"], 9),
        (1300.1, 1300.2, 2, ["1300.10", "1300.15", "1300.20"], 0),
        (57000.0, 57000.5, 3, ["57000.0", "57000.2", "57000.4"], 0),
        (0.0, 90000.0, 2, ["0", "50000"], 0),
    ],
)  # fmt: skip
def test_ticks_are_round_numbers(
    low: float, high: float, most: int, labels: list[str], power: int
) -> None:
    ticks = Scale(low, high).find_ticks(most)
    assert list(ticks.labels) == labels
    assert ticks.power == power


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (5.0, 2e4, ["10", "100", "1000", "10000"]),
        (1.0, 60.0, ["1", "2", "5", "10", "20", "50"]),
        (1e-5, 1e-3, ["10⁻⁵", "2x10⁻⁵", "5x10⁻⁵", "10⁻⁴", "2x10⁻⁴", "5x10⁻⁴", "0.001"]),
        (1e-20, 1e20, ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1", "10⁵", "10¹⁰", "10¹⁵", "10²⁰"]),
    ],
)  # fmt: skip
def test_ticks_of_a_logarithmic_axis_are_powers_of_ten(
    low: float, high: float, labels: list[str]
) -> None:
    written = Scale(low, high, is_log=True).find_ticks(8).labels
    assert [label.replace("\N{MULTIPLICATION SIGN}", "x") for label in written if label] == labels


@given(numbers | st.just(np.nan) | st.just(np.inf), numbers, st.integers(1, 12))
def test_any_axis_has_few_ticks_that_lie_on_it_and_differ(low: float, high: float, n: int) -> None:
    scale = fit_scale(low, high)
    assert scale.low < scale.high
    ticks = scale.find_ticks(n)
    assert len(ticks.values) <= n + 1
    assert len(set(ticks.labels)) == len(ticks.labels)
    places = scale.place(np.array(ticks.values))
    assert np.all((places > -1e-6) & (places < 1 + 1e-6))


@given(st.floats(1e-250, 1e250), st.floats(1e-250, 1e250), st.integers(1, 12))
def test_any_logarithmic_axis_has_few_labels(low: float, high: float, n: int) -> None:
    scale = fit_scale(low, high, is_log=True)
    assert sum(bool(label) for label in scale.find_ticks(n).labels) <= max(n, 3) + 1


def test_a_value_has_its_place_on_linear_and_logarithmic_axes() -> None:
    assert Scale(-1.0, 3.0).place(np.array([-1.0, 0.0, 3.0])).tolist() == [0.0, 0.25, 1.0]
    places = Scale(1.0, 100.0, is_log=True).place(np.array([1.0, 10.0, 0.0]))
    assert places.tolist() == [0.0, 0.5, -np.inf]


def test_a_line_has_the_extremes_of_each_column_and_is_broken_at_gaps() -> None:
    x = np.array([0.5, 1.2, 1.8, 2.5, 3.5, 4.5])
    low, high = trace(x, np.array([1.0, 9.0, 2.0, 2.0, np.nan, 5.0]), 6)
    assert (low[1], high[1]) == (pytest.approx(2.0), 9.0)
    assert (low[4], high[4]) == (5.0, 5.0)
    assert np.isnan(low[[3, 5]]).all()


def test_a_million_points_lose_no_peak() -> None:
    y = np.full(1_000_000, 100.0)
    y[654_321] = 20.0
    covered = cover_line(np.linspace(0, 300, len(y)), y, 1.0, (200, 300))
    assert np.flatnonzero(covered[20]).tolist() == [196]
    assert (covered[99] > 0).all()


def test_pixels_are_covered_in_part() -> None:
    columns = np.array([0, 1, 1, 2])
    tops, bottoms = np.array([1.25, 0.0, 2.0, np.nan]), np.array([2.5, 1.0, 9.0, 3.0])
    covered = cover_spans(columns, tops, bottoms, (4, 3))
    assert covered.T.tolist() == [[0, 191, 128, 0], [255, 0, 255, 255], [0, 0, 0, 0]]


def test_a_dot_is_round_and_where_it_belongs_and_one_beyond_the_area_is_cut_off() -> None:
    places = np.array([10.5, 0.0, -50.0, np.nan]), np.array([6.5, 6.5, 3.0, 3.0])
    covered = cover_dots(*places, 2.0, (12, 20))
    assert covered[6, 8:13].tolist() == [128, 255, 255, 255, 128]
    assert covered[6, 0] == 255
    assert (covered == covered[::-1][[11, *range(11)]]).all()  # as much above as below row 6


def test_a_curve_stands_where_the_data_say() -> None:
    plot = make_plot(Scale(0.0, 300.0), Scale(0.0, 100.0))
    x = np.arange(301.0)
    plot.line(x, np.where(x < 150, 25.0, 75.0), BLUE, 3.0)
    plot.finish()
    is_blue = find_blue(plot)
    assert np.flatnonzero(is_blue[:, 100]).tolist() == [149, 150]
    assert np.flatnonzero(is_blue[:, 200]).tolist() == [49, 50]
    assert is_blue[50:150, 149].all()


def test_bands_bars_steps_and_strips_stand_where_the_data_say() -> None:
    plot = make_plot(Scale(0.0, 300.0), Scale(0.0, 100.0))
    plot.bars(np.array([50.5]), np.array([10.0]), np.array([60.0]), BLUE)
    plot.steps(np.array([100.0, 119.5, 140.0]), np.array([50.0, np.nan]), BLUE, 4.0)
    plot.band(np.array([200.0, 220.0]), np.array([20.0, 20.0]), np.array([30.0, 30.0]), BLUE, 1.0)
    plot.strip(260.0, 270.0, BLUE)
    is_blue = find_blue(plot)
    assert np.flatnonzero(is_blue[:, 50]).tolist() == list(range(80, 180))
    assert np.flatnonzero(is_blue[100, :]).tolist() == [50, *range(100, 120), *range(260, 270)]
    assert np.flatnonzero(is_blue[:, 210]).tolist() == list(range(140, 160))


@pytest.mark.parametrize(
    "values",
    [[], [np.nan] * 5, [0.0] * 5, [np.inf, -np.inf, 1.0], [1e300, -1e300, 0.0], [5.0]],
)
def test_odd_values_are_drawn_or_left_out(values: list[float]) -> None:
    finite = [value for value in values if np.isfinite(value)] or [np.nan]
    plot = make_plot(fit_scale(0.0, 5.0), fit_scale(min(finite), max(finite)))
    x, y = np.arange(float(len(values))), np.array(values)
    plot.line(x, y, BLUE)
    plot.band(x, y, y, BLUE)
    plot.dots(x, y, BLUE)
    plot.bars(x, y, y, BLUE)
    plot.finish()


def test_a_legend_goes_where_nothing_is() -> None:
    plot = make_plot(Scale(0.0, 300.0), Scale(0.0, 100.0))
    x = np.arange(301.0)
    plot.line(x, np.where(x > 100, 90.0, 10.0), BLUE, 20.0)
    before = find_blue(plot)
    write_legend(plot, [Entry("a name", "#ff0000"), Entry("another", "#00ff00", "dashed")])
    assert (find_blue(plot) == before).all()


def test_a_long_text_is_made_small_and_then_cut_off() -> None:
    assert fit("short", 14, 200) == ("short", 14)
    text, size = fit("x" * 500, 14, 200)
    assert (text[-1], size) == ("…", SMALLEST)
    assert measure(text, size) <= 200
    assert fit("a\nb\x00", 14, 200)[0] == "a\ufffdb\ufffd"


def test_a_text_looks_the_same_when_it_is_written_again() -> None:
    image, expected = (Image.new("RGB", (200, 60), "#ffffff") for _ in range(2))
    pen = ImageDraw.Draw(expected)
    for place in ((90.5, 20.0), (100.25, 40.5)):
        for _ in range(2):
            write(image, place, "10⁻¹⁴ Åg", 14, "#222222", "ms")
            pen.text(place, "10⁻¹⁴ Åg", "#222222", find_font(14), "ms")
    assert np.array_equal(np.asarray(image), np.asarray(expected))


def test_a_drawing_keeps_its_paper_and_nearly_its_inks() -> None:
    pixels = np.full((40, 50, 3), 255, np.uint8)
    pixels[::2] = np.linspace(0, 255, 50)[:, None]
    pixels[1, :3] = [(31, 119, 180), (255, 127, 14), (254, 254, 254)]
    reduced = reduce_colours(Image.fromarray(pixels))
    assert reduced.mode == "P"
    off = np.abs(np.asarray(reduced.convert("RGB")).astype(int) - pixels)
    assert off.max() < 8
    assert not off[3::2].any()
    nothing = reduce_colours(Image.new("RGB", (4, 3), "#ffffff"))
    assert np.asarray(nothing.convert("RGB")).min() == 255


def test_of_too_many_colours_the_rarest_become_others() -> None:
    levels = np.arange(0, 250, 25, dtype=np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    often = np.repeat(cube[::11], 3, axis=0)
    pixels = np.vstack([cube, often])[None]
    reduced = reduce_colours(Image.fromarray(pixels))
    assert len(reduced.getcolors() or ()) in (MOST - 1, MOST)  # the paper may be one
    off = np.abs(np.asarray(reduced.convert("RGB")).astype(int) - pixels)[0]
    assert not off[len(cube) :].any()
    assert 0 < off.max() < 100
