"""Open one call of the command, and end it with an exit status.

What all commands share belongs here; what each of them does is in `main_commands` and its like.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec

import click

from hstql_assets.commands.progress import Steps, Transfer, open_terminal
from hstql_assets.orchestration.planning import PlanError
from hstql_resources.instance import has_instance, write_instance
from hstql_resources.postgres.dagster_tables import has_started_runs
from hstql_resources.postgres.faults import BackupError, describe_fault
from hstql_resources.records import Records
from hstql_resources.records import open_records as open_home_records
from hstql_resources.settings import (
    Settings,
    SettingsError,
    dagster_home,
    load_settings,
    name_unknown_settings,
)
from hstql_resources.stopping import before_stop

if TYPE_CHECKING:
    from hstql_assets.orchestration.graph import Graph
    from hstql_resources.clients import Clients

WRONG_USAGE = (SettingsError, PlanError, BackupError)
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
        except Exception as error:
            sentence = describe_fault(error)
            if sentence is None:
                raise
            click.echo(f"Error: {sentence}", err=True)
            exit_status = 1
        raise SystemExit(exit_status)

    return guarded


@contextlib.contextmanager
def open_records(command: str) -> Iterator[Records]:
    """Open what a command needs that only asks what was recorded."""
    settings = prepare()
    with open_home_records(settings, command) as records:
        if has_started_runs(settings):
            from hstql_assets.orchestration.graph import open_graph  # takes Dagster along: 0.5 s

            open_graph().fail_dead_runs()
        try:
            yield records
        except WRONG_USAGE:
            records.log.exit_status = 2
            raise


@contextlib.contextmanager
def open_session(command: str) -> Iterator[tuple["Graph", "Clients", Steps]]:
    """Open the graph and the clients of a command."""
    # Here, for they take Dagster and astropy along: a command that only asks tables needs none.
    from hstql_assets.orchestration.graph import open_graph
    from hstql_resources.clients import open_clients

    settings = prepare()
    with contextlib.ExitStack() as stack:
        terminal = stack.enter_context(open_terminal(sys.stderr))
        steps = Steps(terminal)
        clients = stack.enter_context(
            open_clients(settings, command, steps.add, Transfer(terminal).add, steps.add_calibrated)
        )
        stack.callback(steps.close)
        graph = open_graph(_warn)
        graph.fail_dead_runs()
        try:
            with before_stop(lambda _status: graph.cancel_own_runs()):
                yield graph, clients, steps
        except WRONG_USAGE:
            clients.log.exit_status = 2
            raise


def prepare() -> Settings:
    """Read the settings, and tell Dagster where its home is; make that where there is none."""
    named, folder = os.environ.get("DAGSTER_HOME"), dagster_home()
    settings = load_settings()
    if not has_instance(folder):
        # Takes a while, and is for the first command only.
        from hstql_resources.filesystem import Filesystem

        write_instance(folder, Filesystem.from_settings(settings).write)
    if named and not has_instance(Path(named).expanduser()):
        _warn(f"DAGSTER_HOME {named} has no dagster.yaml: that of {folder} is used.")
    os.environ["DAGSTER_HOME"] = str(folder)
    for sentence in name_unknown_settings():
        _warn(sentence)
    return settings


def _warn(sentence: str) -> None:
    click.echo(f"Warning: {sentence}", err=True)


def confirm(question: str, yes: bool, refusal: str) -> None:
    """Ask, unless `yes` says that it is wanted; raise PlanError with the refusal if it is not."""
    if not yes and not click.confirm(question):
        raise PlanError(refusal)
