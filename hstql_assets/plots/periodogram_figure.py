"""Draw a periodogram: power and window function against period, with what marks them.

The rule of hstlc has no line here: it is about the powers of three other grids.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hstql_assets.plots.figures import SIZE_INCHES
from hstql_assets.statistics.explanations import HARMONICS, ORBIT_S
from hstql_assets.statistics.periodogram import compute_window
from hstql_assets.statistics.periods import PeriodSearch

MARGINS = {
    "left": 0.08, "right": 0.98, "bottom": 0.11, "top": 0.93, "hspace": 0.08,
    "height_ratios": (3, 1),
}  # fmt: skip
COLUMNS = 1500
FALSE_ALARMS = ((0.01, "--"), (0.001, ":"))  # probability, line
ORBIT_COLOUR = "#f4d9a8"


def draw_periodogram(search: PeriodSearch, title: str) -> Figure:
    """Draw the power of a lightcurve and the window function of its sampling.

    Parameters
    ----------
    search : PeriodSearch
        The periodogram.
    title : str
        What it is of, as `figures.write_title` has it.

    Returns
    -------
    matplotlib.figure.Figure
        Two axes over the same logarithmic periods. Of many frequencies in one column of the
        picture the highest power is shown.
    """
    figure = Figure(figsize=SIZE_INCHES)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=MARGINS)
    frequency_hz = search.grid.frequency_hz
    window = compute_window(search.series, search.grid)
    upper.plot(*take_highest(frequency_hz, search.power), color="tab:blue", linewidth=0.8)
    lower.plot(*take_highest(frequency_hz, window), color="0.35", linewidth=0.8)
    longest_s, shortest_s = 1 / frequency_hz[0], 1 / frequency_hz[-1]
    upper.set_xscale("log")
    upper.set_xlim(shortest_s, longest_s)
    lower.set_ylim(0, 1.05)
    for axes in (upper, lower):
        _mark_orbit(axes, shortest_s, longest_s)
    _mark_thresholds(upper, search)
    _mark_best(upper, search)
    upper.legend(loc="upper left", fontsize="x-small", ncols=2)
    upper.set_title(title, fontsize="medium")
    upper.set_ylabel("power (share of the variance)")
    lower.set_ylabel("window")
    times = "TDB, at the barycentre" if search.series.is_barycentric else "UTC, at the telescope"
    lower.set_xlabel(f"period (s; {times})")
    return figure


def take_highest(frequency_hz: np.ndarray, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return periods in s, and the highest power in each column of a logarithmic axis.

    Parameters
    ----------
    frequency_hz, power : numpy.ndarray, shape (n,)
        The periodogram; frequencies ascending and above 0.

    Returns
    -------
    periods_s, highest : numpy.ndarray, shape (m,)
        At most `COLUMNS`; every peak is there with its height and its own period.
    """
    place = np.log(frequency_hz / frequency_hz[0])
    column = np.floor(place / (place[-1] or 1.0) * (COLUMNS - 1)).astype(int)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    highest = np.maximum.reduceat(power, starts)
    # The first frequency of each column that is as high.
    is_top = power >= np.repeat(highest, np.diff(np.append(starts, len(power))))
    index = np.where(is_top, np.arange(len(power)), len(power))
    return 1 / frequency_hz[np.minimum.reduceat(index, starts)], highest


def write_probability(probability: float) -> str:
    """Return a false alarm probability in words; one too small for a number is no zero."""
    if probability < 1e-300:
        return "false alarm probability below 1e-300"
    return f"false alarm probability {probability:.2g}"


def _mark_orbit(axes: Axes, shortest_s: float, longest_s: float) -> None:
    for harmonic in range(1, HARMONICS + 1):
        low, high = (limit / harmonic for limit in ORBIT_S)
        if shortest_s < low and high < longest_s:
            label = "orbit of the telescope, and a half to a fifth of it" if harmonic == 1 else None
            axes.axvspan(low, high, color=ORBIT_COLOUR, zorder=0, label=label)


def _mark_thresholds(axes: Axes, search: PeriodSearch) -> None:
    highest = float(search.power.max())
    for probability, style in FALSE_ALARMS:
        level = search.noise.level(probability)
        if level < 1:
            highest = max(highest, level)
            axes.axhline(
                level, color="tab:red", linestyle=style, linewidth=0.9,
                label=f"false alarm probability {probability * 100:g} %",
            )  # fmt: skip
    axes.set_ylim(0, 1.35 * max(highest, 1e-9))  # the legend is on top


def _mark_best(axes: Axes, search: PeriodSearch) -> None:
    best = search.best
    note = f", explained by: {best.note}" if best.note else ""
    if best.is_significant:
        note += f", of red noise {best.noise_probability:.2g}: {best.label}"
    axes.axvline(
        best.period_s, color="tab:green", linewidth=0.9, zorder=0,
        label=f"highest peak {best.period_s:.6g} ± {best.error_s:.2g} s, "
        f"{write_probability(best.false_alarm_probability)}{note}",
    )  # fmt: skip
