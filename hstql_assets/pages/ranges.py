"""Find where the axes of a chart begin and end, and which marks are too far off to be drawn.

The same for pictures and pages. What is not finite, or not positive on a logarithmic axis, has no
place on an axis and is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hstql_assets.pages.charts import (
    Axis,
    Band,
    Boxes,
    Chart,
    Floats,
    Image,
    Layer,
    Line,
    Mark,
    Points,
    Steps,
)

Which = Literal["x", "y"]
PADDING = {"x": 0.02, "y": 0.07}  # of the extent of the data, on either side
# A mark that is further from the data than their extent is not drawn: it would flatten them.
MOST_STRETCH = 1.0
DAYS_AROUND_ONE = 5.0
HUGEST = 1e200  # beyond it differences overflow
EQUAL = 1e-13  # relative differences below it are those of rounding


@dataclass(frozen=True)
class Extent:
    """An axis from end to end.

    Attributes
    ----------
    low, high : float
        Ends, low < high; positive if `is_log`.
    is_log : bool
    is_empty : bool
        Whether there is nothing on it, so that the ends mean nothing.
    """

    low: float
    high: float
    is_log: bool = False
    is_empty: bool = False

    def holds(self, value: float) -> bool:
        """Tell whether a value has a place on it."""
        return self.low <= value <= self.high

    def has_place(self, values: Floats) -> NDArray[np.bool_]:
        """Tell which values, any shape, can be on it: finite, and positive if it is logarithmic."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(values) & ((values > 0) | (not self.is_log))

    def keep(self, values: Floats) -> Floats:
        """Return values, any shape, with NaN for those that have no place on it."""
        return np.where(self.has_place(values), values, np.nan)

    def place(self, values: Floats) -> Floats:
        """Return where values, shape (n,), are: 0 at the beginning of the axis, 1 at its end."""
        low, high = _scale(np.array([self.low, self.high]), self.is_log)
        places: Floats = (_scale(np.asarray(values, float), self.is_log) - low) / (high - low)
        return places


Extents = dict[Which, Extent]


def find_extents(chart: Chart) -> Extents:
    """Return the extents of both axes of a chart."""
    return {"x": find_extent(chart, "x"), "y": find_extent(chart, "y")}


def find_extent(chart: Chart, which: Which) -> Extent:
    """Return the extent of an axis of a chart.

    These are the limits of the axis where it has some, else what the data need, with a margin, and
    marks and bands that are near enough.
    """
    axis = chart.x if which == "x" else chart.y
    is_log = axis.kind == "log"
    if axis.limits is not None and _is_usable(axis.limits, is_log):
        low, high = sorted(axis.limits)
        return Extent(float(low), float(high), is_log)
    data = _usable([_find_values(layer, which) for layer in chart.layers], is_log)
    marks = _usable([np.array(_find_marks(layer, which)) for layer in chart.layers], is_log)
    if not len(data):
        data, marks = marks, data[:0]
    if not len(data):
        return Extent(1.0 if is_log else 0.0, 10.0 if is_log else 1.0, is_log, is_empty=True)
    return _fit(axis, which, _scale(data, is_log), _scale(marks, is_log), _is_tight(chart, which))


def is_within(mark: Mark, extents: Extents) -> bool:
    """Tell whether a mark can be drawn."""
    return extents[axis_of(mark)].holds(mark.value)


def clip_band(band: Band, extents: Extents) -> tuple[float, float] | None:
    """Return the part of a band that is on its axis; None if there is none."""
    extent = extents[axis_of(band)]
    low, high = max(band.low, extent.low), min(band.high, extent.high)
    return (low, high) if low < high else None


def axis_of(layer: Mark | Band) -> Which:
    """Return the axis that a mark or band has its values on."""
    return "y" if layer.direction == "horizontal" else "x"


