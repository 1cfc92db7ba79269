"""Read temperatures and positions of all exposures."""

from typing import Any

from sqlalchemy import func, select

from hstql_assets.monitors.telemetry.history import NUMBERS
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Observation, Telemetry


def read_telemetry_history(database: Database) -> Columns:
    """Return a row for each spt file, in order of time, in one statement."""
    telemetry, observation = Telemetry, Observation
    # The headers of the events know better when it began than the plan.
    mjd = func.coalesce(observation.exp_start_mjd, telemetry.start_mjd).label("mjd")
    numbers = [getattr(telemetry, name) for name in NUMBERS]
    columns: tuple[Any, ...] = (
        telemetry.rootname, mjd, telemetry.detector, telemetry.aperture, telemetry.life_adj,
        *numbers,
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(observation, observation.rootname == telemetry.rootname, isouter=True)
        .order_by(mjd, telemetry.filename)
    )
    return database.read_columns(statement)
