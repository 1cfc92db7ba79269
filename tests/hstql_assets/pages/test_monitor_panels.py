"""Charts on a page by Bokeh: what is in the JSON."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.models import Plot

from builders.invented_charts import (
    PLAIN,
    all_charts,
    broken_chart,
    chart,
    crowded_chart,
    map_chart,
    names,
    scatter_chart,
    trend_chart,
)
from hstql_assets.pages.chart_panels import make_panel, shrink
from hstql_assets.pages.charts import Axis, Boxes, Chart, Points
from hstql_assets.pages.panel_layers import round_mantissas


def find(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield the attributes of all models of a kind."""
    if isinstance(value, dict):
        if value.get("name") == name and "id" in value:
            yield value.get("attributes", {})
        for inner in value.values():
            yield from find(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from find(inner, name)


def decode(value: Any) -> Any:
    """Return an array of a column."""
    if isinstance(value, dict) and value.get("type") == "ndarray":
        data = gzip.decompress(base64.b64decode(value["array"]["data"]))
        return np.frombuffer(data, value["dtype"]).reshape(value["shape"])
    return value


def read_sources(text: str) -> list[dict[str, Any]]:
    sources = find(json.loads(text), "ColumnDataSource")
    return [
        {name: decode(column) for name, column in source["data"]["entries"]} for source in sources
    ]


@pytest.mark.parametrize("one", all_charts(), ids=lambda one: one.name)
def test_every_chart_becomes_json_that_is_the_same_each_time(
    one: Chart, caplog: pytest.LogCaptureFixture
) -> None:
    text = make_panel(shrink(one), {}).figure
    assert not set("<>&") & set(text)
    assert text == make_panel(shrink(one), {}).figure
    assert json.loads(text)["doc"]["roots"]
    assert len(text) < 400_000
    assert not caplog.records  # Bokeh warns of plots that it cannot draw


def test_the_columns_are_the_points_in_full_precision() -> None:
    one = trend_chart(100)
    layer = one.layers[1]
    assert isinstance(layer, Points)
    sources = read_sources(make_panel(shrink(one), {}).figure)
    source = next(source for source in sources if "error" in source)
    assert (source["x"] == layer.x).all()
    assert source["x"].dtype == np.float64
    assert (source["y"] == layer.y).all()
    assert source["high"] == pytest.approx(layer.y + 1e-7)
    assert source["rootname"] == list(names(100))


def test_whole_numbers_are_of_a_kind_that_browsers_have() -> None:
    boxes = Boxes(*(np.array([edge]) for edge in (1, 3, 2, 4)), label="box")
    (source,) = read_sources(make_panel(shrink(chart(boxes, x=PLAIN)), {}).figure)
    assert {name: column.tolist() for name, column in source.items()} == {
        "left": [1.0], "right": [3.0], "bottom": [2.0], "top": [4.0],
    }  # fmt: skip
    assert {column.dtype for column in source.values()} == {np.dtype(np.float64)}


def test_points_can_be_clicked_on_where_they_lead_somewhere() -> None:
    one = trend_chart(10)
    taps = [len(list(find(json.loads(make_panel(shrink(one), links).figure), "TapTool")))
            for links in ({}, {"other": "./x"}, {"ltst0003q": "./x"})]  # fmt: skip
    assert taps == [0, 0, 1]


def test_hiding_points_hides_their_bars_and_rings() -> None:
    document = json.loads(make_panel(shrink(trend_chart(50)), {}).figure)
    followers = [one for one in find(document, "GlyphRenderer") if "js_property_callbacks" in one]
    links = [callback for one in followers for callback in find(one, "CustomJS")]
    assert len(followers) == 2
    assert len(links) == 4


def test_a_large_image_is_light_and_exact_to_a_part_in_a_thousand() -> None:
    panel = make_panel(shrink(map_chart()), {})
    (source,) = [source for source in read_sources(panel.figure) if "image" in source]
    pixels = decode(source["image"][0])
    assert pixels.shape == (256, 512)
    assert np.isnan(pixels[:30]).all()
    assert float(np.nanmean(pixels)) == pytest.approx(12, abs=0.01)
    assert len(panel.figure) < 350_000
    assert panel.note == "Each pixel shown is the mean of 4 x 2."


def test_fewer_digits_are_the_nearest_ones_and_nan_stays() -> None:
    rng = np.random.default_rng(2)
    values = rng.lognormal(0, 20, 1000) * rng.choice([-1, 1], 1000)
    rounded = round_mantissas(values)
    assert np.abs(rounded / values.astype(np.float32) - 1).max() <= 2**-10 * 1.001
    assert np.isnan(round_mantissas(np.array([np.nan]))).all()


def test_a_logarithmic_bar_and_a_legend_that_hides() -> None:
    document = json.loads(make_panel(shrink(scatter_chart()), {}).figure)
    (bar,) = find(document, "ColorBar")
    assert bar["title"] == "dark rate (counts/s/pixel)"
    (mapper,) = find(document, "LogColorMapper")
    assert (mapper["low"], mapper["high"]) == (1e-7, 1e-4)
    (legend,) = find(document, "Legend")
    assert legend["click_policy"] == "hide"


def test_many_series_stand_in_columns_that_fit_beside_the_plot() -> None:
    (legend,) = find(json.loads(make_panel(shrink(crowded_chart(40)), {}).figure), "Legend")
    assert len(legend["items"]) == 40
    assert legend["ncols"] == 3


def test_points_of_one_label_and_their_line_have_one_entry() -> None:
    (legend,) = find(json.loads(make_panel(shrink(trend_chart(50)), {}).figure), "Legend")
    items = [entry["attributes"] for entry in legend["items"]]
    assert [(item["label"]["value"], len(item["renderers"])) for item in items] == [
        ("FUVA", 2), ("FUVB", 1), ("last 30 days of data", 2),
    ]  # fmt: skip


def test_a_far_limit_stands_above_the_plot_and_does_not_stretch_it() -> None:
    document = json.loads(make_panel(shrink(trend_chart(50)), {}).figure)
    titles = [title.get("text") for title in find(document, "Title")]
    assert "far limit: 0.001 \u2191" in titles
    assert all(one["end"] < 1e5 for one in find(document, "Range1d"))
    assert sorted(one["location"] for one in find(document, "Span")) == [5.2e-6, 56131.0]


def test_what_formulas_begin_with_is_taken_apart() -> None:
    document = json.loads(make_panel(shrink(broken_chart()), {}).figure)
    (legend,) = find(document, "Legend")
    written = [entry["attributes"]["label"]["value"] for entry in legend["items"]]
    written += [axis["axis_label"] for axis in find(document, "LogAxis")]
    written += [label["text"] for label in find(document, "Label")]
    assert len(written) == 4
    assert not any("$$" in text or "\\(" in text for text in written)


def test_an_empty_chart_is_known_as_such() -> None:
    assert make_panel(shrink(chart()), {}).is_empty
    assert not make_panel(shrink(trend_chart(3)), {}).is_empty


def test_ten_thousand_exposures_make_a_small_panel() -> None:
    mjd = np.linspace(55000, 60000, 10_000)
    points = Points(mjd, np.sin(mjd), "FUVA", np.full(10_000, 0.1), names(10_000),
                    is_newest=mjd > 59970)  # fmt: skip
    panel = make_panel(shrink(chart(points, x=PLAIN, y=Axis("y"))), {})
    assert len(panel.rootnames) <= 3100
    assert set(panel.rootnames) >= set(points.rootnames[-50:])
    assert len(panel.figure) < 250_000


@pytest.mark.parametrize("one", all_charts(), ids=lambda one: one.name)
def test_bokeh_itself_reads_every_chart(one: Chart) -> None:
    item = json.loads(make_panel(shrink(one), {"ltst0003q": "./x"}).figure)
    document = Document.from_json(item["doc"])  # refuses unknown models, attributes and values
    (plot,) = document.roots
    document.validate()
    assert isinstance(plot, Plot)
    assert len(plot.renderers) == len(list(find(item, "GlyphRenderer")))
