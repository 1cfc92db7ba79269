"""Show at the end of `hstql demo` what was made, and what was put in beside what came out.

Making it is the graph's work; here it is only read back.
"""

import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select

from hstql_assets.commands.terminal_output import show_table
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.settings import PROJECT, dagster_home


def show_demo(database: Database, home: Path) -> None:
    """Write what the demo made, and name the pages that all others are linked from."""
    _show_lightcurves(database)
    _show_periods(database)
    _show_composites(database)
    _show_darks(database)
    _show_monitors(database)
    click.echo(f"Plots: {home / 'plots' / 'index.html'}")
    click.echo(f"Monitors: {home / 'plots' / 'monitors' / 'index.html'}")
    click.echo(f"Pictures of every image and spectrum: {home / 'previews'}")
    is_installed = not (PROJECT / "Makefile").is_file()
    dev = "dagster dev -m hstql_assets.definitions"
    dev = f"DAGSTER_HOME={dagster_home()} {dev}" if is_installed else "make dev"
    site = "hstql web" if is_installed else "make web (hstql web)"
    click.echo(f"The site: {site}, then open http://127.0.0.1:8000")
    click.echo(f"User interface: {dev}, then open http://127.0.0.1:3000")


def _show_lightcurves(database: Database) -> None:
    """Write what was made, by target and detector."""
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
    show_table(
        "Lightcurves",
        ("target", "detector", "lightcurves", "exposure (s)", "gross (counts)", "Poisson factor"),
        [
            (target, detector, number, f"{exposure_s:.1f}", int(gross), f"{float(factor):.2f}")
            for target, detector, number, exposure_s, gross, factor in database.read(statement)
        ],
    )


def _show_periods(database: Database) -> None:
    """Write the period of each sinusoidal exposure of the simulation, and what was recovered."""
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
    for rootname, target, truth_path, *recovered in database.read(statement):
        truth = _read_truth(truth_path)["variability"]
        if truth["kind"] == "sinusoidal":
            rows.append((rootname, target, *map(_show_seconds, (truth["period_s"], *recovered))))
    show_table("Periods", ("exposure", "target", "put in (s)", "recovered (s)", "error (s)"), rows)


def _show_composites(database: Database) -> None:
    """Write each composite with the period that was found in it."""
    composite, statistics = tables.Composite, tables.Statistics
    measured = statistics.__table__.c
    statement = (
        select(composite, measured.best_period_s, measured.is_periodic, measured.deliver)
        .join(statistics, statistics.filename == composite.filename)
        .order_by(composite.target, composite.filename)
    )
    show_table(
        "Composites",
        ("target", "configuration", "exposures", "period (s)", "deliver"),
        [
            (
                row.target,
                f"{row.instrument}/{row.detector} {row.opt_elem} {row.cenwave} {row.aperture}",
                row.exposures,
                _show_seconds(row.best_period_s if row.is_periodic else None),
                "yes" if row.deliver else "no",
            )
            for row in database.read(statement)
        ],
    )


def _show_darks(database: Database) -> None:
    """Write the dark current that was measured, a mean over amplifiers, beside what was put in."""
    file, observation, image = tables.File, tables.Observation, tables.ImageStatistics
    statement = (
        select(
            image.rootname,
            observation.instrument + "/" + observation.detector,
            observation.date_obs,
            file.path,
            func.avg(image.dark_current),
            func.sqrt(func.sum(func.power(image.dark_current_error, 2))) / func.count(),
        )
        .join(observation, observation.rootname == image.rootname)
        .join(file, file.rootname == image.rootname)
        .where(file.filetype == "truth", image.dark_current.is_not(None))
        .group_by(image.filename, image.rootname, observation.rootname, file.path)
        .order_by(image.rootname)
    )
    rows = []
    for *exposure, truth_path, measured, error in database.read(statement):
        rates = (_read_truth(truth_path)["dark_rate_e_per_s"], measured, error)
        rows.append((*exposure, *(f"{3600 * rate:.2f}" for rate in rates)))
    show_table(
        "Darks",
        ("exposure", "detector", "date", "put in (e-/h)", "measured (e-/h)", "error (e-/h)"),
        rows,
    )


def _show_monitors(database: Database) -> None:
    """Write what each monitor says, alarms first."""
    # Knows how pages are made, and takes Bokeh along.
    from hstql_assets.monitors.framework.stored_states import read_states

    show_table(
        "Monitors",
        ("monitor", "state", "what it says"),
        [(row["monitor"], row["state"], row["summary"]) for row in read_states(database)],
    )


def _read_truth(path: str) -> Any:
    """Return what the simulation says that it put into an exposure."""
    return json.loads(Path(path).read_text())


def _show_seconds(time_s: float | None) -> str | None:
    return None if time_s is None else f"{time_s:.3f}"
