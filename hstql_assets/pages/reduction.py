"""Make a chart small enough for where it is drawn, and say in its note what is left out."""

from dataclasses import dataclass, replace

import numpy as np

from hstql_assets.pages.charts import Chart, Image, Layer, Line, Points, Steps
from hstql_assets.pages.ranges import Extents
from hstql_assets.pages.thinning import (
    join_steps,
    keep_drawable,
    shrink_image,
    thin_line,
    thin_points,
)


@dataclass(frozen=True)
class Most:
    """How much of each layer can be drawn.

    Attributes
    ----------
    points : int
        Points, vertices or steps; the newest points come on top of it.
    columns, rows : int
        Pixels of an image.
    """

    points: int
    columns: int
    rows: int


PAGE = Most(3000, 512, 256)
PICTURE = Most(20_000, 1024, 512)


def reduce_chart(chart: Chart, extents: Extents, most: Most) -> Chart:
    """Return a chart with so much in each layer, and with a longer note if something is left out.

    Points that have no place on the axes are left out. The extents are those of the whole chart,
    which the smaller one has too.
    """
    layers, sentences = [], [chart.note] if chart.note else []
    for layer in chart.layers:
        reduced, said = reduce_layer(layer, extents, most)
        layers.append(reduced)
        sentences += said
    return replace(chart, layers=tuple(layers), note=" ".join(dict.fromkeys(sentences)))


def reduce_layer(layer: Layer, extents: Extents, most: Most) -> tuple[Layer, list[str]]:
    """Return as much of a layer as there may be, and sentences about what is left out.

    Parameters
    ----------
    layer : Layer
    extents : mapping
        Of the chart that it is of.
    most : Most
    """
    match layer:
        case Points():
            return _reduce_points(layer, extents, most)
        case Line():
            return thin_line(layer, most.points), []
        case Steps():
            steps, number = join_steps(layer, most.points)
            said = f"Steps are means of {number} bins." if number > 1 else ""
            return steps, [said] if said else []
        case Image():
            image, (across, up) = shrink_image(layer, most.columns, most.rows)
            said = f"Each pixel shown is the mean of {across} x {up}."
            return image, [said] if across * up > 1 else []
        case _:
            return layer, []


def _reduce_points(points: Points, extents: Extents, most: Most) -> tuple[Points, list[str]]:
    x, y = extents["x"], extents["y"]
    drawable = keep_drawable(points, x, y)
    thin = thin_points(drawable, x, y, most.points)
    of_label = f" of {points.label}" if points.label else ""
    said = []
    lost = int(np.sum(np.isfinite(points.x) & np.isfinite(points.y))) - len(drawable.x)
    if lost:
        said.append(
            f"{_count(lost)}{of_label} at or below zero {_have(lost)} no place on the "
            "logarithmic axis."
        )
    within = (drawable.x >= x.low) & (drawable.x <= x.high)
    within &= (drawable.y >= y.low) & (drawable.y <= y.high)
    beyond = int(np.sum(~within))
    if beyond:
        said.append(f"{_count(beyond)}{of_label} {'are' if beyond > 1 else 'is'} beyond the axes.")
    if len(thin.x) < len(drawable.x):
        said.append(
            f"Of {len(drawable.x):,} points{of_label} {len(thin.x):,} are drawn, the newest and "
            "those that lie alone all; others would hide one another."
        )
    return thin, said


def _count(number: int) -> str:
    return f"{number:,} point{'s' if number > 1 else ''}"


def _have(number: int) -> str:
    return "have" if number > 1 else "has"
