"""Report how the light of standard stars changes, by filter and chip, and with wavelength."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.monitors.framework.unused import Unused
from hstql_assets.monitors.throughput.selection import ThroughputSelection, load_throughput
from hstql_assets.monitors.throughput.slopes import ONE_EPOCH_DAYS, Slope, fit_slope
from hstql_assets.pages.charts import Axis, Band, Chart, Layer, Line, Points
from hstql_assets.pages.colours import COLOURS
from hstql_resources.columns import Columns
from hstql_resources.times import latest_of, word_time

SIGMAS = 5.0
SLOPE_SIGMAS = 3.0
BLUE_ANGSTROM = 4000.0
LEAST_FADING = 0.1  # percent a year that the ultraviolet fades faster
AS_PUBLISHED = Limit(
    "slope_as_published",
    "The slope of each filter and chip is within the range of throughput.toml, or not further from "
    "it than three errors.",
)
AS_BEFORE = Limit(
    "latest_as_before",
    "The latest epoch of each filter and chip is within the tolerance of throughput.toml, or five "
    "errors, of the line through those before it.",
)
NO_CONTAMINATION = Limit(
    "no_contamination",
    "Filters below 4000 Angstrom do not lose more than 0.1 % a year and three errors more than "
    "those above, as they would by molecules on the mirrors.",
)
TIME = Axis("start of the exposure, MJD (UTC)", "mjd")


@dataclass(frozen=True, eq=False)
class ThroughputHistory:
    """All that was measured of stars.

    Attributes
    ----------
    rows : Columns
        Of `throughput`, by time.
    unused : Unused
        Why exposures were not measured.
    """

    rows: Columns
    unused: Unused


@dataclass(frozen=True, eq=False)
class Series:
    """One filter and chip over time; arrays of shape (n,), by time.

    Attributes
    ----------
    detector, filter_name, filetype : str
    chip : int
    pivot : float
        Wavelength [Angstrom]; NaN if not known.
    mjd, rates, errors : ndarray
        Start of the exposures, MJD; light and its error [electron/s].
    stars : ndarray of str
    rootnames : tuple of str
    without_area : int
        Exposures whose header has no distortion.
    fit : Slope or None
    """

    detector: str
    chip: int
    filter_name: str
    filetype: str
    pivot: float
    mjd: NDArray[np.float64]
    rates: NDArray[np.float64]
    errors: NDArray[np.float64]
    stars: NDArray[np.str_]
    rootnames: tuple[str, ...]
    without_area: int
    fit: Slope | None

    @property
    def where(self) -> str:
        """The detector, and its chip where it has two."""
        return self.detector if self.detector == "IR" else f"{self.detector}, chip {self.chip}"

    @property
    def label(self) -> str:
        """What it is called on the page."""
        return f"{self.where}, {self.filter_name} ({self.filetype})"

    def over_level(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return rates over the level of their star less 1, and errors [percent]; NaN without."""
        levels = {} if self.fit is None else self.fit.levels
        level = np.array([levels.get(str(star), np.nan) for star in self.stars])
        return 100.0 * (self.rates / level - 1.0), 100.0 * self.errors / level


def summarize_throughput(history: ThroughputHistory, _: TrendContext) -> TrendReport:
    """Return the report about all standard stars."""
    left = history.unused.number
    unused = history.unused.list("Exposures that could not be used", "exposures")
    if not len(history.rows):
        nothing = f"No standard star was measured yet; {left} exposures could not be used."
        return TrendReport(nothing, 0, sections=(unused,))
    series = _split(history.rows)
    verdicts = [
        *(_judge_slope(one) for one in series),
        *(_judge_latest(one) for one in series),
        *_judge_wavelengths(series),
    ]
    beyond = sum(verdict.state == "warning" for verdict in verdicts)
    exposures, known = len(history.rows), sum(one.fit is not None for one in series)
    return TrendReport(
        f"{exposures} exposures of standard stars, {left} could not be used; {known} of "
        f"{len(series)} filters and chips have a slope; warnings: {beyond}.",
        exposures,
        latest_of(history.rows.numbers("exp_start_mjd")),
        sections=(
            *(_make_section(place, own) for place, own in _by_place(series).items()),
            _list_odd(series),
            unused,
        ),
        verdicts=tuple(sorted(verdicts, key=lambda one: one.state != "warning")),
        rows={"throughput_slopes": [_make_row(one) for one in series]},
    )


def _split(rows: Columns) -> list[Series]:
    """Return each filter and chip of the detectors that the table still names."""
    names = ("detector", "chip", "filter_name", "filetype")
    keys = list(zip(*(rows[name] for name in names), strict=True))
    found = []
    for kind in sorted(set(keys)):
        if kind[0] not in load_throughput():
            continue
        own = rows.where(np.array([key == kind for key in keys]))
        mjd, rates = own.numbers("exp_start_mjd"), own.numbers("rate")
        errors, stars = own.numbers("rate_error"), np.array([str(one) for one in own["star"]])
        pivots = own.numbers("pivot")
        known = pivots[np.isfinite(pivots)]
        found.append(
            Series(
                str(kind[0]), int(kind[1]), str(kind[2]), str(kind[3]),
                float(np.median(known)) if known.size else float("nan"),
                mjd, rates, errors, stars, tuple(own["rootname"]),
                int(np.isnan(own.numbers("pixel_area")).sum()),
                fit_slope(mjd, rates, errors, stars),
            )
        )  # fmt: skip
    return found


