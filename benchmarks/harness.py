"""Share what benchmarks need: arguments, a scratch folder, a home, and ways timed in turn."""

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_process import find_postmaster
from hstql_resources.workers import LocalWorkers

PROJECT = Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT / "tests"))  # some files are made by the builders of the tests


def read_arguments(about: str, **usual: int | str) -> argparse.Namespace:
    """Read numbers and texts from the command line; `repeats=5` makes `--repeats`, without it 5."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    for name, value in usual.items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    return parser.parse_args()


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="hstql-benchmark-") as name:
        yield Path(name)


@contextmanager
def open_home(
    folder: Path, archive: str | Path = "simulated", **settings: int
) -> Iterator[EmbeddedPostgres]:
    """Make a folder the home of this process, and stop its server afterwards.

    Parameters
    ----------
    folder : Path
        HSTQL_HOME; an embedded Postgres begins to run there when it is first needed.
    archive : str or Path
        HSTQL_ARCHIVE.
    **settings
        Others by name, such as `simulated_raw=0`.
    """
    warnings.filterwarnings("ignore", module="dagster")
    os.environ.pop("HSTQL_DATABASE_URL", None)
    os.environ |= {f"HSTQL_{name.upper()}": str(value) for name, value in settings.items()}
    os.environ |= {"HSTQL_HOME": str(folder), "HSTQL_ARCHIVE": str(archive)}
    os.environ["DAGSTER_HOME"] = str(PROJECT)
    server = EmbeddedPostgres(folder)
    try:
        yield server
    finally:
        server.stop()


def read_tree_cpu_s(process: psutil.Process) -> float:
    """Return the CPU time of a process and all that it started, those that ended included."""
    with suppress(psutil.NoSuchProcess):  # one that ends meanwhile is told by its parent
        below_s = sum(map(read_tree_cpu_s, process.children()))
        found = process.cpu_times()
        ended_s = found.children_user + found.children_system
        return float(below_s + found.user + found.system + ended_s)
    return 0.0


def read_server_cpu_s() -> float:
    """Return the CPU time of the database server of the home of this process."""
    postmaster = find_postmaster(Path(os.environ["HSTQL_HOME"]).resolve() / "postgres")
    return 0.0 if postmaster is None else read_tree_cpu_s(postmaster)


def time_in_turn(
    ways: Mapping[str, Callable[[], object]],
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Return the seconds of each run, by way; run in turn, what else is at work slows all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, run in ways.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return seconds


def time_batch(
    count: int, what: str, decide: Callable[[Any], Outcome], tasks: Sequence[Any]
) -> list[Outcome]:
    """Decide tasks in so many workers as the graph does, and print how long that takes."""
    with LocalWorkers(count) as workers:
        # Starting the workers and their imports are paid once a run, not once a batch.
        decide_batch(workers, decide, tasks[:4], lambda _: None)
        start = time.perf_counter()
        outcomes = decide_batch(workers, decide, tasks, lambda _: None)
        seconds = time.perf_counter() - start
    if any(outcome.status != "made" or outcome.bad_files for outcome in outcomes):
        raise SystemExit(f"Not all of {what} were made.")
    print(f"{what:20s} {seconds:7.1f} s  {1e3 * seconds / len(tasks):7.1f} ms each", flush=True)
    return outcomes
