"""Chart how often which dark rate is met in 25 s, and how regions differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.darks.counts import BIN_S
from hstql_assets.monitors.darks.limits import REQUIREMENTS
from hstql_assets.monitors.darks.regions import AXIS_LABEL, MILLIONTHS, regions_of
from hstql_assets.monitors.darks.series import EARLIER, HALF_YEAR, LAST_YEAR, Series
from hstql_assets.pages.charts import Axis, Chart, Layer, Mark, Points, Steps

Floats = NDArray[np.float64]

PERIODS = {
    "all": ("all years", (HALF_YEAR, LAST_YEAR, EARLIER)),
    "year": ("the last year", (HALF_YEAR, LAST_YEAR)),
    "half_year": ("the last 6 months", (HALF_YEAR,)),
}
MOST_STEPS = 60
REGION_COLOURS = {"FUVA": "#1f5aa0", "FUVB": "#c8641e"}


@dataclass(frozen=True)
class Levels:
    """Where the rates of stretches lie [10^-6 counts/s/pixel].

    Attributes
    ----------
    mean, median : float
    sigma : float
        Standard deviation.
    percent_95, percent_99 : float
        At or below which so many percent of the stretches are.
    """

    mean: float
    median: float
    sigma: float
    percent_95: float
    percent_99: float

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The lines of a histogram, each with its own name."""
        values = {
            "mean": self.mean,
            "median": self.median,
            "median + 2 sigma": self.median + 2.0 * self.sigma,
            "median + 3 sigma": self.median + 3.0 * self.sigma,
            "95 %": self.percent_95,
            "99 %": self.percent_99,
        }
        dashes = ("solid", "dashed", "dotted", "dotted", "dashed", "dashed")
        return tuple(
            Mark(value, f"{name}: {value:.4g}", "vertical", dash=dash)  # type: ignore[arg-type]
            for (name, value), dash in zip(values.items(), dashes, strict=True)
        )


def find_levels(rates: Floats) -> Levels:
    """Measure where rates lie; shape (n,), n > 0."""
    at_most = np.quantile(rates, [0.95, 0.99], method="inverted_cdf")
    return Levels(
        float(np.mean(rates)), float(np.median(rates)), float(np.std(rates)), *at_most.tolist()
    )


def draw_histograms(detector: str, rows: Sequence[Any]) -> list[Chart]:
    """Return histograms of the rates in 25 s: all years, the last year and half year.

    The rows are those of `DarkRows.histogram` of this detector.
    """
    charts = []
    for name, (period, ages) in PERIODS.items():
        chosen = [row for row in rows if row.age in ages]
        if chosen:
            charts.append(_draw_histogram(detector, name, period, chosen))
    return charts


def _draw_histogram(detector: str, name: str, period: str, rows: Sequence[Any]) -> Chart:
    counts = np.repeat([row.counts for row in rows], [row.stretches for row in rows])
    rate_of_count = MILLIONTHS / (rows[0].pixels * BIN_S)
    edges, numbers = _count(counts)
    levels = find_levels(counts * rate_of_count)
    return Chart(
        f"dark_histogram_{name}_{detector.lower()}",
        f"{detector}: dark rates in 25 s, {period}",
        Axis(AXIS_LABEL),
        Axis("number of stretches of 25 s"),
        (Steps(edges * rate_of_count, numbers), *levels.marks),
        f"{len(counts):,} whole stretches outside of the anomaly. Sigma is the standard deviation, "
        f"{levels.sigma:.3g}; one count is {rate_of_count:.3g}.",
    )


def _count(counts: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return a histogram whose steps all hold as many whole numbers; edges in counts.

    The counts are of shape (n,), edges of shape (steps + 1,), numbers of shape (steps,).
    """
    low, high = int(counts.min()), int(counts.max())
    steps = min(MOST_STEPS, int(3.0 * np.cbrt(counts.size)))
    width = -(-(high - low + 1) // steps)
    edges = np.arange(low, high + width + 1, width, dtype=np.float64) - 0.5
    numbers, _ = np.histogram(counts, edges)
    return edges, numbers.astype(np.float64)


def draw_regions(series: Mapping[tuple[str, str], Series], since_mjd: float) -> Chart | None:
    """Return the mean rate of each region of FUV since a time, MJD UTC; None without any.

    The series are by detector and region.
    """
    names = [region.name for region in regions_of("FUVA")]
    layers: list[Layer] = []
    for offset, segment in ((-0.1, "FUVA"), (0.1, "FUVB")):
        means = [
            (number + offset, *(MILLIONTHS * value for value in recent.mean()))
            for number, name in enumerate(names, 1)
            if (segment, name) in series
            and len(recent := series[segment, name].select(series[segment, name].mjd >= since_mjd))
        ]
        if means:
            x, y, errors = np.array(means).T
            colour = REGION_COLOURS[segment]
            layers.append(Points(x, y, segment, errors, symbol="square", size=7, colour=colour))
    if not layers:
        return None
    highest = MILLIONTHS * REQUIREMENTS["FUVA"]
    layers.append(Mark(highest, f"requirement {highest:.3g}", is_limit=True))
    listed = ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))
    return Chart(
        "dark_regions",
        "FUV: dark rate of each region, the last year",
        Axis(f"region: {listed}", limits=(0.5, len(names) + 0.5)),
        Axis(AXIS_LABEL),
        tuple(layers),
        "Pulse height 3 to 22, outside of the anomaly, with 1-sigma errors.",
    )
