"""Chart dark rates, temperature and the Sun against time."""

import numpy as np

from hstql_assets.monitors.darks.limits import LATEST_DAYS, REQUIREMENTS
from hstql_assets.monitors.darks.regions import AXIS_LABEL, MILLIONTHS
from hstql_assets.monitors.darks.series import Series
from hstql_assets.monitors.darks.solar_flux import UNIT as FLUX_UNIT
from hstql_assets.monitors.darks.solar_flux import WINDOW_DAYS as SMOOTHING_DAYS
from hstql_assets.monitors.darks.solar_flux import SolarFlux
from hstql_assets.pages.charts import Axis, Chart, Layer, Line, Mark, Points
from hstql_assets.science.robust import running_median

MANY = 1000  # points that are drawn smaller
TREND_POINTS, WINDOW_DAYS, FEWEST_IN_WINDOW = 120, 90.0, 5  # of the running median
CUT_COLOUR, UNCUT_COLOUR, TREND_COLOUR = "#1f5aa0", "#9db4cf", "#000000"


def time_axis(mjd: np.ndarray) -> Axis:
    """Return the axis that all charts of a detector share, from MJD UTC of shape (n,), n > 0."""
    margin = max(0.02 * float(mjd.max() - mjd.min()), 1.0)
    return Axis("MJD (UTC)", "mjd", (float(mjd.min()) - margin, float(mjd.max()) + margin))


def find_medians(mjd: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return medians about evenly spread times: of 90 days, or of the five nearest values.

    Parameters
    ----------
    mjd, values : ndarray, shape (n,), n > 0
        In order of time.

    Returns
    -------
    times, medians : ndarray, shape (m,)
        MJD; NaN if there are fewer than five values in all.
    """
    times = np.linspace(mjd[0], mjd[-1], TREND_POINTS)
    medians = running_median(mjd, values, times, WINDOW_DAYS, FEWEST_IN_WINDOW, is_filled=True)
    return times, medians


def draw_rates(series: Series, newest_mjd: float) -> Chart:
    """Return the dark rate of each exposure against time.

    `newest_mjd` is the latest exposure of all, MJD UTC.
    """
    layers: list[Layer] = []
    rates, every = MILLIONTHS * series.rates, MILLIONTHS * series.all_rates
    is_newest = series.mjd >= newest_mjd - LATEST_DAYS
    has_cut = series.detector in REQUIREMENTS  # NUV measures no pulse heights
    if has_cut:
        errors = MILLIONTHS * series.all_errors
        layers.append(_points(series, every, errors, "any pulse height", UNCUT_COLOUR))
    label = "pulse height 3 to 22" if has_cut else "all events"
    main = _points(series, rates, MILLIONTHS * series.errors, label, CUT_COLOUR, is_newest)
    times, medians = find_medians(series.mjd, rates)
    what = f"median of {WINDOW_DAYS:g} days, or of the {FEWEST_IN_WINDOW} nearest"
    trend = Line(times, medians, what, colour=TREND_COLOUR)
    layers += [main, trend]
    highest = MILLIONTHS * REQUIREMENTS.get(series.detector, 0.0)
    if has_cut:
        layers.append(Mark(highest, f"requirement {highest:.3g}", is_limit=True))
    highest_of_all = max(*every.tolist(), *rates.tolist(), highest)
    return Chart(
        f"dark_rate_{series.detector.lower()}",
        f"{series.detector}: dark rate outside of the South Atlantic Anomaly",
        time_axis(series.mjd),
        Axis(AXIS_LABEL, limits=(0.0, 1.15 * highest_of_all)),
        tuple(layers),
        f"{len(series)} exposures, one point each, with 1-sigma Poisson errors; region "
        f"{series.region} of {series.pixels:,} pixels. Rings: the last {LATEST_DAYS:g} days of "
        "data.",
    )


def _points(
    series: Series,
    values: np.ndarray,
    errors: np.ndarray,
    label: str,
    colour: str,
    is_newest: np.ndarray | None = None,
) -> Points:
    """Return points; values, errors [10^-6 counts/s/pixel] and mask of shape (n,) as the series."""
    return Points(
        series.mjd,
        values,
        label,
        errors,
        series.rootnames,
        is_newest=is_newest,
        size=5.0 if len(series) < MANY else 3.0,
        colour=colour,
    )


def draw_solar_flux(series: Series, flux: SolarFlux) -> Chart:
    """Return the solar flux on the axis of the exposures of a detector."""
    axis = time_axis(series.mjd)
    first, last = axis.limits or (0.0, 0.0)
    shown = (flux.mjd >= first) & (flux.mjd <= last)
    smooth = flux.smoothed()[shown]
    mjd, values = flux.mjd[shown], flux.flux[shown]
    return Chart(
        f"solar_flux_{series.detector.lower()}",
        "The Sun: radio flux at 10.7 cm",
        axis,
        Axis(f"solar flux ({FLUX_UNIT})"),
        (
            Line(mjd, values, "as measured", colour=UNCUT_COLOUR, width=0.8),
            Line(mjd, smooth, f"mean of {SMOOTHING_DAYS:g} days", colour=TREND_COLOUR),
        ),
        f"{len(mjd)} values; the mean ends half its window before the data do.",
        height=240,
    )


def draw_temperature(series: Series, newest_mjd: float) -> Chart:
    """Return the temperature of the detector in each exposure against time; see `draw_rates`."""
    some = series.select(np.isfinite(series.temperature_c))
    newest = some.mjd >= newest_mjd - LATEST_DAYS
    return Chart(
        f"dark_temperature_{series.detector.lower()}",
        f"{series.detector}: temperature of the detector",
        time_axis(series.mjd),
        Axis("temperature (Celsius)"),
        (
            Points(
                some.mjd, some.temperature_c, "", rootnames=some.rootnames, is_newest=newest,
                colour=CUT_COLOUR,
            ),
        ),
        f"{len(some)} of {len(series)} exposures have one, in their spt file.",
        height=240,
    )  # fmt: skip
