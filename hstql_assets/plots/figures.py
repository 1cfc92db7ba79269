"""Draw lightcurves: counts, and flux where there is one, against time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.figure_layers import draw_bars, escape
from hstql_assets.plots.description import Description, describe, shorten
from hstql_assets.plots.points import Points, Thinned, place_side_by_side, take_points
from hstql_resources.times import SECONDS_PER_DAY, write_time

SIZE_INCHES = (10.0, 5.0)
# Fixed, for working them out anew would take a third of the time of a plot.
MARGINS = {"left": 0.08, "right": 0.98, "bottom": 0.11, "top": 0.93, "hspace": 0.12}
COMPOSITE_MARGINS = {**MARGINS, "top": 0.89}  # dates are above the axes
FLUX_LABEL = "flux (erg s$^{-1}$ cm$^{-2}$ Å$^{-1}$)"
MOST_POINTS = 6000  # as many as can be told apart in a picture 1,000 pixels wide
MOST_ERROR_BARS = 3000
MOST_SEPARATORS = 60
DATE_WIDTH = 0.11  # of the axes


def draw_curve(table: CurveTable) -> Figure:
    """Draw a lightcurve, individual or composite, on two axes."""
    return draw_composite(table) if table.is_composite else draw_lightcurve(table)


def draw_lightcurve(table: CurveTable) -> Figure:
    """Draw gross and background rate, and below them the flux with its errors.

    Parameters
    ----------
    table : CurveTable
        One exposure. Bins without live time stay empty.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes, the lower of which shows the net rate where there is no flux.
    """
    figure = Figure(figsize=SIZE_INCHES)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=MARGINS)
    live_s = np.where(table.exposure_s > 0, table.exposure_s, np.nan)
    edges = np.append(table.times_s, table.times_s[-1] + table.bin_s)
    for values, color, label in (
        (table.gross, "tab:blue", "gross"),
        (table.background, "tab:orange", "background"),
    ):
        # As `stairs` draws it, whose search for limits takes a third of the time of a plot.
        steps = np.repeat(values / live_s, 2)
        upper.plot(np.repeat(edges, 2)[1:-1], steps, color=color, label=label, linewidth=0.9)
    upper.set_ylabel("rate (counts s$^{-1}$)")
    highest = np.nanmax(table.gross / live_s, initial=0.0)
    upper.set_ylim(0, 1.25 * max(highest, 1e-3))  # the legend is on top
    upper.legend(loc="upper right", fontsize="small", ncols=2)
    upper.set_title(write_title(table), fontsize="medium")
    points = take_points(table, len(table.mjd)).points
    _draw_values(lower, table, points, points.times_s)
    start = write_time(table.mjd[0] - table.times_s[0] / SECONDS_PER_DAY, "milliseconds")
    lower.set_xlabel(f"time since {start} UTC (s), bins of {table.bin_s:g} s")
    return figure


def draw_composite(table: CurveTable) -> Figure:
    """Draw net rate and flux of all exposures side by side, without the time between them.

    Parameters
    ----------
    table : CurveTable
        Exposures in order of time; each has a colour, and thin lines separate them.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes, the lower of which shows the background where there is no flux.
    """
    figure = Figure(figsize=SIZE_INCHES)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw=COMPOSITE_MARGINS)
    thinned = take_points(table, MOST_POINTS)
    points = thinned.points
    places_s, starts_s = place_side_by_side(points, thinned.width_s)
    _draw_datasets(upper, places_s, points, points.net, points.net_error)
    upper.set_ylabel("net rate (counts s$^{-1}$)")
    if table.is_flux_calibrated:
        _draw_datasets(lower, places_s, points, points.flux, points.flux_error)
        lower.set_ylabel(FLUX_LABEL)
    else:
        _draw_datasets(lower, places_s, points, points.background, np.zeros(len(places_s)))
        lower.set_ylabel(f"background (counts in {thinned.width_s:g} s)")
    ends = np.append(starts_s, places_s[-1] + thinned.width_s / 2)
    for axes in (upper, lower):
        axes.axhline(0, color="0.7", linewidth=0.8, zorder=0)
        axes.set_xlim(ends[0], ends[-1])
        if len(starts_s) <= MOST_SEPARATORS:
            axes.vlines(starts_s[1:], 0, 1, colors="0.8", linewidth=0.6, zorder=0,
                        transform=axes.get_xaxis_transform())  # fmt: skip
    _write_dates(upper, starts_s, points, ends[-1] - ends[0])
    figure.suptitle(write_title(table), fontsize="medium", y=0.98)
    lower.set_xlabel(_time_label(thinned, table.bin_s))
    return figure


def _draw_values(axes: Axes, table: CurveTable, points: Points, times_s: np.ndarray) -> None:
    """Draw the flux with its errors, or the net rate where there is none, at shape (n,), s."""
    values, errors, label = points.net, points.net_error, "net rate (counts s$^{-1}$)"
    if table.is_flux_calibrated:
        values, errors, label = points.flux, points.flux_error, FLUX_LABEL
    _draw_errors(axes, times_s, values, errors)
    axes.plot(times_s, values, ".", markersize=3, color="tab:blue")
    axes.axhline(0, color="0.7", linewidth=0.8, zorder=0)
    axes.set_ylabel(label)


def _draw_datasets(
    axes: Axes, places_s: np.ndarray, points: Points, values: np.ndarray, errors: np.ndarray
) -> None:
    """Draw values with errors at places, s, in the colours of exposures; all of shape (n,)."""
    if len(values) <= MOST_ERROR_BARS:
        _draw_errors(axes, places_s, values, errors)
    for number, colour in enumerate(COLOURS):
        mine = points.dataset % len(COLOURS) == (number + 1) % len(COLOURS)
        if mine.any():
            axes.plot(places_s[mine], values[mine], ".", markersize=2, color=colour)


def _draw_errors(axes: Axes, times_s: np.ndarray, values: np.ndarray, errors: np.ndarray) -> None:
    """Draw error bars about values at times, s; all of shape (n,)."""
    draw_bars(
        axes, times_s, values - errors, values + errors, color="0.75", linewidth=0.7, zorder=1
    )


def _write_dates(axes: Axes, starts_s: np.ndarray, points: Points, length_s: float) -> None:
    """Write the day of an exposure above its start, shape (exposures,), s, if there is room."""
    first = np.flatnonzero(np.diff(points.dataset, prepend=points.dataset[:1] - 1))
    taken_s = -np.inf
    written = ""
    for start_s, index in zip(starts_s, first, strict=True):
        day = write_time(points.mjd[index], "day")
        is_cut = start_s > (1 - 0.7 * DATE_WIDTH) * length_s
        if is_cut or start_s < taken_s + DATE_WIDTH * length_s or day == written:
            continue
        axes.annotate(
            day, (start_s, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 3),
            textcoords="offset points", fontsize="x-small", color="0.3",
        )  # fmt: skip
        taken_s, written = start_s, day


def write_title(table: CurveTable) -> str:
    """Return the title of a figure, such that no name in it is taken for a formula."""
    description = describe(table)
    words = [
        description.target_name,
        description.configuration,
        _origin(table, description),
        description.wavelengths,
    ]
    if description.is_simulated:
        words.append("(simulated)")
    if not table.is_composite:
        words.insert(0, description.name)
    return escape("  ".join(word for word in words if word))


def _origin(table: CurveTable, description: Description) -> str:
    if not table.is_composite:
        return ", ".join(str(table.header.get("SEGMENTS", "")).split(","))
    plural = "s" if description.exposures != 1 else ""
    proposals = shorten(description.proposals, 2)
    return f"{description.exposures} exposure{plural} of {proposals or 'unknown proposals'}"


def _time_label(thinned: Thinned, bin_s: float) -> str:
    means = (
        f"points are means of {thinned.bins_per_point} bins of {bin_s:g} s"
        if thinned.bins_per_point > 1
        else f"bins of {bin_s:g} s"
    )
    return f"time within the exposures, that between them left out (s), {means}"
