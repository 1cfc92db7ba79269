"""Draw the summary charts: what there is in all, as bars."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.pages.bokeh_json import Model, embed_model, field, make_tips, value
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.pages import BOKEH, render
from hstql_assets.plots.items import Item
from hstql_resources.filesystem import Filesystem

MOST_TARGETS = 30
BAR_HEIGHT = 22
AXES_HEIGHT = 90
DETECTORS = ("cos_fuv", "cos_nuv", "stis_fuv-mama", "stis_nuv-mama")
INSTRUMENTS = ("cos", "stis")


@dataclass(frozen=True)
class Chart:
    """A chart of bars.

    Attributes
    ----------
    name : str
        For the page, a word.
    title, note : str
        What it shows.
    axis : str
        What the length of the bars is, with its unit.
    values : mapping of str to mapping of str to float
        By bar, then by part of the bar.
    """

    name: str
    title: str
    note: str
    axis: str
    values: Mapping[str, Mapping[str, float]]

    @property
    def figure(self) -> str | None:
        """The chart as JSON for `Bokeh.embed.embed_item`; None if there is nothing to show."""
        return embed_model(draw_bars(self)) if self.values else None


def make_charts(items: Sequence[Item]) -> list[Chart]:
    """Return all charts.

    Parameters
    ----------
    items : sequence of Item
        Composites and lightcurves.

    Returns
    -------
    list of Chart
        Exposure time per target, configurations of each detector, optical elements.
    """
    return [
        _exposure_times(items),
        *(_configurations(detector, items) for detector in DETECTORS),
        _optical_elements(items),
    ]


def render_summary(charts: Sequence[Chart], filesystem: Filesystem) -> str:
    """Return the page with all charts."""
    return render(
        "summary.html",
        filesystem.plots / "summary.html",
        filesystem.plots,
        "Summary",
        scripts=(BOKEH, "panels.js"),
        heading="Summary of lightcurves and composites",
        subtitle="Point at a bar to see its number.",
        charts=charts,
    )


def draw_bars(chart: Chart) -> Model:
    """Draw a chart: horizontal bars, the first on top, in parts if there are several.

    Parameters
    ----------
    chart : Chart
        With at least one bar.
    """
    bars = list(chart.values)
    parts = sorted({part for values in chart.values.values() for part in values})
    drawn = _draw_parts(chart, bars, parts)
    tips = [
        make_tips([one], [("", "@bar"), (part.upper(), f"@length{{0,0}} {chart.axis}")], {})
        for part, one in zip(parts, drawn, strict=True)
    ]
    x = Model(
        "LinearAxis", axis_label=chart.axis, formatter=Model("NumeralTickFormatter", format="0,0"),
        ticker=Model("BasicTicker", min_interval=1, num_minor_ticks=0),
    )  # fmt: skip
    items = [Model("LegendItem", label=value(part.upper()), renderers=[one])
             for part, one in zip(parts, drawn, strict=True)]  # fmt: skip
    return Model(
        "Figure", height=AXES_HEIGHT + BAR_HEIGHT * len(bars), sizing_mode="stretch_width",
        x_range=Model("DataRange1d", start=0), y_range=Model("FactorRange", factors=bars[::-1]),
        x_scale=Model("LinearScale"), y_scale=Model("CategoricalScale"), renderers=drawn,
        toolbar=Model("Toolbar", tools=[Model("SaveTool"), *tips], logo=None),
        toolbar_location="above", left=[Model("CategoricalAxis")], below=[x],
        right=[Model("Legend", items=items)] if len(parts) > 1 else [],
        center=[Model("Grid", axis=x)],
    )  # fmt: skip


def _draw_parts(chart: Chart, bars: Sequence[str], parts: Sequence[str]) -> list[Model]:
    """Draw the parts of all bars, each beginning where the one before ends."""
    drawn, left = [], np.zeros(len(bars))
    for part, colour in zip(parts, COLOURS, strict=False):
        length = np.array([chart.values[bar].get(part, 0) for bar in bars], float)
        columns = {"bar": list(bars), "left": left, "right": left + length, "length": length}
        glyph = Model("HBar", y=field("bar"), height=value(0.75), left=field("left"),
                      right=field("right"), line_color=value(None),
                      fill_color=value(colour))  # fmt: skip
        source = Model("ColumnDataSource", data=columns)
        drawn.append(Model("GlyphRenderer", name=part, data_source=source, glyph=glyph))
        left = left + length
    return drawn


def _exposure_times(items: Sequence[Item]) -> Chart:
    times: defaultdict[str, float] = defaultdict(float)
    for item in items:
        if item.kind == "composite":
            times[item.target] += item.exposure_s
    highest = sorted(times.items(), key=lambda entry: (-entry[1], entry[0]))
    left = len(highest) - MOST_TARGETS
    more = f" {left} more targets have less." if left > 0 else ""
    return Chart(
        "exposure_time",
        "Exposure time per target",
        f"Live time of all composites of a target; the {MOST_TARGETS} longest.{more}",
        "live time (s)",
        {target: {"time": time_s} for target, time_s in highest[:MOST_TARGETS]},
    )


def _configurations(detector: str, items: Sequence[Item]) -> Chart:
    counts = Counter(
        f"{item.configuration[2]} {item.configuration[3]}".strip()
        for item in items
        if item.kind == "composite" and item.detector == detector
    )
    instrument, name = detector.upper().split("_")
    return Chart(
        f"configurations_{detector}",
        f"Configurations of {instrument} {name}",
        "Composites by optical element and central wavelength (Å)."
        if counts
        else "There is no composite of this detector.",
        "composites",
        {bar: {"composites": number} for bar, number in sorted(counts.items())},
    )


def _optical_elements(items: Sequence[Item]) -> Chart:
    counts = Counter(
        (item.configuration[2], item.configuration[0].lower())
        for item in items
        if item.kind == "individual" and item.configuration[2]
    )
    bars: dict[str, dict[str, float]] = {}
    for (element, instrument), number in sorted(counts.items()):
        bars.setdefault(element, {})[instrument] = number
    return Chart(
        "optical_elements",
        "Lightcurves per optical element",
        "Lightcurves of single exposures, COS and STIS.",
        "lightcurves",
        bars,
    )