def _by_place(series: Iterable[Series]) -> dict[str, list[Series]]:
    found: dict[str, list[Series]] = {}
    for one in series:
        found.setdefault(one.where, []).append(one)
    return found


def _judge_slope(one: Series) -> Verdict:
    selection, fit = load_throughput()[one.detector], one.fit
    if fit is None:
        return Verdict(AS_PUBLISHED.name, one.label, None, "fewer than 3 epochs")
    beyond = max(selection.lowest_slope - fit.percent, fit.percent - selection.highest_slope)
    state: State = "warning" if beyond > SLOPE_SIGMAS * fit.error else "ok"
    sentence = (
        f"{_word_slope(fit)}, and {selection.lowest_slope:g} to {selection.highest_slope:g} are as "
        f"published; exposures: {fit.is_used.sum()}"
    )
    return Verdict(AS_PUBLISHED.name, one.label, state, sentence)


def _judge_latest(one: Series) -> Verdict:
    """Hold the latest epoch against the line through those before it, with stars of both."""
    is_latest = one.mjd > one.mjd.max() - ONE_EPOCH_DAYS
    before = ~is_latest
    fit = fit_slope(one.mjd[before], one.rates[before], one.errors[before], one.stars[before])
    name = f"{one.rootnames[-1]}"
    if fit is None:
        return Verdict(AS_BEFORE.name, one.label, None, f"{name}: fewer than 3 epochs before it")
    levels = np.array([fit.levels.get(str(star), np.nan) for star in one.stars])
    chosen = is_latest & np.isfinite(levels) & (one.errors > 0.0)
    if not chosen.any():
        return Verdict(AS_BEFORE.name, one.label, None, f"{name}: its star was not seen before")
    expected = levels[chosen] * fit.predict(one.mjd[chosen])
    ratios, sigmas = one.rates[chosen] / expected, one.errors[chosen] / expected
    weights = 1.0 / sigmas**2
    off = 100.0 * (float(np.average(ratios, weights=weights)) - 1.0)
    scatter = max(fit.chi_square, 1.0) / float(weights.sum())
    error = 100.0 * float(np.sqrt(scatter + fit.error_at(float(one.mjd.max())) ** 2))
    allowed = max(load_throughput()[one.detector].tolerance, SIGMAS * error)
    sentence = (
        f"{name}: {off:+.2f} ± {error:.2f} % off the line through those before it, {allowed:.2f} "
        f"allowed; exposures: {chosen.sum()}"
    )
    return Verdict(AS_BEFORE.name, one.label, "ok" if abs(off) <= allowed else "warning", sentence)


def _judge_wavelengths(series: Iterable[Series]) -> list[Verdict]:
    """Hold the ultraviolet against all else, by detector and chip."""
    verdicts = []
    for place, own in _by_place(series).items():
        fits = [(one.pivot, one.fit) for one in own if one.fit and np.isfinite(one.pivot)]
        blue = _average(fit for pivot, fit in fits if pivot < BLUE_ANGSTROM)
        red = _average(fit for pivot, fit in fits if pivot >= BLUE_ANGSTROM)
        if blue is None or red is None:
            if place.startswith("UVIS"):
                sentence = "no slope on both sides of 4000 Angstrom"
                verdicts.append(Verdict(NO_CONTAMINATION.name, place, None, sentence))
            continue
        faster = red[0] - blue[0]
        error = float(np.hypot(red[1], blue[1]))
        is_bad = faster > LEAST_FADING and faster > SLOPE_SIGMAS * error
        sentence = (
            f"below 4000 Angstrom {blue[0]:.3f} ± {blue[1]:.3f} % a year, above {red[0]:.3f} ± "
            f"{red[1]:.3f}"
        )
        state: State = "warning" if is_bad else "ok"
        verdicts.append(Verdict(NO_CONTAMINATION.name, place, state, sentence))
    return verdicts


def _average(fits: Iterable[Slope]) -> tuple[float, float] | None:
    """Return the weighted mean of slopes and its error [percent/year]; None of none."""
    pairs = np.array([(fit.percent, fit.error) for fit in fits if fit.error > 0.0])
    if not pairs.size:
        return None
    weights = 1.0 / pairs[:, 1] ** 2
    return float(np.average(pairs[:, 0], weights=weights)), float(weights.sum() ** -0.5)


def _word_slope(fit: Slope) -> str:
    return f"{fit.percent:+.3f} ± {fit.error:.3f} % a year"


