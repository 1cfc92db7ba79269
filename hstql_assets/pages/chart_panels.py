"""Draw charts on a page as plots that can be zoomed and pointed at, by BokehJS."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from hstql_assets.pages.bokeh_json import (
    DATES,
    MARGIN_LEFT,
    NUMBER,
    TICKS,
    Model,
    embed_model,
    make_tips,
    value,
)
from hstql_assets.pages.charts import Axis, Chart, Colour, Image
from hstql_assets.pages.colours import LIMIT, UNKNOWN, choose_colours, find_colour
from hstql_assets.pages.labels import NEWEST, NOTHING, find_far_marks, is_in_legend, join_labels
from hstql_assets.pages.panel_layers import BokehCanvas, add_layer, add_mark_label, escape
from hstql_assets.pages.ranges import Extent, Extents, find_extents
from hstql_assets.pages.reduction import PAGE, reduce_chart

# MJD and date are told apart by the format: `@x{custom}` is the date.
MJD_OR_DATE = "return hstql.writeMjdOrDate(value, format)"

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
    canvas = BokehCanvas(extents, _make_mapper(colour))
    drawn = [
        add_layer(canvas, layer, shade)
        for layer, shade in zip(small.layers, choose_colours(small), strict=True)
    ]
    for label in join_labels(small.layers, extents):
        add_mark_label(canvas, label)
    right = _make_bar(canvas.mapper, colour) + _make_legend(canvas, small, drawn)
    rootnames = tuple(dict.fromkeys(one for _, points in canvas.dots for one in points.rootnames))
    has_links = any(rootname in links for rootname in rootnames)
    plot = _make_plot(canvas, small, right, _make_tools(canvas, small, has_links))
    is_empty = extents["x"].is_empty or extents["y"].is_empty
    return Panel(embed_model(plot), small.note, rootnames, is_empty)


def make_leading_panel(chart: Chart) -> Panel:
    """Return a chart whose points all lead somewhere: the script of the page knows where."""
    small = shrink(chart)
    return make_panel(small, dict.fromkeys(small.rootnames, ""))


def _make_plot(canvas: BokehCanvas, chart: Chart, right: list[Model], tools: list[Model]) -> Model:
    extents, is_timed = canvas.extents, chart.x.kind == "mjd"
    x, y = _make_axis(chart.x, extents["x"]), _make_axis(chart.y, extents["y"])
    above = _make_titles(canvas, chart)
    if is_timed and not extents["x"].is_empty:
        x.attributes["formatter"] = Model("CustomJSTickFormatter", code=TICKS)
        dates = Model("CustomJSTickFormatter", code=DATES)
        above.insert(0, Model("LinearAxis", axis_label="date (UTC)", formatter=dates))
    shows_grid = not any(isinstance(layer, Image) for layer in chart.layers)
    grids = [Model("Grid", axis=axis, dimension=number, visible=shows_grid)
             for number, axis in enumerate((x, y))]  # fmt: skip
    zoom = Model("BoxZoomTool")
    usual = [Model("PanTool"), zoom, *map(Model, ("WheelZoomTool", "ResetTool", "SaveTool"))]
    toolbar = Model("Toolbar", tools=[*usual, *tools], active_drag=zoom, logo=None)
    plot = Model(
        "Figure", name=chart.name, height=chart.height + DATES_HEIGHT * is_timed,
        sizing_mode="stretch_width", min_border_left=MARGIN_LEFT,
        **{f"{name}_range": Model("Range1d", start=one.low, end=one.high)
           for name, one in extents.items()},
        **{f"{name}_scale": Model("LogScale" if one.is_log else "LinearScale")
           for name, one in extents.items()},
        renderers=canvas.renderers, toolbar=toolbar, toolbar_location="above",
        left=[y], right=right, above=above, below=[x], center=[*grids, *canvas.marks],
    )  # fmt: skip
    if chart.is_square:
        side = chart.height - MARGIN_LEFT
        plot.attributes |= {"sizing_mode": "fixed", "frame_width": side, "frame_height": side}
    return plot


def _make_axis(axis: Axis, extent: Extent) -> Model:
    made = Model("LinearAxis", axis_label=escape(axis.label), visible=not extent.is_empty)
    if extent.is_log:
        ticker = Model("LogTicker", num_minor_ticks=10, mantissas=[1, 5])
        formatter = Model("LogTickFormatter", ticker=ticker)
        made.kind = "LogAxis"
        made.attributes |= {"ticker": ticker, "formatter": formatter}
    return made


def _make_mapper(colour: Colour | None) -> Model | None:
    if colour is None:
        return None
    # Bokeh's is a tenth of a second that only charts with colours wait for.
    from bokeh.palettes import Viridis256

    kind = "LogColorMapper" if colour.is_log else "LinearColorMapper"
    ends = {"low": colour.low, "high": colour.high}
    return Model(kind, palette=list(Viridis256), nan_color=UNKNOWN, **ends)


def _make_titles(canvas: BokehCanvas, chart: Chart) -> list[Model]:
    """Return what stands above the plot: what is beyond its axes, or that there is nothing."""
    titles = []
    texts = find_far_marks(chart.layers, canvas.extents)
    if texts:
        far = Model("Title", text=escape("   ".join(texts)), align="right", text_color=LIMIT,
                    text_font_size="12px", text_font_style="normal")  # fmt: skip
        titles.append(far)
    if canvas.extents["x"].is_empty or canvas.extents["y"].is_empty:
        titles.append(Model("Title", text=NOTHING, align="center"))
    return titles


def _make_bar(mapper: Model | None, colour: Colour | None) -> list[Model]:
    if mapper is None or colour is None:
        return []
    title = "\n".join(textwrap.wrap(escape(colour.label), BAR_CHARACTERS))
    bar = Model("ColorBar", color_mapper=mapper, title=title, title_text_font_size="11px",
                title_text_font_style="normal", width=14)  # fmt: skip
    return [bar]


def _make_legend(canvas: BokehCanvas, chart: Chart, drawn: list[Model | None]) -> list[Model]:
    renderers: dict[str, list[Model]] = {}
    for layer, renderer in zip(chart.layers, drawn, strict=True):
        if renderer is not None and is_in_legend(layer):
            renderers.setdefault(getattr(layer, "label", ""), []).append(renderer)
    items = [
        _make_item("\n".join(textwrap.wrap(escape(label), LABEL_CHARACTERS)), found)
        for label, found in renderers.items()
    ]
    items += [_make_item(NEWEST, canvas.rings)] if canvas.rings else []
    if not items:
        return []
    rows = max(4, chart.height // LEGEND_ROW)
    legend = Model(
        "Legend", items=items, click_policy="hide", ncols=-(-len(items) // rows), spacing=0,
        label_text_font_size="11px", glyph_height=16, label_height=16, border_line_color=None,
    )  # fmt: skip
    return [legend]


def _make_item(label: str, renderers: list[Model]) -> Model:
    return Model("LegendItem", label=value(label), renderers=renderers)


def _make_tools(canvas: BokehCanvas, chart: Chart, has_links: bool) -> list[Model]:
    kinds: dict[tuple[bool, bool, bool], list[Model]] = {}
    for dots, points in canvas.dots:
        kind = (bool(points.rootnames), points.errors is not None, points.values is not None)
        kinds.setdefault(kind, []).append(dots)
    tools = [_make_hover(chart, dots, *kind) for kind, dots in kinds.items()]
    if canvas.steps:
        tips = [("", "$name"), (f"{chart.x.label} from", "@left{custom}"),
                ("to", "@right{custom}"), (chart.y.label, "@count{custom}")]  # fmt: skip
        formatters = dict.fromkeys(("@left", "@right", "@count"), NUMBER)
        tools.append(make_tips(canvas.steps, tips, formatters))
    if canvas.images:
        tips = [(chart.x.label, "$x"), (chart.y.label, "$y"), (_colour_label(chart), "@image")]
        tools.append(make_tips(canvas.images, tips, {}))
    if has_links:
        open_link = Model("CustomJS", code="hstql.openExposure(cb_data.source)")
        all_dots = [dots for dots, points in canvas.dots if points.rootnames]
        tools.append(Model("TapTool", renderers=all_dots, callback=open_link))
    return tools


def _make_hover(
    chart: Chart, dots: list[Model], has_rootnames: bool, has_errors: bool, has_values: bool
) -> Model:
    is_timed = chart.x.kind == "mjd"
    tips = [("", "$name")]
    tips += [("exposure", "@rootname")] if has_rootnames else []
    tips += [("MJD", "@x{mjd}"), ("UTC", "@x{custom}")] if is_timed else []
    tips += [] if is_timed else [(chart.x.label, "@x{custom}")]
    tips += [(chart.y.label, "@y{custom}")]
    tips += [("its error", "@error{custom}")] if has_errors else []
    tips += [(_colour_label(chart), "@value{custom}")] if has_values else []
    formatters = dict.fromkeys(("@x", "@y", "@error", "@value"), NUMBER)
    if is_timed:
        formatters["@x"] = MJD_OR_DATE
    return make_tips(dots, tips, formatters)


def _colour_label(chart: Chart) -> str:
    return chart.colour.label if chart.colour else "value"
