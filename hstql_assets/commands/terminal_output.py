"""Write tables, failures and answers on the command line. What they say comes from elsewhere."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich import box
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.console import Console
from rich.table import Table

from hstql_assets.batching.key_forms import name_key
from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_resources.archive import FolderSummary
from hstql_resources.archive.folder_contents import OTHER_TYPE, Told
from hstql_resources.table_files.texts import list_objects, render, to_csv, to_json

if TYPE_CHECKING:  # it takes the tables and astropy along
    from hstql_assets.orchestration.run_reports import Failure, Remark, Report

DECISION = ("asset", "key", "status", "reason", "remarks")
SHOWN_FAILURES = 50
SHOWN_REMARKS = 20
UNBOUNDED_CELLS = 160  # of what is no terminal
READABLE_CELLS = 12  # of a column; a longer value goes on in the next line
LEAST_CELLS = 12  # of a terminal


class Sheet(NamedTuple):
    """A table of an answer."""

    name: str  # in JSON
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_sheets(sheets: Sequence[Sheet], form: str) -> None:
    """Write tables of one answer; as CSV the first, which is the answer in short.

    As JSON one of them is a list of its rows, and several are an object of such lists.
    """
    if form == "csv":
        for line in to_csv(sheets[0].columns, sheets[0].rows):
            click.echo(line)
    elif form == "json":
        lists = [f"{to_json(one.name)}: {_list_rows(one)}" for one in sheets]
        click.echo(f"{{{', '.join(lists)}}}" if len(sheets) > 1 else _list_rows(sheets[0]))
    else:
        for sheet in sheets:
            show_table(sheet.title, sheet.columns, sheet.rows)


def _list_rows(sheet: Sheet) -> str:
    """Return JSON with a line for each row."""
    rows = ",\n ".join(map(to_json, list_objects(sheet.columns, sheet.rows)))
    return f"[{rows}]"


def write_answer(columns: Sequence[str], rows: Sequence[Sequence[Any]], form: str) -> None:
    """Write the answer to a query."""
    title = f"{len(rows)} row{'s' if len(rows) != 1 else ''}"
    write_sheets([Sheet("rows", title, columns, rows)], form)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table to standard output; numbers stand right.

    Where it is too narrow for that, each row becomes a block with a value on each line.
    """
    console = _open_console()
    texts = [[_make_inert(render(value)) for value in row] for row in rows]
    if rows and _least_width(columns, texts) > console.width:
        _show_blocks(title, columns, texts, max(console.width, LEAST_CELLS))
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for index, column in enumerate(columns):
        is_number = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for text in texts:
        table.add_row(*text)
    console.print(table)


def _open_console() -> Console:
    """Return a terminal as wide as it is, and anything else as wide as COLUMNS says."""
    console = Console(file=sys.stdout, markup=False, highlight=False)
    if not console.is_terminal:
        width = os.environ.get("COLUMNS", "")
        console.width = int(width) if width.isdecimal() and int(width) else UNBOUNDED_CELLS
    return console


def _make_inert(text: str) -> str:
    """Return a text in which what a terminal would obey is spelt out."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1] for letter in text
    )


def _least_width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Return how wide a table has to be, with columns in which words can be read."""
    widths = (max(_count_cells(row[index]) for row in (columns, *rows))
              for index in range(len(columns)))  # fmt: skip
    return sum(min(width, READABLE_CELLS) + 3 for width in widths) + 1


def _count_cells(text: str) -> int:
    return max(map(cell_len, text.split("\n")))


def _show_blocks(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> None:
    label = min(max(map(cell_len, columns)), (width - 3) // 2)
    click.echo(title)
    for number, row in enumerate(rows, 1):
        click.echo(f"-[ {number} ]".ljust(width, "-"))
        for column, value in zip(columns, row, strict=True):
            values = [part for line in value.split("\n")
                      for part in _chop(line, width - label - 3)]  # fmt: skip
            for name, part in zip_longest(_chop(column, label), values, fillvalue=""):
                click.echo(f"{set_cell_size(name, label)} | {part}".rstrip())
    click.echo()


def _chop(text: str, cells: int) -> list[str]:
    return chop_cells(text, cells) or [""]


def show_failures(failures: Sequence["Failure"], log: object) -> None:
    """Name the keys that were not made, each with its reason."""
    for failure in failures[:SHOWN_FAILURES]:
        name = name_key(failure.key)
        click.echo(f"{name} {failure.asset} {failure.status}: {failure.reason}", err=True)
    if len(failures) > SHOWN_FAILURES:
        click.echo(
            f"... and {len(failures) - SHOWN_FAILURES} more; the table outcomes has them all.",
            err=True,
        )
    if failures:
        click.echo(f"The log is {log}.", err=True)


def show_remarks(remarks: Sequence["Remark"]) -> None:
    """Name the keys that were made with something left out, and what."""
    for remark in remarks[:SHOWN_REMARKS]:
        click.echo(f"{remark.key} {remark.asset}: {remark.text}", err=True)
    if len(remarks) > SHOWN_REMARKS:
        click.echo(
            f"... and {len(remarks) - SHOWN_REMARKS} more remarks; the table outcomes has all.",
            err=True,
        )


def show_report(report: "Report", log: object, form: str = "table") -> int:
    """Write what a materialization did; return the exit status.

    As data each key of each asset has a row.
    """
    show_remarks(report.remarks)
    show_failures(report.failures, log)
    if report.error is not None:
        click.echo(f"Error: {report.error}", err=True)
    if report.bad_files:
        click.echo(f"Bad files: {report.bad_files}; the table bad_data says why.", err=True)
    counts = ", ".join(f"{number} {status}" for status, number in sorted(report.counts.items()))
    has_failed = bool(report.failures) or report.error is not None
    if form != "table":
        write_sheets([Sheet("keys", "", DECISION, report.decided)], form)
    elif counts or not has_failed:
        click.echo(counts or "Everything is up to date.")
    return 1 if has_failed else 0


def show_folder(found: FolderSummary, form: str) -> int:
    """Write what a folder of files was taken for; return the exit status, 1 if it has none.

    Where the answer is data, it is a remark beside it.
    """
    say = partial(click.echo, err=form != "table")
    say(f"{found.folder}: {found.files} files of {found.rootnames} observations were taken.")
    if found.of_other_types:
        say(f"  Listed as other: {_tell(OTHER_TYPE, found.of_other_types)}")
    for reason, told in found.left_aside.items():
        say(f"  Left aside: {_tell(reason, told)}")
    if not found.left_aside:
        say("  Nothing was left aside.")
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


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value.replace(".", "", 1).replace(",", "").isdigit()
    return isinstance(value, int | float)
