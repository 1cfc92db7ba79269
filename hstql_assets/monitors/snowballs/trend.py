"""Report the rate of snowballs over time, their sizes and charges, and how many are found."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.images.ramps import INFRARED
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.pages.charts import Axis, Band, Chart, Layer, Line, Points, Steps
from hstql_assets.pages.colours import COLOURS
from hstql_assets.science.poisson import find_poisson_limits
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of, word_time

RATE = Limit(
    "snowball_rate_as_before",
    "There are not more snowballs in the latest year of the data than three standard deviations of "
    "Poisson above the rate of all years before.",
)
ON_THE_GROUND_PER_HOUR = (0.4, 0.8)  # abstract of the WFC3 ISR on snowballs
CHANCE = 0.00135  # of three standard deviations, on one side
YEAR_DAYS = 365.25
SECONDS_PER_HOUR = 3600.0
MOST_LISTED = 100
BINS = 24


@dataclass(frozen=True, eq=False)
class SnowballHistory:
    """All ramps that were searched, and all snowballs.

    Attributes
    ----------
    searches : Columns
        Of `snowball_searches`, by time.
    events : Columns
        Of `snowballs`, with the start of their exposure, by time.
    unused : Unused
        Why ramps were not searched.
    """

    searches: Columns
    events: Columns
    unused: Unused


@dataclass(frozen=True)
class Rate:
    """Events in some time, per hour of the whole detector.

    Attributes
    ----------
    value, low, high : float
        With its 1-sigma limits of Poisson.
    hours : float
        Time times the share of the detector that was searched.
    number : int
        How many were found.
    completeness, completeness_error : float
        Share of those put in that were found, by which the rate is divided.
    """

    value: float
    low: float
    high: float
    hours: float
    number: int
    completeness: float
    completeness_error: float


def find_rate(searches: Columns) -> Rate | None:
    """Return the rate of some ramps; None where no time was searched, or none put in is found."""
    shares = searches.numbers("searched_s") * searches.numbers("searched_share")
    hours = float(shares.sum()) / SECONDS_PER_HOUR
    put_in, recovered = (float(searches.numbers(name).sum()) for name in ("put_in", "recovered"))
    if not hours > 0.0 or not recovered > 0.0:
        return None
    number = int(searches.numbers("snowballs").sum())
    low, high = find_poisson_limits(np.array([number]))
    share = recovered / put_in
    # Agresti & Coull 1998, The American Statistician 52, 119: not 0 where all are found.
    middle = (recovered + 0.5) / (put_in + 1.0)
    error = float(np.sqrt(middle * (1.0 - middle) / (put_in + 1.0)))
    scale = 1.0 / (hours * share)
    return Rate(
        number * scale, float(low[0]) * scale, float(high[0]) * scale, hours, number, share, error
    )


def summarize_snowballs(history: SnowballHistory, _: TrendContext) -> TrendReport:
    """Return the report about all ramps."""
    left = history.unused.number
    searches = history.searches
    unused = history.unused.list("Ramps that could not be searched", "exposures")
    if not len(searches):
        nothing = f"No ramp was searched yet; {left} could not be."
        return TrendReport(nothing, 0, sections=(unused,))
    rate = find_rate(searches)
    told = "of unknown rate" if rate is None else _tell(rate)
    mjd = searches.numbers("exp_start_mjd")
    return TrendReport(
        f"{len(searches)} ramps, {left} could not be searched: {told}",
        len(searches),
        latest_of(mjd),
        sections=(
            Section("Rate", (_draw_rates(searches), _draw_hits(searches)), _explain(rate)),
            Section("Sizes and charges", _draw_events(history.events)),
            _list_events(history.events),
            unused,
        ),
        verdicts=(_judge(searches),),
    )


def _tell(rate: Rate) -> str:
    return (
        f"{rate.number} snowballs in {rate.hours:.2f} hours of the whole detector, "
        f"{rate.value:.2f} (+{rate.high - rate.value:.2f}, -{rate.value - rate.low:.2f}) an hour."
    )


def _explain(rate: Rate | None) -> str:
    if rate is None:
        return "None of the made ones was found, so that no rate can be told."
    return (
        f"{100 * rate.completeness:.1f} ± {100 * rate.completeness_error:.1f} % of the made ones "
        "that were put into the same ramps are found; rates are divided by that. Errors are those "
        "of Poisson."
    )


def _judge(searches: Columns) -> Verdict:
    """Hold the latest year against all years before.

    Of all snowballs each is in the latest year with the share of the time that it has: a binomial
    distribution (Przyborowski & Wilenski 1940, Biometrika 31, 313).
    """
    from scipy.stats import binom  # a tenth of a second that only those who judge wait for

    mjd = searches.numbers("exp_start_mjd")
    is_latest = mjd >= mjd.max() - YEAR_DAYS
    latest, before = find_rate(searches.where(is_latest)), find_rate(searches.where(~is_latest))
    if latest is None or before is None:
        return Verdict(RATE.name, INFRARED, None, "no time was searched in the years before")
    searched = latest.hours * latest.completeness
    share = searched / (searched + before.hours * before.completeness)
    chance = float(binom.sf(latest.number - 1, latest.number + before.number, share))
    state: State = "ok" if chance >= CHANCE else "warning"
    sentence = f"in the latest year {_tell(latest)} Before: {_tell(before)}"
    return Verdict(RATE.name, INFRARED, state, sentence)


def _draw_rates(searches: Columns) -> Chart:
    """Draw the rate by year, with its errors; a year begins with the first exposure."""
    mjd = searches.numbers("exp_start_mjd")
    years = ((mjd - mjd.min()) / YEAR_DAYS).astype(int)
    found = []
    for year in sorted(set(years.tolist())):
        own = searches.where(years == year)
        if (rate := find_rate(own)) is not None:
            middle = float(own.numbers("exp_start_mjd").mean())
            found.append((middle, rate.value, rate.low, rate.high))
    middle_mjd, value, low, high = np.array(found, dtype=float).reshape(-1, 4).T
    gaps = np.full(len(value), np.nan)  # between one error bar and the next
    layers: tuple[Layer, ...] = (
        Band(*ON_THE_GROUND_PER_HOUR, "on the ground"),
        Line(
            np.column_stack([middle_mjd, middle_mjd, gaps]).ravel(),
            np.column_stack([low, high, gaps]).ravel(),
            "Poisson limits",
            colour=COLOURS[0],
        ),
        Points(middle_mjd, value, "snowballs", colour=COLOURS[0]),
    )
    return Chart(
        "snowball_rate",
        "Snowballs by year",
        Axis("mean start of the exposures, MJD (UTC)", "mjd"),
        Axis("snowballs per hour of the whole detector"),
        layers,
        f"{len(searches)} exposures; bars are the 1-sigma limits of Poisson.",
    )


def _draw_hits(searches: Columns) -> Chart:
    """Draw the rate of all other events: cosmic rays."""
    seconds = searches.numbers("searched_s") * searches.numbers("searched_share")
    hits = searches.numbers("hits")
    with np.errstate(divide="ignore", invalid="ignore"):
        rates, errors = hits / seconds, np.sqrt(hits) / seconds
    points = Points(
        searches.numbers("exp_start_mjd"), rates, "other events", errors,
        tuple(searches["rootname"]),
    )  # fmt: skip
    return Chart(
        "hits",
        "Other events: cosmic rays",
        Axis("start of the exposure, MJD (UTC)", "mjd"),
        Axis("events per second of the whole detector"),
        (points.known(),),
        "The WFC3 Instrument Handbook has 11 ± 1.5 cosmic rays a second (7.9).",
    )


def _draw_events(events: Columns) -> tuple[Chart, ...]:
    if not len(events):
        return ()
    pixels, charge = events.numbers("pixels"), events.numbers("charge")
    return (
        Chart(
            "size_and_charge",
            "Size and charge of snowballs",
            Axis("pixels above the threshold"),
            Axis("charge (electrons)", "log"),
            (Points(pixels, charge, rootnames=tuple(events["rootname"])),),
            f"{len(events)} snowballs. On the ground they had 11 to 34 pixels and 2e5 to 9e5 "
            "electrons.",
        ),
        _draw_histogram(charge),
    )


def _draw_histogram(charge: NDArray[np.float64]) -> Chart:
    edges = np.linspace(0.0, 1.05 * float(charge.max()), BINS + 1)
    counts, _ = np.histogram(charge, edges)
    return Chart(
        "charges",
        "How many snowballs have which charge",
        Axis("charge (electrons)"),
        Axis("snowballs"),
        (Steps(edges, counts.astype(float)),),
    )


def _list_events(events: Columns) -> Section:
    latest = range(len(events))[::-1][:MOST_LISTED]
    mjd = events.numbers("exp_start_mjd") if len(events) else np.zeros(0)
    rows = tuple(
        (
            str(events["rootname"][place]),
            word_time(float(mjd[place])),
            f"{events['read'][place]:.0f}",
            f"{events['image_column'][place]:.1f}, {events['image_row'][place]:.1f}",
            f"{events['pixels'][place]:.0f}",
            f"{events['charge'][place]:.3g}",
        )
        for place in latest
    )
    note = f"The latest {len(rows)} of {len(events)}." if rows else "There are none."
    columns = ("exposure", "start (UTC)", "read", "column, row", "pixels", "charge (e-)")
    return Section("The latest snowballs", note=note, columns=columns, rows=rows)
