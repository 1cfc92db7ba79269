"""The limits of the trends as checks; each looks at the whole table, never at a batch."""

from collections.abc import Sequence

import dagster as dg

from hstql_assets.monitors.cameras.limits import Verdict, judge_all
from hstql_assets.monitors.cameras.read import read_trend_rows
from hstql_assets.monitors.cameras.series import QUANTITIES, make_series
from hstql_resources.postgres.database import Database

DESCRIPTIONS = {
    "bias_level": "The latest bias level of each amplifier is near that of the year before.",
    "read_noise": "The latest read noise of each amplifier is near that of the year before.",
    "dark_current": "The latest dark current of each amplifier is below its limit.",
    "hot_pixels": "The latest share of hot pixels of each amplifier is below its limit.",
}


def name_check(quantity: str) -> str:
    """Return the name of the check of a quantity."""
    return f"{quantity}_within_limits"


def describe_limits(asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the checks of the trends."""
    return [
        dg.AssetCheckSpec(
            name_check(quantity.name), asset=asset, description=DESCRIPTIONS[quantity.name]
        )
        for quantity in QUANTITIES
    ]


def check_limits(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Judge the latest exposure of each amplifier and list what is beyond its limits."""
    verdicts = judge_all(make_series(read_trend_rows(database)))
    return [
        _check(asset, quantity.name, [v for v in verdicts if v.quantity == quantity.name])
        for quantity in QUANTITIES
    ]


def _check(asset: dg.AssetKey, quantity: str, verdicts: Sequence[Verdict]) -> dg.AssetCheckResult:
    beyond = {v.label: v.sentence for v in verdicts if v.is_within is False}
    return dg.AssetCheckResult(
        check_name=name_check(quantity),
        asset_key=asset,
        passed=not beyond,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "beyond": len(beyond),
            "within": sum(v.is_within is True for v in verdicts),
            "not judged": sum(v.is_within is None for v in verdicts),
            **beyond,
        },
    )
