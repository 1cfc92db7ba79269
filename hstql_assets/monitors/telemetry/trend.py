"""Report temperatures and mechanisms of all exposures."""

import numpy as np

from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_assets.monitors.framework.report import Limit, Section, State, TrendReport, Verdict
from hstql_assets.monitors.telemetry.charts import (
    APERTURES,
    SELECTORS,
    TEMPERATURES,
    draw_quantities,
    draw_shifts,
)
from hstql_assets.monitors.telemetry.history import TelemetryHistory, arrange_telemetry, central_box
from hstql_resources.columns import Columns
from hstql_resources.times import NEWEST_DAYS, latest_of, word_time

# Steps. In 20 exposures of 2010 to 2018 the aperture was at most 2.1 from where it should be.
MOST_SHIFT = 3.0
MOST_OUTSIDE = 0.1  # of the newest exposures; 1 % is expected
USUAL = Limit(
    "temperatures_as_usual",
    f"At most {100 * MOST_OUTSIDE:g} % of the temperatures of the last {NEWEST_DAYS:g} days of the "
    "data are outside of the central 99 % of those before.",
)
IN_PLACE = Limit(
    "aperture_in_place",
    f"The aperture is within {MOST_SHIFT:g} motor steps of its nominal position in every exposure "
    f"of the last {NEWEST_DAYS:g} days of the data.",
)
LIMITS = (USUAL, IN_PLACE)


def summarize_telemetry(rows: Columns, _: TrendContext) -> TrendReport:
    """Return the report about all exposures, from what `read_telemetry_history` returns."""
    history = arrange_telemetry(rows)
    if not history.rootnames:
        return TrendReport("There is no telemetry: no support file (spt) of COS was read.", 0)
    latest = latest_of(history.mjd)
    exposures = len(set(history.rootnames))
    sections = (
        Section(
            "Temperatures",
            draw_quantities(history, TEMPERATURES),
            "Of the snapshot before each exposure.",
        ),
        Section("Optics select mechanisms", draw_quantities(history, SELECTORS)),
        Section(
            "Aperture",
            (*draw_shifts(history, MOST_SHIFT), *draw_quantities(history, APERTURES)),
            "The shift is against the nominal position of lifetime position, aperture and "
            "detector; without one of them there is none.",
        ),
    )
    shifts = history.shift[np.isfinite(history.shift)]
    where = ""
    if shifts.size:
        where = f"; the aperture is {shifts.min():+.1f} to {shifts.max():+.1f} steps from nominal"
    return TrendReport(
        summary=f"{exposures:,} exposures up to {word_time(latest)}{where}.",
        exposures=exposures,
        newest_mjd=latest,
        sections=tuple(section for section in sections if section.charts),
        verdicts=(
            *(_judge_usual(history, one.column, one.title) for one in TEMPERATURES),
            *(_judge_place(history, detector) for detector in ("FUV", "NUV")),
        ),
        metadata={"exposures_with_aperture_shift": int(shifts.size)},
    )


def _judge_usual(history: TelemetryHistory, column: str, title: str) -> Verdict:
    values, newest = history.values[column], history.is_newest
    recent = values[newest & np.isfinite(values)]
    box = central_box(values[~newest])
    if box is None or not recent.size:
        return Verdict(USUAL.name, title, None, "There are too few temperatures to compare.")
    outside = int(((recent < box[0]) | (recent > box[1])).sum())
    sentence = (
        f"{outside} of {recent.size} of the last {NEWEST_DAYS:g} days are outside of "
        f"{box[0]:.2f} to {box[1]:.2f} degrees Celsius; they are {recent.min():.2f} to "
        f"{recent.max():.2f}."
    )
    state: State = "warning" if outside > MOST_OUTSIDE * recent.size else "ok"
    return Verdict(USUAL.name, title, state, sentence)


def _judge_place(history: TelemetryHistory, detector: str) -> Verdict:
    chosen = history.is_newest & history.detector_is(detector) & np.isfinite(history.shift)
    number = int(chosen.sum())
    if not number:
        sentence = f"No position is known of the last {NEWEST_DAYS:g} days."
        return Verdict(IN_PLACE.name, detector, None, sentence)
    distance = np.where(chosen, np.abs(history.shift), -np.inf)
    worst = int(distance.argmax())
    beyond = int((distance > MOST_SHIFT).sum())
    sentence = (
        f"{beyond} of {number} exposures of the last {NEWEST_DAYS:g} days are more than "
        f"{MOST_SHIFT:g} steps away; the largest shift is {history.shift[worst]:+.1f} steps in "
        f"{history.rootnames[worst]}."
    )
    return Verdict(IN_PLACE.name, detector, "warning" if beyond else "ok", sentence)
