"""The commands that start and stop the database, and that remove what was made."""

import contextlib
import shutil
from collections.abc import Iterator

import click
from sqlalchemy import delete

from hstql_assets.planning import PlanError
from hstql_assets.session import guard, open_session
from hstql_resources import tables
from hstql_resources.database_address import database_url
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres import EmbeddedPostgres
from hstql_resources.run_log import open_run_log
from hstql_resources.settings import Settings, SettingsError, load_settings

RESET_FOLDERS = ("files", "products", "plots", "previews", "scratch")
# What has to be made again, with all that follows from it, when a table was emptied.
MADE_BY = {
    "observations": ("header_tables",),
    "files": ("raw_files", "calibrated_files"),
    "lightcurves": ("lightcurves",),
    "statistics": ("lightcurve_statistics",),
}


@click.group()
def reset() -> None:
    """Remove what hstql has made. Asks first; --yes does not."""


@reset.command(name="database")
@click.argument("table", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@guard
def reset_database(table: str | None, yes: bool) -> int:
    """Empty all tables and forget all keys, or empty one TABLE."""
    known = {name for name in tables.Base.metadata.tables if name != "runs"}
    if table is not None and table not in known:
        raise PlanError(f"There is no table {table!r}. There are {', '.join(sorted(known))}.")
    _confirm(f"Empty {'all tables' if table is None else f'the table {table}'}?", yes)
    with open_session("reset_database") as (graph, bench, _):
        with bench.database.write() as writer:
            for name in [table] if table is not None else sorted(known):
                writer.execute(tables.Base.metadata.tables[name].delete())
            if table in MADE_BY:
                again = graph.find_following(MADE_BY[table])
                writer.execute(delete(tables.Outcome).where(tables.Outcome.asset.in_(again)))
        if table is None:
            graph.forget_all()
    click.echo("Done. 'hstql discover' starts anew." if table is None else f"{table} is empty.")
    return 0


@reset.command(name="files")
@click.option("--yes", is_flag=True, help="Do not ask.")
@guard
def reset_files(yes: bool) -> int:
    """Remove all files, products and plots under HSTQL_HOME; an archive is never touched."""
    home = load_settings().home
    _confirm(f"Remove {', '.join(RESET_FOLDERS)} under {home}?", yes)
    with open_session("reset_files") as (_, bench, _steps):
        with bench.database.write() as writer:
            for model in (tables.File, tables.Lightcurve, tables.Statistics, tables.Outcome):
                writer.execute(delete(model))  # nothing of it is there any more
        for folder in RESET_FOLDERS:
            shutil.rmtree(bench.filesystem.home / folder, ignore_errors=True)
    click.echo("Done. 'hstql materialize' makes everything again.")
    return 0


def _confirm(question: str, yes: bool) -> None:
    if not yes and not click.confirm(question):
        raise PlanError("Nothing was removed.")


@click.group()
def database() -> None:
    """Start, stop or name the database."""


@database.command()
@guard
def up() -> int:
    """Start the embedded server if it does not run."""
    with _log("database_up") as settings:
        click.echo(f"Running: {_server_url(settings)}")
    return 0


@database.command()
@guard
def down() -> int:
    """Stop the embedded server."""
    with _log("database_down") as settings:
        if settings.database_url is not None:
            raise SettingsError("HSTQL_DATABASE_URL names a server that hstql does not run.")
        EmbeddedPostgres(settings.home).stop()
    click.echo("Stopped.")
    return 0


@database.command()
@guard
def url() -> int:
    """Print the address of the database, starting the embedded server if needed."""
    with _log("database_url") as settings:
        click.echo(_server_url(settings))
    return 0


@contextlib.contextmanager
def _log(command: str) -> Iterator[Settings]:
    """Open only the log: the database is what these commands are about."""
    settings = load_settings()
    with open_run_log(settings, Filesystem.from_settings(settings), None, command):
        yield settings


def _server_url(settings: Settings) -> str:
    address = database_url(settings).set(drivername="postgresql")
    return address.render_as_string(hide_password=True)
