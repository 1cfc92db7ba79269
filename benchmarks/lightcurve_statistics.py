"""Seconds of a batch of statistics: 1,000 lightcurves, and 1,000 composites of five visits.

    python benchmarks/lightcurve_statistics.py [--files 1000] [--workers 2]

Every file is read and measured by the worker's own function, in the pool that the graph uses. Only
the rows are not written. The name is not `statistics.py`: that would hide Python's own module from
the benchmarks beside it.
"""

import os
from pathlib import Path

import numpy as np
from harness import read_arguments, scratch, time_batch

from builders.made_curves import VISITS_S, make_table, sinusoid, write_table
from hstql_assets.statistics.measuring import (
    CompositeStatisticsTask,
    StatisticsTask,
    measure_composites,
    measure_lightcurve,
)

BINS = 1400
# A quarter of the sources are variable: those are searched more than once.
LAWS = (sinusoid(312.7, 0.0), sinusoid(312.7, 0.2), sinusoid(100.0, 0.0), sinusoid(57.0, 0.0))


def main() -> None:
    arguments = read_arguments(__doc__, files=1000, workers=2)
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, {BINS} bins an exposure")
    numbers = range(arguments.files)
    with scratch() as folder:
        singles = [write_single(folder, number) for number in numbers]
        time_batch(arguments.workers, f"{len(singles)} lightcurves", measure_lightcurve, singles)
        groups = [write_composite(folder, number) for number in numbers]
        time_batch(arguments.workers, f"{len(groups)} composites", measure_composites, groups)


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


if __name__ == "__main__":
    main()
