"""Draw the interactive panels of a page: five quantities against time on linked axes, by Bokeh.

The panels are the same for all lightcurves but for the numbers. They are built once, which costs
Bokeh 0.2 s, and each page gets them with its own arrays put in.
"""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from bokeh.core.property.vectorization import Field
from bokeh.core.serialization import Serializer
from bokeh.layouts import gridplot
from bokeh.models import (
    BasicTicker,
    BasicTickFormatter,
    CDSView,
    ColumnDataSource,
    DataRange1d,
    HoverTool,
    LinearColorMapper,
    VStrip,
)
from bokeh.models.renderers import GlyphRenderer
from bokeh.plotting import figure

from hstql_assets.pages.bokeh_json import make_inert
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.embedding import make_item, make_plot, make_tips, write_ticks
from hstql_assets.plots.points import Points, break_lines
from hstql_assets.statistics.flares import Flare

# Drawn anew in half a second on two cores without a graphics card; 50,000 take 1.3 s.
MOST_POINTS = 20_000
HEIGHT = 150
AXIS_HEIGHT = 45
DATA, MARKS = "@data@", "@marks@"  # where the arrays go
COUNTS = "counts per point"
PANELS = {
    "gross": ("gross", COUNTS),
    "net": ("net", "counts/s"),
    "flux": ("flux", "erg/s/cm²/Å"),
    "error": ("error", COUNTS),
    "background": ("background", COUNTS),
}
# Column and type: rates need no more than four bytes.
COLUMNS = {
    "mjd": np.float64,
    "dataset": np.int32,
    "shade": np.uint8,
    **dict.fromkeys(
        ("gross", "net", "net_error", "flux", "flux_error", "error", "background"), np.float32
    ),
}
ERRORS = {"net": "net_error", "flux": "flux_error", "gross": "error"}


def fill_panels(points: Points, has_flux: bool, flares: Sequence[Flare] = ()) -> str:
    """Return the panels of a lightcurve as JSON, for `Bokeh.embed.embed_item`.

    Parameters
    ----------
    points : Points
        What to show.
    has_flux : bool
        Whether there is a panel with the flux.
    flares : sequence of Flare
        What to mark.

    Returns
    -------
    str
        JSON without `<`, `>` and `&`, so that it can stand in a script element. The same points
        give the same text.
    """
    marks = Serializer(deferred=False).encode(
        {
            "start": np.array([flare.start_mjd for flare in flares]),
            "end": np.array([flare.end_mjd for flare in flares]),
        }
    )
    filled = _skeleton(has_flux).replace(json.dumps(DATA), make_inert(_encode(points)))
    return filled.replace(json.dumps(MARKS), make_inert(marks))


@cache
def _skeleton(has_flux: bool) -> str:
    names = [name for name in PANELS if has_flux or name != "flux"]
    source = ColumnDataSource({name: [] for name in COLUMNS}, name="bins")
    marks = ColumnDataSource({"start": [], "end": []}, name="flares")
    x_range = DataRange1d(range_padding=0.02)
    panels = [_panel(name, source, x_range, name == names[-1]) for name in names]
    mark = VStrip(
        x0="start",
        x1="end",
        fill_color="#f4a582",
        fill_alpha=0.4,
        line_color=None,
        hatch_color=None,
    )
    for panel in panels:
        # One glyph for all, without copies for what is selected: a page stays small.
        panel.renderers.insert(0, GlyphRenderer(data_source=marks, glyph=mark, view=CDSView()))
    grid = gridplot(
        [[panel] for panel in panels],
        toolbar_location="above",
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
    )
    item = make_item(grid)
    for source_name, data in (("bins", DATA), ("flares", MARKS)):
        found = _find(item, "ColumnDataSource")
        (mine,) = (one for one in found if one["attributes"]["name"] == source_name)
        mine["attributes"]["data"] = data
    return make_inert(item)


def _panel(name: str, source: ColumnDataSource, x_range: DataRange1d, is_last: bool) -> figure:
    title, unit = PANELS[name]
    panel = make_plot(
        height=HEIGHT + AXIS_HEIGHT * is_last,
        x_range=x_range,
        y_range=DataRange1d(only_visible=True),
        name=name,
    )
    panel.line("mjd", name, source=source, color="#c8ced6", line_width=1)
    colours = LinearColorMapper(palette=list(COLOURS), low=-0.5, high=len(COLOURS) - 0.5)
    colour = Field("shade", transform=colours)
    dots = panel.scatter("mjd", name, source=source, size=4, color=colour)
    panel.add_tools(_hover(name, title, unit, dots))
    panel.yaxis.axis_label = f"{title}\n({unit})"
    panel.yaxis.ticker = BasicTicker(desired_num_ticks=4, num_minor_ticks=0)
    if name == "flux":
        panel.yaxis.formatter = BasicTickFormatter(precision=2)
    panel.xaxis.visible = is_last
    if is_last:
        panel.xaxis.axis_label = "time, MJD (UTC)"
        panel.xaxis.formatter = write_ticks()
    return panel


def _hover(name: str, title: str, unit: str, dots: Any) -> HoverTool:
    tips = [
        ("exposure", "@dataset{custom}"),
        ("MJD (UTC)", "@mjd{0.000000}"),
        ("UTC", "@mjd{custom}"),
        (f"{title} ({unit})", f"@{name}{{custom}}"),
    ]
    formatters = {"@dataset": "nameDataset", "@mjd": "writeDate", f"@{name}": "writeNumber"}
    if name in ERRORS:
        tips.append(("its error", f"@{ERRORS[name]}{{custom}}"))
        formatters[f"@{ERRORS[name]}"] = "writeNumber"
    return make_tips([dots], tips, formatters)


def _encode(points: Points) -> Any:
    """Return arrays as Bokeh has them: compressed bytes in base64."""
    broken = break_lines(points)
    shade = (broken.dataset - 1) % len(COLOURS)
    columns = {
        name: (shade if name == "shade" else getattr(broken, name)).astype(kind)
        for name, kind in COLUMNS.items()
    }
    return Serializer(deferred=False).encode(columns)


def _find(item: Any, name: str) -> list[dict[str, Any]]:
    """Return every model of a name in a document."""
    if isinstance(item, list | tuple):
        return [found for inner in item for found in _find(inner, name)]
    if not isinstance(item, dict):
        return []
    inner = [found for value in item.values() for found in _find(value, name)]
    return [item, *inner] if item.get("name") == name and "attributes" in item else inner
