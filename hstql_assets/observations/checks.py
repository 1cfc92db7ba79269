"""Check whether `calibrated_files` were made with the best that is known.

It looks at the whole table, never at a batch.
"""

from typing import Any

import dagster as dg

from hstql_assets.observations.provenance import Currency, read_currency
from hstql_resources.postgres.database import Database

CALIBRATION_IS_CURRENT = "calibration_is_current"
DESCRIPTION = (
    "No product was made with an older version of the pipeline than the newest that one of the "
    "instrument names (CAL_VER), or with another reference file than the raw file of its exposure "
    "names. 'hstql reprocess' brings products up to date."
)


def describe_currency(asset: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """Return the check of the `calibrated_files` of an instrument."""
    return [dg.AssetCheckSpec(CALIBRATION_IS_CURRENT, asset=asset, description=DESCRIPTION)]


def check_currency(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Count the products that are older than the best known; yellow if there is one."""
    currency = read_currency(database, asset.path[0])
    return [
        dg.AssetCheckResult(
            check_name=CALIBRATION_IS_CURRENT,
            asset_key=asset,
            passed=currency.is_current,
            severity=dg.AssetCheckSeverity.WARN,
            metadata=_describe(currency),
        )
    ]


def report_currency(instance: dg.DagsterInstance, database: Database, instrument: str) -> None:
    """Record the state of the check outside of its asset.

    The versions are those that the header step has read, and that comes after the files: it
    reports what the check would say then.
    """
    asset = dg.AssetKey([instrument, "calibrated_files"])
    (result,) = check_currency(database, asset)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=asset,
            check_name=CALIBRATION_IS_CURRENT,
            passed=result.passed,
            severity=result.severity,
            metadata=result.metadata,
        )
    )


def _describe(currency: Currency) -> dict[str, Any]:
    records = [
        dg.TableRecord({"version": one.name, "products": one.products, "is_older": one.is_older})
        for one in currency.versions
    ]
    columns = [dg.TableColumn("version"), dg.TableColumn("products", "int"),
               dg.TableColumn("is_older", "bool")]  # fmt: skip
    metadata: dict[str, Any] = {
        "older_version": currency.older,
        "other_reference_files": currency.other_files,
        "versions": dg.MetadataValue.table(records, dg.TableSchema(columns)),
    }
    if currency.by_keyword:
        lines = [f"- {keyword}: {number}" for keyword, number in currency.by_keyword.items()]
        metadata["by_keyword"] = dg.MetadataValue.md("\n".join(lines))
    return metadata
