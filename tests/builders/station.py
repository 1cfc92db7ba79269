"""hstql as users run it, with a home of its own: in this process, or in processes of their own."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from builders.commands import call
from builders.places import PROJECT, make_home_folder
from builders.prepared import copy_home
from builders.workers import warm_workers
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import SUPERUSER

BIN = Path(sys.executable).parent
SETTINGS = ("HSTQL_", "DAGSTER_", "MAST_API_TOKEN")
FEWEST = {"HSTQL_SIMULATED_RAW": "0", "HSTQL_SIMULATED_EPOCHS": "0"}


@dataclass(frozen=True)
class Station:
    """A home, and how to run commands on it."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def project(self) -> Path:
        return PROJECT

    def executable(self, name: str) -> Path:
        return BIN / name

    def environment(self, **settings: str) -> dict[str, str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(SETTINGS)}
        return {
            **clean,
            "HSTQL_HOME": str(self.home),
            "DAGSTER_HOME": str(PROJECT),
            "COLUMNS": "160",
            **self.settings,
            **settings,
        }

    def start(self, *words: str, **settings: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(self.executable(words[0])), *words[1:]],
            env=self.environment(**settings),
            cwd=self.home.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a program in a process of its own, for what only that can show."""
        process = self.start(*words, **settings)
        output, errors = process.communicate(timeout=1500)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def hstql(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of hstql in this process, which has imported already what it needs."""
        warm_workers()
        return call(words, self.environment(**settings), self.home.parent)

    @contextmanager
    def open_process(
        self, *folders: Path
    ) -> Iterator[Callable[..., "subprocess.CompletedProcess[str]"]]:
        """Yield `hstql` of one process apart for several commands, with folders on Python's path.

        For what a process does once, such as looking for monitors.
        """
        context = multiprocessing.get_context("spawn")
        path = [str(folder) for folder in folders]
        with ProcessPoolExecutor(1, context, _extend_path, (path,)) as process:

            def hstql(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
                environment = self.environment(**settings)
                return process.submit(call, words, environment, self.home.parent).result()

            yield hstql

    def count(self, sql: str) -> int:
        answer = self.hstql("query", sql, "--format", "csv")
        return int(answer.stdout.splitlines()[1])


def _extend_path(folders: list[str]) -> None:
    sys.path.extend(folders)


def open_station(**settings: str) -> Iterator[Station]:
    """Yield a home with a database without rows, as the first command leaves it."""
    yield from _open(settings, is_bare=False)


def open_bare_station(**settings: str) -> Iterator[Station]:
    """Yield a home that is not there yet; the first command makes it, and its database."""
    yield from _open(settings, is_bare=True)


def _open(settings: dict[str, str], *, is_bare: bool) -> Iterator[Station]:
    folder = make_home_folder()
    station = Station(folder / "home", {**FEWEST, **settings})
    try:
        if not is_bare:
            copy_home("station", _prepare_home, station.home)
        yield station
    finally:
        EmbeddedPostgres(station.home).stop()
        shutil.rmtree(folder)


def _prepare_home(home: Path) -> None:
    """Make a home with its databases, which takes as long as a dozen commands."""
    station = Station(home, FEWEST)
    server = EmbeddedPostgres(home)
    try:
        done = station.hstql("status")
        assert done.returncode == 0, done.stderr
        address = server.url("hstql", SUPERUSER).replace("+psycopg2", "")
        with closing(psycopg2.connect(address)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("DELETE FROM runs")
            # No test outlives a power cut.
            cursor.execute("ALTER SYSTEM SET fsync = off")
    finally:
        server.stop()
    shutil.rmtree(home / "logs")
