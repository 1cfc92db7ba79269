"""Draw charts as pictures by Matplotlib, for the user interface and for those who want a file."""

import textwrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter

from hstql_assets.pages.charts import Axis, Chart, Image
from hstql_assets.pages.colours import PALETTE, choose_colours, find_colour
from hstql_assets.pages.figure_files import DOTS_PER_INCH
from hstql_assets.pages.figure_layers import (
    Canvas,
    draw_layer,
    escape,
    write_corner,
    write_mark_label,
)
from hstql_assets.pages.figure_layout import Parts, lay_out
from hstql_assets.pages.labels import (
    NEWEST,
    NOTHING,
    find_far_marks,
    has_newest,
    is_in_legend,
    join_labels,
)
from hstql_assets.pages.ranges import find_extents
from hstql_assets.pages.reduction import PICTURE, reduce_chart
from hstql_resources.times import MJD_OF_1970, can_be_written

DAYS_BY_MONTH = 300  # from then on dates are first days of months
# How dates are written where more days than these are shown.
DATE_FORMS = ((3300, "%Y"), (DAYS_BY_MONTH, "%Y-%m"), (5, "%Y-%m-%d"), (-1, "%Y-%m-%d %H:%M"))

WIDTH_INCHES = 10.0
INCHES_PER_PIXEL = 0.0115  # of the height on the page
DATES_INCHES = 0.35
NOTE_CHARACTERS = 150  # in a line
NUMBERS = (0.9, 10_000.0)  # on a logarithmic axis within these no powers are written
LABEL_CHARACTERS = 26  # in a line of the legend


def draw_chart(chart: Chart) -> Figure:
    """Draw a chart, 1000 pixels wide at 100 dots per inch; what is not finite is not drawn.

    The same chart gives the same figure.
    """
    extents, colour = find_extents(chart), find_colour(chart)
    chart = reduce_chart(chart, extents, PICTURE)
    height = chart.height * INCHES_PER_PIXEL + DATES_INCHES * (chart.x.kind == "mjd")
    figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH)
    axes = figure.add_subplot()
    canvas = Canvas(axes, extents, colour)
    _set_axis(axes, "x", chart.x, canvas)
    _set_axis(axes, "y", chart.y, canvas)
    if chart.is_square:
        axes.set_aspect("equal")
    drawn = [
        draw_layer(canvas, layer, colour)
        for layer, colour in zip(chart.layers, choose_colours(chart), strict=True)
    ]
    for label in join_labels(chart.layers, extents):
        write_mark_label(canvas, label)
    write_corner(canvas, find_far_marks(chart.layers, extents))
    _finish(figure, canvas, chart, drawn)
    return figure


def _set_axis(axes: Axes, which: Any, axis: Axis, canvas: Canvas) -> None:
    extent = canvas.extents[which]
    setter: Any = axes
    getattr(setter, f"set_{which}scale")("log" if extent.is_log else "linear")
    getattr(setter, f"set_{which}lim")(extent.low, extent.high, auto=False)
    getattr(setter, f"set_{which}label")(escape(axis.label))
    if not extent.is_log:
        axes.ticklabel_format(
            useOffset=False, style="plain" if axis.kind == "mjd" else None, axis=which
        )
    elif extent.low >= NUMBERS[0] and extent.high <= NUMBERS[1]:
        # Numbers as they are, also between powers of ten where there are few of these.
        formatter = LogFormatter(labelOnlyBase=False, minor_thresholds=(1.5, 0.5))
        getattr(axes, f"{which}axis").set_major_formatter(formatter)
        getattr(axes, f"{which}axis").set_minor_formatter(formatter)
    if extent.is_empty:
        getattr(axes, f"{which}axis").set_ticks([])


def _finish(figure: Figure, canvas: Canvas, chart: Chart, drawn: list[Any]) -> None:
    axes = canvas.axes
    if not any(isinstance(layer, Image) for layer in chart.layers):
        axes.grid(color="0.93")
    axes.set_axisbelow(True)
    is_empty = canvas.extents["x"].is_empty or canvas.extents["y"].is_empty
    if is_empty:
        axes.text(0.5, 0.5, NOTHING, transform=axes.transAxes, ha="center", color="0.35")
    is_timed = chart.x.kind == "mjd" and not canvas.extents["x"].is_empty
    title = escape("\n".join(textwrap.wrap(chart.title, 90)))
    note = escape("\n".join(textwrap.wrap(chart.note, NOTE_CHARACTERS)))
    parts = Parts(
        axes,
        title=figure.suptitle(title, fontsize="medium"),
        note=figure.supxlabel(note, x=0.01, ha="left", fontsize="x-small", color="0.3"),
        above=_add_dates(axes) if is_timed else None,
        bar=_add_bar(figure, canvas) if canvas.colour is not None and not is_empty else None,
        legend=_add_legend(figure, chart, drawn),
    )
    lay_out(figure, parts)


def _add_bar(figure: Figure, canvas: Canvas) -> Axes:
    colours = ScalarMappable(canvas.norm, PALETTE)
    label = escape(canvas.colour.label) if canvas.colour else ""
    axes = figure.add_axes((0.9, 0.1, 0.02, 0.8))
    figure.colorbar(colours, cax=axes, label=label)
    return axes


def _add_legend(figure: Figure, chart: Chart, drawn: list[Any]) -> Any:
    """Write the legend beside the plot, as small as it must be to fit."""
    entries: dict[str, Any] = {}
    for layer, artist in zip(chart.layers, drawn, strict=True):
        if artist is not None and is_in_legend(layer):
            label = textwrap.fill(getattr(layer, "label", ""), LABEL_CHARACTERS)
            entries.setdefault(escape(label), artist)
    if has_newest(chart):
        ring = Line2D([], [], marker="o", linestyle="none", markersize=8,
                      markerfacecolor="none", markeredgecolor="black")  # fmt: skip
        entries[NEWEST] = ring
    if not entries:
        return None
    lines = sum(label.count("\n") + 1 for label in entries)
    size = 8.0 if lines <= 18 else 6.5
    rows = max(4, int((figure.get_figheight() - 1.0) * 72 / (size * 1.45)))
    return figure.legend(
        list(entries.values()), list(entries), loc="upper right", frameon=False,
        fontsize=size, ncols=-(-lines // rows), handlelength=1.4,
    )  # fmt: skip


def _add_dates(axes: Axes) -> Axes | None:
    """Write dates along the top, on an axis of its own that covers the same MJD (UTC)."""
    low, high = axes.get_xlim()
    if not (can_be_written(low) and can_be_written(high)):
        return None
    above = axes.twiny()
    above.set_xlim(low - MJD_OF_1970, high - MJD_OF_1970)
    days = np.ptp([low, high])
    form = next(form for least, form in DATE_FORMS if days > least)
    locator = AutoDateLocator(  # type: ignore[no-untyped-call]
        minticks=3, maxticks=7, interval_multiples=bool(days > DAYS_BY_MONTH)
    )
    above.xaxis.set_major_locator(locator)
    above.xaxis.set_major_formatter(DateFormatter(form))  # type: ignore[no-untyped-call]
    above.set_xlabel("date (UTC)")
    return above
