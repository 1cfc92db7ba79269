"""Report the limits of monitors as checks."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.monitors.framework.monitor import Trend
from hstql_assets.monitors.framework.report import Limit, Verdict
from hstql_assets.monitors.framework.states import NOT_JUDGED, tell_not_judged


def describe_limits(trend: Trend) -> list[dg.AssetCheckSpec]:
    """Return a check for each limit."""
    asset = dg.AssetKey(trend.name)
    return [
        dg.AssetCheckSpec(limit.name, asset=asset, description=limit.about)
        for limit in trend.limits
    ]


def check_limits(trend: Trend, verdicts: Sequence[Verdict]) -> list[dg.AssetCheckResult]:
    """Return the result of each check; an alarm is an error, anything else a warning.

    What could not be judged has not passed.
    """
    return [
        _check(trend, limit, [one for one in verdicts if one.limit == limit.name])
        for limit in trend.limits
    ]


def _check(trend: Trend, limit: Limit, verdicts: Sequence[Verdict]) -> dg.AssetCheckResult:
    beyond = [one for one in verdicts if one.state in ("warning", "alarm")]
    unjudged = [one for one in verdicts if one.state is None]
    within = len(verdicts) - len(beyond) - len(unjudged)
    is_alarm = any(one.state == "alarm" for one in beyond)
    return dg.AssetCheckResult(
        check_name=limit.name,
        asset_key=dg.AssetKey(trend.name),
        passed=within > 0 and not beyond,
        severity=dg.AssetCheckSeverity.ERROR if is_alarm else dg.AssetCheckSeverity.WARN,
        metadata={
            "beyond": len(beyond),
            "within": within,
            NOT_JUDGED: len(unjudged),
            **{one.label: one.sentence for one in beyond},
        },
        description=None if within or beyond else tell_not_judged(unjudged),
    )
