"""Draw a trend: points of one column against another, coloured by a third."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from hstql_assets.pages.chart_panels import Panel, make_leading_panel
from hstql_assets.pages.charts import Axis, Chart, Colour, Floats, Layer, Points
from hstql_web.queries.keys import Key

MOST_KINDS = 9  # of a text that have colours of their own
_OTHERS, _NONE = "others", "no value"
_MJD = frozenset({"expstart", "expend", "texpstrt", "texpend"})  # keywords in MJD
_HEIGHT = 520
_ENDS = (1, 99)  # percentiles, of the bar of colours


def draw_trend(
    rows: Sequence[Sequence[Any]], keys: Sequence[Key], logs: tuple[bool, bool]
) -> Panel:
    """Return a plot of rows of rootname, x, y and, if there is a third key, its value."""
    names = tuple(row[0] for row in rows)
    x, y = _floats([row[1] for row in rows]), _floats([row[2] for row in rows])
    points = Points(x, y, rootnames=names)
    layers: tuple[Layer, ...] = (points,)
    colour, note = None, ""
    if len(keys) > 2 and keys[2].is_number:
        values = _floats([row[3] for row in rows])
        layers = (Points(x, y, rootnames=names, values=values),)
        colour, note = _find_colour(values, keys[2])
    elif len(keys) > 2:
        layers = _split(points, [row[3] for row in rows])
    x_axis, y_axis = (_make_axis(key, is_log=one) for key, one in zip(keys, logs, strict=False))
    chart = Chart("trend", keys[1].text, x_axis, y_axis, layers, note, colour, height=_HEIGHT)
    return make_leading_panel(chart)


def _floats(values: Sequence[Any]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], float)


def _make_axis(key: Key, *, is_log: bool) -> Axis:
    is_mjd = key.kind == "time" or key.name.endswith("_mjd") or key.name in _MJD
    return Axis(key.text, "log" if is_log else "mjd" if is_mjd else "linear")


def _find_colour(values: Floats, key: Key) -> tuple[Colour | None, str]:
    known = values[np.isfinite(values)]
    if not len(known):
        return None, f"No exposure has a value of {key.text}."
    low, high = (float(end) for end in np.percentile(known, _ENDS))
    if low == high:
        low, high = low - 0.5, high + 0.5
    lost = len(values) - len(known)
    without = f" {lost:,} points without a value are grey." if lost else ""
    return Colour(key.text, low, high), f"Colours end where 1 % of the values are beyond.{without}"


def _split(points: Points, kinds: Sequence[str | None]) -> tuple[Layer, ...]:
    """Return a layer for each of the values that are most common, and one for all others."""
    counted = Counter(kind for kind in kinds if kind is not None).most_common(MOST_KINDS)
    common = {kind for kind, _ in counted}
    labels = np.array([_NONE if k is None else k if k in common else _OTHERS for k in kinds])
    return tuple(
        Points(some.x, some.y, label[:80], rootnames=some.rootnames)
        for label in [*(kind for kind, _ in counted), _OTHERS, _NONE]
        if len((some := points.where(labels == label)).x)
    )
