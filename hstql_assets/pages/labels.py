"""Write beside the axes of a chart: labels of marks, and what is beyond the axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.pages.charts import Band, Boxes, Chart, Layer, Line, Mark, Points, Steps
from hstql_assets.pages.ranges import Extents, Which, axis_of, is_within
from hstql_resources.times import NEWEST_DAYS

NEWEST = f"last {NEWEST_DAYS:g} days of data"
NOTHING = "There is nothing to show yet."
# Labels of marks that are nearer than this share of the axis are written as one.
NEAR: dict[Which, float] = {"x": 0.02, "y": 0.055}
HIGH = 0.93  # a label above a mark that is higher than this share of the axis would be cut off
ARROWS: dict[Which, tuple[str, str]] = {"x": ("\u2190", "\u2192"), "y": ("\u2193", "\u2191")}


@dataclass(frozen=True)
class MarkLabel:
    """The label of a mark, or of several that are near one another.

    Attributes
    ----------
    axis : str
        x or y: that which the value is on.
    value : float
        Where it is; of several that of the first.
    place : float
        The same as a share of the axis.
    text : str
    is_limit : bool
        Whether one of them is a limit.
    """

    axis: Which
    value: float
    place: float
    text: str
    is_limit: bool


def join_labels(layers: Sequence[Layer], extents: Extents) -> list[MarkLabel]:
    """Return the labels of the marks that are drawn, from low to high values."""
    marks = [layer for layer in layers if isinstance(layer, Mark) and layer.label]
    joined: list[MarkLabel] = []
    for mark in sorted(marks, key=lambda mark: (axis_of(mark), mark.value, mark.label)):
        if is_within(mark, extents):
            axis = axis_of(mark)
            place = float(extents[axis].place(np.array([mark.value]))[0])
            label = MarkLabel(axis, mark.value, place, mark.label, mark.is_limit)
            is_near = joined and joined[-1].axis == axis and place - joined[-1].place < NEAR[axis]
            joined.append(_join(joined.pop(), label) if is_near else label)
    return joined


def find_far_marks(layers: Sequence[Layer], extents: Extents) -> list[str]:
    """Say which marks and bands are beyond the axes: label, value, and an arrow towards them."""
    texts = []
    for layer in layers:
        if isinstance(layer, Mark | Band):
            axis = axis_of(layer)
            extent = extents[axis]
            low, high = (layer.value,) * 2 if isinstance(layer, Mark) else (layer.low, layer.high)
            if not extent.is_empty and (low > extent.high or high < extent.low):
                is_beyond = bool(low > extent.high)
                value = f"{low if is_beyond else high:.8g} {ARROWS[axis][is_beyond]}"
                texts.append(f"{layer.label}: {value}" if layer.label else value)
    return list(dict.fromkeys(texts))


def is_in_legend(layer: Layer) -> bool:
    """Tell whether a layer has a label that stands in the legend, not in the plot."""
    return isinstance(layer, Points | Line | Steps | Boxes) and bool(layer.label)


def has_newest(chart: Chart) -> bool:
    """Tell whether there are points that are marked as newest."""
    marks = (layer.is_newest for layer in chart.layers if isinstance(layer, Points))
    return any(is_newest is not None and is_newest.any() for is_newest in marks)


def _join(first: MarkLabel, second: MarkLabel) -> MarkLabel:
    texts = dict.fromkeys([*first.text.split("; "), second.text])
    is_limit = first.is_limit or second.is_limit
    return MarkLabel(first.axis, first.value, first.place, "; ".join(texts), is_limit)
