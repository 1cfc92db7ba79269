"""Read where the stims were in all exposures, one value for each file."""

from typing import Any

from sqlalchemy import Float, Select, and_, case, cast, func, or_, select

from hstql_assets.monitors.stims.boxes import FEWEST_DUE
from hstql_assets.monitors.stims.history import COORDINATES
from hstql_resources.columns import Columns
from hstql_resources.postgres.database import Database
from hstql_resources.tables import StimPulse, Telemetry


def read_stim_history(database: Database) -> Columns:
    """Return a row for each file of `stim_pulses`, in order of time, in one statement."""
    return database.read_columns(_statement())


def _statement() -> Select[Any]:
    pulse = StimPulse
    due = pulse.live_s * pulse.stim_rate_hz / 2.0
    is_due = and_(due >= FEWEST_DUE, pulse.counts > 0)
    is_lost = or_(pulse.stim1_x.is_(None), pulse.stim2_x.is_(None))
    is_odd = or_(pulse.stim1_flag.is_not(None), pulse.stim2_flag.is_not(None))
    telemetry = (
        select(
            Telemetry.rootname,
            func.max(Telemetry.fuva_temperature_c).label("fuva"),
            func.max(Telemetry.fuvb_temperature_c).label("fuvb"),
        )
        .group_by(Telemetry.rootname)
        .subquery()
    )
    amplifier = case((pulse.segment == "FUVA", telemetry.c.fuva), else_=telemetry.c.fuvb)
    columns: tuple[Any, ...] = (
        pulse.filename,
        pulse.rootname,
        pulse.segment,
        func.min(pulse.exp_start_mjd).label("mjd"),
        func.count().filter(is_due).label("windows"),
        func.count().filter(is_due, is_lost).label("missing"),
        func.count().filter(is_due, is_odd).label("displaced"),
        func.max(amplifier).label("temperature_c"),
        *(column for name in COORDINATES for column in _aggregate(name)),
    )
    return (
        select(*columns)
        .join(telemetry, telemetry.c.rootname == pulse.rootname, isouter=True)
        .group_by(pulse.filename, pulse.rootname, pulse.segment)
        .order_by("mjd", pulse.filename)
    )


def _aggregate(name: str) -> tuple[Any, ...]:
    """Return mean, error of the mean and spread of a coordinate over the stretches of a file."""
    place = getattr(StimPulse, name)
    error = getattr(StimPulse, f"{name}_error")
    counts = cast(getattr(StimPulse, f"{name[:5]}_counts"), Float)
    total = func.nullif(func.sum(counts), 0.0)
    return (
        (func.sum(place * counts) / total).label(name),
        (func.sqrt(func.sum(error * error * counts * counts)) / total).label(f"{name}_error"),
        func.stddev_samp(place).label(f"{name}_spread"),
    )