def _find_values(layer: Layer, which: Which) -> Floats:
    """Return what a layer has along an axis, shape (n,)."""
    match layer:
        case Points():
            return layer.x if which == "x" else _with_errors(layer)
        case Line():
            return layer.x if which == "x" else layer.y
        case Steps() if len(layer.counts):
            return layer.edges if which == "x" else np.append(layer.counts, 0.0)
        case Image() if layer.pixels.size:
            ends = (layer.left, layer.right) if which == "x" else (layer.bottom, layer.top)
            return np.array(ends, float)
        case Boxes():
            edges = (layer.left, layer.right) if which == "x" else (layer.bottom, layer.top)
            return np.concatenate(edges)
        case _:
            return np.empty(0)


def _with_errors(points: Points) -> Floats:
    """Return values with the ends of their bars; bars much longer than all values count less."""
    y = np.asarray(points.y, float)[np.isfinite(points.y)]
    if points.errors is None or not len(y):
        return y
    span = float(np.ptp(np.clip(y, -HUGEST, HUGEST))) or np.inf
    bars = np.clip(points.errors[np.isfinite(points.y)], 0.0, span)
    return np.concatenate([y, y - bars, y + bars])


def _find_marks(layer: Layer, which: Which) -> Sequence[float]:
    if isinstance(layer, Mark) and axis_of(layer) == which:
        return (layer.value,)
    if isinstance(layer, Band) and axis_of(layer) == which:
        return (layer.low, layer.high)
    return ()


def _is_tight(chart: Chart, which: Which) -> bool:
    """Tell whether no margin is wanted: around an image, and below a histogram."""
    return any(isinstance(layer, Image) for layer in chart.layers) and not any(
        isinstance(layer, Points | Steps) and len(_find_values(layer, which))
        for layer in chart.layers
    )


def _fit(axis: Axis, which: Which, data: Floats, marks: Floats, is_tight: bool) -> Extent:
    """Fit an extent to data, shape (n,), n > 0, and marks, shape (m,), on the scale of the axis."""
    low, high = float(data.min()), float(data.max())
    is_log, stretch = axis.kind == "log", MOST_STRETCH
    if high - low <= EQUAL * max(abs(low), abs(high)):
        nearest = _find_nearest(low, marks) if which == "y" else []
        half = _half_around_one(axis, low)
        is_tight, stretch = not nearest, 0.0
        low, high = min([low - half, *nearest]), max([high + half, *nearest])
    reach = stretch * (high - low)
    near = marks[(marks >= low - reach) & (marks <= high + reach)]
    low, high = float(min([low, *near])), float(max([high, *near]))
    margin = 0.0 if is_tight else PADDING[which] * (high - low)
    bottom = low if low == 0.0 and which == "y" and not is_log else low - margin
    top = high + margin
    return Extent(10.0**bottom, 10.0**top, True) if is_log else Extent(bottom, top)


def _find_nearest(value: float, marks: Floats) -> list[float]:
    """Return the marks, of shape (m,), next to equal data, which have no course to be flattened."""
    above, below = marks[marks > value], marks[marks < value]
    nearest = [float(above.min())] if len(above) else []
    return [*nearest, float(below.max())] if len(below) else nearest


def _half_around_one(axis: Axis, value: float) -> float:
    if axis.kind == "log":
        return 0.5
    return DAYS_AROUND_ONE if axis.kind == "mjd" else 0.1 * abs(value) or 1.0


def _usable(values: Sequence[Floats], is_log: bool) -> Floats:
    """Return all values of arrays of any shape that have a place on the axis, shape (n,)."""
    together = np.concatenate([np.asarray(part, float).ravel() for part in [np.empty(0), *values]])
    finite = np.clip(together[np.isfinite(together)], -HUGEST, HUGEST)
    return np.asarray(np.maximum(finite[finite > 0], 1 / HUGEST) if is_log else finite)


def _scale(values: Floats, is_log: bool) -> Floats:
    """Return values, or their logarithms to the base 10; of the same, any shape."""
    if not is_log:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.log10(values)
    return np.asarray(logarithms, np.float64)


def _is_usable(limits: tuple[float, float], is_log: bool) -> bool:
    low, high = sorted(limits)
    return bool(np.isfinite([low, high]).all()) and low < high and (low > 0 or not is_log)
