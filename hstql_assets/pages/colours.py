"""Choose colours, the same in pictures and on pages: of exposures, of layers, of values."""

import numpy as np

from hstql_assets.pages.charts import Boxes, Chart, Colour, Image, Layer, Line, Points, Steps

# Ten that can be told apart also by most of the colour-blind; then they begin again.
COLOURS = (
    "#4477aa",
    "#ee6677",
    "#228833",
    "#aa7711",
    "#aa3377",
    "#2299bb",
    "#775533",
    "#9966cc",
    "#dd7722",
    "#555555",
)
PALETTE = "viridis"  # even in brightness, and the same to most of the colour-blind
LIMIT = "#cc2828"
AID = "#555555"
UNKNOWN = "#b4bac2"  # of a point whose value is not known
MOST_DECADES = 6


def colour_of(dataset: int) -> str:
    """Return the colour of an exposure by its number from 1."""
    return COLOURS[(dataset - 1) % len(COLOURS)]


def choose_colours(chart: Chart) -> list[str]:
    """Return a colour for each layer: its own, or one by order.

    Layers of one label share it; a line is darker than the points that it goes through.
    """
    chosen: list[str] = []
    of_label: dict[str, str] = {}
    number = 0
    for layer in chart.layers:
        own = getattr(layer, "colour", None)
        label = getattr(layer, "label", "")
        if own is None and is_coloured_by_order(layer):
            own = of_label.get(label)
            if own is None:
                own = COLOURS[number % len(COLOURS)]
                number += 1
            elif isinstance(layer, Line):
                own = darken(own)
        if own is not None and label:
            of_label.setdefault(label, own)
        chosen.append(own or AID)
    return chosen


def darken(colour: str) -> str:
    """Return a colour of half the brightness, for a line over points of that colour."""
    parts = (int(colour[place : place + 2], 16) // 2 for place in (1, 3, 5))
    return "#{:02x}{:02x}{:02x}".format(*parts)


def is_coloured_by_order(layer: Layer) -> bool:
    """Tell whether a layer has one colour, and the next one another."""
    return isinstance(layer, Line | Steps | Boxes) or (
        isinstance(layer, Points) and layer.values is None
    )


def find_colour(chart: Chart) -> Colour | None:
    """Return what colours of values mean; None if nothing has such a colour.

    Ends that cannot be drawn (not finite, equal, not positive on a logarithmic bar) are replaced by
    those of the values.
    """
    values = _find_values(chart)
    if values is None:
        return None
    wanted = chart.colour or Colour("value", np.nan, np.nan)
    if wanted.is_log:
        values = values[values > 0]
    low = wanted.low if np.isfinite(wanted.low) else float(values.min(initial=np.inf))
    high = wanted.high if np.isfinite(wanted.high) else float(values.max(initial=-np.inf))
    if not np.isfinite([low, high]).all() or (wanted.is_log and high <= 0):
        low, high = 1.0, 10.0
    if wanted.is_log and low <= 0:
        low = max(high / 10**MOST_DECADES, float(values.min(initial=high)))
    if high <= low:
        high = low * 1.1 if wanted.is_log else low + (0.1 * abs(low) or 1.0)
    return Colour(wanted.label, float(low), float(high), wanted.is_log)


def _find_values(chart: Chart) -> np.ndarray | None:
    """Return all finite values that have colours, shape (n,)."""
    found = [layer.values for layer in chart.layers if isinstance(layer, Points)]
    found += [layer.pixels for layer in chart.layers if isinstance(layer, Image)]
    known = [np.asarray(values, float).ravel() for values in found if values is not None]
    if not known:
        return None
    values = np.concatenate(known)
    return np.asarray(values[np.isfinite(values)])
