"""Judge the newest levels and steps by those of the year before.

What is usual for either is not published, so each is held against itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.cameras.limits import FEWEST_BEFORE, SIGMAS, YEAR_DAYS
from hstql_assets.monitors.framework.report import Limit, Verdict
from hstql_assets.science.robust import find_sigma
from hstql_resources.times import NEWEST_DAYS

LEAST_LEVEL = 1.0  # counts, always allowed: as for the bias level of all cameras
LEVEL = Limit(
    "reference_level_near_year_before",
    "The latest level of the zeroth read is within five robust deviations of those of the year "
    "before, or a count.",
)
STEPS = Limit(
    "steps_near_year_before",
    f"No exposure of the last {NEWEST_DAYS:g} days of the data has a step between two reads that "
    "is five robust deviations above the largest steps of the year before, and beyond the smallest "
    "of ir_bias.toml.",
)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Levels:
    """One amplifier in one kind of frame over time; arrays of shape (n,), by time.

    Attributes
    ----------
    label, amplifier : str
        Of readers, and the amplifier alone.
    mjd : ndarray
        Start of the exposures, MJD (UTC).
    level, step : ndarray
        Zeroth level, and largest step between two reads [counts].
    rootnames : sequence of str
    """

    label: str
    amplifier: str
    mjd: Floats
    level: Floats
    step: Floats
    rootnames: Sequence[str]


def judge_level(series: Levels) -> Verdict:
    """Compare the latest level with those of the year before."""
    before = series.level[:-1][series.mjd[:-1] >= series.mjd[-1] - YEAR_DAYS]
    name = series.rootnames[-1]
    if len(before) < FEWEST_BEFORE:
        few = f"{name}: {len(before)} in the year before are too few"
        return Verdict(LEVEL.name, series.label, None, few)
    middle = float(np.median(before))
    allowed = max(SIGMAS * find_sigma(before), LEAST_LEVEL)
    latest = float(series.level[-1])
    sentence = (
        f"{name}: {latest:.2f} against {middle:.2f} in the year before, {allowed:.2g} allowed "
        "(counts)"
    )
    is_within = abs(latest - middle) <= allowed
    return Verdict(LEVEL.name, series.label, "ok" if is_within else "warning", sentence)


def find_steps(series: Levels, smallest: float) -> tuple[float | None, NDArray[np.bool_]]:
    """Return from which size on a step is one [counts], and which newest exposures have one.

    The size is None if the year before the newest days has too few to say.
    """
    newest_from = series.mjd.max() - NEWEST_DAYS
    is_newest = series.mjd >= newest_from
    before = series.step[~is_newest & (series.mjd >= newest_from - YEAR_DAYS)]
    before = before[np.isfinite(before)]
    if len(before) < FEWEST_BEFORE:
        return None, np.zeros(len(series.mjd), bool)
    largest = max(float(np.median(before)) + SIGMAS * find_sigma(before), smallest)
    return largest, is_newest & (series.step > largest)


def judge_steps(series: Levels, smallest: float) -> Verdict:
    """Say whether a newest exposure has a step; `smallest` [counts] is always allowed."""
    largest, is_step = find_steps(series, smallest)
    if largest is None:
        few = "fewer than 8 exposures in the year before the newest are too few"
        return Verdict(STEPS.name, series.label, None, few)
    if not is_step.any():
        sentence = f"none above {largest:.1f} counts in the newest exposures"
        return Verdict(STEPS.name, series.label, "ok", sentence)
    worst = int(np.argmax(np.where(is_step, series.step, -np.inf)))
    sentence = (
        f"above {largest:.1f} counts: {int(is_step.sum())}; the largest is "
        f"{series.step[worst]:.1f} in {series.rootnames[worst]}"
    )
    return Verdict(STEPS.name, series.label, "warning", sentence)
