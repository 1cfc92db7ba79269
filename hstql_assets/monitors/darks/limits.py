"""Judge whether the latest dark rates are as they should be, by detector."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.darks.regions import UNIT
from hstql_assets.monitors.darks.series import YEAR_DAYS, Series
from hstql_assets.monitors.framework.report import Limit, State, Verdict
from hstql_assets.science.robust import ERROR_OF_MEDIAN, fit_line

# What COS was built to stay below, counts/s/pixel of FUV; as both monitors of COS draw it. NUV has
# no number of this kind there.
REQUIREMENTS = {"FUVA": 1.5e-6, "FUVB": 1.5e-6}
LATEST_DAYS = 30.0
SIGMAS = 3.0
ALARM_SIGMAS = 5.0
# Of the expected rate: darks change by so much with the Sun and the orbit within weeks.
WARNING_SHARE, ALARM_SHARE = 0.15, 0.30
FEWEST_BEFORE = 6
WITHIN_REQUIREMENT = Limit(
    "dark_rate_within_requirement",
    "The dark rate of FUV in the last 30 days of data is at most 1.5e-6 counts/s/pixel outside of "
    "the South Atlantic Anomaly; above it is a warning, and by more than 3 errors an alarm.",
)
STEADY = Limit(
    "dark_rate_steady",
    "The median dark rate of the last 30 days of data is where the line through the year before "
    "leads, within 15 % or 3 errors; beyond 30 % and 5 errors is an alarm.",
)
LIMITS = (WITHIN_REQUIREMENT, STEADY)


@dataclass(frozen=True, eq=False)
class Recent:
    """The exposures of the last 30 days of the data, and those of the year before them."""

    latest: Series
    before: Series


def split_recent(series: Series, newest_mjd: float) -> Recent:
    """Return the exposures of the 30 days before a time (MJD UTC), and of the year before those."""
    border = newest_mjd - LATEST_DAYS
    is_before = (series.mjd < border) & (series.mjd >= border - YEAR_DAYS)
    return Recent(series.select(series.mjd >= border), series.select(is_before))


def judge(main: Mapping[str, Series], newest_mjd: float) -> list[Verdict]:
    """Judge the latest exposures of the main region of each detector, by its name.

    `newest_mjd` is the latest exposure of all, MJD UTC.
    """
    verdicts: list[Verdict] = []
    for detector, series in main.items():
        recent = split_recent(series, newest_mjd)
        if detector in REQUIREMENTS:
            verdicts.append(judge_requirement(recent.latest, REQUIREMENTS[detector]))
        verdicts.append(judge_step(recent))
    return verdicts


def judge_requirement(latest: Series, highest: float) -> Verdict:
    """Compare the mean rate of the latest exposures with the highest allowed [counts/s/pixel]."""
    if not len(latest):
        return _not_judged(WITHIN_REQUIREMENT, latest.detector)
    mean, error = latest.mean()
    state: State = "ok" if mean <= highest else "warning"
    if mean - SIGMAS * error > highest:
        state = "alarm"
    sentence = f"{_name(latest)}: {mean:.3g} ± {error:.2g} against {highest:.3g} {UNIT} at most."
    return Verdict(WITHIN_REQUIREMENT.name, latest.detector, state, sentence)


def judge_step(recent: Recent) -> Verdict:
    """Compare the median of the latest exposures with the line through those of the year before.

    The line is Theil-Sen's, so that neither a flare of the Sun nor one odd exposure bends it. The
    error has three parts: Poisson's of the latest counts, that of a median of exposures that
    scatter as those before did, and that of the line.
    """
    latest, before = recent.latest, recent.before
    if not len(latest):
        return _not_judged(STEADY, latest.detector)
    if len(before) < FEWEST_BEFORE:
        sentence = (
            f"{_name(latest)}: {len(before)} exposures in the year before are too few, "
            f"{FEWEST_BEFORE} are needed."
        )
        return Verdict(STEADY.name, latest.detector, None, sentence)
    line = fit_line(before.mjd, before.rates)
    middle, mjd = float(np.median(latest.rates)), float(np.median(latest.mjd))
    expected = line.at(mjd)
    scatter = ERROR_OF_MEDIAN * line.sigma / np.sqrt(len(latest))
    error = float(np.hypot(np.hypot(scatter, latest.mean()[1]), line.error_at(mjd)))
    difference = abs(middle - expected)
    state: State = "ok"
    if difference > max(WARNING_SHARE * abs(expected), SIGMAS * error):
        state = "warning"
    if difference > max(ALARM_SHARE * abs(expected), ALARM_SIGMAS * error):
        state = "alarm"
    sentence = (
        f"{_name(latest)}: median {middle:.3g} against {expected:.3g} ± {error:.2g} {UNIT} by the "
        f"trend of {len(before)} exposures in the year before."
    )
    return Verdict(STEADY.name, latest.detector, state, sentence)


def _not_judged(limit: Limit, detector: str) -> Verdict:
    sentence = "There is no exposure outside of the anomaly in the last 30 days of data."
    return Verdict(limit.name, detector, None, sentence)


def _name(latest: Series) -> str:
    """Name the latest exposure, and how many others there are."""
    others = len(latest) - 1
    last = latest.rootnames[-1]
    return last if not others else f"{last} and {others} other{'s' * (others > 1)}"
