"""Answer `hstql query`: one question in SQL."""

from pathlib import Path

import click

from hstql_assets.commands.session import guard, open_records
from hstql_assets.commands.terminal_output import write_answer
from hstql_assets.orchestration.planning import PlanError

LONGEST_STATEMENT = 1_000_000  # bytes


@guard
def query(sql: str | None, file: Path | None, form: str) -> int:
    """Ask the database one question in SQL; nothing can be changed."""
    statement = read_statement(sql, file)
    with open_records("query") as records:
        answer = records.database.query_read_only(statement)
    write_answer(answer.columns, answer.rows, form)
    return 0


def read_statement(sql: str | None, file: Path | None) -> str:
    """Return what is asked: the argument itself, a file, or standard input.

    Parameters
    ----------
    sql : str or None
        The statement; - for standard input.
    file : Path or None
        The file that has it.

    Raises
    ------
    PlanError
        If it cannot be read as text.
    """
    if (sql is None) == (file is None):
        raise click.UsageError("Give one statement: SQL, or --file FILE, or - for standard input.")
    if sql is not None and sql != "-":
        return sql
    name = "Standard input" if file in (None, Path("-")) else str(file)
    try:
        with click.open_file("-" if file is None else str(file), "rb") as stream:
            content: bytes = stream.read(LONGEST_STATEMENT + 1)
        if len(content) > LONGEST_STATEMENT or b"\0" in content:
            raise PlanError(f"{name} is no statement: it has more than a megabyte, or a NUL in it.")
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"{name} cannot be read: {error}.") from None
