"""Seconds of a batch of statistics: 1,000 lightcurves, and 1,000 composites of five visits.

    python benchmarks/lightcurve_statistics.py [--files 1000] [--workers 2]

Every file is read and measured by the worker's own function, in the pool that the graph uses. Only
the rows are not written. The name is not `statistics.py`: that would hide Python's own module from
the benchmarks beside it.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.statistics.measuring import (
    CompositeStatisticsTask,
    StatisticsTask,
    measure_composites,
    measure_lightcurve,
)
from hstql_resources.workers import LocalWorkers

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
from builders.made_curves import VISITS_S, make_table, sinusoid, write_table

BINS = 1400
# A quarter of the sources are variable: those are searched more than once.
LAWS = (sinusoid(312.7, 0.0), sinusoid(312.7, 0.2), sinusoid(100.0, 0.0), sinusoid(57.0, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, {BINS} bins an exposure")
    with tempfile.TemporaryDirectory(prefix="hstql-benchmark-") as name:
        folder = Path(name)
        workers = LocalWorkers(arguments.workers)
        try:
            singles = [write_single(folder, number) for number in range(arguments.files)]
            run(workers, f"{arguments.files} lightcurves", measure_lightcurve, singles)
            groups = [write_composite(folder, number) for number in range(arguments.files)]
            run(workers, f"{arguments.files} composites", measure_composites, groups)
        finally:
            workers.shutdown()


def write_single(folder: Path, number: int) -> StatisticsTask:
    rng = np.random.default_rng(number)
    table = make_table(rng, 20, bins=BINS, law=LAWS[number % len(LAWS)])
    key = f"l{number:07d}q"
    return StatisticsTask(key, write_table(table, folder / f"{key}_curve.fits"))


def write_composite(folder: Path, number: int) -> CompositeStatisticsTask:
    rng = np.random.default_rng(number)
    law = LAWS[number % len(LAWS)]
    table = make_table(rng, 20, bins=BINS, starts_s=VISITS_S, law=law)
    path = write_table(table, folder / f"composite_{number}.fits", HLSPID="HSTLC")
    key = f"target-{number}"
    return CompositeStatisticsTask(key, (StatisticsTask(key, path),))


def run(
    workers: LocalWorkers, name: str, decide: Callable[[Any], Outcome], tasks: Sequence[Any]
) -> None:
    # Starting the workers and their imports are paid once a run, not once a batch.
    decide_batch(workers, decide, tasks[:4], lambda _: None)
    start = time.perf_counter()
    outcomes = decide_batch(workers, decide, tasks, lambda _: None)
    seconds = time.perf_counter() - start
    if any(outcome.status != "made" for outcome in outcomes):
        raise SystemExit("A lightcurve was not measured.")
    print(f"{name:20s} {seconds:7.1f} s  {1e3 * seconds / len(tasks):7.1f} ms each", flush=True)


if __name__ == "__main__":
    main()
