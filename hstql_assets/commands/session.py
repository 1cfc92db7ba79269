"""Open one call of the command, show how it goes on, and end it with an exit status.

What all commands share belongs here; what each of them does is in `main_commands` and its like.
"""

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec, TextIO

import click
from tqdm import tqdm

from hstql_assets.orchestration.graph import Graph, open_graph
from hstql_assets.orchestration.planning import PlanError, Step
from hstql_resources.archive import ArchiveError, Fetched
from hstql_resources.clients import Clients, open_clients
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.postgres.read_only_query import QueryError
from hstql_resources.settings import Settings, SettingsError, dagster_home, load_settings

LINES = 5  # how many plain lines a piece of work gets

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
def open_session(command: str) -> Iterator[tuple[Graph, Clients, "Steps"]]:
    """Open the graph and the clients of a command."""
    settings = prepare()
    steps = Steps()
    with open_clients(
        settings, command, steps.add, Transfer().add, steps.add_calibrated
    ) as clients:
        graph = open_graph()
        graph.fail_dead_runs()
        try:
            yield graph, clients, steps
        except WRONG_USAGE:
            clients.log.exit_status = 2
            raise
        steps.close()


def prepare() -> Settings:
    """Read the settings, and tell Dagster where its home is."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    return load_settings()


def confirm(question: str, yes: bool, refusal: str) -> None:
    """Ask, unless `yes` says that it is wanted; raise PlanError with the refusal if it is not."""
    if not yes and not click.confirm(question):
        raise PlanError(refusal)


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


class Transfer:
    """Counts files that come over the net, and shows how many and how fast.

    Parameters
    ----------
    stream : file, optional
        Where to show it; standard error if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: tqdm | None = None
        self._begun = 0.0
        self._done = self._faults = self._size_bytes = 0

    def add(self, fetched: Fetched, total: int) -> None:
        """Count one file of so many."""
        if self._done == 0:
            self._begin(total)
        self._done += 1
        self._faults += fetched.fault is not None
        self._size_bytes += fetched.size_bytes
        if self._bar is not None:
            self._bar.set_postfix_str(self._summary(), refresh=False)
            self._bar.update()
        if self._done == total:
            self._end(total)

    def _begin(self, total: int) -> None:
        self._begun = time.monotonic()
        self._faults = self._size_bytes = 0
        if self._stream.isatty():
            self._bar = tqdm(
                total=total, desc="  from the archive", unit="file", file=self._stream, leave=False
            )

    def _end(self, total: int) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._stream.write(f"  from the archive: {total} files, {self._summary()}\n")
        self._stream.flush()
        self._done = 0

    def _summary(self) -> str:
        seconds = max(time.monotonic() - self._begun, 1e-3)
        size_mb = self._size_bytes / 1e6
        lost = f", {self._faults} not to be had" if self._faults else ""
        return f"{size_mb:.1f} MB, {size_mb / seconds:.1f} MB/s{lost}"


class Progress:
    """Counts decided keys and shows them.

    Parameters
    ----------
    name : str
        What is being made.
    total : int
        How many keys there are.
    stream : file, optional
        Where to show it; standard error if None.
    """

    def __init__(self, name: str, total: int, stream: TextIO | None = None) -> None:
        self._name, self._total, self._stream = name, total, stream or sys.stderr
        self._statuses: Counter[str] = Counter()
        self._bar = (
            tqdm(total=total, desc=name, unit="key", file=self._stream)
            if self._stream.isatty()
            else None
        )

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()

    def add(self, status: str) -> int:
        """Count one key; return how many are decided."""
        self._statuses[status] += 1
        done = self._statuses.total()
        if self._bar is not None:
            self._bar.set_postfix_str(self._summary(), refresh=False)
            self._bar.update()
        elif done == self._total or done * LINES // self._total > (done - 1) * LINES // self._total:
            self._stream.write(f"{self._name}: {done} of {self._total} ({self._summary()})\n")
            self._stream.flush()
        return done

    def _summary(self) -> str:
        return ", ".join(f"{number} {status}" for status, number in self._statuses.items())
