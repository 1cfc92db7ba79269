"""Check whether what is made of events equals the spectra that the archive made of them."""

import dagster as dg
from sqlalchemy import func, select

from hstql_assets.lightcurves.x1d_comparison import TOLERANCE
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Lightcurve, Observation, TimeResolvedSpectra

EQUALS_X1D = "equals_x1d"
DESCRIPTION = (
    f"The mean flux of every exposure is that of its x1d within {TOLERANCE:g}. Where it is not, "
    "it is told why. What has no x1d is not judged."
)
NOTED = "The file says why: see XNOTE in its header."
LISTED = 100  # of them; the number is that of all


def describe_equality(asset: dg.AssetKey) -> tuple[dg.AssetCheckSpec, ...]:
    """Return the check of what an asset makes of events."""
    return (dg.AssetCheckSpec(EQUALS_X1D, asset=asset, description=DESCRIPTION),)


def check_equality(
    table: type[Lightcurve | TimeResolvedSpectra], database: Database, asset: dg.AssetKey
) -> list[dg.AssetCheckResult]:
    """List the rows that differ from their x1d; yellow if there is one, or no judged one.

    Parameters
    ----------
    table : type
        What the asset fills.
    database : Database
        Where it is.
    asset : dagster.AssetKey
        The asset, of which the first part is the instrument.
    """
    curve, seen = table, Observation
    why = curve.remarks if curve is TimeResolvedSpectra else Lightcurve.x1d_note
    judged = (
        seen.rootname == curve.rootname,
        seen.instrument == asset.path[0],
        curve.x1d_ratio.is_not(None),
    )
    differs = func.abs(curve.x1d_ratio - 1) > TOLERANCE
    ((number, differing),) = database.read(
        select(func.count(), func.count().filter(differs)).where(*judged)
    )
    columns = curve.rootname, curve.x1d_ratio, why
    rows = select(*columns).where(*judged, differs).order_by(curve.rootname).limit(LISTED)
    lines = [
        f"- {rootname}: {ratio:.6f}. {note or NOTED}"
        for rootname, ratio, note in database.read(rows)
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
                "exposures": dg.MetadataValue.md("\n".join(lines)),
            },
        )
    ]
