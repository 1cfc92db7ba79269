"""Declare what a monitor can draw: layers of arrays between two axes.

A chart knows neither Matplotlib nor Bokeh: `pages` makes a picture of it for the user
interface, and something to zoom in on for the page.
"""

from dataclasses import dataclass, replace
from itertools import compress
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Symbol = Literal["circle", "square", "triangle", "diamond", "cross", "x"]
Dash = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True)
class Axis:
    """An axis.

    Attributes
    ----------
    label : str
        What it is, with its unit: `dark rate (counts/s/pixel)`.
    kind : str
        `mjd`: times in MJD UTC, with dates written along the other side.
    limits : tuple of float, optional
        Where it begins and ends; else it fits the data.
    """

    label: str
    kind: Literal["linear", "log", "mjd"] = "linear"
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Points:
    """Points, one for each exposure or measurement.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
    label : str
        For the legend; empty for none.
    errors : ndarray, shape (n,), optional
        1-sigma errors of y; NaN for none.
    rootnames : tuple of str, shape (n,) or empty
        The exposures, to be shown and linked.
    values : ndarray, shape (n,), optional
        What the colour means; see `Chart.colour`.
    is_newest : ndarray of bool, shape (n,), optional
        Those to be marked with a ring.
    symbol : str
    size : float
        Diameter in pixels of the screen.
    colour : str, optional
        Else one is chosen by the order of the layers.
    """

    x: Floats
    y: Floats
    label: str = ""
    errors: Floats | None = None
    rootnames: tuple[str, ...] = ()
    values: Floats | None = None
    is_newest: NDArray[np.bool_] | None = None
    symbol: Symbol = "circle"
    size: float = 5.0
    colour: str | None = None

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Points":
        """Return some of the points: a mask of shape (n,), or places of shape (m,)."""
        return replace(
            self,
            x=self.x[chosen],
            y=self.y[chosen],
            errors=None if self.errors is None else self.errors[chosen],
            rootnames=_choose(self.rootnames, chosen),
            values=None if self.values is None else self.values[chosen],
            is_newest=None if self.is_newest is None else self.is_newest[chosen],
        )

    def known(self) -> "Points":
        """Return the points both of whose coordinates are finite."""
        return self.where(np.isfinite(self.x) & np.isfinite(self.y))


def _choose(
    names: tuple[str, ...], chosen: NDArray[np.bool_] | NDArray[np.intp]
) -> tuple[str, ...]:
    """Return some of names, in a tenth of the time that an array of them would take."""
    if not names:
        return ()
    if chosen.dtype == np.bool_:
        return tuple(compress(names, chosen.tolist()))
    return tuple(names[place] for place in chosen.tolist())


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points; NaN breaks it."""

    x: Floats
    y: Floats
    label: str = ""
    dash: Dash = "solid"
    colour: str | None = None
    width: float = 1.5


@dataclass(frozen=True, eq=False)
class Steps:
    """A histogram: `counts` of shape (n,) between `edges` of shape (n + 1,)."""

    edges: Floats
    counts: Floats
    label: str = ""
    colour: str | None = None


@dataclass(frozen=True)
class Mark:
    """A straight line across the whole chart: a limit, a date, a mean.

    Attributes
    ----------
    value : float
    label : str
        Written along it, or in the legend.
    direction : str
        horizontal, at this y; or vertical, at this x.
    is_limit : bool
        Whether it is a limit, drawn in red, or only an aid.
    dash : str
    """

    value: float
    label: str = ""
    direction: Literal["horizontal", "vertical"] = "horizontal"
    is_limit: bool = False
    dash: Dash = "dashed"


@dataclass(frozen=True)
class Band:
    """A shaded strip across the whole chart, between two values."""

    low: float
    high: float
    label: str = ""
    direction: Literal["horizontal", "vertical"] = "horizontal"


@dataclass(frozen=True, eq=False)
class Image:
    """Pixels between two corners; see `Chart.colour` for what their colour means.

    Attributes
    ----------
    pixels : ndarray, shape (rows, columns)
        The first row is at the bottom; NaN is left white.
    left, right, bottom, top : float
        The outer edges, in the units of the axes.
    """

    pixels: Floats
    left: float
    right: float
    bottom: float
    top: float


@dataclass(frozen=True, eq=False)
class Boxes:
    """Outlines of rectangles; each array of shape (n,), in the units of the axes."""

    left: Floats
    right: Floats
    bottom: Floats
    top: Floats
    label: str = ""
    colour: str | None = None


@dataclass(frozen=True)
class Colour:
    """What colours mean, for points with values and for images.

    Attributes
    ----------
    label : str
        With unit, beside the bar.
    low, high : float
        Ends of the bar; values beyond have the colour of the end.
    is_log : bool
    """

    label: str
    low: float
    high: float
    is_log: bool = False


Layer = Points | Line | Steps | Mark | Band | Image | Boxes


@dataclass(frozen=True, eq=False)
class Chart:
    """One figure.

    Attributes
    ----------
    name : str
        For the file: lower case letters, digits and underscores; one of its kind in a monitor.
    title : str
        What is to be seen.
    x, y : Axis
    layers : tuple of Layer
        From back to front; may be empty.
    note : str
        Under the figure: from how many exposures, what is left out.
    colour : Colour, optional
        Where values have colours.
    height : int
        Pixels on the page.
    is_square : bool
        Whether a circle is to be one: for axes of one unit, with limits equally far apart.
    """

    name: str
    title: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    note: str = ""
    colour: Colour | None = None
    height: int = 340
    is_square: bool = False
