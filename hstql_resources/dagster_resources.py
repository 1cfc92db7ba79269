"""The Dagster resource of the graph: a workbench that opens with a run and closes with it."""

import contextlib
from collections.abc import Iterator

import dagster as dg

from hstql_resources.settings import SettingsError, load_settings
from hstql_resources.workbench import Workbench, open_workbench


@dg.resource(description="Archive, files, database and workers, as the settings say.")
def workbench(context: dg.InitResourceContext) -> Iterator[Workbench]:
    """Open the workbench for one run; a setting that cannot work fails it with one sentence."""
    command = context.run.job_name.strip("_") if context.run is not None else "run"
    with contextlib.ExitStack() as stack:
        try:
            bench = stack.enter_context(open_workbench(load_settings(), command))
        except SettingsError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        yield bench
