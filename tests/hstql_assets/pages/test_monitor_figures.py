"""Charts as pictures by Matplotlib."""

import io
import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image as Picture

from builders.invented_charts import (
    HOSTILE,
    PLAIN,
    all_charts,
    chart,
    crowded_chart,
    map_chart,
    scatter_chart,
    trend_chart,
)
from hstql_assets.pages.chart_panels import make_panel, shrink
from hstql_assets.pages.charts import Axis, Chart, Mark, Points
from hstql_assets.pages.figure_files import save_figure
from hstql_assets.pages.figures import draw_chart
from hstql_resources.filesystem import Filesystem


def save(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100, metadata={"Software": None})
    return buffer.getvalue()


def texts(figure: Figure) -> list[str]:
    figure.canvas.draw()
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.mark.parametrize("one", all_charts(), ids=lambda one: one.name)
def test_every_chart_becomes_a_picture_without_a_warning(one: Chart) -> None:
    with Picture.open(io.BytesIO(save(draw_chart(one)))) as picture:
        assert picture.width == 1000
        assert 300 < picture.height < 600
        assert len(np.unique(np.asarray(picture.convert("L")))) > 2


def test_the_same_chart_gives_the_same_picture() -> None:
    assert save(draw_chart(trend_chart())) == save(draw_chart(trend_chart()))


def test_a_picture_is_what_matplotlib_itself_would_write(filesystem: Filesystem) -> None:
    path = filesystem.home / "plots" / "picture.png"
    for one in (trend_chart(), map_chart()):
        save_figure(draw_chart(one), path, filesystem)
        assert path.read_bytes() == save(draw_chart(one))


def test_a_trend_has_points_bars_rings_marks_and_dates() -> None:
    one = trend_chart()
    figure = draw_chart(one)
    written = texts(figure)
    axes, above = figure.axes
    assert axes.get_xlabel() == "start of the exposure, MJD (UTC)"
    assert axes.get_ylabel() == "dark rate (counts/s/pixel)"
    assert all(re.fullmatch(r"20\d\d", label.get_text()) for label in above.get_xticklabels())
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["FUVA", "FUVB", "last 30 days of data"]
    rings = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    newest = one.layers[1].is_newest  # type: ignore[union-attr]
    assert [len(ring.get_xdata()) for ring in rings] == [int(newest.sum())] * 2
    assert "far limit: 0.001 \u2191" in written
    assert axes.get_ylim()[1] < 1e-5
    (limit,) = [line for line in axes.lines if line.get_color() == "#cc2828"]
    assert set(limit.get_ydata()) == {5.2e-6}
    assert {"requirement", "second position", "third position"} <= set(written)


def test_error_bars_reach_from_low_to_high() -> None:
    points = Points(
        np.array([58000.0, 58001]), np.array([3.0, 4.0]), errors=np.array([1.0, np.nan])
    )
    axes = draw_chart(chart(points)).axes[0]
    bars = axes.lines[0].get_ydata()
    assert list(bars[:2]) == [2.0, 4.0]
    assert np.isnan(bars[2:]).all()


def test_an_image_is_drawn_where_it_is_with_nan_left_out() -> None:
    figure = draw_chart(map_chart())
    (image,) = figure.axes[0].images
    assert list(image.get_extent()) == [0, 16384, 0, 1024]
    assert image.get_clim() == (0, 20)
    pixels = image.get_array()
    assert pixels.shape == (512, 1024)
    assert np.ma.getmaskarray(pixels)[:60].all()
    assert pixels[100:].mean() == pytest.approx(12, abs=0.01)
    assert figure.axes[1].get_ylabel() == "modal gain"


def test_unknown_values_are_grey_and_the_rest_has_the_colours_of_the_bar() -> None:
    one = scatter_chart()
    figure = draw_chart(one)
    axes, bar = figure.axes
    values = one.layers[0].values  # type: ignore[union-attr]
    (known,) = axes.collections
    assert len(known.get_offsets()) == np.isfinite(values).sum()
    assert len(axes.lines[0].get_xdata()) == np.isnan(values).sum()
    assert bar.get_yscale() == "log"
    assert bar.get_ylim() == pytest.approx((1e-7, 1e-4))


def test_a_legend_of_many_series_is_inside_the_picture() -> None:
    figure = draw_chart(crowded_chart(40))
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert len(figure.legends[0].get_texts()) == 40
    assert box.x1 <= figure.bbox.x1 + 1
    assert box.y0 >= -1
    assert figure.axes[0].get_window_extent().width > 300


def test_a_logarithmic_axis_of_small_numbers_has_numbers_and_no_powers() -> None:
    points = Points(np.array([1.0, 2, 3]), np.array([1.2, 3.0, 6.0]))
    figure = draw_chart(chart(points, x=PLAIN, y=Axis("RMS (mas)", "log")))
    figure.canvas.draw()
    axis = figure.axes[0].yaxis
    labels = [label.get_text() for label in axis.get_ticklabels(which="both")]
    assert {"2", "3"} <= set(labels)
    assert not any("10^" in label for label in labels)


def test_dollars_are_no_formula() -> None:
    figure = draw_chart(chart(Mark(1.0, HOSTILE), x=PLAIN, y=Axis("cost ($) of $x_{")))
    save(figure)
    assert figure.axes[0].get_ylabel() == r"cost (\$) of \$x_{"


def test_nothing_at_all_says_so() -> None:
    assert texts(draw_chart(chart())) == ["There is nothing to show yet."]


def test_a_circle_is_a_circle_where_a_chart_says_so() -> None:
    plane = (Axis("x (arcsec)", limits=(-2.0, 2.0)), Axis("y (arcsec)", limits=(-2.0, 2.0)))
    points = Points(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    for is_square in (True, False):
        one = Chart("slews", "Slews", *plane, (points,), is_square=is_square)
        figure = draw_chart(one)
        figure.canvas.draw()
        (axes,) = figure.axes
        axes.apply_aspect()
        width, height = np.ptp(axes.transData.transform([(0.0, 0.0), (1.0, 1.0)]), axis=0)
        assert (abs(width / height - 1.0) < 0.01) == is_square
        plot = json.loads(make_panel(shrink(one), {}).figure)["doc"]["roots"][0]["attributes"]
        assert (plot.get("frame_width") is not None) == is_square
