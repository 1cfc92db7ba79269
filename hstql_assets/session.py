"""One call of the command: opened, shown on the way, and ended with an exit status.

What all commands share belongs here; what each of them does is in `commands` and `upkeep`.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

import click

from hstql_assets.automation import Graph, open_graph
from hstql_assets.planning import PlanError, Step
from hstql_assets.progress import Progress, Transfer
from hstql_resources.archive import ArchiveError
from hstql_resources.database import DatabaseError
from hstql_resources.read_only_query import QueryError
from hstql_resources.settings import Settings, SettingsError, dagster_home, load_settings
from hstql_resources.workbench import Workbench, open_workbench

WRONG_USAGE = (SettingsError, PlanError)
BROKEN = (ArchiveError, DatabaseError, QueryError)
Params = ParamSpec("Params")


def guard(function: Callable[Params, int | None]) -> Callable[Params, None]:
    """Turn what a command returns or raises into an exit status and one sentence."""

    @wraps(function)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> None:
        try:
            exit_status = function(*args, **kwargs) or 0
        except WRONG_USAGE as error:
            click.echo(f"Error: {error}", err=True)
            exit_status = 2
        except BROKEN as error:
            click.echo(f"Error: {error}", err=True)
            exit_status = 1
        raise SystemExit(exit_status)

    return guarded


@contextlib.contextmanager
def open_session(command: str) -> Iterator[tuple[Graph, Workbench, "Steps"]]:
    """Open the graph and the workbench of a command."""
    settings = prepare()
    steps = Steps()
    with open_workbench(
        settings, command, steps.add, Transfer().add, steps.add_calibrated
    ) as bench:
        graph = open_graph()
        graph.bury_dead_runs()
        try:
            yield graph, bench, steps
        except WRONG_USAGE:
            bench.log.exit_status = 2
            raise
        steps.close()


def prepare() -> Settings:
    """Read the settings, and tell Dagster where its home is."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    return load_settings()


class Steps:
    """The progress of one step after the other."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._runs: Progress | None = None

    def begin(self, step: Step) -> None:
        """Begin the next step of a plan."""
        self.close()
        self._progress = Progress(", ".join(step.assets), len(step.keys) * len(step.assets))

    def add(self, _asset: str, outcome_status: str) -> None:
        """Count one decided key."""
        if self._progress is not None:
            self._progress.add(outcome_status)

    def add_calibrated(self, status: str, total: int) -> None:
        """Count one run of a calibration pipeline of so many."""
        if self._runs is None:
            self._runs = Progress("  calibrated here", total)
        if self._runs.add(status) == total:
            self._runs.close()
            self._runs = None

    def close(self) -> None:
        """End the step."""
        if self._progress is not None:
            self._progress.close()
            self._progress = None
