"""Draw the summary charts: what there is in all, as bars."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bokeh.models import (
    BasicTicker,
    ColumnDataSource,
    DataRange1d,
    FactorRange,
    HoverTool,
    NumeralTickFormatter,
)
from bokeh.plotting import figure

from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.embedding import embed
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
        return embed(draw_bars(self)) if self.values else None


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


def draw_bars(chart: Chart) -> figure:
    """Draw a chart: horizontal bars, the first on top, in parts if there are several.

    Parameters
    ----------
    chart : Chart
        With at least one bar.
    """
    bars = list(chart.values)
    parts = sorted({part for values in chart.values.values() for part in values})
    columns = {part: [chart.values[bar].get(part, 0) for bar in bars] for part in parts}
    plot = figure(
        x_range=DataRange1d(start=0),
        y_range=FactorRange(factors=bars[::-1]),
        height=AXES_HEIGHT + BAR_HEIGHT * len(bars),
        sizing_mode="stretch_width",
        tools="save",
        toolbar_location="above",
    )
    drawn = plot.hbar_stack(
        parts,
        y="bar",
        height=0.75,
        line_color=None,
        color=list(COLOURS[: len(parts)]),
        source=ColumnDataSource({"bar": bars, **columns}),
        **({"legend_label": [part.upper() for part in parts]} if len(parts) > 1 else {}),
    )
    for part, renderer in zip(parts, drawn, strict=True):
        what = [(part.upper(), f"@{{{part}}}{{0,0}} {chart.axis}")]
        plot.add_tools(HoverTool(renderers=[renderer], tooltips=[("", "@bar"), *what]))
    plot.xaxis.axis_label = chart.axis
    plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    plot.xaxis.ticker = BasicTicker(min_interval=1, num_minor_ticks=0)
    plot.ygrid.visible = False
    plot.toolbar.logo = None
    if len(parts) > 1:
        plot.add_layout(plot.legend[0], "right")
    return plot


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
