"""Write the numbers of a chart as CSV: a line for each point, step, pixel, box and mark."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from hstql_assets.pages.charts import (
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
from hstql_assets.pages.ranges import axis_of, find_extents
from hstql_assets.pages.reduction import Most, reduce_layer

# Of a layer; of a larger one those are written that a chart with so many would show.
MOST = Most(100_000, 512, 256)
Columns = Mapping[str, Sequence[Any] | Floats]
ROLES = ("exposure", "x", "x_end", "y", "y_end", "error", "value")


def write_numbers(chart: Chart) -> str:
    """Return the numbers of a chart as CSV, its axes with their labels and units in the head."""
    extents = find_extents(chart)
    parts = [
        (type(layer).__name__.lower(), getattr(layer, "label", ""),
         _take(layer if _size(layer) <= MOST.points else reduce_layer(layer, extents, MOST)[0]))
        for layer in chart.layers
    ]  # fmt: skip
    roles = [role for role in ROLES if any(role in columns for _, _, columns in parts)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "label", *(_name(role, chart) for role in roles)])
    for kind, label, columns in parts:
        for row in _rows(columns, roles):
            writer.writerow([kind, label, *row])
    return text.getvalue()


def _size(layer: Layer) -> int:
    return int(layer.pixels.size if isinstance(layer, Image) else len(getattr(layer, "x", ())))


def _name(role: str, chart: Chart) -> str:
    return {
        "x": chart.x.label,
        "x_end": f"{chart.x.label}, end",
        "y": chart.y.label,
        "y_end": f"{chart.y.label}, end",
        "error": f"error of {chart.y.label}",
        "value": chart.colour.label if chart.colour else "value",
    }.get(role, role)


def _rows(columns: Columns, roles: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the lines of a layer, with nothing where there is no number."""
    number = max(map(len, columns.values()), default=0)
    nothing = [""] * number
    return zip(*(_plain(columns.get(role, nothing)) for role in roles), strict=True)


def _plain(values: Sequence[Any] | Floats) -> Sequence[Any]:
    if not isinstance(values, np.ndarray):
        return values
    return ["" if math.isnan(value) else value for value in values.tolist()]


def _take(layer: Layer) -> Columns:
    match layer:
        case Points():
            columns: dict[str, Sequence[Any] | Floats] = {"x": layer.x, "y": layer.y}
            more = {"exposure": layer.rootnames, "error": layer.errors, "value": layer.values}
            return columns | {
                role: one for role, one in more.items() if one is not None and len(one)
            }
        case Line():
            return {"x": layer.x, "y": layer.y}
        case Steps():
            return {"x": layer.edges[:-1], "x_end": layer.edges[1:], "y": layer.counts}
        case Boxes():
            return {"x": layer.left, "x_end": layer.right, "y": layer.bottom, "y_end": layer.top}
        case Image():
            return _take_pixels(layer)
        case Mark():
            return {axis_of(layer): [layer.value]}
        case Band():
            axis = axis_of(layer)
            return {axis: [layer.low], f"{axis}_end": [layer.high]}


def _take_pixels(image: Image) -> Columns:
    """Return the middles of pixels, and their values, row by row."""
    rows, columns = image.pixels.shape
    x = image.left + (np.arange(columns) + 0.5) * (image.right - image.left) / max(columns, 1)
    y = image.bottom + (np.arange(rows) + 0.5) * (image.top - image.bottom) / max(rows, 1)
    return {"x": np.tile(x, rows), "y": np.repeat(y, columns), "value": image.pixels.ravel()}
