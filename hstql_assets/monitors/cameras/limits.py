"""Judge whether the latest numbers are as they should be.

Two kinds of limits: how far the latest exposure may be from those of the year before it, and how
high a number may be at all. What is compared is an amplifier with itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.cameras.series import Series
from hstql_assets.monitors.framework.report import Limit, State, Verdict
from hstql_assets.science.robust import find_sigma

YEAR_DAYS = 365.25
# A robust deviation of fewer is itself uncertain by a third and more.
FEWEST_BEFORE = 8
SIGMAS = 5.0


@dataclass(frozen=True)
class Step:
    """How far the latest value may be from the median of the year before.

    Attributes
    ----------
    least : float
        Always allowed, in the unit of the quantity.
    share : float
        Always allowed, as a share of the median.
    """

    least: float = 0.0
    share: float = 0.0


# Beyond these and beyond five standard deviations a value is a step.
STEPS = {
    # A count: BLEVCORR takes the level of each exposure from the exposure itself, so that drifts
    # with the temperature do no harm; it is jumps that tell of the electronics.
    "bias_level": Step(least=1.0),
    # "Steady to 1 % or better" but for jumps of 10 % and more (ACS Data Handbook 4.1.1).
    "read_noise": Step(share=0.05),
}
# By quantity and detector, in the unit of the quantity.
CEILINGS = {
    "dark_current": {
        # From 6.8 to 11.1 electrons an hour in the first four years (ACS Data Handbook 4.3.1); at
        # that pace 31 in 2026, of which this is a little more than twice.
        "WFC": 0.02,
        "HRC": 0.02,  # a like detector
        # Most of its dark counts come when the tube is warm; a hundred times those of a cool one.
        "SBC": 0.001,
        # Twice the 11 electrons an hour of 2024 (WFC3 Data Handbook 5.3.1).
        "UVIS": 0.006,
        # Twice the median of 0.048 (WFC3 Instrument Handbook, table 5.1).
        "IR": 0.1,
    },
    # Percent of the pixels. The first estimate for WFC was 2 % in three years of anneals that do
    # little (ACS ISR 2002-06), of which this is twice; the threshold of UVIS is lower.
    "hot_pixels": {"WFC": 4.0, "HRC": 4.0, "UVIS": 8.0, "IR": 4.0},
}


LIMITS = tuple(
    Limit(f"{quantity}_within_limits", f"The latest {what} of each amplifier is {where}.")
    for quantity, what, where in (
        ("bias_level", "bias level", "near that of the year before"),
        ("read_noise", "read noise", "near that of the year before"),
        ("dark_current", "dark current", "below its limit"),
        ("hot_pixels", "share of hot pixels", "below its limit"),
    )
)


def judge_all(series: Sequence[Series]) -> list[Verdict]:
    """Judge the latest value of each series that has a limit; those beyond it come first."""
    found = (judge_step(one) or judge_ceiling(one) for one in series)
    verdicts = [verdict for verdict in found if verdict is not None]
    return sorted(verdicts, key=lambda verdict: verdict.state != "warning")


def judge_step(series: Series) -> Verdict | None:
    """Compare the latest value with those of the year before it; None if there is no such limit.

    Allowed is the largest of five robust deviations of the year before, five errors of the latest
    value, and what the limit always allows.
    """
    step = STEPS.get(series.quantity.name)
    if step is None:
        return None
    latest = series.values[-1]
    is_before = series.mjd[:-1] >= series.mjd[-1] - YEAR_DAYS
    before = series.values[:-1][is_before]
    if len(before) < FEWEST_BEFORE:
        return _verdict(series, None, f"{len(before)} in the year before are too few")
    middle, error = float(np.median(before)), _latest_error(series)
    allowed = max(SIGMAS * find_sigma(before), SIGMAS * error, step.least, step.share * abs(middle))
    comparison = (
        f"{latest:.5g} against {middle:.5g} in the year before, {allowed:.2g} allowed "
        f"({series.quantity.unit})"
    )
    return _verdict(series, abs(latest - middle) <= allowed, comparison)


def judge_ceiling(series: Series) -> Verdict | None:
    """Compare the latest value with the highest that is allowed, five errors more at most.

    None if the quantity has no such limit for this detector.
    """
    ceiling = find_ceiling(series)
    if ceiling is None:
        return None
    latest, error = series.values[-1], _latest_error(series)
    comparison = f"{latest:.3g} against {ceiling:g} at most ({series.quantity.unit})"
    return _verdict(series, latest - SIGMAS * error <= ceiling, comparison)


def find_ceiling(series: Series) -> float | None:
    """Return the highest value that is allowed, in the unit of the quantity; None for no limit."""
    return CEILINGS.get(series.quantity.name, {}).get(series.setup.detector)


def _latest_error(series: Series) -> float:
    return float(series.errors[-1]) if np.isfinite(series.errors[-1]) else 0.0


def _verdict(series: Series, is_within: bool | None, comparison: str) -> Verdict:
    state: State | None = None if is_within is None else "ok" if is_within else "warning"
    limit = f"{series.quantity.name}_within_limits"
    return Verdict(limit, series.label, state, f"{series.rootnames[-1]}: {comparison}")
