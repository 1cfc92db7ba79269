"""Check whether lightcurves are equal to the spectra that the archive made of the same events."""

import dagster as dg
from sqlalchemy import func, select

from hstql_assets.lightcurves.x1d_comparison import TOLERANCE
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Lightcurve, Observation

EQUALS_X1D = "equals_x1d"
DESCRIPTION = (
    f"The mean flux of every lightcurve is that of its x1d within {TOLERANCE:g}. Where it is not, "
    "it is told why. Lightcurves without an x1d are not judged."
)
LISTED = 100  # of them; the number is that of all


def describe_equality(asset: dg.AssetKey) -> tuple[dg.AssetCheckSpec, ...]:
    """Return the check of the `lightcurves` of an instrument."""
    return (dg.AssetCheckSpec(EQUALS_X1D, asset=asset, description=DESCRIPTION),)


def check_equality(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """List the lightcurves that differ from their x1d; yellow if there is one, or no judged one."""
    curve, seen = Lightcurve, Observation
    judged = (
        seen.rootname == curve.rootname,
        seen.instrument == asset.path[0],
        curve.x1d_ratio.is_not(None),
    )
    differs = func.abs(curve.x1d_ratio - 1) > TOLERANCE
    ((number, differing),) = database.read(
        select(func.count(), func.count().filter(differs)).where(*judged)
    )
    columns = curve.rootname, curve.x1d_ratio, curve.x1d_note
    rows = select(*columns).where(*judged, differs).order_by(curve.rootname).limit(LISTED)
    lines = [
        f"- {rootname}: {ratio:.6f}. {note or ''}" for rootname, ratio, note in database.read(rows)
    ]
    return [
        dg.AssetCheckResult(
            check_name=EQUALS_X1D,
            asset_key=asset,
            passed=number > 0 and differing == 0,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "judged": number,
                "differing": differing,
                "lightcurves": dg.MetadataValue.md("\n".join(lines)),
            },
        )
    ]
