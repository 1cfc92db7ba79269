"""Draw the lightcurve of an exposure as the catalogue has it: rates, flux and counts in time."""

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.chart_panels import Panel, make_panel, shrink
from hstql_assets.pages.charts import Axis, Chart, Floats, Points

_HEIGHT = 260
_TIME = Axis("MJD (UTC)", "mjd")


def draw_table(table: CurveTable) -> dict[str, Panel]:
    """Return plots of a lightcurve against time by title; without bins that were not live."""
    is_live = table.exposure_s > 0
    dead = int(is_live.size - is_live.sum())
    note = f"{dead:,} bins without live time are not drawn." if dead else ""
    times = table.mjd_centre[is_live]

    def points(values: Floats, errors: Floats | None = None, label: str = "") -> Points:
        chosen = None if errors is None else np.asarray(errors[is_live], float)
        return Points(times, np.asarray(values[is_live], float), label, chosen, size=4.0)

    charts = [
        Chart("net", "Net rate", _TIME, Axis("net (counts/s)"),
              (points(table.net, table.net_error),), note, height=_HEIGHT),
    ]  # fmt: skip
    if table.is_flux_calibrated:
        flux = points(table.flux, table.flux_error)
        charts.append(
            Chart("flux", "Mean flux", _TIME, Axis("flux (erg/s/cm²/Å)"), (flux,), height=_HEIGHT)
        )
    counts = points(table.gross, table.error, "gross"), points(table.background, label="background")
    charts.append(Chart("counts", "Counts", _TIME, Axis("counts per bin"), counts, height=_HEIGHT))
    return {chart.title: make_panel(shrink(chart), {}) for chart in charts}
