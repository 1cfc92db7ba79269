"""Seconds of a batch of dark rates: 1,000 dark exposures of COS, half of them FUV, half NUV.

    python benchmarks/dark_rates.py [--exposures 1000] [--workers 2] [--distinct 20]

Each is of 1,330 s, as real ones are, with the counts of a real detector; an FUV exposure has two
files. Every file is read and measured by the worker's own function, in the pool that the graph
uses. Only the rows are not written. Some exposures are made, and the others are links to their
files, so that the disk holds them; they are in the page cache.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from harness import read_arguments, scratch, time_batch

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.darks.measure import make_dark_rates
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive.simulated.cos.instrument import TICK_S
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import DARKS
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    BASE_RATES,
    DarkPlace,
    make_dark_exposure,
    simulate_dark,
)

DURATION_S = 1330.0
REAL_NUV_RATE = 3.0e-4  # ten times that of the simulated archive


def main() -> None:
    arguments = read_arguments(__doc__, exposures=1000, workers=2, distinct=20)
    BASE_RATES["NUV"] = REAL_NUV_RATE
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, {DURATION_S:g} s an exposure")
    with scratch() as folder:
        made = [write_exposure(folder, index) for index in range(arguments.distinct)]
        size_mb = sum(path.stat().st_size for files in made for path in files) / len(made) / 1e6
        print(f"{len(made)} distinct exposures of {size_mb:.1f} MB on average", flush=True)
        tasks = [link(number, made[number % len(made)]) for number in range(arguments.exposures)]
        what = f"{len(tasks)} exposures"
        outcomes = time_batch(arguments.workers, what, make_dark_rates, tasks)
        print(f"{sum(len(outcome.rows['dark_rates']) for outcome in outcomes):,} rows")


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


if __name__ == "__main__":
    main()
