"""Draw the layers of a chart, one by one, on the axes of a picture by Matplotlib."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize

from hstql_assets.pages.charts import Band, Boxes, Colour, Image, Layer, Line, Mark, Points, Steps
from hstql_assets.pages.colours import AID, LIMIT, PALETTE, UNKNOWN
from hstql_assets.pages.labels import HIGH, MarkLabel
from hstql_assets.pages.ranges import Extents, clip_band, is_within

SYMBOLS = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "+", "x": "x",
}  # fmt: skip
DASHES = {"solid": "-", "dashed": "--", "dotted": ":"}
POINTS_PER_PIXEL = 0.72  # at 100 dots per inch
LABEL_SIZE = "x-small"
MANY = 200  # so many rings are drawn thin
BEHIND = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.75}


@dataclass(frozen=True)
class Canvas:
    """What the layers are drawn on.

    Attributes
    ----------
    axes : matplotlib.axes.Axes
    extents : mapping
        By axis, x and y.
    colour : Colour or None
        What colours of values mean.
    """

    axes: Axes
    extents: Extents
    colour: Colour | None

    @property
    def norm(self) -> Normalize:
        """From values to shares of the colour bar."""
        colour = self.colour or Colour("", 0.0, 1.0)
        make: Callable[[float, float, bool], Normalize] = LogNorm if colour.is_log else Normalize
        return make(colour.low, colour.high, True)


def draw_layer(canvas: Canvas, layer: Layer, colour: str) -> Any:
    """Draw a layer; return what stands for it in the legend, if anything can."""
    match layer:
        case Points():
            return _draw_points(canvas, layer, colour)
        case Line():
            return canvas.axes.plot(
                canvas.extents["x"].keep(layer.x), canvas.extents["y"].keep(layer.y),
                color=colour, linestyle=DASHES[layer.dash], linewidth=layer.width,
            )[0]  # fmt: skip
        case Steps():
            counts = np.where(np.isfinite(layer.counts), layer.counts, np.nan)
            return canvas.axes.stairs(counts, layer.edges, color=colour, linewidth=1.2)
        case Boxes():
            return _draw_boxes(canvas, layer, colour)
        case Image():
            return _draw_image(canvas, layer)
        case Mark():
            return _draw_mark(canvas, layer)
        case Band():
            return _draw_band(canvas, layer)


def write_mark_label(canvas: Canvas, label: MarkLabel) -> None:
    """Write the label of a mark along it: from the left, or from the top downwards."""
    colour = LIMIT if label.is_limit else AID
    style: dict[str, Any] = {"fontsize": LABEL_SIZE, "color": colour, "bbox": BEHIND, "zorder": 6}
    if label.axis == "y":
        is_high = label.place > HIGH
        canvas.axes.annotate(
            escape(label.text), (0.006, label.value), (0, -3 if is_high else 3), ha="left",
            va="top" if is_high else "bottom", xycoords=("axes fraction", "data"),
            textcoords="offset points", **style,
        )  # fmt: skip
    else:
        canvas.axes.annotate(
            escape(label.text), (label.value, 0.98), (3, 0), ha="left", va="top", rotation=90,
            xycoords=("data", "axes fraction"), textcoords="offset points", **style,
        )  # fmt: skip


def write_corner(canvas: Canvas, texts: Sequence[str]) -> None:
    """Write what is beyond the axes into the upper right corner."""
    if texts:
        canvas.axes.annotate(
            escape("\n".join(texts)), (0.99, 0.97), xycoords="axes fraction", ha="right", va="top",
            fontsize="small", color=LIMIT, zorder=6,
            bbox=BEHIND,
        )  # fmt: skip


def draw_bars(axes: Axes, x: np.ndarray, low: np.ndarray, high: np.ndarray, **style: Any) -> None:
    """Draw error bars as one line with breaks, which is much faster than a line for each.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    x, low, high : ndarray, shape (n,)
        Where each bar is, begins and ends.
    **style
        As `Axes.plot` takes it.
    """
    ends = np.column_stack([low, high, np.full(len(x), np.nan)])
    axes.plot(np.repeat(x, 3), ends.ravel(), **style)


def escape(text: str) -> str:
    """Return text that Matplotlib does not take for a formula."""
    return text.replace("$", r"\$")


def _draw_points(canvas: Canvas, points: Points, colour: str) -> Any:
    symbol, size = SYMBOLS[points.symbol], points.size * POINTS_PER_PIXEL
    if points.errors is not None:
        _draw_bars(canvas, points, UNKNOWN if points.values is not None else colour)
    if points.values is None:
        (drawn,) = canvas.axes.plot(
            points.x, points.y, symbol, color=colour, markersize=size, markeredgewidth=0.8
        )
    else:
        drawn = _draw_coloured(canvas, points, symbol, size)
    if points.is_newest is not None and points.is_newest.any():
        is_many = np.count_nonzero(points.is_newest) > MANY
        canvas.axes.plot(
            points.x[points.is_newest], points.y[points.is_newest], "o", markersize=size + 3.5,
            markerfacecolor="none", markeredgecolor="black",
            markeredgewidth=0.3 if is_many else 0.9,
        )  # fmt: skip
    return drawn


def _draw_coloured(canvas: Canvas, points: Points, symbol: str, size: float) -> Any:
    values = np.asarray(points.values, float)
    is_known = np.isfinite(values)
    canvas.axes.plot(
        points.x[~is_known], points.y[~is_known], symbol, color=UNKNOWN, markersize=size
    )
    return canvas.axes.scatter(
        points.x[is_known], points.y[is_known], c=_positive(values[is_known], canvas.norm),
        s=size**2, marker=symbol, cmap=PALETTE, norm=canvas.norm, linewidths=0.8, zorder=2,
    )  # fmt: skip


def _draw_bars(canvas: Canvas, points: Points, colour: str) -> None:
    errors = np.where(np.isfinite(points.errors), points.errors, np.nan)  # type: ignore[arg-type]
    low = points.y - errors
    if canvas.extents["y"].is_log:
        low = np.maximum(low, canvas.extents["y"].low / 10)
    draw_bars(canvas.axes, points.x, low, points.y + errors, color=colour, alpha=0.5, linewidth=0.9)


def _draw_boxes(canvas: Canvas, boxes: Boxes, colour: str) -> Any:
    corners = np.stack(
        [
            np.stack([boxes.left, boxes.right, boxes.right, boxes.left, boxes.left], axis=-1),
            np.stack([boxes.bottom, boxes.bottom, boxes.top, boxes.top, boxes.bottom], axis=-1),
        ],
        axis=-1,
    )
    is_whole = np.isfinite(corners).all(axis=(1, 2))
    drawn = LineCollection(list(corners[is_whole]), colors=colour, linewidths=1.0)
    return canvas.axes.add_collection(drawn, autolim=False)


def _draw_image(canvas: Canvas, image: Image) -> Any:
    pixels = np.where(np.isfinite(image.pixels), image.pixels, np.nan)
    if not pixels.size:
        return None
    return canvas.axes.imshow(
        np.ma.masked_invalid(_positive(pixels, canvas.norm)), origin="lower", aspect="auto",
        extent=(image.left, image.right, image.bottom, image.top), interpolation="nearest",
        cmap=PALETTE, norm=canvas.norm, zorder=0,
    )  # fmt: skip


def _draw_mark(canvas: Canvas, mark: Mark) -> Any:
    if not is_within(mark, canvas.extents):
        return None
    draw = canvas.axes.axhline if mark.direction == "horizontal" else canvas.axes.axvline
    return draw(
        mark.value, color=LIMIT if mark.is_limit else AID, linestyle=DASHES[mark.dash],
        linewidth=1.3 if mark.is_limit else 0.9, zorder=1.5,
    )  # fmt: skip


def _draw_band(canvas: Canvas, band: Band) -> Any:
    ends = clip_band(band, canvas.extents)
    if ends is None:
        return None
    is_horizontal = band.direction == "horizontal"
    draw = canvas.axes.axhspan if is_horizontal else canvas.axes.axvspan
    draw(*ends, color="#dfe8f2", linewidth=0, zorder=0.5)
    if band.label:
        place = (0.99, ends[1]) if is_horizontal else (ends[0], 0.015)
        canvas.axes.annotate(
            escape(band.label), place, (2, -2 if is_horizontal else 0), textcoords="offset points",
            xycoords=("axes fraction", "data") if is_horizontal else ("data", "axes fraction"),
            ha="right" if is_horizontal else "left", va="top" if is_horizontal else "bottom",
            fontsize=LABEL_SIZE, color=AID, zorder=6,
        )  # fmt: skip
    return None


def _positive(values: np.ndarray, norm: Normalize) -> np.ndarray:
    """Return values, any shape, for a colour bar: on a logarithmic one at least its lower end."""
    return np.maximum(values, norm.vmin or 0.0) if isinstance(norm, LogNorm) else values
