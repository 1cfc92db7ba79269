"""The axes of plots on pages: numbers, MJD below and dates above, by Bokeh."""

from typing import Any

from bokeh.models import CustomJSHover, CustomJSTickFormatter, LinearAxis
from bokeh.plotting import figure

MARGIN_LEFT = 90  # so that the plots of a page stand below one another
# With the time where ticks are nearer than a day.
DATE = """
const isNear = ticks.length > 1 && Math.abs(ticks[1] - ticks[0]) < 1
return hstql.writeDate(tick).slice(0, isNear ? 16 : 10)
"""

# What is pointed at has both, told apart by the format: `@x{custom}` is the date.
MJD_OR_DATE = "return format === 'custom' ? hstql.writeDate(value) : value.toFixed(4)"


def make_date_hover() -> CustomJSHover:
    """Return the formatter of a column in MJD: `{custom}` is the date, anything else the MJD."""
    return CustomJSHover(code=MJD_OR_DATE)


def write_mjd(plot: figure, label: str) -> None:
    """Write MJD below a plot, and dates above it.

    Parameters
    ----------
    plot : bokeh.plotting.figure
        Its x axis is in MJD UTC.
    label : str
        Of the axis below.
    """
    plot.xaxis.axis_label = label
    plot.xaxis.formatter = CustomJSTickFormatter(code="return hstql.writeTick(tick, index, ticks)")
    dates: Any = CustomJSTickFormatter(code=DATE)
    plot.add_layout(LinearAxis(axis_label="date (UTC)", formatter=dates), "above")
