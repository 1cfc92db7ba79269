"""Seconds of a batch of dark rates: 1,000 dark exposures of COS, half of them FUV, half NUV.

    python benchmarks/dark_rates.py [--exposures 1000] [--workers 2] [--distinct 20]

Each is of 1,330 s, as real ones are, with the counts of a real detector; an FUV exposure has two
files. Every file is read and measured by the worker's own function, in the pool that the graph
uses. Only the rows are not written. Some exposures are made, and the others are links to their
files, so that the disk holds them; they are in the page cache.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.darks.measure import make_dark_rates
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive.simulated.cos.instrument import TICK_S
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import DARKS
from hstql_resources.archive.simulated.cos_monitoring.dark_files import simulate_dark
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    BASE_RATES,
    DarkPlace,
    make_dark_exposure,
)
from hstql_resources.workers import LocalWorkers

DURATION_S = 1330.0
REAL_NUV_RATE = 3.0e-4  # ten times that of the simulated archive


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exposures", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--distinct", type=int, default=20)
    arguments = parser.parse_args()
    BASE_RATES["NUV"] = REAL_NUV_RATE
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, {DURATION_S:g} s an exposure")
    with tempfile.TemporaryDirectory(prefix="hstql-benchmark-") as name:
        made = [write_exposure(Path(name), index) for index in range(arguments.distinct)]
        size_mb = sum(path.stat().st_size for files in made for path in files) / len(made) / 1e6
        print(f"{len(made)} distinct exposures of {size_mb:.1f} MB on average", flush=True)
        tasks = [link(number, made[number % len(made)]) for number in range(arguments.exposures)]
        workers = LocalWorkers(arguments.workers)
        try:
            run(workers, tasks)
        finally:
            workers.shutdown()


def write_exposure(folder: Path, index: int) -> list[Path]:
    place = DarkPlace.locate(index)
    exposure = replace(make_dark_exposure(1, place), ticks=int(DURATION_S / TICK_S), gap=None)
    make = DARKS.open_files(place, simulate_dark(exposure))
    paths = [folder / name for name in DARKS.name_files(place) if name.endswith(".fits")]
    for path in paths:
        path.write_bytes(make(path.name))
    return paths


def link(number: int, paths: list[Path]) -> ExposureTask:
    key = f"l{number:07d}q"
    files = []
    for path in paths:
        filetype = path.stem.partition("_")[2]
        linked = path.with_name(f"{key}_{filetype}.fits")
        linked.hardlink_to(path)
        files.append(InputFile(linked.name, filetype, linked))
    return ExposureTask(key, tuple(files), cast("Any", None))


def run(workers: LocalWorkers, tasks: list[ExposureTask]) -> None:
    # Starting the workers and their imports are paid once a run, not once a batch.
    decide_batch(workers, make_dark_rates, tasks[:4], lambda _: None)
    start = time.perf_counter()
    outcomes = decide_batch(workers, make_dark_rates, tasks, lambda _: None)
    seconds = time.perf_counter() - start
    if any(outcome.status != "made" or outcome.bad_files for outcome in outcomes):
        raise SystemExit("A dark exposure was not measured.")
    rows = sum(len(outcome.rows["dark_rates"]) for outcome in outcomes)
    print(
        f"{len(tasks)} exposures {seconds:7.1f} s {1e3 * seconds / len(tasks):7.1f} ms each, "
        f"{rows:,} rows"
    )


if __name__ == "__main__":
    main()
