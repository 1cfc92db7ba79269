"""Draw plots: axes with ticks and labels, and lines, bands, dots and bars by their values."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from hstql_assets.pages.drawing.coverage import (
    Coverage,
    Floats,
    cover_band,
    cover_dots,
    cover_line,
    cover_spans,
)
from hstql_assets.pages.drawing.lettering import fit, measure, write, write_upwards
from hstql_assets.pages.drawing.palette import reduce_colours
from hstql_assets.pages.drawing.scales import Scale, Ticks, raise_digits

PAPER, INK, GRID, ZERO = "#ffffff", "#222222", "#eef0f3", "#b0b6be"
TEXT, TICK_TEXT = 14, 13  # pixels
TICK, GAP = 4, 4
BETWEEN = 100, 30  # pixels from one tick to the next, at least: across, and up


@dataclass(frozen=True)
class Axis:
    """An axis of a plot.

    Attributes
    ----------
    scale : Scale
    name, unit : str
        Written at it; the unit may be empty.
    remark : str
        Written after them.
    has_labels : bool
        False where those of the plot below hold for this one, too.
    """

    scale: Scale
    name: str
    unit: str = ""
    remark: str = ""
    has_labels: bool = True


def encode(image: Image.Image) -> bytes:
    """Return a picture as a PNG with a palette."""
    buffer = io.BytesIO()
    reduce_colours(image).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


class Plot:
    """An area of a picture with axes.

    Parameters
    ----------
    image : Image
        Where to draw, RGB.
    box : tuple of int
        Left, top, right and bottom of the area, pixels.
    x, y : Axis
    """

    def __init__(
        self, image: Image.Image, box: tuple[int, int, int, int], x: Axis, y: Axis
    ) -> None:
        self.image, self.box, self.x, self.y = image, box, x, y
        self.width, self.height = box[2] - box[0], box[3] - box[1]
        self.pen = ImageDraw.Draw(image)
        self._ticks = {"x": x.scale.find_ticks(max(self.width // BETWEEN[0], 2)),
                       "y": y.scale.find_ticks(max(self.height // BETWEEN[1], 2))}  # fmt: skip
        self._rule()

    def place_x(self, values: Floats | float) -> Floats:
        """Return pixels from the left of the area, any shape."""
        return self.x.scale.place(values) * self.width

    def place_y(self, values: Floats | float) -> Floats:
        """Return pixels from the top of the area, any shape."""
        return (1.0 - self.y.scale.place(values)) * self.height

    def line(self, x: Floats, y: Floats, colour: str, width: float = 1.1) -> None:
        """Draw a line through values, shape (n,), of ascending x, broken where y is not finite."""
        x, y = self.place_x(x), self.place_y(y)
        if len(x) == 1:
            self._lay(cover_dots(x, y, 2.0, self._shape), colour)
        self._lay_columns(x, lambda x, shape: cover_line(x, y, width, shape), colour)

    def steps(self, edges: Floats, values: Floats, colour: str, width: float = 1.1) -> None:
        """Draw values, shape (n,), as steps between edges, shape (n + 1,)."""
        self.line(np.repeat(edges, 2)[1:-1], np.repeat(values, 2), colour, width)

    def band(self, x: Floats, low: Floats, high: Floats, colour: str, share: float = 0.2) -> None:
        """Draw a band between values, all of shape (n,), over ascending x, with a share of ink."""
        x, low, high = self.place_x(x), self.place_y(low), self.place_y(high)
        self._lay_columns(x, lambda x, shape: cover_band(x, low, high, shape), colour, share)

    def dots(self, x: Floats, y: Floats, colour: str, radius: float = 1.6) -> None:
        """Draw round dots, so many pixels in radius, at values of shape (n,)."""
        self._lay(cover_dots(self.place_x(x), self.place_y(y), radius, self._shape), colour)

    def bars(self, x: Floats, low: Floats, high: Floats, colour: str) -> None:
        """Draw an upright line from low to high at each x, all of shape (n,)."""
        place = self.place_x(np.where(np.isfinite(x), x, np.inf))
        column = np.clip(place, -1, self.width).astype(np.intp)
        spans = column, self.place_y(high), self.place_y(low)
        self._lay(cover_spans(*spans, self._shape), colour)

    def level(self, value: float, colour: str, dash: tuple[int, int] | None = None) -> None:
        """Draw a line across at a value, if it is on the axis; dashes and gaps in pixels."""
        row = float(self.place_y(value))
        if 0 <= row < self.height:
            y = self.box[1] + int(row)
            step = sum(dash) if dash else self.width
            for x in range(self.box[0], self.box[2], step):
                end = min(x + (dash[0] if dash else step), self.box[2]) - 1
                self.pen.line([(x, y), (end, y)], fill=colour)

    def upright(self, value: float, colour: str) -> None:
        """Draw a line from below to above at a value of x, if it is on the axis."""
        if 0 <= float(self.place_x(value)) < self.width:
            self.strip(value, value, colour)

    def strip(self, low: float, high: float, colour: str) -> None:
        """Fill what is between two values of x, a pixel at least."""
        left, right = np.clip(self.place_x(np.array([low, high])), 0, self.width).tolist()
        x = self.box[0] + int(min(left, self.width - 1))
        end = max(self.box[0] + round(right) - 1, x)
        self.pen.rectangle([x, self.box[1], end, self.box[3] - 1], fill=colour)

    def title(self, text: str, above: int = 9) -> None:
        """Write a text so many pixels above the area, smaller if it is long."""
        room = self.image.width - 2 * GAP
        text, size = fit(text, TEXT, room)
        half = measure(text, size) / 2
        middle = (self.box[0] + self.box[2]) / 2
        x = float(np.clip(middle, half + GAP, self.image.width - half - GAP))
        write(self.image, (x, self.box[1] - above), text, size, INK, "ms")

    def finish(self) -> None:
        """Draw frame, ticks, and what is written at them; after all that may reach beyond them."""
        left, top, right, bottom = self.box
        self.pen.rectangle([left - 1, top - 1, right, bottom], outline=INK)
        for column, label in self._columns():
            self.pen.line([(column, bottom), (column, bottom + (TICK if label else 2))], fill=INK)
            if self.x.has_labels:
                write(self.image, (column + 0.5, bottom + TICK + 3), label, TICK_TEXT, INK, "ma")
        longest = 0.0
        for row, label in self._rows():
            self.pen.line([(left - 1 - (TICK if label else 2), row), (left - 1, row)], fill=INK)
            write(self.image, (left - TICK - 4, row + 0.5), label, TICK_TEXT, INK, "rm")
            longest = max(longest, measure(label, TICK_TEXT))
        if self.x.has_labels:
            name, size = fit(self._name("x"), TEXT, self.image.width - 2 * GAP)
            below = bottom + TICK + 3 + TICK_TEXT + 7
            write(self.image, ((left + right) / 2, below), name, size, INK, "ma")
        name, size = fit(self._name("y"), TEXT, self.height + 2 * GAP)
        place = left - TICK - 4 - longest - 6 - size / 2, (top + bottom) / 2
        write_upwards(self.image, place, name, size, INK)

    @property
    def _shape(self) -> tuple[int, int]:
        return self.height, self.width

    def _lay_columns(
        self, x: Floats, cover: Callable[[Floats, tuple[int, int]], Coverage], colour: str,
        share: float = 1.0,
    ) -> None:  # fmt: skip
        """Lay a colour over the columns that places x, shape (n,), are in: an order has few."""
        if not len(x) or not (np.isfinite(x[[0, -1]]).all() and x[-1] >= 0 and x[0] < self.width):
            return
        first, last = int(max(x[0], 0)), int(min(x[-1], self.width - 1))
        self._lay(cover(x - first, (self.height, last - first + 1)), colour, share, first)

    def _lay(self, coverage: Coverage, colour: str, share: float = 1.0, first: int = 0) -> None:
        """Lay a colour over columns from the first on, with a share of the coverage."""
        mask = Image.fromarray(coverage)
        box = mask.getbbox()
        if box is None:
            return
        mask = mask.crop(box)
        if share < 1.0:
            mask = mask.point([round(level * share) for level in range(256)])
        corner = self.box[0] + first + box[0], self.box[1] + box[1]
        self.image.paste(colour, corner, mask)

    def _rule(self) -> None:
        """Draw faint lines at the ticks that have a label, and a line at zero."""
        left, top, right, bottom = self.box
        for column, label in self._columns():
            if label:
                self.pen.line([(column, top), (column, bottom - 1)], fill=GRID)
        for row, label in self._rows():
            if label:
                self.pen.line([(left, row), (right - 1, row)], fill=GRID)
        if self.y.scale.low < 0.0 < self.y.scale.high and not self.y.scale.is_log:
            self.level(0.0, ZERO)

    def _columns(self) -> list[tuple[int, str]]:
        ticks = self._ticks["x"]
        places = self.place_x(np.array(ticks.values))
        columns = self.box[0] + np.minimum(places.astype(int), self.width - 1)
        return list(zip(columns.tolist(), ticks.labels, strict=True))

    def _rows(self) -> list[tuple[int, str]]:
        ticks = self._ticks["y"]
        places = self.place_y(np.array(ticks.values))
        rows = self.box[1] + np.minimum(places.astype(int), self.height - 1)
        return list(zip(rows.tolist(), ticks.labels, strict=True))

    def _name(self, which: str) -> str:
        """Return what is written at an axis: its name, the power of ten of its ticks, its unit."""
        axis: Any = self.x if which == "x" else self.y
        ticks: Ticks = self._ticks[which]
        power = f"10{raise_digits(ticks.power)}" if ticks.power else ""
        unit = " ".join(word for word in (power, axis.unit) if word)
        return f"{axis.name} ({unit}){axis.remark}" if unit else f"{axis.name}{axis.remark}"
