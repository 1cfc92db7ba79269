"""Show products by target at the end of `hstql demo`, and what was put in beside it.

Making them is the graph's work; here they are only read back.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from hstql_resources import tables
from hstql_resources.postgres.database import Database


@dataclass(frozen=True)
class TargetRow:
    """What was made of one target with one detector."""

    target: str
    detector: str
    lightcurves: int
    exposure_s: float
    gross_counts: int
    poisson_factor: float


@dataclass(frozen=True)
class PeriodRow:
    """A period that was put into a simulated exposure, and the one that came out; s."""

    rootname: str
    target: str
    injected_s: float
    recovered_s: float | None
    error_s: float | None


@dataclass(frozen=True)
class DarkRow:
    """Dark current that was put into a simulated DARK, and what was measured, e-/s."""

    rootname: str
    detector: str
    date: str
    injected: float
    measured: float
    error: float


@dataclass(frozen=True)
class CompositeRow:
    """A composite, and the period that was found in it; None if none was."""

    target: str
    configuration: str
    exposures: int
    period_s: float | None
    is_delivered: bool


def read_targets(database: Database) -> list[TargetRow]:
    """Return what was made, by target and detector."""
    curve, observation, statistics = tables.Lightcurve, tables.Observation, tables.Statistics
    statement = (
        select(
            curve.target,
            observation.detector,
            func.count(),
            func.sum(curve.exposure_s),
            func.sum(curve.gross_counts),
            func.avg(statistics.__table__.c.poisson_factor),
        )
        .join(observation, observation.rootname == curve.rootname)
        .join(statistics, statistics.rootname == curve.rootname)
        .group_by(curve.target, observation.detector)
        .order_by(curve.target, observation.detector)
    )
    return [
        TargetRow(str(row[0]), str(row[1]), int(row[2]), float(row[3]), int(row[4]), float(row[5]))
        for row in database.read(statement)
    ]


def read_periods(database: Database) -> list[PeriodRow]:
    """Return injected and recovered period of each sinusoidal exposure of the simulation."""
    curve, file, statistics = tables.Lightcurve, tables.File, tables.Statistics
    statement = (
        select(
            curve.rootname,
            curve.target,
            file.path,
            statistics.__table__.c.best_period_s,
            statistics.__table__.c.best_period_error_s,
        )
        .join(file, file.rootname == curve.rootname)
        .join(statistics, statistics.rootname == curve.rootname)
        .where(file.filetype == "truth")
        .order_by(curve.rootname)
    )
    rows = []
    for rootname, target, truth_path, period_s, error_s in database.read(statement):
        truth = json.loads(Path(truth_path).read_text())["variability"]
        if truth["kind"] == "sinusoidal":
            rows.append(PeriodRow(rootname, target, truth["period_s"], period_s, error_s))
    return rows


def read_darks(database: Database) -> list[DarkRow]:
    """Return injected and measured dark current of each DARK, a mean over its amplifiers."""
    file, observation, image = tables.File, tables.Observation, tables.ImageStatistics
    error = func.sqrt(func.sum(func.power(image.dark_current_error, 2))) / func.count()
    statement = (
        select(
            image.rootname,
            observation.instrument + "/" + observation.detector,
            observation.date_obs,
            file.path,
            func.avg(image.dark_current),
            error,
        )
        .join(observation, observation.rootname == image.rootname)
        .join(file, file.rootname == image.rootname)
        .where(file.filetype == "truth", image.dark_current.is_not(None))
        .group_by(image.filename, image.rootname, observation.rootname, file.path)
        .order_by(image.rootname)
    )
    return [
        DarkRow(
            rootname,
            detector,
            date,
            json.loads(Path(truth_path).read_text())["dark_rate_e_per_s"],
            measured,
            error,
        )
        for rootname, detector, date, truth_path, measured, error in database.read(statement)
    ]


def read_composites(database: Database) -> list[CompositeRow]:
    """Return each composite, ordered by target and configuration."""
    composite, statistics = tables.Composite, tables.Statistics
    measured = statistics.__table__.c
    statement = (
        select(composite, measured.best_period_s, measured.is_periodic, measured.deliver)
        .join(statistics, statistics.filename == composite.filename)
        .order_by(composite.target, composite.filename)
    )
    return [
        CompositeRow(
            row.target,
            f"{row.instrument}/{row.detector} {row.opt_elem} {row.cenwave} {row.aperture}",
            row.exposures,
            row.best_period_s if row.is_periodic else None,
            row.deliver,
        )
        for row in database.read(statement)
    ]
