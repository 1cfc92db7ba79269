"""Draw lightcurves: rates, flux and counts in time, of an exposure or of several side by side."""

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.chart_panels import Panel, make_leading_panel
from hstql_assets.pages.charts import Axis, Chart, Floats, Layer, Mark, Points
from hstql_resources.times import SECONDS_PER_DAY

_HEIGHT = 260
_MOST_MARKS = 50  # between exposures
_TIME = Axis("MJD (UTC)", "mjd")
_SIDE_BY_SIDE = Axis("time within the exposures, that between them left out (s)")


def draw_table(table: CurveTable) -> dict[str, Panel]:
    """Return plots of a lightcurve against time by title; without bins that were not live.

    Points lead to their exposures where there are several.
    """
    is_live = table.exposure_s > 0
    dead = int(is_live.size - is_live.sum())
    note = f"{dead:,} bins without live time are not drawn." if dead else ""
    axis, places = _TIME, table.mjd_centre
    marks: tuple[Mark, ...] = ()
    names: tuple[str, ...] = ()
    if len(table.rootnames) > 1:
        axis, (places, marks) = _SIDE_BY_SIDE, _place(table)
        names = tuple(table.rootnames[number - 1] for number in table.dataset[is_live])
    times = places[is_live]

    def points(values: Floats, errors: Floats | None = None, label: str = "") -> Points:
        chosen = None if errors is None else np.asarray(errors[is_live], float)
        shown = np.asarray(values[is_live], float)
        return Points(times, shown, label, chosen, names, size=4.0)

    def chart(name: str, title: str, y: str, *layers: Layer, note: str = "") -> Chart:
        return Chart(name, title, axis, Axis(y), (*marks, *layers), note, height=_HEIGHT)

    net = points(table.net, table.net_error)
    charts = [chart("net", "Net rate", "net (counts/s)", net, note=note)]
    if table.is_flux_calibrated:
        flux = points(table.flux, table.flux_error)
        charts.append(chart("flux", "Mean flux", "flux (erg/s/cm²/Å)", flux))
    counts = points(table.gross, table.error, "gross"), points(table.background, label="background")
    charts.append(chart("counts", "Counts", "counts per bin", *counts))
    return {one.title: make_leading_panel(one) for one in charts}


def _place(table: CurveTable) -> tuple[Floats, tuple[Mark, ...]]:
    """Return the middle of each bin where each exposure begins as the one before it ends (s)."""
    half_s = (table.mjd_centre - table.mjd) * SECONDS_PER_DAY
    first = np.flatnonzero(np.diff(table.dataset, prepend=0))
    last = np.append(first[1:], len(table.dataset)) - 1
    lengths_s = table.times_s[last] + 2 * half_s[last] - table.times_s[first]
    starts_s = np.cumsum(lengths_s) - lengths_s
    exposure = np.repeat(np.arange(len(first)), last - first + 1)
    places = starts_s[exposure] + table.times_s - table.times_s[first][exposure] + half_s
    cuts = starts_s[1:_MOST_MARKS].tolist()
    return places, tuple(Mark(cut, direction="vertical", dash="dotted") for cut in cuts)
