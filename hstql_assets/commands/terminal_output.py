"""Write tables, failures and answers on the command line. What they say comes from elsewhere."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from hstql_assets.commands import demo, status
from hstql_assets.orchestration.run_reports import Failure, Remark, Report
from hstql_resources.postgres.database import Database

SHOWN_FAILURES = 50
SHOWN_REMARKS = 20


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table to standard output; numbers stand right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console(file=sys.stdout, markup=False, highlight=False)
    if not console.is_terminal:
        console = Console(file=sys.stdout, markup=False, highlight=False, width=160)
    console.print(table)


def show_failures(failures: Sequence[Failure], log: object) -> None:
    """Name the keys that were not made, each with its reason."""
    for failure in failures[:SHOWN_FAILURES]:
        click.echo(f"{failure.key} {failure.asset} {failure.status}: {failure.reason}", err=True)
    if len(failures) > SHOWN_FAILURES:
        click.echo(
            f"... and {len(failures) - SHOWN_FAILURES} more; the table outcomes has them all.",
            err=True,
        )
    if failures:
        click.echo(f"The log is {log}.", err=True)


def show_remarks(remarks: Sequence[Remark]) -> None:
    """Name the keys that were made with something left out, and what."""
    for remark in remarks[:SHOWN_REMARKS]:
        click.echo(f"{remark.key} {remark.asset}: {remark.text}", err=True)
    if len(remarks) > SHOWN_REMARKS:
        click.echo(
            f"... and {len(remarks) - SHOWN_REMARKS} more remarks; the table outcomes has all.",
            err=True,
        )


def show_report(report: Report, log: object) -> int:
    """Write what a materialization did; return the exit status."""
    show_remarks(report.remarks)
    show_failures(report.failures, log)
    if report.error is not None:
        click.echo(f"Error: {report.error}", err=True)
    if report.bad_files:
        click.echo(f"Bad files: {report.bad_files}; the table bad_data says why.", err=True)
    counts = ", ".join(f"{number} {status}" for status, number in sorted(report.counts.items()))
    if counts or report.error is None:
        click.echo(counts or "Everything is up to date.")
    return 1 if report.failures or report.error is not None else 0


def show_counts(database: Database, registered: Mapping[str, int]) -> None:
    """Write how many keys of each asset are decided, and how."""
    show_table(
        "Keys per asset",
        ("asset", "registered", "made", "none", "bad", "missing", "not made yet", "with remarks"),
        status.tabulate_counts(status.count_outcomes(database), registered),
    )


def show_last_remarks(database: Database) -> None:
    """Write the last remarks on what was made; nothing if there are none."""
    remarks = status.read_remarks(database)
    if remarks:
        show_table(
            "Last remarks (hstql explain KEY tells more)", ("key", "asset", "remarks"), remarks
        )


def show_bad_data(database: Database) -> None:
    """Write how many files are bad, by reason; nothing if none is."""
    bad = status.count_bad_data(database)
    if bad:
        show_table("Bad files", ("reason", "files"), list(bad.items()))


def show_disk(home: Path) -> None:
    """Write what lies in each folder of `HSTQL_HOME`."""
    show_table(
        f"Disk: {home}, {status.free_bytes(home) / 1e9:.1f} GB free",
        ("folder", "files", "MB"),
        [
            (row.folder, row.files, f"{row.size_bytes / 1e6:.1f}")
            for row in status.measure_disk(home)
        ],
    )


def show_runs(database: Database) -> None:
    """Write the last commands and runs, with their logs."""
    show_table(
        "Last commands and runs",
        ("started (UTC)", "seconds", "exit status", "log"),
        [
            (
                f"{run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                None if run.duration_s is None else f"{run.duration_s:.1f}",
                run.exit_status,
                Path(run.log).name,
            )
            for run in status.read_runs(database)
        ],
    )


def show_products(database: Database) -> None:
    """Write what the demo made, and the periods that it recovered."""
    show_table(
        "Lightcurves",
        ("target", "detector", "lightcurves", "exposure (s)", "gross (counts)", "Poisson factor"),
        [
            (
                row.target,
                row.detector,
                row.lightcurves,
                f"{row.exposure_s:.1f}",
                row.gross_counts,
                f"{row.poisson_factor:.2f}",
            )
            for row in demo.read_targets(database)
        ],
    )
    show_table(
        "Periods",
        ("exposure", "target", "put in (s)", "recovered (s)", "error (s)"),
        [
            (
                row.rootname,
                row.target,
                f"{row.injected_s:.3f}",
                None if row.recovered_s is None else f"{row.recovered_s:.3f}",
                None if row.error_s is None else f"{row.error_s:.3f}",
            )
            for row in demo.read_periods(database)
        ],
    )
    show_table(
        "Composites",
        ("target", "configuration", "exposures", "period (s)", "deliver"),
        [
            (
                row.target,
                row.configuration,
                row.exposures,
                None if row.period_s is None else f"{row.period_s:.3f}",
                "yes" if row.is_delivered else "no",
            )
            for row in demo.read_composites(database)
        ],
    )


def show_darks(database: Database) -> None:
    """Write the dark current that the demo measured, beside what was put in."""
    show_table(
        "Darks",
        ("exposure", "detector", "date", "put in (e-/h)", "measured (e-/h)", "error (e-/h)"),
        [
            (
                row.rootname,
                row.detector,
                row.date,
                *(f"{3600 * value:.2f}" for value in (row.injected, row.measured, row.error)),
            )
            for row in demo.read_darks(database)
        ],
    )


def show_monitors(database: Database) -> None:
    """Write what each monitor says, alarms first."""
    # Knows how pages are made, and takes Bokeh along.
    from hstql_assets.monitors.framework.stored_states import read_states

    show_table(
        "Monitors",
        ("monitor", "state", "what it says"),
        [(row["monitor"], row["state"], row["summary"]) for row in read_states(database)],
    )


def show_plots(home: Path) -> None:
    """Name the pages that all others are linked from, and say how to see the rest."""
    click.echo(f"Plots: {home / 'plots' / 'index.html'}")
    click.echo(f"Monitors: {home / 'plots' / 'monitors' / 'index.html'}")
    click.echo(f"Pictures of every image and spectrum: {home / 'previews'}")
    click.echo("User interface: make dev, then open http://127.0.0.1:3000")


def write_answer(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> None:
    """Write the answer to a query as a table, CSV or JSON."""
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif form == "json":
        click.echo(
            json.dumps(
                [dict(zip(columns, row, strict=True)) for row in rows], default=str, indent=1
            )
        )
    else:
        show_table(f"{len(rows)} row{'s' if len(rows) != 1 else ''}", columns, rows)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).replace(",", "").isdigit()
    return isinstance(value, int | float)
