"""Read all acquisitions."""

from sqlalchemy import select

from hstql_assets.monitors.acquisitions.history import COLUMNS, Acquisitions, collect
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_acquisitions(database: Database) -> Acquisitions:
    """Read all acquisitions in one statement."""
    acquisition = tables.Acquisition
    statement = select(*(getattr(acquisition, name) for name in COLUMNS)).order_by(
        acquisition.exp_start_mjd, acquisition.filename
    )
    return collect(database.read(statement))
