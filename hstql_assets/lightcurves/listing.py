"""List the lightcurves that there are, with what is the same in all bins of each."""

from pathlib import Path

from sqlalchemy import select

from hstql_assets.lightcurves.dataset import Curve
from hstql_resources.postgres.database import Database
from hstql_resources.table_files.columns import Column
from hstql_resources.tables import Lightcurve, Observation
from hstql_resources.tables.describing import describe

_SHARED = (
    Observation.rootname, Lightcurve.target, Observation.target_name, Observation.ra_deg,
    Observation.dec_deg, Observation.instrument, Observation.detector, Observation.opt_elem,
    Observation.cenwave, Observation.aperture, Observation.proposal_id,
)  # fmt: skip


def describe_curves() -> list[Column]:
    """Return the columns of `Curve.values`."""
    return [describe(one.property.columns[0]) for one in _SHARED]


def list_curves(database: Database) -> list[Curve]:
    """Return all lightcurves of single exposures."""
    places = (Lightcurve.path, Lightcurve.bins, Observation.sky_cell)
    statement = select(*places, *_SHARED).join_from(
        Lightcurve, Observation, Observation.rootname == Lightcurve.rootname
    )
    rows = database.read(statement.order_by(Lightcurve.rootname))
    return [Curve(Path(path), bins, cell, tuple(values)) for path, bins, cell, *values in rows]
