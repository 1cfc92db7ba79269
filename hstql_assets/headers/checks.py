"""Check whether all values of a keyword are of one kind, over all tables of an instrument."""

import dagster as dg
from sqlalchemy import func, select

from hstql_resources.header_tables.names import ODD
from hstql_resources.postgres.database import Database
from hstql_resources.tables import HeaderExtra

ODD_VALUES = "odd_values"
DESCRIPTION = (
    "Every value is of the kind of the other values of its keyword, as a number among numbers. "
    "One that is not changes no column: it stands in header_extras, and its column is NULL there."
)
LISTED = 100  # of them; the number is that of all


def describe_odd_values(asset: dg.AssetKey) -> tuple[dg.AssetCheckSpec, ...]:
    """Return the check of the `header_tables` of an instrument."""
    return (dg.AssetCheckSpec(ODD_VALUES, asset=asset, description=DESCRIPTION),)


def check_odd_values(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """List the values of another kind than their column; yellow if there is one."""
    card, instrument = HeaderExtra, asset.path[0]
    is_odd = (card.reason == ODD, card.table_name.startswith(f"{instrument}_", autoescape=True))
    columns = card.filename, card.ext, card.keyword, card.value
    rows = database.read(select(*columns).where(*is_odd).order_by(*columns[:3]).limit(LISTED))
    lines = [f"- {row.filename}[{row.ext}] {row.keyword} = {row.value}" for row in rows]
    ((number,),) = database.read(select(func.count()).where(*is_odd))
    return [
        dg.AssetCheckResult(
            check_name=ODD_VALUES,
            asset_key=asset,
            passed=not lines,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"odd_values": number, "values": dg.MetadataValue.md("\n".join(lines))},
        )
    ]