def _make_section(place: str, series: Sequence[Series]) -> Section:
    selection = load_throughput()[series[0].detector]
    name = place.lower().replace(", chip ", "_chip_")
    charts = [  # as many in each as there are colours
        _draw_years(f"{name}_years_{start}", place, series[start : start + len(COLOURS)])
        for start in range(0, len(series), len(COLOURS))
    ]
    without = sum(one.without_area for one in series)
    note = (
        f"Electrons per second in {selection.aperture_px:g} pixels, over the level of each star, "
        "which the table has in the middle of the time. One slope for all stars of a filter. "
        "PHOTFLAM changes over the years, so that fluxes would hide what is followed here."
    )
    if without:
        note += f" {without} exposures have no distortion in their header: pixels are nominal."
    return Section(
        place,
        (*charts, *_draw_wavelengths(name, place, series, selection)),
        note,
        ("filter", "file", "exposures", "odd", "slope (% a year)", "chi square", "middle",
         "levels there (e-/s)"),
        tuple(_tabulate(one) for one in series),
    )  # fmt: skip


def _tabulate(one: Series) -> tuple[str, ...]:
    number, fit = str(len(one.mjd)), one.fit
    if fit is None:
        return (one.filter_name, one.filetype, number, "", "fewer than 3 epochs", "", "", "")
    levels = ", ".join(f"{star}: {level:.6g}" for star, level in fit.levels.items())
    return (
        one.filter_name,
        one.filetype,
        number,
        str(int((~fit.is_used).sum())),
        f"{fit.percent:+.3f} ± {fit.error:.3f}",
        f"{fit.chi_square:.2f}",
        word_time(fit.middle_mjd),
        levels,
    )


def _draw_years(name: str, place: str, series: Sequence[Series]) -> Chart:
    layers: list[Layer] = []
    for number, one in enumerate(series):
        if one.fit is None:
            continue
        colour, label = COLOURS[number], one.filter_name
        value, error = one.over_level()
        points = Points(one.mjd, value, label, error, one.rootnames, colour=colour)
        layers.append(points.known())
        ends = np.array([one.mjd.min(), one.mjd.max()])
        layers.append(Line(ends, 100.0 * (one.fit.predict(ends) - 1.0), label, colour=colour))
    return Chart(
        name,
        f"{place}: light over the level of each star",
        TIME,
        Axis("electrons/s over the level, less 1 (%)"),
        tuple(layers),
    )


def _draw_wavelengths(
    name: str, place: str, series: Sequence[Series], selection: ThroughputSelection
) -> tuple[Chart, ...]:
    known = [(one.pivot, one.fit, one) for one in series if one.fit and np.isfinite(one.pivot)]
    if len({pivot for pivot, _, _ in known}) < 2:
        return ()
    pivots = np.array([pivot for pivot, _, _ in known])
    slopes, errors = np.array([(fit.percent, fit.error) for _, fit, _ in known]).T
    gaps = np.full(len(known), np.nan)  # between one error bar and the next
    layers: tuple[Layer, ...] = (
        Band(selection.lowest_slope, selection.highest_slope, "as published"),
        Line(  # which the axis has room for
            np.column_stack([pivots, pivots, gaps]).ravel(),
            np.column_stack([slopes - errors, slopes + errors, gaps]).ravel(),
            "1-sigma errors",
            colour=COLOURS[0],
        ),
        Points(pivots, slopes, "slopes", colour=COLOURS[0]),
    )
    filters = ", ".join(
        f"{one.filter_name} {pivot:.0f}" for pivot, _, one in sorted(known, key=lambda one: one[0])
    )
    return (
        Chart(
            f"{name}_wavelengths",
            f"{place}: slope by wavelength",
            Axis("pivot wavelength (Angstrom)"),
            Axis("slope (% a year)"),
            layers,
            f"{filters}. Molecules on the mirrors would take more of the shortest ones.",
        ),
    )


def _list_odd(series: Iterable[Series]) -> Section:
    rows = []
    for one in series:
        if one.fit is None:
            continue
        value, _ = one.over_level()
        off = value - 100.0 * (one.fit.predict(one.mjd) - 1.0)
        rows += [
            (one.rootnames[place], word_time(float(one.mjd[place])), one.label,
             str(one.stars[place]), f"{off[place]:+.2f} %")
            for place in np.flatnonzero(~one.fit.is_used)[::-1]
        ]  # fmt: skip
    note = (
        "Further off the line than five errors, or five deviations of all; they are in the chart, "
        "and not in the slope."
    )
    columns = ("exposure", "start (UTC)", "filter", "star", "off the line")
    return Section(
        "Odd exposures", note=note if rows else "There are none.", columns=columns, rows=tuple(rows)
    )


def _make_row(one: Series) -> dict[str, object]:
    fit = one.fit
    used = len(one.mjd) if fit is None else int(fit.is_used.sum())
    return {
        "detector": one.detector,
        "chip": one.chip,
        "filter_name": one.filter_name,
        "filetype": one.filetype,
        "pivot": one.pivot if np.isfinite(one.pivot) else None,
        "exposures": used,
        "odd_exposures": len(one.mjd) - used,
        "first_mjd": float(one.mjd.min()),
        "last_mjd": float(one.mjd.max()),
        "slope": None if fit is None else fit.percent,
        "slope_error": None if fit is None else fit.error,
        "chi_square": None if fit is None else fit.chi_square,
    }
