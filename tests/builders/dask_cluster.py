"""A scheduler of Dask and its workers, in processes of their own, as somebody would start them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class DaskCluster:
    """The processes of a cluster; a worker is a nanny and the process that works."""

    folder: Path
    address: str
    scheduler: psutil.Process
    nannies: list[psutil.Process]

    def add_worker(self, *words: str, **variables: str) -> None:
        """Start one more worker; it joins when it is ready."""
        folder = self.folder / f"worker-{len(self.nannies)}"
        folder.mkdir()
        command = ("worker", self.address, "--no-dashboard", "--local-directory", str(folder))
        self.nannies.append(
            _start(folder / "log", command + (words or ("--nthreads", "1")), variables)
        )

    def remove_worker(self) -> None:
        """Kill the worker that came last, and its nanny."""
        _kill(_family(self.nannies[-1]))


@contextlib.contextmanager
def open_cluster(folder: Path, workers: int = 2) -> Iterator[DaskCluster]:
    """Start a cluster that gives a task up at the first worker that dies of it."""
    place = folder / "scheduler.json"
    command = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
               "--scheduler-file", str(place))  # fmt: skip
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    scheduler = _start(folder / "log", command, once)
    deadline = time.monotonic() + 300
    while not place.exists() or not place.read_text():
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)
    cluster = DaskCluster(folder, json.loads(place.read_text())["address"], scheduler, [])
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        everyone = [one for nanny in cluster.nannies for one in _family(nanny)] + _family(scheduler)
        _kill(everyone)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=60)


def _family(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def _start(log: Path, words: tuple[str, ...], variables: dict[str, str]) -> psutil.Process:
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    with log.open("wb") as file:
        return psutil.Popen(
            [sys.executable, "-m", "dask", *words],
            env=os.environ | {"PYTHONPATH": path} | variables,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
        )
