"""Draw charts on a page as plots that can be zoomed and pointed at, by Bokeh."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bokeh.models import (
    ColorMapper,
    CustomJS,
    CustomJSTickFormatter,
    HoverTool,
    LinearAxis,
    LinearColorMapper,
    LogColorMapper,
    Range1d,
    TapTool,
)
from bokeh.models.annotations import ColorBar, Legend, LegendItem, Title
from bokeh.palettes import Viridis256
from bokeh.plotting import figure

from hstql_assets.pages.charts import Chart, Colour, Image
from hstql_assets.pages.colours import LIMIT, UNKNOWN, choose_colours, find_colour
from hstql_assets.pages.embedding import MARGIN_LEFT, embed, make_plot, make_tips, write_ticks
from hstql_assets.pages.labels import NEWEST, NOTHING, find_far_marks, is_in_legend, join_labels
from hstql_assets.pages.panel_layers import BokehCanvas, add_layer, add_mark_label, escape
from hstql_assets.pages.ranges import Extents, find_extents
from hstql_assets.pages.reduction import PAGE, reduce_chart

# With the time where ticks are nearer than a day.
DATES = """
const isNear = ticks.length > 1 && Math.abs(ticks[1] - ticks[0]) < 1
return hstql.writeDate(tick).slice(0, isNear ? 16 : 10)
"""
# What is pointed at has both, told apart by the format: `@x{custom}` is the date.
MJD_OR_DATE = "return format === 'custom' ? hstql.writeDate(value) : value.toFixed(4)"

LEGEND_ROW = 19  # pixels
LABEL_CHARACTERS = 34
BAR_CHARACTERS = 40
DATES_HEIGHT = 45


@dataclass(frozen=True)
class Panel:
    """A chart for a page.

    Attributes
    ----------
    figure : str
        JSON for `Bokeh.embed.embed_item`.
    note : str
        The note of the chart, and what the plot leaves out.
    rootnames : tuple of str
        The exposures that can be pointed at.
    is_empty : bool
        Whether there is nothing on it.
    """

    figure: str
    note: str
    rootnames: tuple[str, ...]
    is_empty: bool


@dataclass(frozen=True)
class SmallChart:
    """A chart with what a page can hold of it.

    Attributes
    ----------
    chart : Chart
        As much as is drawn.
    extents : mapping
        Of the whole chart, by axis.
    colour : Colour or None
        Of the whole chart.
    """

    chart: Chart
    extents: Extents
    colour: Colour | None

    @property
    def rootnames(self) -> set[str]:
        """The exposures that can be pointed at."""
        return {name for one in self.chart.layers for name in getattr(one, "rootnames", ())}


def shrink(chart: Chart) -> SmallChart:
    """Leave out of a chart what cannot be told apart on a page."""
    extents = find_extents(chart)
    return SmallChart(reduce_chart(chart, extents, PAGE), extents, find_colour(chart))


def make_panel(one: SmallChart, links: Mapping[str, str]) -> Panel:
    """Make a chart for a page, the same for the same chart; a click on its legend hides a layer.

    The page has the addresses to which exposures lead, see `monitor_links.js`; here the links say
    only whether points can be clicked on.
    """
    small, extents, colour = one.chart, one.extents, one.colour
    canvas = BokehCanvas(_make_plot(small, extents), extents, _make_mapper(colour))
    drawn = [
        add_layer(canvas, layer, shade)
        for layer, shade in zip(small.layers, choose_colours(small), strict=True)
    ]
    if not canvas.plot.renderers:
        canvas.plot.scatter([], [])  # Bokeh warns of a plot with nothing but marks
    for label in join_labels(small.layers, extents):
        add_mark_label(canvas, label)
    _add_titles(canvas, small)
    if canvas.mapper is not None and colour is not None:
        _add_bar(canvas.plot, canvas.mapper, colour)
    _add_legend(canvas, small, drawn)
    rootnames = tuple(dict.fromkeys(one for _, points in canvas.dots for one in points.rootnames))
    _add_tools(canvas, small, any(rootname in links for rootname in rootnames))
    is_empty = extents["x"].is_empty or extents["y"].is_empty
    return Panel(embed(canvas.plot), small.note, rootnames, is_empty)


def _make_plot(chart: Chart, extents: Any) -> figure:
    is_timed = chart.x.kind == "mjd"
    ranges = {name: Range1d(one.low, one.high) for name, one in extents.items()}
    plot = make_plot(
        height=chart.height + DATES_HEIGHT * is_timed,
        sizing_mode="stretch_width",
        x_range=ranges["x"],
        y_range=ranges["y"],
        x_axis_type="log" if extents["x"].is_log else "linear",
        y_axis_type="log" if extents["y"].is_log else "linear",
        name=chart.name,
    )
    if chart.is_square:
        plot.sizing_mode = "fixed"
        plot.frame_width = plot.frame_height = chart.height - MARGIN_LEFT
    plot.yaxis.axis_label = escape(chart.y.label)
    plot.xaxis.axis_label = escape(chart.x.label)
    if is_timed and not extents["x"].is_empty:
        plot.xaxis.formatter = write_ticks()
        dates: Any = CustomJSTickFormatter(code=DATES)
        plot.add_layout(LinearAxis(axis_label="date (UTC)", formatter=dates), "above")
    plot.xaxis.visible = not extents["x"].is_empty
    plot.yaxis.visible = not extents["y"].is_empty
    if any(isinstance(layer, Image) for layer in chart.layers):
        plot.grid.visible = False
    return plot


def _make_mapper(colour: Colour | None) -> ColorMapper | None:
    if colour is None:
        return None
    kind = LogColorMapper if colour.is_log else LinearColorMapper
    return kind(palette=list(Viridis256), low=colour.low, high=colour.high, nan_color=UNKNOWN)


def _add_titles(canvas: BokehCanvas, chart: Chart) -> None:
    """Write above the plot what is beyond its axes, or that there is nothing."""
    texts = find_far_marks(chart.layers, canvas.extents)
    if texts:
        far = Title(text=escape("   ".join(texts)), align="right", text_color=LIMIT,
                    text_font_size="12px", text_font_style="normal")  # fmt: skip
        canvas.plot.add_layout(far, "above")
    if canvas.extents["x"].is_empty or canvas.extents["y"].is_empty:
        canvas.plot.add_layout(Title(text=NOTHING, align="center"), "above")


def _add_bar(plot: figure, mapper: ColorMapper, colour: Colour) -> None:
    title = "\n".join(textwrap.wrap(escape(colour.label), BAR_CHARACTERS))
    bar = ColorBar(color_mapper=mapper, title=title, title_text_font_size="11px",
                   title_text_font_style="normal", width=14)  # fmt: skip
    plot.add_layout(bar, "right")


def _add_legend(canvas: BokehCanvas, chart: Chart, drawn: list[Any]) -> None:
    renderers: dict[str, list[Any]] = {}
    for layer, renderer in zip(chart.layers, drawn, strict=True):
        if renderer is not None and is_in_legend(layer):
            renderers.setdefault(getattr(layer, "label", ""), []).append(renderer)
    items = [
        LegendItem(label={"value": "\n".join(textwrap.wrap(escape(label), LABEL_CHARACTERS))},
                   renderers=found)
        for label, found in renderers.items()
    ]  # fmt: skip
    if canvas.rings:
        items.append(LegendItem(label={"value": NEWEST}, renderers=canvas.rings))
    if items:
        rows = max(4, chart.height // LEGEND_ROW)
        legend = Legend(
            items=items, click_policy="hide", ncols=-(-len(items) // rows), spacing=0,
            label_text_font_size="11px", glyph_height=16, label_height=16, border_line_color=None,
        )  # fmt: skip
        canvas.plot.add_layout(legend, "right")


def _add_tools(canvas: BokehCanvas, chart: Chart, has_links: bool) -> None:
    kinds: dict[tuple[bool, bool, bool], list[Any]] = {}
    for dots, points in canvas.dots:
        kind = (bool(points.rootnames), points.errors is not None, points.values is not None)
        kinds.setdefault(kind, []).append(dots)
    for kind, dots in kinds.items():
        canvas.plot.add_tools(_make_hover(chart, dots, *kind))
    if canvas.steps:
        tips = [("", "$name"), (f"{chart.x.label} from", "@left{custom}"),
                ("to", "@right{custom}"), (chart.y.label, "@count{custom}")]  # fmt: skip
        formatters = dict.fromkeys(("@left", "@right", "@count"), "writeNumber")
        canvas.plot.add_tools(make_tips(canvas.steps, tips, formatters))
    if canvas.images:
        tips = [(chart.x.label, "$x"), (chart.y.label, "$y"), (_colour_label(chart), "@image")]
        canvas.plot.add_tools(make_tips(canvas.images, tips, {}))
    if has_links:
        open_link: Any = CustomJS(code="hstql.openExposure(cb_data.source)")
        all_dots = [dots for dots, points in canvas.dots if points.rootnames]
        canvas.plot.add_tools(TapTool(renderers=all_dots, callback=open_link))


def _make_hover(
    chart: Chart, dots: list[Any], has_rootnames: bool, has_errors: bool, has_values: bool
) -> HoverTool:
    is_timed = chart.x.kind == "mjd"
    tips = [("", "$name")]
    tips += [("exposure", "@rootname")] if has_rootnames else []
    tips += [("MJD", "@x{mjd}"), ("UTC", "@x{custom}")] if is_timed else []
    tips += [] if is_timed else [(chart.x.label, "@x{custom}")]
    tips += [(chart.y.label, "@y{custom}")]
    tips += [("its error", "@error{custom}")] if has_errors else []
    tips += [(_colour_label(chart), "@value{custom}")] if has_values else []
    formatters = dict.fromkeys(("@x", "@y", "@error", "@value"), "writeNumber")
    if is_timed:
        formatters["@x"] = MJD_OR_DATE
    return make_tips(dots, tips, formatters)


def _colour_label(chart: Chart) -> str:
    return chart.colour.label if chart.colour else "value"
