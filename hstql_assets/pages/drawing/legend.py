"""Say in a plot what its colours mean, in the corner where that hides least."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw

from hstql_assets.pages.drawing.lettering import fit, measure, write
from hstql_assets.pages.drawing.plot import GRID, INK, PAPER, Plot

SIZE, ROW, SAMPLE, MARGIN = 12, 17, 22, 6  # pixels
CORNERS = ((1, 0), (0, 0), (1, 1), (0, 1))  # across and down; the first is taken if all are as good

DASHES = {"dashed": (6, 3), "dotted": (2, 3)}  # and gaps, pixels


@dataclass(frozen=True)
class Entry:
    """What stands for something, and its name."""

    label: str
    colour: str
    kind: Literal["line", "dashed", "dotted", "upright", "strip", "dot"] = "line"


def write_legend(plot: Plot, entries: Sequence[Entry]) -> None:
    """Write a legend into a plot whose data are drawn already."""
    if not entries:
        return
    texts = [fit(entry.label, SIZE, plot.width - 4 * MARGIN - SAMPLE) for entry in entries]
    width = int(max(measure(*text) for text in texts)) + SAMPLE + 3 * MARGIN
    height = ROW * len(entries) + MARGIN
    places = [_place(plot, *corner, width, height) for corner in CORNERS]
    left, top = min(places, key=lambda place: _count_ink(plot.image, place, (width, height)))
    box = left, top, left + width, top + height
    paper = Image.new("RGB", (width, height), PAPER)
    plot.image.paste(Image.blend(plot.image.crop(box), paper, 0.85), box)
    pen = ImageDraw.Draw(plot.image)
    pen.rectangle([left, top, left + width - 1, top + height - 1], outline=GRID)
    for number, (entry, (text, size)) in enumerate(zip(entries, texts, strict=True)):
        middle = top + MARGIN // 2 + ROW * number + ROW // 2
        _show(pen, entry, left + MARGIN, middle)
        write(plot.image, (left + 2 * MARGIN + SAMPLE, middle), text, size, INK, "lm")


def _place(plot: Plot, across: int, down: int, width: int, height: int) -> tuple[int, int]:
    left = plot.box[2] - width - MARGIN if across else plot.box[0] + MARGIN
    return left, plot.box[3] - height - MARGIN if down else plot.box[1] + MARGIN


def _count_ink(image: Image.Image, place: tuple[int, int], size: tuple[int, int]) -> int:
    """Return how many pixels of a box are darker than the lines of the grid."""
    box = *place, place[0] + size[0], place[1] + size[1]
    pixels = np.asarray(image.crop(box).convert("L"))
    return int(np.count_nonzero(pixels < 235))


def _show(pen: ImageDraw.ImageDraw, entry: Entry, left: int, middle: int) -> None:
    """Draw a sample of an entry, right of `left`."""
    right, centre = left + SAMPLE, left + SAMPLE // 2
    match entry.kind:
        case "strip":
            pen.rectangle([left, middle - 5, right, middle + 5], fill=entry.colour)
        case "upright":
            pen.line([(centre, middle - 6), (centre, middle + 6)], fill=entry.colour)
        case "dot":
            pen.ellipse([centre - 3, middle - 3, centre + 3, middle + 3], fill=entry.colour)
        case "line":
            pen.line([(left, middle), (right, middle)], fill=entry.colour, width=2)
        case _:
            length, gap = DASHES[entry.kind]
            for x in range(left, right, length + gap):
                pen.line([(x, middle), (min(x + length, right) - 1, middle)], fill=entry.colour)
