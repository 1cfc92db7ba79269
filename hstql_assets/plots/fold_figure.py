"""Draw a lightcurve folded at its best period, twice side by side."""

import numpy as np
from matplotlib.figure import Figure

from hstql_assets.plots.figures import MARGINS, SIZE_INCHES
from hstql_assets.statistics.periods import PeriodSearch

MOST_PHASES, FEWEST_IN_ONE = 50, 10


def draw_fold(search: PeriodSearch, title: str) -> Figure:
    """Draw the net rate against the phase of the best period.

    Parameters
    ----------
    search : PeriodSearch
        Of a periodic source.
    title : str
        What it is of, as `figures.write_title` has it.

    Returns
    -------
    matplotlib.figure.Figure
        Bins as faint points, and means over phases with their errors. Phase 0 is the first bin.
    """
    figure = Figure(figsize=SIZE_INCHES)
    margins = {name: MARGINS[name] for name in ("left", "right", "bottom", "top")}
    axes = figure.subplots(gridspec_kw=margins)
    series, period_s = search.series, search.best.period_s
    phase, rates = series.times_s / period_s % 1, series.rates
    middle, mean, error = average_phases(phase, rates, series.errors)
    for turn in (0, 1):
        axes.plot(phase + turn, rates, ".", markersize=2, color="0.8", zorder=1)
        axes.errorbar(middle + turn, mean, error, fmt="o", markersize=3, color="tab:blue")
    axes.set_xlim(0, 2)
    axes.set_title(title, fontsize="medium")
    axes.set_ylabel("net rate (counts s$^{-1}$)")
    error_s = search.best.error_s
    axes.set_xlabel(
        f"phase at {period_s:.6g} ± {error_s:.2g} s, {search.best.label}, from the first bin on"
    )
    return figure


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
