"""Draw the layers of a chart, one by one, on a plot for a page by BokehJS."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made_by
from typing import Any

import numpy as np

from hstql_assets.pages.bokeh_json import Model, field, value
from hstql_assets.pages.charts import Band, Boxes, Image, Layer, Line, Mark, Points, Steps
from hstql_assets.pages.colours import AID, LIMIT, UNKNOWN
from hstql_assets.pages.labels import HIGH, MarkLabel
from hstql_assets.pages.ranges import Extents, axis_of, clip_band, is_within

RING = 4.0  # by how many pixels it is wider than the point
MANY = 200  # so many rings are drawn thin
MANTISSA_BITS = 9  # of pixels on a page: one part in a thousand, and a quarter of the bytes
DASHES: Mapping[str, list[int]] = {
    "solid": [],
    "dashed": [6],
    "dotted": [2, 4],
}  # as Bokeh has them
LABEL: Mapping[str, Any] = {
    "text_font_size": "11px", "background_fill_color": "white", "background_fill_alpha": 0.75,
}  # fmt: skip


@dataclass
class BokehCanvas:
    """What the layers are drawn on, and what has been drawn.

    Attributes
    ----------
    extents : mapping
        By axis, x and y.
    mapper : Model or None
        From values to colours.
    renderers : list of Model
        All layers with data.
    marks : list of Model
        What lies over the plot.
    dots : list of (renderer, Points)
        The points, for what appears when one is pointed at.
    images, steps : list of renderers
    rings : list of renderers
        Around the newest points.
    """

    extents: Extents
    mapper: Model | None
    renderers: list[Model] = made_by(default_factory=list)
    marks: list[Model] = made_by(default_factory=list)
    dots: list[tuple[Model, Points]] = made_by(default_factory=list)
    images: list[Model] = made_by(default_factory=list)
    steps: list[Model] = made_by(default_factory=list)
    rings: list[Model] = made_by(default_factory=list)

    def draw(self, columns: Mapping[str, Any] | Model, glyph: Model, **options: Any) -> Model:
        """Draw a glyph at each row of some columns, or of those that another one is drawn at."""
        source = columns
        if not isinstance(source, Model):
            source = Model("ColumnDataSource", data=dict(source))
        renderer = Model("GlyphRenderer", data_source=source, glyph=glyph, **options)
        self.renderers.append(renderer)
        return renderer


def add_layer(canvas: BokehCanvas, layer: Layer, colour: str) -> Any:
    """Draw a layer; return the renderer that stands for it in the legend, if one can."""
    match layer:
        case Points():
            return _add_points(canvas, layer, colour)
        case Line():
            x, y = canvas.extents["x"], canvas.extents["y"]
            columns = {"x": x.keep(layer.x), "y": y.keep(layer.y)}
            line = Model("Line", x=field("x"), y=field("y"), line_color=colour,
                         line_dash=DASHES[layer.dash], line_width=layer.width)  # fmt: skip
            return canvas.draw(columns, line)
        case Steps():
            return _add_steps(canvas, layer, colour)
        case Boxes():
            columns = {name: getattr(layer, name) for name in ("left", "right", "bottom", "top")}
            return canvas.draw(columns, _box(fill_color=value(None), line_color=value(colour)))
        case Image():
            return _add_image(canvas, layer)
        case Mark():
            return _add_mark(canvas, layer)
        case Band():
            return _add_band(canvas, layer)


def add_mark_label(canvas: BokehCanvas, label: MarkLabel) -> None:
    """Write the label of a mark along it: from the left, or from the bottom upwards."""
    colour = LIMIT if label.is_limit else AID
    if label.axis == "y":
        is_high = label.place > HIGH
        place: dict[str, Any] = {
            "x": 4, "x_units": "screen", "y": label.value, "y_offset": -2 if is_high else 2,
            "text_baseline": "top" if is_high else "bottom",
        }  # fmt: skip
    else:
        place = {"y": 20, "y_units": "screen", "x": label.value, "x_offset": 2,
                 "angle": np.pi / 2, "text_baseline": "top"}  # fmt: skip
    canvas.marks.append(
        Model("Label", text=escape(label.text), text_color=colour, **place, **LABEL)
    )


def escape(text: str) -> str:
    """Return text that Bokeh does not take for a formula."""
    for mark in ("$$", "\\(", "\\["):
        text = text.replace(mark, f"{mark[0]}\u200b{mark[1]}")
    return text


def _add_points(canvas: BokehCanvas, points: Points, colour: str) -> Model:
    source = Model("ColumnDataSource", data=_make_columns(canvas, points))
    has_values = points.values is not None
    shade = field("value", canvas.mapper) if has_values else value(colour)
    followers = []
    if points.errors is not None:
        bar = Model(
            "Segment", x0=field("x"), y0=field("low"), x1=field("x"), y1=field("high"),
            line_color=value(UNKNOWN if has_values else colour), line_alpha=value(0.5),
        )  # fmt: skip
        followers.append(canvas.draw(source, bar))
    dot = Model(
        "Scatter", x=field("x"), y=field("y"), size=value(points.size),
        marker=value(points.symbol), line_color=shade, fill_color=shade,
    )  # fmt: skip
    # A point that is clicked on leads somewhere; the others need not fade.
    dots = canvas.draw(
        source, dot, name=points.label or "points", selection_glyph=None, nonselection_glyph=None
    )
    if points.is_newest is not None and points.is_newest.any():
        followers.append(_add_rings(canvas, points))
    if followers:  # hiding the dots hides these
        follow = [
            Model("CustomJS", args={"other": one}, code="hstql.follow(other, cb_obj)")
            for one in followers
        ]
        dots.attributes["js_property_callbacks"] = {"change:visible": follow}
    canvas.dots.append((dots, points))
    return dots


def _make_columns(canvas: BokehCanvas, points: Points) -> dict[str, Any]:
    columns: dict[str, Any] = {"x": points.x, "y": points.y}
    if points.rootnames:
        columns["rootname"] = list(points.rootnames)
    if points.values is not None:
        columns["value"] = np.where(np.isfinite(points.values), points.values, np.nan)
    if points.errors is not None:
        errors = np.where(np.isfinite(points.errors), points.errors, np.nan)
        floor = canvas.extents["y"].low / 10 if canvas.extents["y"].is_log else -np.inf
        columns |= {
            "error": errors,
            "low": np.maximum(points.y - errors, floor),
            "high": points.y + errors,
        }
    return columns


def _add_rings(canvas: BokehCanvas, points: Points) -> Model:
    chosen = np.asarray(points.is_newest)
    ring = Model(
        "Scatter", x=field("x"), y=field("y"), size=value(points.size + RING),
        fill_color=value(None), line_color=value("black"),
        line_width=value(0.4 if np.count_nonzero(chosen) > MANY else 1.2),
    )  # fmt: skip
    rings = canvas.draw({"x": points.x[chosen], "y": points.y[chosen]}, ring)
    canvas.rings.append(rings)
    return rings


def _add_steps(canvas: BokehCanvas, steps: Steps, colour: str) -> Model:
    is_log = canvas.extents["y"].is_log
    bottom = canvas.extents["y"].low / 10 if is_log else 0.0
    counts = np.where(np.isfinite(steps.counts), steps.counts, np.nan)
    columns = {
        "left": steps.edges[:-1],
        "right": steps.edges[1:],
        "bottom": np.full(len(counts), bottom),
        "top": np.where(counts > 0, counts, np.nan) if is_log else counts,
        "count": counts,
    }
    box = _box(fill_color=value(colour), fill_alpha=value(0.25), line_color=value(colour))
    drawn = canvas.draw(columns, box, name=steps.label or "steps")
    canvas.steps.append(drawn)
    return drawn


def _box(**look: Any) -> Model:
    edges = {name: field(name) for name in ("left", "right", "top", "bottom")}
    return Model("Quad", **edges, **look)


def _add_image(canvas: BokehCanvas, image: Image) -> None:
    if not image.pixels.size:
        return
    mapper = canvas.mapper
    if mapper is not None:
        mapper = Model(mapper.kind, **{**mapper.attributes, "nan_color": "white"})
    pixels = round_mantissas(np.where(np.isfinite(image.pixels), image.pixels, np.nan))
    glyph = Model(
        "Image", image=field("image"), color_mapper=mapper,
        x=value(image.left), dw=value(image.right - image.left),
        y=value(image.bottom), dh=value(image.top - image.bottom),
    )  # fmt: skip
    canvas.images.append(canvas.draw({"image": [pixels]}, glyph, level="image"))


def round_mantissas(pixels: np.ndarray) -> np.ndarray:
    """Return values, any shape, in single precision, with as many digits as a page has use for."""
    single = np.ascontiguousarray(pixels, np.float32)
    dropped = 23 - MANTISSA_BITS
    bits = single.view(np.uint32)
    rounded = (bits + np.uint32(1 << (dropped - 1))) & np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    return np.where(np.isfinite(single), rounded.view(np.float32), np.float32(np.nan))


def _add_mark(canvas: BokehCanvas, mark: Mark) -> None:
    if is_within(mark, canvas.extents):
        canvas.marks.append(
            Model(
                "Span", location=mark.value,
                dimension="width" if axis_of(mark) == "y" else "height",
                line_dash=DASHES[mark.dash], line_color=LIMIT if mark.is_limit else AID,
                line_width=1.5 if mark.is_limit else 1.0,
            )
        )  # fmt: skip


def _add_band(canvas: BokehCanvas, band: Band) -> None:
    ends = clip_band(band, canvas.extents)
    if ends is None:
        return
    is_horizontal = axis_of(band) == "y"
    names = ("bottom", "top") if is_horizontal else ("left", "right")
    edges: dict[str, Any] = dict(zip(names, ends, strict=True))
    strip = Model(
        "BoxAnnotation", fill_color="#dfe8f2", fill_alpha=1, line_color=None, level="underlay",
        **edges,
    )  # fmt: skip
    canvas.marks.append(strip)
    if band.label:
        place: dict[str, Any] = (
            {"x": 4, "x_units": "screen", "y": ends[0], "y_offset": 2}
            if is_horizontal
            else {"y": 3, "y_units": "screen", "x": ends[0], "x_offset": 2}
        )
        look = {"text": escape(band.label), "text_color": AID, "text_font_size": "11px"}
        canvas.marks.append(Model("Label", **look, **place))
