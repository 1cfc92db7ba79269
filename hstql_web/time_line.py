"""Draw the exposures of a target in time, by how long they are; a point leads to its exposure."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.pages.chart_panels import Panel, make_leading_panel
from hstql_assets.pages.charts import Axis, Chart, Points
from hstql_resources.site.rows import AnyRow

_HEIGHT = 260


def draw_time_line(rows: Sequence[AnyRow]) -> Panel:
    """Return a plot of exposures, those of each detector in a colour of their own."""
    drawn = [row for row in rows if row.exp_start_mjd is not None and row.exp_time_s]
    places = sorted({name_place(row) for row in drawn})
    layers = tuple(
        _make_points(place, [row for row in drawn if name_place(row) == place]) for place in places
    )
    lost = len(rows) - len(drawn)
    note = f"Without a start or a time, and so not drawn: {lost:,}." if lost else ""
    x, y = Axis("start, MJD (UTC)", "mjd"), Axis("exposure time (s)", "log")
    chart = Chart("time_line", "Exposures", x, y, layers, note, height=_HEIGHT)
    return make_leading_panel(chart)


def name_place(row: AnyRow) -> str:
    """Return instrument and detector of an exposure."""
    return "/".join(filter(None, ((row.instrument or "").upper(), row.detector)))


def _make_points(label: str, rows: Sequence[AnyRow]) -> Points:
    return Points(
        np.array([row.exp_start_mjd for row in rows], float),
        np.array([row.exp_time_s for row in rows], float),
        label,
        rootnames=tuple(row.rootname for row in rows),
    )
