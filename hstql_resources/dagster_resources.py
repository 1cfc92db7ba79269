"""Hand the clients of a run to Dagster as resources; parts of them to a sensor."""

import contextlib
from collections.abc import Iterator

import dagster as dg

from hstql_resources.archive import Archive, open_archive
from hstql_resources.clients import Clients, open_clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.address import database_url
from hstql_resources.postgres.database import Database, DatabaseError
from hstql_resources.postgres.faults import describe_fault
from hstql_resources.postgres.home import settle
from hstql_resources.processes import PROCESS_TAG, process_name
from hstql_resources.run_tags import LOG_TAG
from hstql_resources.settings import SettingsError, load_settings


@dg.resource(description="Archive, files, database and workers, as the settings say.")
def clients(context: dg.InitResourceContext) -> Iterator[Clients]:
    """Open the clients for one run; a setting that cannot work fails it with one sentence."""
    with contextlib.ExitStack() as stack:
        with _failing_in_one_sentence():
            clients = stack.enter_context(open_clients(load_settings(), _name_run(context.run)))
        if context.run is not None and context.instance is not None:
            tags = {PROCESS_TAG: process_name(), LOG_TAG: clients.log.run_id}
            context.instance.add_run_tags(context.run.run_id, tags)
        yield clients


@dg.resource(description="The archive of the settings, without anything else that a run needs.")
def archive(_context: dg.InitResourceContext) -> Archive:
    """Open the archive for one tick of a sensor."""
    with _failing_in_one_sentence():
        return open_archive(load_settings())


@dg.resource(description="The tables of hstql, without anything else that a run needs.")
def database(_context: dg.InitResourceContext) -> Iterator[Database]:
    """Open the database for one tick of a sensor."""
    with contextlib.ExitStack() as stack:
        with _failing_in_one_sentence():
            settings = load_settings()
            opened = Database(database_url(settings))
            stack.callback(opened.dispose)
            opened.migrate()
            settle(opened, Filesystem.from_settings(settings), settings)
        yield opened


@dg.resource(description="Where the files of hstql lie.")
def filesystem(_context: dg.InitResourceContext) -> Filesystem:
    """Return the file system of the settings."""
    with _failing_in_one_sentence():
        return Filesystem.from_settings(load_settings())


@contextlib.contextmanager
def _failing_in_one_sentence() -> Iterator[None]:
    """Fail a run or tick by saying which setting cannot work, or what stood in the way."""
    try:
        yield
    except SettingsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    except (OSError, DatabaseError) as error:
        raise dg.Failure(describe_fault(error)) from error


def _name_run(run: dg.DagsterRun | None) -> str:
    """Return a word for the log: the job, or the asset of a run that has no job of its own."""
    if run is None:
        return "run"
    if not run.job_name.startswith("__") or not run.asset_selection:
        return run.job_name.strip("_")
    names = sorted("_".join(key.path) for key in run.asset_selection)
    return names[0] if len(names) == 1 else f"{names[0]}_and_{len(names) - 1}_more"
