"""Chart the stims: both segments over time, and how the coordinates go together."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.stims.history import COORDINATES, StimHistory
from hstql_assets.monitors.stims.limits import MOST_SPREAD
from hstql_assets.pages.charts import Axis, Chart, Colour, Image, Mark, Points

TIME = Axis("start of the exposure, MJD (UTC)", "mjd")
MOST_BINS = 100
DIRECTIONS = {"x": "RAWX, along the dispersion", "y": "RAWY, across the dispersion"}
# A segment, what is drawn of it, and its errors.
Series = tuple[StimHistory, NDArray[np.float64], NDArray[np.float64] | None]


def draw_positions(histories: Sequence[StimHistory]) -> tuple[Chart, ...]:
    """Return charts of the column and the row of each stim over time, for each segment."""
    return tuple(
        _over_time(
            f"{name}_{one.segment.lower()}",
            f"{one.segment}: stim {name[4]} along {name[-1]}",
            f"{DIRECTIONS[name[-1]]} (pixel)",
            [(one, one.means[name], one.errors[name])],
        )
        for one in histories
        for name in COORDINATES
    )


def draw_stretch(histories: Sequence[StimHistory]) -> tuple[Chart, ...]:
    """Return charts of the distance and the middle of both stims over time."""
    return tuple(
        chart
        for one in histories
        for axis in ("x", "y")
        for chart in (_draw_stretch(one, axis), _draw_midpoint(one, axis))
    )


def _draw_stretch(history: StimHistory, axis: str) -> Chart:
    return _over_time(
        f"stretch_{axis}_{history.segment.lower()}",
        f"{history.segment}: distance of stim 2 from stim 1 along {axis}",
        f"stretch in {axis} (pixel)",
        [(history, history.stretch(axis), history.error_of_both(axis))],
    )


def _draw_midpoint(history: StimHistory, axis: str) -> Chart:
    return _over_time(
        f"midpoint_{axis}_{history.segment.lower()}",
        f"{history.segment}: middle between both stims along {axis}",
        f"midpoint in {axis} (pixel)",
        [(history, history.midpoint(axis), history.error_of_both(axis) / 2.0)],
    )


def draw_spread(histories: Sequence[StimHistory]) -> Chart:
    """Return the chart of how much the stims move within exposures."""
    chart = _over_time(
        "spread",
        "How much the stims move within an exposure",
        "largest standard deviation (pixel)",
        [(one, one.largest_spread, None) for one in histories],
    )
    limit = Mark(MOST_SPREAD, f"{MOST_SPREAD:g} pixel", is_limit=True)
    note = (
        "The largest of the four coordinates, over the stretches of time of an exposure. The "
        "errors of the places are in it."
    )
    drawn = [one.largest_spread[np.isfinite(one.largest_spread)] for one in histories]
    # From nothing to the limit at least: most stims are far below it, and that is to be seen.
    top = 1.1 * float(np.concatenate([*drawn, [MOST_SPREAD]]).max())
    axis = Axis(chart.y.label, limits=(0.0, top))
    return replace(chart, y=axis, layers=(*chart.layers, limit), note=note)


def draw_temperature(histories: Sequence[StimHistory]) -> tuple[Chart, ...]:
    """Return charts of the temperature, and of the stretch against it, where it is known."""
    warm = [one for one in histories if np.isfinite(one.temperature_c).any()]
    if not warm:
        return ()
    over_time = _over_time(
        "amplifier_temperature",
        "Temperature of the detector electronics",
        "LDCAMPAT, LDCAMPBT (degrees Celsius)",
        [(one, one.temperature_c, None) for one in warm],
    )
    return (over_time, *(_against_temperature(one) for one in warm))


def draw_relations(histories: Sequence[StimHistory]) -> tuple[Chart, ...]:
    """Return the densities of stim 2 against stim 1, along x and along y, for each segment."""
    charts = (_relate(one, axis) for one in histories for axis in ("x", "y"))
    return tuple(chart for chart in charts if chart is not None)


def _over_time(name: str, title: str, label: str, values: Sequence[Series]) -> Chart:
    layers = tuple(_points(one, one.mjd, y, errors) for one, y, errors in values)
    number = len({name for layer in layers for name in layer.rootnames})
    return Chart(name, title, TIME, Axis(label), layers, f"{number:,} exposures.")


def _points(
    history: StimHistory,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    errors: NDArray[np.float64] | None,
) -> Points:
    """Return the points of a segment; x, y and errors of shape (n,) as the history."""
    return Points(
        x, y, history.segment, errors, history.rootnames, is_newest=history.is_newest
    ).known()


def _against_temperature(history: StimHistory) -> Chart:
    stretch, errors = history.stretch("x"), history.error_of_both("x")
    points = _points(history, history.temperature_c, stretch, errors)
    return Chart(
        f"stretch_temperature_{history.segment.lower()}",
        f"{history.segment}: stretch and temperature",
        Axis(f"LDCAMP{history.segment[-1]}T (degrees Celsius)"),
        Axis("stretch in x (pixel)"),
        (points,),
        f"{len(points.x):,} exposures with both.",
    )


def _relate(history: StimHistory, axis: str) -> Chart | None:
    first, second = history.means[f"stim1_{axis}"], history.means[f"stim2_{axis}"]
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return None
    bins = min(max(round(math.sqrt(both.sum())), 20), MOST_BINS)
    number, x_edges, y_edges = np.histogram2d(first[both], second[both], bins)
    pixels = np.where(number > 0, number, np.nan).T
    corners = (x_edges[0], x_edges[-1], y_edges[0], y_edges[-1])
    left, right, bottom, top = (float(corner) for corner in corners)
    return Chart(
        f"relation_{axis}_{history.segment.lower()}",
        f"{history.segment}: stim 2 against stim 1 along {axis}",
        Axis(f"stim 1, {DIRECTIONS[axis]} (pixel)"),
        Axis(f"stim 2, {DIRECTIONS[axis]} (pixel)"),
        (Image(pixels, left, right, bottom, top),),
        f"{int(both.sum()):,} exposures in {bins} x {bins} cells.",
        Colour("exposures per cell", 1.0, max(float(number.max()), 2.0), is_log=True),
        height=420,
    )
