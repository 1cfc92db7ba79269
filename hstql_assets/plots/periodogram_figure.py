"""Draw a periodogram: power and window function against period, with what marks them.

The rule of hstlc has no line here: it is about the powers of three other grids.
"""

from typing import Literal

import numpy as np
from PIL import Image

from hstql_assets.pages.drawing.legend import DASHES, Entry, write_legend
from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot
from hstql_assets.pages.drawing.scales import Scale, fit_scale
from hstql_assets.plots.figures import BLUE, BOTTOM, LEFT, RIGHT, SIZE
from hstql_assets.statistics.explanations import HARMONICS, ORBIT_S
from hstql_assets.statistics.periodogram import compute_window
from hstql_assets.statistics.periods import PeriodSearch

UPPER, LOWER = (LEFT, 34, RIGHT, 326), (LEFT, 342, RIGHT, BOTTOM)
COLUMNS = 1500
FALSE_ALARMS: tuple[tuple[float, Literal["dashed", "dotted"]], ...] = (
    (0.01, "dashed"),
    (0.001, "dotted"),
)  # probability, line
ORBIT_COLOUR, DARK, RED, GREEN = "#f4d9a8", "#595959", "#d62728", "#2ca02c"


def draw_periodogram(search: PeriodSearch, title: str) -> Image.Image:
    """Draw the power of a lightcurve and the window function of its sampling.

    Parameters
    ----------
    search : PeriodSearch
        The periodogram.
    title : str
        What it is of, as `figures.write_title` has it.

    Returns
    -------
    Image
        Two plots over the same logarithmic periods. Of many frequencies in one column of the
        picture the highest power is shown.
    """
    image = Image.new("RGB", SIZE, PAPER)
    frequency_hz = search.grid.frequency_hz
    x = fit_scale(1 / frequency_hz[-1], 1 / frequency_hz[0], is_log=True)
    levels = [
        (search.noise.level(probability), probability, kind) for probability, kind in FALSE_ALARMS
    ]
    levels = [level for level in levels if level[0] < 1]
    highest = max([float(search.power.max()), 1e-9, *(level for level, _, _ in levels)])
    # The legend is on top.
    power = Axis(Scale(0.0, 1.45 * highest), "power", "share of the variance")
    upper = Plot(image, UPPER, Axis(x, "", has_labels=False), power)
    times = "TDB, at the barycentre" if search.series.is_barycentric else "UTC, at the telescope"
    lower = Plot(image, LOWER, Axis(x, "period", f"s; {times}"), Axis(Scale(0.0, 1.05), "window"))
    entries = _mark_orbit((upper, lower), x) + _mark_best(upper, search)
    window = compute_window(search.series, search.grid)
    for plot, values, colour in ((upper, search.power, BLUE), (lower, window, DARK)):
        periods_s, most = take_highest(frequency_hz, values)
        plot.line(periods_s[::-1], most[::-1], colour)
        plot.finish()
    for level, probability, kind in levels:
        upper.level(level, RED, DASHES[kind])
        entries.append(Entry(f"false alarm probability {probability * 100:g} %", RED, kind))
    write_legend(upper, entries)
    upper.title(title)
    return image


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


def _mark_orbit(plots: tuple[Plot, ...], x: Scale) -> list[Entry]:
    entries = []
    for harmonic in range(1, HARMONICS + 1):
        low, high = (limit / harmonic for limit in ORBIT_S)
        if x.low < low and high < x.high:
            for plot in plots:
                plot.strip(low, high, ORBIT_COLOUR)
            if harmonic == 1:
                label = "orbit of the telescope, and a half to a fifth of it"
                entries.append(Entry(label, ORBIT_COLOUR, "strip"))
    return entries


def _mark_best(plot: Plot, search: PeriodSearch) -> list[Entry]:
    best = search.best
    note = f", explained by: {best.note}" if best.note else ""
    if best.is_significant:
        note += f", of red noise {best.noise_probability:.2g}: {best.label}"
    plot.upright(best.period_s, GREEN)
    probability = write_probability(best.false_alarm_probability)
    label = f"highest peak {best.period_s:.6g} ± {best.error_s:.2g} s, {probability}{note}"
    return [Entry(label, GREEN, "upright")]
