"""Lay out a picture: axes, colour bar, legend, title and note so that none hides another.

Matplotlib's constrained layout, which is for any number of axes, goes four times through all ticks
and labels of a figure, more than half of the time of a picture. Here each is measured once.
"""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox, ScaledTranslation

# Pixels, at 100 dots per inch.
PAD = 5
TICK_LABELS = 30  # ticks and what is written at them, below or above the axes
OVERHANG, DATE_OVERHANG = 24, 44  # of the last number, or date, beyond the end of the axes
BAR, BAR_PAD = 17, 9  # width of a colour bar, and how far it is from the axes
FIRST_GUESS = 80  # of what is left of the axes


@dataclass(frozen=True)
class Parts:
    """What is in a figure; None for what is not.

    Attributes
    ----------
    axes : Axes
    title, note : Text
        At the top and at the bottom.
    above : Axes
        Those with dates, a twin of the axes.
    bar : Axes
        Of the colours.
    legend : Legend
    """

    axes: Axes
    title: Any
    note: Any = None
    above: Axes | None = None
    bar: Axes | None = None
    legend: Any = None


def lay_out(figure: Figure, parts: Parts) -> None:
    """Place all parts of a figure; after this nothing in it may change its size."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    renderer = canvas.get_renderer()
    axes, above = parts.axes, parts.above
    bottom = 2 * PAD + _measure(parts.note, renderer).height
    bottom += TICK_LABELS + _measure(axes.xaxis.label, renderer).height
    top = figure.bbox.height - 2 * PAD - _measure(parts.title, renderer).height
    if above is not None:
        top -= TICK_LABELS + _measure(above.xaxis.label, renderer).height
    right = figure.bbox.width - PAD - (OVERHANG if above is None else DATE_OVERHANG)
    if parts.legend is not None:  # which may be as near to the axes as the last number reaches
        right -= parts.legend.get_window_extent(renderer).width - OVERHANG
    if parts.bar is not None:
        _place(parts.bar, right - BAR, bottom, right, top)
        right -= _measure(parts.bar.yaxis, renderer).x1 - right
        _hold(parts.bar, parts.bar.yaxis, 1.0, 0.5, _label_of(parts.bar) - parts.bar.bbox.x1, 0)
        _place(parts.bar, right - BAR, bottom, right, top)
        right -= BAR + BAR_PAD
    _place(axes, FIRST_GUESS, bottom, right, top)
    left = PAD + FIRST_GUESS - _measure(axes.yaxis, renderer).x0
    _hold(axes, axes.yaxis, 0.0, 0.5, _label_of(axes) - axes.bbox.x0, 0)
    _place(axes, left, bottom, right, top)
    _hold(axes, axes.xaxis, 0.5, 0.0, 0, -TICK_LABELS)
    if above is not None:
        _hold(above, above.xaxis, 0.5, 1.0, 0, TICK_LABELS)
    parts.title.set_position(((left + right) / 2 / figure.bbox.width, 1 - PAD / figure.bbox.height))


def _measure(artist: Any, renderer: Any) -> Any:
    """Return the box, pixels, that something needs; one of no size for what is not there."""
    box = None if artist is None else artist.get_tightbbox(renderer)
    return Bbox.from_bounds(0, 0, 0, 0) if box is None or box.height < 0 else box


def _place(axes: Axes, left: float, bottom: float, right: float, top: float) -> None:
    size = axes.figure.bbox
    low, high = bottom / size.height, top / size.height
    axes.set_position((left / size.width, low, (right - left) / size.width, high - low))


def _label_of(axes: Axes) -> float:
    """Return where the label of the y axis was measured to be, pixels from the left."""
    return float(axes.yaxis.label.get_position()[0])


def _hold(axes: Axes, axis: Axis, x: float, y: float, right: float, up: float) -> None:
    """Fix a label so many pixels from a place of the axes: else each drawing measures all ticks."""
    dots = axes.figure.dpi
    shift = ScaledTranslation(right / dots, up / dots, axes.figure.dpi_scale_trans)
    axis.set_label_coords(x, y, transform=axes.transAxes + shift)
