"""The figures of trends as pictures: one quantity of one set-up, an amplifier in each colour."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hstql_assets.monitors.cameras.limits import find_ceiling
from hstql_assets.monitors.cameras.series import Series, thin
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.figures import add_dates

SIZE_INCHES = (10.0, 4.2)
MARGINS = {"left": 0.1, "right": 0.85, "bottom": 0.14, "top": 0.8}
MOST_POINTS = 1500  # as many as can be told apart in 800 pixels
DAYS_AROUND_ONE = 5.0


def draw_trend(series: Sequence[Series]) -> Figure:
    """Draw one quantity of one set-up against time, with MJD below and dates above.

    Parameters
    ----------
    series : sequence of Series
        One for each amplifier, one at least.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = Figure(figsize=SIZE_INCHES)
    axes = figure.add_axes(
        (MARGINS["left"], MARGINS["bottom"], MARGINS["right"] - MARGINS["left"],
         MARGINS["top"] - MARGINS["bottom"])
    )  # fmt: skip
    thinned = [thin(one, MOST_POINTS) for one in series]
    for one in thinned:
        _draw_series(axes, one)
    _draw_ceiling(axes, thinned)
    quantity = series[0].quantity
    axes.set_xlabel(f"start of the exposure, MJD (UTC){_explain_points(thinned)}")
    axes.set_ylabel(quantity.axis_label)
    axes.ticklabel_format(useOffset=False, style="plain", axis="x")
    axes.ticklabel_format(useOffset=False, axis="y")
    axes.set_xlim(*_limits(thinned))
    axes.grid(color="0.93")
    axes.set_axisbelow(True)
    title = "amplifier:\nits median" if quantity.is_relative else "amplifier"
    axes.legend(title=title, loc="upper left", bbox_to_anchor=(1.01, 1.02), frameon=False)
    add_dates(axes)
    figure.suptitle(f"{series[0].setup.label}: {quantity.title} of {_exposures(series)}", y=0.97)
    return figure


def colour_of_amplifier(amplifier: str) -> str:
    """Return the colour of an amplifier, the same in all figures."""
    return COLOURS["ABCD".find(amplifier) if len(amplifier) == 1 else 0]


def _draw_series(axes: Axes, series: Series) -> None:
    colour = colour_of_amplifier(series.amplifier)
    errors, values = np.nan_to_num(series.errors), series.values - series.base
    ends = np.column_stack([values - errors, values + errors, np.full(len(errors), np.nan)])
    # One line with breaks, which is much faster than a line for each bar.
    axes.plot(np.repeat(series.mjd, 3), ends.ravel(), color=colour, alpha=0.45, linewidth=1)
    axes.plot(series.mjd, values, "o", markersize=3.5, color=colour, label=series.legend)


def _draw_ceiling(axes: Axes, series: Sequence[Series]) -> None:
    """Draw the limit where it is near enough not to flatten what it is the limit of."""
    ceiling = find_ceiling(series[0])
    if ceiling is None:
        return
    low, high = axes.get_ylim()
    if ceiling <= high + 1.0 * (high - low):
        axes.axhline(ceiling, color="0.3", linewidth=1, linestyle="--", label="limit")
    else:
        axes.annotate(
            f"limit: {ceiling:g}", (0.995, 0.97), xycoords="axes fraction", ha="right", va="top",
            fontsize="small", color="0.3",
        )  # fmt: skip


def _limits(series: Sequence[Series]) -> tuple[float, float]:
    first = min(float(one.mjd[0]) for one in series)
    last = max(float(one.mjd[-1]) for one in series)
    margin = 0.02 * (last - first) or DAYS_AROUND_ONE
    return first - margin, last + margin


def _explain_points(series: Sequence[Series]) -> str:
    most = max(one.exposures_per_point for one in series)
    return f"; points are medians of up to {most} exposures" if most > 1 else ""


def _exposures(series: Sequence[Series]) -> str:
    number = len({rootname for one in series for rootname in one.rootnames})
    kinds = " or ".join(series[0].quantity.image_types)
    return f"{number} {kinds} exposure{'s' if number != 1 else ''}"
