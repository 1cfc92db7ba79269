"""Draw a lightcurve folded at its best period, twice side by side."""

import numpy as np
from PIL import Image

from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot
from hstql_assets.pages.drawing.scales import Scale
from hstql_assets.plots.figures import BLUE, BOTTOM, LEFT, RATE, RIGHT, SIZE, UPPER, fit_values
from hstql_assets.statistics.periods import PeriodSearch

AREA = (LEFT, UPPER[1], RIGHT, BOTTOM)
FAINT = "#cccccc"
MOST_PHASES, FEWEST_IN_ONE = 50, 10


def draw_fold(search: PeriodSearch, title: str) -> Image.Image:
    """Draw the net rate against the phase of the best period.

    Parameters
    ----------
    search : PeriodSearch
        Of a periodic source.
    title : str
        What it is of, as `figures.write_title` has it.

    Returns
    -------
    Image
        Bins as faint points, and means over phases with their errors. Phase 0 is the first bin.
    """
    image = Image.new("RGB", SIZE, PAPER)
    series, period_s = search.series, search.best.period_s
    phase, rates = series.times_s / period_s % 1, series.rates
    middle, mean, error = average_phases(phase, rates, series.errors)
    everything = np.concatenate([rates, mean - error, mean + error])
    about = f"phase at {period_s:.6g} ± {search.best.error_s:.2g} s, {search.best.label}"
    x = Axis(Scale(0.0, 2.0), f"{about}, from the first bin on")
    y = Axis(fit_values(everything, np.zeros(len(everything)), rates[0]), "net rate", RATE)
    plot = Plot(image, AREA, x, y)
    for turn in (0, 1):
        plot.dots(phase + turn, rates, FAINT, 1.3)
    for turn in (0, 1):
        plot.bars(middle + turn, mean - error, mean + error, BLUE)
        plot.dots(middle + turn, mean, BLUE, 2.5)
    plot.finish()
    plot.title(title)
    return image


def average_phases(
    phase: np.ndarray, rates: np.ndarray, errors: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return phases, mean rates and their errors, of those of 50 or fewer phases that have bins.

    Parameters
    ----------
    phase, rates, errors : numpy.ndarray, shape (n,)
        Phases from 0 to 1, rates and their 1-sigma errors.
    """
    count = int(np.clip(len(phase) // FEWEST_IN_ONE, 1, MOST_PHASES))
    place = np.minimum((phase * count).astype(int), count - 1)
    number = np.bincount(place, minlength=count)
    has = number > 0
    mean = np.bincount(place, rates, count)[has] / number[has]
    error = np.sqrt(np.bincount(place, errors**2, count)[has]) / number[has]
    return (np.flatnonzero(has) + 0.5) / count, mean, error
