"""hstql as users run it: commands in processes of their own, with a home of their own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from builders.places import PROJECT
from hstql_resources.postgres.server import EmbeddedPostgres

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
        process = self.start(*words, **settings)
        output, errors = process.communicate(timeout=300)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def hstql(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return self.run("hstql", *words, **settings)

    def count(self, sql: str) -> int:
        answer = self.hstql("query", sql, "--format", "csv")
        return int(answer.stdout.splitlines()[1])


def open_station(**settings: str) -> Iterator[Station]:
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    station = Station(folder / "home", {**FEWEST, **settings})
    try:
        yield station
    finally:
        EmbeddedPostgres(station.home).stop()
        shutil.rmtree(folder)
