"""Draw lightcurves: counts, and flux where there is one, against time."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import COLOURS
from hstql_assets.pages.drawing.legend import Entry, write_legend
from hstql_assets.pages.drawing.lettering import write
from hstql_assets.pages.drawing.plot import PAPER, Axis, Plot
from hstql_assets.pages.drawing.scales import Scale, fit_scale
from hstql_assets.plots.description import Description, describe, shorten
from hstql_assets.plots.points import Points, Thinned, place_side_by_side, take_points
from hstql_resources.times import SECONDS_PER_DAY, write_time

SIZE = 1000, 500  # pixels
LEFT, RIGHT, BOTTOM = 86, 984, 446  # of the areas of plots
UPPER, LOWER = (LEFT, 34, RIGHT, 232), (LEFT, 248, RIGHT, BOTTOM)
UPPER_BELOW_DATES = (LEFT, 52, RIGHT, 240)
TITLE_ABOVE_DATES = 27
RATE, FLUX = "counts s⁻¹", "erg s⁻¹ cm⁻² Å⁻¹"
BLUE, ORANGE = "#1f77b4", "#ff7f0e"
BARS, SEPARATORS, DATES = "#bfbfbf", "#cccccc", "#4d4d4d"
MOST_POINTS = 6000  # as many as can be told apart in a picture 1,000 pixels wide
MOST_ERROR_BARS = 3000
MOST_SEPARATORS = 60
DATE_WIDTH = 0.11  # of the axes
DATE_SIZE = 11  # pixels
MARGIN = 0.05  # above and below values


def draw_curve(table: CurveTable) -> Image.Image:
    """Draw a lightcurve, individual or composite, on two axes."""
    return draw_composite(table) if table.is_composite else draw_lightcurve(table)


def draw_lightcurve(table: CurveTable) -> Image.Image:
    """Draw gross and background rate, and below them the flux with its errors.

    Parameters
    ----------
    table : CurveTable
        One exposure. Bins without live time stay empty.

    Returns
    -------
    Image
        With two plots, the lower of which shows the net rate where there is no flux.
    """
    image = Image.new("RGB", SIZE, PAPER)
    live_s = np.where(table.exposure_s > 0, table.exposure_s, np.nan)
    edges = np.append(table.times_s, table.times_s[-1] + table.bin_s)
    margin_s = 0.01 * (edges[-1] - edges[0])
    x = fit_scale(edges[0] - margin_s, edges[-1] + margin_s)
    highest = np.nanmax(table.gross / live_s, initial=0.0)
    # The legend is on top.
    y = Axis(fit_scale(0.0, 1.25 * max(highest, 1e-3)), "rate", RATE)
    upper = Plot(image, UPPER, Axis(x, "", has_labels=False), y)
    upper.steps(edges, table.gross / live_s, BLUE)
    upper.steps(edges, table.background / live_s, ORANGE)
    upper.finish()
    upper.title(write_title(table))
    write_legend(upper, [Entry("gross", BLUE), Entry("background", ORANGE)])
    start = write_time(table.mjd[0] - table.times_s[0] / SECONDS_PER_DAY, "milliseconds")
    time = Axis(x, f"time since {start} UTC", "s", f", bins of {table.bin_s:g} s")
    _draw_values(image, table, time)
    return image


def draw_composite(table: CurveTable) -> Image.Image:
    """Draw net rate and flux of all exposures side by side, without the time between them.

    Parameters
    ----------
    table : CurveTable
        Exposures in order of time; each has a colour, and thin lines separate them.

    Returns
    -------
    Image
        With two plots, the lower of which shows the background where there is no flux.
    """
    image = Image.new("RGB", SIZE, PAPER)
    thinned = take_points(table, MOST_POINTS)
    points = thinned.points
    places_s, starts_s = place_side_by_side(points, thinned.width_s)
    ends = np.append(starts_s, places_s[-1] + thinned.width_s / 2)
    x = fit_scale(ends[0], ends[-1])
    values, errors = points.net, points.net_error
    y = Axis(fit_values(values, errors), "net rate", RATE)
    upper = Plot(image, UPPER_BELOW_DATES, Axis(x, "", has_labels=False), y)
    _draw_datasets(upper, places_s, starts_s, points.dataset, values, errors)
    name, unit, values, errors = "flux", FLUX, points.flux, points.flux_error
    if not table.is_flux_calibrated:
        name, unit = "background", f"counts in {thinned.width_s:g} s"
        values, errors = points.background, np.zeros(len(places_s))
    time = Axis(x, "time within the exposures, that between them left out", "s",
                _means(thinned, table.bin_s))  # fmt: skip
    lower = Plot(image, LOWER, time, Axis(fit_values(values, errors), name, unit))
    _draw_datasets(lower, places_s, starts_s, points.dataset, values, errors)
    _write_dates(upper, starts_s, points, ends[-1] - ends[0])
    upper.title(write_title(table), TITLE_ABOVE_DATES)
    return image


def fit_values(values: np.ndarray, errors: np.ndarray, included: float = 0.0) -> Scale:
    """Return a scale for values with errors, shape (n,), and for one that is always on it.

    Errors longer than the values are far apart do not make it longer than three times that.
    """
    is_known = np.isfinite(values)
    known = np.append(values[is_known], included)
    bars = np.clip(np.nan_to_num(np.append(errors[is_known], 0.0)), 0.0, np.ptp(known))
    low, high = float((known - bars).min()), float((known + bars).max())
    margin = MARGIN * (high - low)
    return fit_scale(low - margin, high + margin)


def _draw_values(image: Image.Image, table: CurveTable, time: Axis) -> None:
    """Draw the flux with its errors, or the net rate where there is none."""
    points = take_points(table, len(table.mjd)).points
    values, errors, name, unit = points.net, points.net_error, "net rate", RATE
    if table.is_flux_calibrated:
        values, errors, name, unit = points.flux, points.flux_error, "flux", FLUX
    plot = Plot(image, LOWER, time, Axis(fit_values(values, errors), name, unit))
    plot.bars(points.times_s, values - errors, values + errors, BARS)
    plot.dots(points.times_s, values, BLUE)
    plot.finish()


def _draw_datasets(
    plot: Plot,
    places_s: np.ndarray,
    starts_s: Sequence[float] | np.ndarray,
    dataset: np.ndarray,
    values: np.ndarray,
    errors: np.ndarray,
) -> None:
    """Draw values with errors at places, s, in the colours of exposures; all of shape (n,)."""
    for start_s in starts_s[1:] if len(starts_s) <= MOST_SEPARATORS else ():
        plot.upright(start_s, SEPARATORS)
    if len(values) <= MOST_ERROR_BARS:
        plot.bars(places_s, values - errors, values + errors, BARS)
    for number, colour in enumerate(COLOURS):
        mine = dataset % len(COLOURS) == (number + 1) % len(COLOURS)
        if mine.any():
            plot.dots(places_s[mine], values[mine], colour)
    plot.finish()


def _write_dates(plot: Plot, starts_s: np.ndarray, points: Points, length_s: float) -> None:
    """Write the day of an exposure above its start, shape (exposures,), s, if there is room."""
    first = np.flatnonzero(np.diff(points.dataset, prepend=points.dataset[:1] - 1))
    taken_s = -np.inf
    written = ""
    for start_s, index in zip(starts_s, first, strict=True):
        day = write_time(points.mjd[index], "day")
        is_cut = start_s > (1 - 0.7 * DATE_WIDTH) * length_s
        if is_cut or start_s < taken_s + DATE_WIDTH * length_s or day == written:
            continue
        x = plot.box[0] + float(plot.place_x(start_s))
        write(plot.image, (x, plot.box[1] - 6), day, DATE_SIZE, DATES, "ls")
        taken_s, written = start_s, day


def write_title(table: CurveTable) -> str:
    """Return the title of a picture."""
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
    return "  ".join(word for word in words if word)


def _origin(table: CurveTable, description: Description) -> str:
    if not table.is_composite:
        return ", ".join(str(table.header.get("SEGMENTS", "")).split(","))
    plural = "s" if description.exposures != 1 else ""
    proposals = shorten(description.proposals, 2)
    return f"{description.exposures} exposure{plural} of {proposals or 'unknown proposals'}"


def _means(thinned: Thinned, bin_s: float) -> str:
    """Return what a point is, as it is said after the name of the axis of time."""
    if thinned.bins_per_point > 1:
        return f", points are means of {thinned.bins_per_point} bins of {bin_s:g} s"
    return f", bins of {bin_s:g} s"
