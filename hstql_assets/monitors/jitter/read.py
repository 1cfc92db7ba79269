"""Read the pointing in all exposures with a star to point at."""

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from hstql_assets.monitors.jitter.history import AXES, QUANTITIES
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.tables import JitterStatistics, Observation
from hstql_resources.target_names import INTERNAL_TARGETS, WAVECAL


def read_jitter_history(database: Database) -> Columns:
    """Return a row for each exposure that points at a target, in one statement.

    Left out are acquisitions, which slew on purpose, and exposures of the detector itself, of
    lamps and of flat fields, which need no guide star.
    """
    return database.read_columns(_statement())


def _statement() -> Select[Any]:
    jitter, observation = JitterStatistics, Observation
    # A jit file names an exposure ending in j; the headers of its events know better when it began.
    rootname = func.lower(func.left(jitter.exposure, 8)) + "q"
    kind = func.upper(func.coalesce(jitter.image_type, ""))
    exposure_type = func.upper(func.coalesce(observation.exposure_type, ""))
    target = func.upper(func.coalesce(observation.target_name, ""))
    is_other = or_(
        kind.like("ACQ%"),
        kind.in_(("DARK", "FLAT")),
        exposure_type.like("ACQ%"),
        exposure_type.in_(("DARK", "FLAT", "WAVECAL")),
        target.in_(sorted(INTERNAL_TARGETS)),
        target.like(f"{WAVECAL}%"),
    )
    mjd = func.coalesce(observation.exp_start_mjd, jitter.start_mjd).label("mjd")
    values = [getattr(jitter, f"{axis}_{name}_arcsec") for axis in AXES for name in QUANTITIES]
    name = func.coalesce(rootname, jitter.rootname).label("exposure")
    columns: tuple[Any, ...] = (name, mjd, *values)
    # An exposure may be in a file of its own and in that of its association.
    return (
        select(*columns)
        .join(observation, observation.rootname == rootname, isouter=True)
        .where(jitter.samples > 0, ~is_other)
        .ext(distinct_on(name))
        .order_by(name, mjd, jitter.filename, jitter.ext)
    )
