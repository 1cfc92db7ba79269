"""Draw the interactive panels of a page: five quantities against time on linked axes."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.pages.bokeh_json import (
    MARGIN_LEFT,
    NUMBER,
    TICKS,
    Model,
    embed_model,
    field,
    make_tips,
    value,
)
from hstql_assets.pages.colours import COLOURS
from hstql_assets.plots.points import Points, break_lines
from hstql_assets.statistics.flares import Flare

# Drawn anew in half a second on two cores without a graphics card; 50,000 take 1.3 s.
MOST_POINTS = 20_000
HEIGHT = 150
AXIS_HEIGHT = 45
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
TOOLS = ("PanTool", "BoxZoomTool", "WheelZoomTool", "ResetTool")


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
    names = [name for name in PANELS if has_flux or name != "flux"]
    source = Model("ColumnDataSource", name="bins", data=_make_columns(points))
    marks = _mark_flares(flares)
    x_range = Model("DataRange1d", range_padding=0.02)
    panels = [_make_panel(name, source, marks, x_range, name == names[-1]) for name in names]
    return embed_model(_stack(panels))


def _make_columns(points: Points) -> dict[str, np.ndarray]:
    broken = break_lines(points)
    shade = (broken.dataset - 1) % len(COLOURS)
    return {
        name: (shade if name == "shade" else getattr(broken, name)).astype(kind)
        for name, kind in COLUMNS.items()
    }


def _mark_flares(flares: Sequence[Flare]) -> Model:
    """Return strips behind all panels."""
    times = {
        "start": np.array([flare.start_mjd for flare in flares]),
        "end": np.array([flare.end_mjd for flare in flares]),
    }
    strip = Model(
        "VStrip", x0=field("start"), x1=field("end"), fill_color=value("#f4a582"),
        fill_alpha=value(0.4), line_color=value(None), hatch_color=value(None),
    )  # fmt: skip
    source = Model("ColumnDataSource", name="flares", data=times)
    # No copies for what is selected: a page stays small.
    return Model(
        "GlyphRenderer", data_source=source, glyph=strip, nonselection_glyph=None, muted_glyph=None
    )


def _make_panel(name: str, source: Model, marks: Model, x_range: Model, is_last: bool) -> Model:
    title, unit = PANELS[name]
    line = Model("Line", x=field("mjd"), y=field(name), line_color="#c8ced6", line_width=1)
    mapper = Model("LinearColorMapper", palette=list(COLOURS), low=-0.5, high=len(COLOURS) - 0.5)
    colour = field("shade", transform=mapper)
    dot = Model("Scatter", x=field("mjd"), y=field(name), size=value(4), line_color=colour,
                fill_color=colour)  # fmt: skip
    lines, dots = (Model("GlyphRenderer", data_source=source, glyph=one) for one in (line, dot))
    y = Model("LinearAxis", axis_label=f"{title}\n({unit})",
              ticker=Model("BasicTicker", desired_num_ticks=4, num_minor_ticks=0))  # fmt: skip
    if name == "flux":
        y.attributes["formatter"] = Model("BasicTickFormatter", precision=2)
    x = Model("LinearAxis", visible=is_last)
    if is_last:
        x.attributes |= {"axis_label": "time, MJD (UTC)",
                         "formatter": Model("CustomJSTickFormatter", code=TICKS)}  # fmt: skip
    tools = {kind: Model(kind) for kind in TOOLS}
    return Model(
        "Figure", name=name, height=HEIGHT + AXIS_HEIGHT * is_last, sizing_mode="stretch_width",
        min_border_left=MARGIN_LEFT, x_range=x_range,
        y_range=Model("DataRange1d", only_visible=True),
        x_scale=Model("LinearScale"), y_scale=Model("LinearScale"),
        renderers=[marks, lines, dots],
        toolbar=Model("Toolbar", tools=[*tools.values(), _make_hover(name, title, unit, dots)],
                      active_drag=tools["BoxZoomTool"], logo=None),
        toolbar_location=None, left=[y], below=[x],
        center=[Model("Grid", axis=x), Model("Grid", axis=y, dimension=1)],
    )  # fmt: skip


def _make_hover(name: str, title: str, unit: str, dots: Model) -> Model:
    tips = [
        ("exposure", "@dataset{custom}"),
        ("MJD (UTC)", "@mjd{0.000000}"),
        ("UTC", "@mjd{custom}"),
        (f"{title} ({unit})", f"@{name}{{custom}}"),
    ]
    formatters = {
        "@dataset": "return hstql.nameDataset(value)",
        "@mjd": "return hstql.writeDate(value)",
        f"@{name}": NUMBER,
    }
    if name in ERRORS:
        tips.append(("its error", f"@{ERRORS[name]}{{custom}}"))
        formatters[f"@{ERRORS[name]}"] = NUMBER
    return make_tips([dots], tips, formatters)


def _stack(panels: Sequence[Model]) -> Model:
    """Put panels below one another; a button of their one toolbar is for all of them."""
    of_each = [panel.attributes["toolbar"].attributes["tools"] for panel in panels]
    tools = [Model("ToolProxy", tools=list(same)) for same in zip(*of_each, strict=True)]
    zoom = tools[TOOLS.index("BoxZoomTool")]
    toolbar = Model("Toolbar", tools=[*tools, Model("SaveTool")], active_drag=zoom, logo=None)
    children = [(panel, row, 0) for row, panel in enumerate(panels)]
    return Model("GridPlot", toolbar=toolbar, children=children, sizing_mode="stretch_width")
