"""Judge the gain of each segment at its present voltage."""

from collections.abc import Sequence

import numpy as np

from hstql_assets.monitors.framework.report import Limit, State, Verdict
from hstql_assets.monitors.gain.gain_images import name_superpixel
from hstql_assets.monitors.gain.high_voltage_state import Voltage, find_present
from hstql_resources.times import format_date

NEW, SOON, SHARE = "few_newly_lost_superpixels", "gain_lasts_half_a_year", "few_lost_superpixels"
MOST_NEW = 100
RECENT_D, RECENT_LONG_D = 30.0, 90.0
HALF_YEAR_D = 182.6
OVERDUE_ERRORS = 3.0  # of the projected date
WARNING_SHARE, ALARM_SHARE = 0.01, 0.05
NOTHING_MEASURED = "No superpixel in the rows of spectra has a gain."

LIMITS = (
    Limit(
        NEW,
        f"No more than {MOST_NEW} superpixels of a segment lost their gain in {RECENT_LONG_D:g} "
        f"days; more than that in {RECENT_D:g} days is an alarm.",
    ),
    Limit(
        SOON,
        "No superpixel that certainly falls reaches gain 3 within half a year of the latest image; "
        f"one that is not flagged {RECENT_LONG_D:g} days after it should have is an alarm.",
    ),
    Limit(
        SHARE,
        f"Less than {WARNING_SHARE:.0%} of the superpixels of a segment with a gain, in the rows "
        f"of spectra, have lost it; {ALARM_SHARE:.0%} is an alarm.",
    ),
)


def judge_all(voltages: Sequence[Voltage]) -> list[Verdict]:
    """Return what the limits say of each segment, in the order of the limits."""
    present = find_present(voltages)
    shares = [
        _judge_share(one, [each for each in voltages if each.segment == one.segment])
        for one in present
    ]
    return [*map(_judge_new, present), *map(_judge_next, present), *shares]


def _judge_new(present: Voltage) -> Verdict:
    if not present.is_measured.any():
        return Verdict(NEW, present.label, None, NOTHING_MEASURED)
    recent, long = (
        present.count_new(present.newest_mjd, days) for days in (RECENT_D, RECENT_LONG_D)
    )
    state: State = "alarm" if recent > MOST_NEW else "warning" if long > MOST_NEW else "ok"
    sentence = (
        f"{recent} superpixels lost their gain in the {RECENT_D:g} days before "
        f"{format_date(present.newest_mjd)}, {long} in {RECENT_LONG_D:g} days "
        f"(latest image {present.newest_image})."
    )
    return Verdict(NEW, present.label, state, sentence)


def _judge_next(present: Voltage) -> Verdict:
    found = present.next_lost
    if found is None:
        return Verdict(SOON, present.label, None, "No superpixel certainly falls.")
    mjd, error_d, x, y = found
    number = int((present.projected_mjd < present.newest_mjd + HALF_YEAR_D).sum())
    wait_d = mjd - present.newest_mjd
    is_overdue = wait_d < -RECENT_LONG_D - OVERDUE_ERRORS * error_d
    state: State = "alarm" if is_overdue else "warning" if wait_d < HALF_YEAR_D else "ok"
    sentence = (
        f"Superpixel {name_superpixel(x, y)} reaches gain 3 on {format_date(mjd)}, within "
        f"{error_d:.0f} days; {number} do so within half a year of "
        f"{format_date(present.newest_mjd)}."
    )
    return Verdict(SOON, present.label, state, sentence)


def _judge_share(present: Voltage, voltages: Sequence[Voltage]) -> Verdict:
    lost, measured = count_lost(present, voltages)
    if not measured:
        return Verdict(SHARE, present.label, None, NOTHING_MEASURED)
    share = lost / measured
    state: State = (
        "alarm" if share >= ALARM_SHARE else "warning" if share >= WARNING_SHARE else "ok"
    )
    sentence = f"{lost} of {measured} superpixels ({share:.2%}) have lost their gain."
    return Verdict(SHARE, present.label, state, sentence)


def count_lost(present: Voltage, voltages: Sequence[Voltage]) -> tuple[int, int]:
    """Return how many superpixels are lost at a voltage or a higher one, and how many there are.

    What is lost at a higher voltage is lost at a lower one, where the gain is less.
    """
    higher = [one for one in voltages if one.high_voltage >= present.high_voltage]
    is_lost = np.any([one.is_flagged for one in higher], axis=0)
    is_there = np.any([one.is_measured for one in higher], axis=0)
    return int(is_lost.sum()), int(is_there.sum())
