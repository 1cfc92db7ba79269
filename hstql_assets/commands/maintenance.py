"""Answer the commands that start and stop the database, and that remove what was made."""

import contextlib
from collections.abc import Iterator

import click
from sqlalchemy import URL

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.commands.session import confirm, guard, open_session
from hstql_assets.orchestration.reset import (
    Removal,
    carry_out,
    plan_database_reset,
    plan_files_reset,
)
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.address import database_url, render_address
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.event_pruning import prune
from hstql_resources.postgres.home import settle
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_programs import remove_unused_copies
from hstql_resources.run_log import open_run_log
from hstql_resources.settings import Settings, SettingsError, load_settings


@guard
def reset_database(table: str | None, yes: bool) -> int:
    """Empty all tables and forget all keys, or empty one table."""
    removal = plan_database_reset(table, _list_nodes())
    _carry_out("reset_database", removal, yes)
    click.echo(f"Done. {removal.then}" if removal.then else f"{table} is empty.")
    return 0


@guard
def reset_files(products: bool, yes: bool) -> int:
    """Remove all files, products and plots under HSTQL_HOME; an archive is never touched."""
    removal = plan_files_reset(_list_nodes(), products_only=products)
    _carry_out("reset_files", removal, yes)
    click.echo(f"Done. {removal.then}")
    return 0


def _list_nodes() -> list[AssetNode]:
    # With all that the assets need. The commands of the database do not wait for it.
    from hstql_assets.orchestration.asset_list import list_nodes

    return list_nodes()


def _carry_out(command: str, removal: Removal, yes: bool) -> None:
    confirm(removal.describe(load_settings().home), yes, "Nothing was removed.")
    with open_session(command) as (graph, clients, _):
        carry_out(removal, graph, clients)


@guard
def prune_events(days: float | None, is_dry: bool, is_full: bool) -> int:
    """Delete events that nobody needs, or say which would go."""
    with open_session("prune") as (_, clients, _steps):
        keep_days = clients.settings.prune_after_days if days is None else days
        pruned = prune(clients.settings, keep_days, is_dry=is_dry, is_full=is_full)
    click.echo(f"Of runs that ended {keep_days:g} days ago or earlier{', would go' * is_dry}:")
    for what, number in pruned.rows.items():
        click.echo(f"{number:12,} {what}")
    before, after = (f"{size / 1e6:,.1f} MB" for size in (pruned.size_before, pruned.size_after))
    click.echo(f"The events have {before}." if is_dry else f"{before} before, {after} now; "
               "what is free within is used again.")  # fmt: skip
    return 0


@guard
def up() -> int:
    """Start the embedded server if it does not run."""
    with _log("database_up") as settings:
        click.echo(f"Running: {render_address(_open(settings), hide_password=True)}")
    return 0


@guard
def down() -> int:
    """Stop the embedded server."""
    with _log("database_down") as settings:
        if settings.database_url is not None:
            raise SettingsError("HSTQL_DATABASE_URL names a server that hstql does not run.")
        EmbeddedPostgres(settings.home).stop()
        remove_unused_copies()
    click.echo("Stopped.")
    return 0


@guard
def url(libpq: bool) -> int:
    """Print the address of the database, starting the embedded server if needed."""
    with _log("database_url") as settings:
        found = _open(settings)
        shown = render_address(found, hide_password=True) if libpq else str(found)
        click.echo(shown)
    return 0


@contextlib.contextmanager
def _log(command: str) -> Iterator[Settings]:
    """Open only the log: the database is what these commands are about."""
    settings = load_settings()
    with open_run_log(settings, Filesystem.from_settings(settings), None, command):
        yield settings


def _open(settings: Settings) -> URL:
    """Return the address of the database, in which paths hold for whoever goes there by it."""
    address = database_url(settings)
    database = Database(address)
    # It may have no tables yet, or those of another hstql: then there is nothing to follow.
    with contextlib.suppress(DatabaseError):
        settle(database, Filesystem.from_settings(settings), settings)
    database.dispose()
    return address
