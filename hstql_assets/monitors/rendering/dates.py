"""Dates along the top of a picture whose axis is in MJD."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter

MJD_OF_1970 = 40587.0  # matplotlib counts days from then
DAYS_BY_MONTH = 300  # from then on dates are first days of months
# How dates are written where more days than these are shown.
DATE_FORMS = ((3300, "%Y"), (DAYS_BY_MONTH, "%Y-%m"), (5, "%Y-%m-%d"), (-1, "%Y-%m-%d %H:%M"))
# What dates can be written of.
FIRST_MJD, LAST_MJD = -600_000.0, 2_000_000.0


def add_dates(axes: Axes) -> None:
    """Write dates along the top, on an axis of its own that covers the same time.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Its x axis is in MJD UTC, with its limits set.
    """
    low, high = axes.get_xlim()
    if low < FIRST_MJD or high > LAST_MJD:
        return
    above = axes.twiny()
    above.set_xlim(low - MJD_OF_1970, high - MJD_OF_1970)
    days = np.ptp([low, high])
    form = next(form for least, form in DATE_FORMS if days > least)
    locator = AutoDateLocator(  # type: ignore[no-untyped-call]
        minticks=3, maxticks=7, interval_multiples=bool(days > DAYS_BY_MONTH)
    )
    above.xaxis.set_major_locator(locator)
    above.xaxis.set_major_formatter(DateFormatter(form))  # type: ignore[no-untyped-call]
    above.set_xlabel("date (UTC)")
