"""The figures of trends on a page: points with error bars that can be zoomed, by Bokeh."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from bokeh.models import BasicTickFormatter, ColumnDataSource, CustomJSHover, DataRange1d, HoverTool
from bokeh.models.annotations import Legend, LegendItem, Span, Whisker
from bokeh.plotting import figure

from hstql_assets.monitors.cameras.charts import colour_of_amplifier
from hstql_assets.monitors.cameras.limits import find_ceiling
from hstql_assets.monitors.cameras.series import Quantity, Series, thin
from hstql_assets.pages.chart_panels import MARGIN_LEFT, make_date_hover, write_mjd
from hstql_assets.pages.embedding import embed

MOST_POINTS = 3000  # per amplifier; drawn anew in half a second
HEIGHT = 340


def embed_trend(series: Sequence[Series]) -> str:
    """Return the figure of one quantity of one set-up as JSON, for `Bokeh.embed.embed_item`.

    Parameters
    ----------
    series : sequence of Series
        One for each amplifier, one at least.

    Returns
    -------
    str
        The same for the same series. Amplifiers can be hidden by a click on the legend.
    """
    quantity = series[0].quantity
    plot = figure(
        height=HEIGHT,
        sizing_mode="stretch_width",
        x_range=DataRange1d(range_padding=0.03),
        y_range=DataRange1d(only_visible=True, range_padding=0.1),
        tools="pan,box_zoom,wheel_zoom,reset,save",
        active_drag="box_zoom",
        toolbar_location="above",
        min_border_left=MARGIN_LEFT,
    )
    plot.toolbar.logo = None
    items = [_add_series(plot, thin(one, MOST_POINTS)) for one in series]
    title = "amplifier: median" if quantity.is_relative else "amplifier"
    plot.add_layout(Legend(items=items, title=title, click_policy="hide"), "right")
    ceiling = find_ceiling(series[0])
    if ceiling is not None:
        plot.add_layout(
            Span(location=ceiling, dimension="width", line_dash="dashed", line_color="#555555")
        )
    write_mjd(plot, "start of the exposure, MJD (UTC)")
    plot.yaxis.axis_label = quantity.axis_label
    plot.yaxis.formatter = BasicTickFormatter(use_scientific=False)
    return embed(plot)


def _add_series(plot: figure, series: Series) -> LegendItem:
    colour = colour_of_amplifier(series.amplifier)
    errors, drawn = np.nan_to_num(series.errors), series.values - series.base
    source = ColumnDataSource(
        {
            "mjd": series.mjd,
            "value": series.values,
            "error": errors,
            "drawn": drawn,
            "low": drawn - errors,
            "high": drawn + errors,
            "rootname": list(series.rootnames),
        }
    )
    bars = Whisker(base="mjd", lower="low", upper="high", source=source, line_color=colour,
                   line_alpha=0.5, level="underlay")  # fmt: skip
    bars.upper_head = bars.lower_head = None
    plot.add_layout(bars)
    dots: Any = plot.scatter("mjd", "drawn", source=source, size=5, color=colour)
    plot.add_tools(_hover(series, dots))
    # Hiding the dots hides their bars.
    dots.js_link("visible", bars, "visible")
    return LegendItem(label=series.legend, renderers=[dots])


def _hover(series: Series, dots: Any) -> HoverTool:
    quantity: Quantity = series.quantity
    number = CustomJSHover(code="return hstql.writeNumber(value)")
    name = "exposure" if series.exposures_per_point == 1 else "first exposure"
    return HoverTool(
        renderers=[dots],
        tooltips=[
            ("amplifier", series.amplifier),
            (name, "@rootname"),
            ("MJD", "@mjd{mjd}"),
            ("UTC", "@mjd{custom}"),
            (f"{quantity.title} ({quantity.unit})", "@value{custom}"),
            ("its error", "@error{custom}"),
        ],
        formatters={
            "@mjd": make_date_hover(),
            "@value": number,
            "@error": number,
        },
        mode="mouse",
        point_policy="snap_to_data",
    )
