"""Write tables, failures and answers on the command line. What they say comes from elsewhere."""

import csv
import json
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_assets.orchestration.run_reports import Failure, Remark, Report
from hstql_resources.archive import FolderSummary
from hstql_resources.archive.folder_contents import OTHER_TYPE, Told

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


def show_folder(found: FolderSummary) -> int:
    """Write what a folder of files was taken for; return the exit status, 1 if it has none."""
    click.echo(f"{found.folder}: {found.files} files of {found.rootnames} observations were taken.")
    if found.of_other_types:
        click.echo(f"  Listed as other: {_tell(OTHER_TYPE, found.of_other_types)}")
    for reason, told in found.left_aside.items():
        click.echo(f"  Left aside: {_tell(reason, told)}")
    if not found.left_aside:
        click.echo("  Nothing was left aside.")
    if found.is_recognised:
        return 0
    click.echo(
        f"Error: Nothing in {found.folder} is recognised as data of {', '.join(INSTRUMENTS)}: "
        "files are known by names such as ld9m10ujq_x1d.fits.",
        err=True,
    )
    return 1


def _tell(reason: str, told: Told) -> str:
    example = "".join(letter if letter.isprintable() else "?" for letter in told.example)
    return f"{reason}, {told.number}{', such as' if told.number > 1 else ':'} {example}"


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
