"""Answer `hstql export`: a table, a query or all lightcurves as a file for other programs."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from hstql_assets.commands.output_files import require_free, write_whole
from hstql_assets.commands.query import read_statement
from hstql_assets.commands.session import guard, open_records
from hstql_assets.lightcurves.dataset import write_dataset
from hstql_assets.lightcurves.listing import describe_curves, list_curves
from hstql_assets.orchestration.planning import PlanError
from hstql_resources.table_files.columns import Column
from hstql_resources.table_files.fits_rows import write_fits
from hstql_resources.table_files.parquet import write_parquet
from hstql_resources.table_files.texts import to_csv
from hstql_resources.table_files.votables import write_votable

ROWS_AT_ONCE = 20_000
Batches = Iterable[Sequence[Sequence[Any]]]


@guard
def export(
    table: str | None, sql: str | None, lightcurves: bool, output: Path, form: str | None,
    force: bool,
) -> int:  # fmt: skip
    """Write what was asked for; return the exit status."""
    if sum((table is not None, sql is not None, lightcurves)) != 1:
        raise click.UsageError("Give one of them: a TABLE, --query SQL, or --lightcurves.")
    try:
        require_free(output, force and not lightcurves)
    except ValueError as error:
        raise PlanError(str(error)) from None
    if lightcurves:
        return _export_lightcurves(output)
    write = WRITERS[form or _find_form(output)]
    statement = f"TABLE {quote(table)}" if table else read_statement(sql, None)
    with (
        open_records("export") as records,
        records.database.stream_read_only(statement, ROWS_AT_ONCE) as (columns, batches),
        write_whole(output) as path,
    ):
        number = write(path, columns, batches)
    click.echo(f"{output}: {number:,} rows, {len(columns)} columns.")
    return 0


def quote(table: str) -> str:
    """Return the name of a table, with its schema or without, as SQL has it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def _export_lightcurves(folder: Path) -> int:
    with open_records("export") as records, write_whole(folder) as path:
        path.mkdir()
        summary = write_dataset(describe_curves(), list_curves(records.database), path)
    click.echo(
        f"{folder}: {summary.rows:,} bins of {summary.curves:,} lightcurves, "
        f"{summary.files:,} files."
    )
    for sentence in (*summary.remarks, *(f"Left out: {one}" for one in summary.unread)):
        click.echo(f"Remark: {sentence}", err=True)
    return 1 if summary.unread else 0


def _find_form(path: Path) -> str:
    try:
        return FORM_OF[path.suffix.lower()]
    except KeyError:
        raise PlanError(
            f"{path.name} does not tell the format: end it in {', '.join(FORM_OF)}, or give "
            "--format."
        ) from None


def _write_csv(path: Path, columns: Sequence[Column], batches: Batches) -> int:
    counting = _Counting(batches)
    with path.open("w", encoding="utf-8", newline="") as file:
        names = [column.name for column in columns]
        file.writelines(f"{line}\n" for line in to_csv(names, counting.rows()))
    return counting.number


def _write_votable(path: Path, columns: Sequence[Column], batches: Batches) -> int:
    counting = _Counting(batches)
    with path.open("wb") as file:
        file.writelines(write_votable(columns, counting.rows()))
    return counting.number


class _Counting:
    """Rows of batches, counted as they pass."""

    def __init__(self, batches: Batches) -> None:
        self._batches, self.number = batches, 0

    def rows(self) -> Iterable[Sequence[Any]]:
        for batch in self._batches:
            self.number += len(batch)
            yield from batch


WRITERS: dict[str, Callable[[Path, Sequence[Column], Batches], int]] = {
    "parquet": write_parquet, "votable": _write_votable, "fits": write_fits, "csv": _write_csv,
}  # fmt: skip
FORM_OF = {
    ".parquet": "parquet", ".vot": "votable", ".xml": "votable", ".votable": "votable",
    ".fits": "fits", ".csv": "csv",
}  # fmt: skip
