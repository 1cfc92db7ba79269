"""Judge whether acquisitions are as they should be."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.monitors.acquisitions.guidance import SENSORS
from hstql_assets.monitors.acquisitions.history import Acquisitions, Floats
from hstql_assets.monitors.acquisitions.offsets import (
    AXES,
    DAYS_PER_YEAR,
    OffsetLine,
    SensorOffsets,
    fit_line,
)
from hstql_assets.monitors.acquisitions.problems import LONGEST_SLEWS, find_problems
from hstql_assets.monitors.framework.report import Limit, Verdict
from hstql_resources.times import NEWEST_DAYS

RECENT = "recent_acquisitions_are_good"
TREND = "pointing_offsets_follow_their_trend"
MOST_ERRORS = 3.0
# Less matters to nobody: blind pointings scatter by more, with the coordinates of targets.
LEAST_DEVIATION_ARCSEC = 0.1
FEWEST_BEFORE = 5  # the scatter of fewer says little
MOST_NAMED = 5  # exposures in a sentence

LIMITS = (
    Limit(
        RECENT,
        "Of the last 30 days with data no ACQ/IMAGE slewed 2 arcsec or more, no ACQ/PEAKXD or "
        "ACQ/PEAKD 1 arcsec or more, none failed, and none had its shutter closed.",
    ),
    Limit(
        TREND,
        "The mean pointing offset of each guidance sensor along V2 and V3 in the last year is "
        "within 3 errors, or 0.1 arcsec, of the line through those before it since the sensor was "
        "last changed.",
    ),
)


def judge(acquisitions: Acquisitions, offsets: Sequence[SensorOffsets]) -> tuple[Verdict, ...]:
    """Return what the limits say of all kinds of acquisitions and all guidance sensors."""
    newest = acquisitions.newest_mjd
    if newest is None:
        return ()
    recent = acquisitions.where(acquisitions.is_newest(newest))
    return (
        *(_judge_recent(recent, kind) for kind in LONGEST_SLEWS),
        *(_judge_sensor(offsets, sensor, axis, newest) for sensor in SENSORS for axis in AXES),
    )


def _judge_recent(recent: Acquisitions, kind: str) -> Verdict:
    group = recent.of_kind(kind)
    when = f"in the last {NEWEST_DAYS:.0f} days with data"
    if not len(group):
        return Verdict(RECENT, kind, None, f"There is no {kind} {when}.")
    group = group.where(group.tells_success)
    if not len(group):
        silent = f"No {kind} {when} tells whether it succeeded (ACQSTAT) or how far it slewed."
        return Verdict(RECENT, kind, None, silent)
    problems = find_problems(group)
    wrong = [
        f"{group.rootname[index]} ({problems.describe(int(index))}, {group.slew_arcsec[index]:.2f} "
        "arcsec)"
        for index in np.flatnonzero(problems.any)
    ]
    if not wrong:
        return Verdict(
            RECENT,
            kind,
            "ok",
            f"All {len(group)} {when} are good; the longest slew is "
            f"{group.slew_arcsec.max():.2f} arcsec, and should be below {LONGEST_SLEWS[kind]:.0f}.",
        )
    more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
    named = ", ".join(wrong[:MOST_NAMED])
    sentence = f"Of {len(group)} {when}, {len(wrong)} went wrong: {named}{more}."
    return Verdict(RECENT, kind, "warning", sentence)


def _judge_sensor(
    offsets: Sequence[SensorOffsets], sensor: str, axis: str, newest_mjd: float
) -> Verdict:
    label = f"{sensor} {axis}"
    mine = [one for one in offsets if (one.sensor, one.axis) == (sensor, axis)]
    if not mine:
        return Verdict(TREND, label, None, f"There is no offset of {sensor} yet.")
    last = mine[-1]
    is_recent = last.mjd > newest_mjd - DAYS_PER_YEAR
    line = fit_line(last.mjd[~is_recent], last.offset[~is_recent])
    if line is None or line.exposures < FEWEST_BEFORE or not is_recent.any():
        sentence = (
            f"Not enough: {is_recent.sum()} offsets of {sensor} in the last year, and "
            f"{(~is_recent).sum()} before it from {last.stretch.label}."
        )
        return Verdict(TREND, label, None, sentence)
    return _judge_mean(label, line, last.mjd[is_recent], last.offset[is_recent])


def _judge_mean(
    label: str,
    line: OffsetLine,
    mjd: Floats,
    offset: Floats,
) -> Verdict:
    """Judge offsets, shape (n,), arcsec, at times, shape (n,), MJD UTC, by a line."""
    deviation = float(np.mean(offset - line.at(mjd)))
    error = float(np.hypot(line.scatter / np.sqrt(len(mjd)), line.error_at(float(mjd.mean()))))
    allowed = max(MOST_ERRORS * error, LEAST_DEVIATION_ARCSEC)
    sentence = (
        f"The mean of the last {len(mjd)} offsets is {offset.mean():+.3f} arcsec, "
        f"{deviation:+.3f} ± {error:.3f} from the line through {line.exposures} before; "
        f"{allowed:.3f} is allowed."
    )
    return Verdict(TREND, label, "ok" if abs(deviation) <= allowed else "warning", sentence)
