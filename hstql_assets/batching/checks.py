"""Describe and make the two checks that every asset has: no bad files, no missing keys."""

from collections.abc import Mapping

import dagster as dg
from sqlalchemy import func, literal, select, union_all

from hstql_resources import tables
from hstql_resources.postgres.database import Database

BAD_FILES = "no_bad_files"
NO_MISSING_KEYS = "no_missing_keys"


def describe_checks(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the two checks that every asset has."""
    return [
        dg.AssetCheckSpec(
            BAD_FILES,
            asset=key,
            description="No file was found bad by this asset; counts the whole table bad_data.",
        ),
        dg.AssetCheckSpec(
            NO_MISSING_KEYS,
            asset=key,
            description="No key is missing what it is made from, and none waits to be tried again; "
            "counts the whole tables outcomes and attempts.",
        ),
    ]


def check_tables(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Count bad files and missing keys over all that this asset ever decided.

    A check has one state per asset, so it never speaks of one batch only.
    """
    name = asset.to_user_string()
    bad, outcome, attempt = tables.BadData, tables.Outcome, tables.Attempt
    files = (
        select(bad.reason, func.count())
        .where(bad.step == name)
        .group_by(bad.reason)
        .order_by(bad.reason)
    )
    missing = select(literal("missing"), func.count()).where(
        outcome.asset == name, outcome.status == "missing"
    )
    waiting = select(literal("waiting"), func.count()).where(attempt.asset == name)
    return [
        _check(check, asset, {str(row[0]): int(row[1]) for row in database.read(rows) if row[1]})
        for check, rows in ((BAD_FILES, files), (NO_MISSING_KEYS, union_all(missing, waiting)))
    ]


def _check(name: str, asset: dg.AssetKey, counts: Mapping[str, int]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=not counts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"count": sum(counts.values()), **counts},
    )
