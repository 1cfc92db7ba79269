"""Chart telemetry over time, each with the box of the central 99 %."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.telemetry.history import TelemetryHistory, central_box
from hstql_assets.pages.charts import Axis, Band, Chart, Mark, Points

# Both detectors have the same positions at the same times: the smaller points lie on the larger.
SIZES = {"FUV": 8.0, "NUV": 4.0}
TIME = Axis("start of the exposure, MJD (UTC)", "mjd")


@dataclass(frozen=True)
class Quantity:
    """Something that is drawn.

    Attributes
    ----------
    column : str
        Of `telemetry`.
    title : str
    label : str
        Of the axis, with its unit.
    """

    column: str
    title: str
    label: str


TEMPERATURES = (
    Quantity("fuva_temperature_c", "FUV amplifier A", "LDCAMPAT (degrees Celsius)"),
    Quantity("fuvb_temperature_c", "FUV amplifier B", "LDCAMPBT (degrees Celsius)"),
    Quantity("nuv_temperature_c", "NUV MAMA control electronics", "LMMCETMP (degrees Celsius)"),
)
SELECTORS = (
    Quantity("osm1_steps", "OSM1", "LOM1STP (motor steps)"),
    Quantity("osm2_steps", "OSM2", "LOM2STP (motor steps)"),
    Quantity("osm1_coarse", "OSM1 resolver", "LOM1POSC (coarse position)"),
    Quantity("osm2_coarse", "OSM2 resolver", "LOM2POSC (coarse position)"),
    Quantity("focus_position", "OSM1 focus", "LOMFSTP (motor steps)"),
)
APERTURES = (
    Quantity("aperture_x_steps", "Aperture along the dispersion", "APERXPOS (motor steps)"),
    Quantity("aperture_y_steps", "Aperture across the dispersion", "APERYPOS (motor steps)"),
)


def draw_quantities(history: TelemetryHistory, quantities: Sequence[Quantity]) -> tuple[Chart, ...]:
    """Return a chart of each quantity of which there is a value."""
    charts = (
        _draw(
            history,
            one.column,
            one.title,
            one.label,
            [(name, history.values[one.column], history.detector_is(name))
             for name in ("FUV", "NUV", None)],
        )
        for one in quantities
    )  # fmt: skip
    return tuple(chart for chart in charts if chart is not None)


def draw_shifts(history: TelemetryHistory, tolerance: float) -> tuple[Chart, ...]:
    """Return a chart of the aperture shift for each detector, a colour for a lifetime position.

    The tolerance is the largest shift allowed, motor steps.
    """
    charts = []
    for detector in ("FUV", "NUV"):
        of_detector = history.detector_is(detector)
        positions = np.unique(history.life_adj[of_detector & np.isfinite(history.shift)])
        groups = [
            (f"LP{position:g}" if np.isfinite(position) else "no LP", history.shift,
             of_detector & _same(history.life_adj, position))
            for position in positions
        ]  # fmt: skip
        chart = _draw(
            history,
            f"aperture_shift_{detector.lower()}",
            f"{detector}: aperture shift across the dispersion",
            "APERYPOS less nominal (motor steps)",
            groups,
            [Mark(end, f"{end:+g} steps", is_limit=True) for end in (-tolerance, tolerance)],
        )
        if chart is not None:
            shown = history.shift[of_detector & np.isfinite(history.shift)]
            ends = (min(-tolerance, shown.min()) - 1.0, max(tolerance, shown.max()) + 1.0)
            charts.append(replace(chart, y=Axis(chart.y.label, limits=ends)))
    return tuple(charts)


def _same(values: NDArray[np.float64], value: float) -> NDArray[np.bool_]:
    """Tell which values, shape (n,), equal one that may be NaN."""
    return np.isnan(values) if np.isnan(value) else values == value


Group = tuple[str | None, NDArray[np.float64], NDArray[np.bool_]]


def _draw(
    history: TelemetryHistory,
    name: str,
    title: str,
    label: str,
    groups: Sequence[Group],
    marks: Sequence[Mark] = (),
) -> Chart | None:
    layers = [points for one in groups if len((points := _points(history, *one)).x)]
    if not layers:
        return None
    everything = np.concatenate([layer.y for layer in layers])
    box = central_box(everything)
    bands = () if box is None else (Band(*box, "central 99 %"),)
    note = f"{everything.size:,} exposures."
    if box is not None:
        note += f" The central 99 % are {box[0]:.6g} to {box[1]:.6g}."
    return Chart(name, title, TIME, Axis(label), (*bands, *layers, *marks), note)


def _points(
    history: TelemetryHistory,
    label: str | None,
    values: NDArray[np.float64],
    chosen: NDArray[np.bool_],
) -> Points:
    """Return those points that are chosen and known; values and mask of shape (n,)."""
    label, names = label or "unknown detector", history.rootnames
    points = Points(
        history.mjd, values, label, rootnames=names, is_newest=history.is_newest,
        size=SIZES.get(label, 5.0),
    )  # fmt: skip
    return points.where(chosen & np.isfinite(history.mjd) & np.isfinite(values))
