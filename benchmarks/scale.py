"""A home of the size of the archive, made in minutes, and what it costs where nothing is new.

    python benchmarks/scale.py [--keys 341000] [--instruments 1]

A tenth of the keys first, with all that is known of an exposure, then the others, without rows of
headers and with short events, in minutes. Prints wall time, CPU and peak memory of what users and
the daemon do, at both sizes, with the power of the number of keys by which it grows, and the bytes
of a key in both databases, of the first tenth. Of a tick, what comes on top of loading the
definitions is counted, first without a cursor, then with the one that it left; of a command all;
of the webserver, with the code server that it starts, the time until it has answered; of planning
and discovery what comes on top of opening the graph. The second CPU is what the database server
spends meanwhile. With four instruments the keys are shared among them:
`--keys 1000000 --instruments 4`.
"""

import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import requests
from harness import (
    PROJECT,
    open_home,
    read_arguments,
    read_server_cpu_s,
    read_tree_cpu_s,
    scratch,
)
from sqlalchemy import Engine, create_engine, text
from state import grow, name_exposures

from hstql_assets.batching.partition_names import INSTRUMENTS
from hstql_resources.filenames import letter_of

BIN = Path(sys.executable).parent
COMMANDS = (
    "--help", "status", "query 'SELECT count(*) FROM observations'", "check",
    "discover --instrument cos", "materialize cos/header_tables", "explain lz000000q",
)  # fmt: skip
LAUNCH = """
mutation { launchPartitionBackfill(backfillParams: {
    assetSelection: [{path: ["cos", "previews"]}], partitionNames: %s
}) { __typename ... on LaunchBackfillSuccess { backfillId } } }
"""
COUNTED = ("raw_files", "calibrated_files", "header_tables", "previews", "spectrum_statistics",
           "pulse_heights", "lightcurves", "extractions")  # fmt: skip
_ASSETS = ", ".join(f'{{path: ["cos", "{name}"]}}' for name in COUNTED)
COUNTS = f"""
{{ assetNodes(assetKeys: [{_ASSETS}]) {{ partitionStats {{
    numMaterialized numMaterializing numPartitions numFailed
}} }} }}
"""


class Cost(NamedTuple):
    """What a piece of work takes; NaN where it was not measured."""

    wall_s: float
    cpu_s: float = math.nan
    memory_mb: float = math.nan
    server_cpu_s: float = math.nan


def main() -> None:
    wanted = read_arguments(__doc__, keys=341_000, instruments=1)
    instruments = INSTRUMENTS[: wanted.instruments]
    with scratch() as home, open_home(home, simulated_observations=12, simulated_raw=0) as server:
        engines = [create_engine(server.url(name)) for name in ("hstql", "dagster")]
        run(wanted.keys, instruments, *engines)


def run(keys: int, instruments: Sequence[str], tables: Engine, dagster: Engine) -> None:
    for words in ("discover", "materialize header_tables previews"):
        command(f"{words} {' '.join(f'--instrument {name}' for name in instruments)}")
    command("materialize --instrument cos")
    before = [read_bytes(engine) for engine in (tables, dagster)]
    costs: list[dict[str, Cost]] = []
    had = 0
    for size in (keys // 10, keys):
        start = time.perf_counter()
        for name in instruments:
            names = name_exposures(had, size // len(instruments), letter_of(name))
            grow(tables, dagster, read_seeds(dagster, name), names, is_thin=bool(had))
        print(f"{size:,} keys: {time.perf_counter() - start:.0f} s to make them", flush=True)
        if not had:
            found = [read_bytes(engine) for engine in (tables, dagster)]
        costs.append(dict(measure(size)))
        had = size // len(instruments)
    show(keys, *costs)
    for name, one, other in zip(("hstql", "Dagster"), before, found, strict=True):
        print(f"database of {name}: {(other - one) / (keys // 10):,.0f} bytes a key")


def read_seeds(dagster: Engine, instrument: str) -> list[str]:
    """Return the exposures that were decided for real, whose names do not begin as clones' do."""
    with dagster.connect() as connection:
        found = connection.execute(
            text(
                "SELECT partition FROM dynamic_partitions WHERE partitions_def_name = :name "
                "AND partition NOT LIKE '_z%' ORDER BY partition"
            ),
            {"name": f"{instrument}_rootname"},
        )
        return [row[0] for row in found]


def read_bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        )


def command(words: str) -> Cost:
    """Run a command of hstql; SystemExit if it fails."""
    start, server_s = time.perf_counter(), read_server_cpu_s()
    line = f"exec '{BIN}/hstql' {words} > '{os.environ['HSTQL_HOME']}/said' 2>&1"
    process = subprocess.Popen(["bash", "-c", line], cwd=PROJECT)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    if status and words != "check":  # the files are not there, and that is what it says
        said = (Path(os.environ["HSTQL_HOME"]) / "said").read_text()
        raise SystemExit(f"hstql {words} ended with {status}: {said[-2000:]}")
    server_s = read_server_cpu_s() - server_s
    return Cost(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, server_s)


def run_piece(*words: str) -> list[str]:
    """Run a piece in a process of its own; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", Path(__file__).parent / "pieces.py", *words],
        cwd=PROJECT, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.splitlines()


def measure(size: int) -> Iterator[tuple[str, Cost]]:
    """Yield what each piece of work takes on the home as it is, of so many keys."""
    for words in COMMANDS:
        yield f"hstql {words.partition(' ')[0]}", command(words)
    for sensor in run_piece("sensors")[-1].split():
        *_, line, cursor = run_piece("tick", sensor)
        yield read_cost(line)
        yield read_cost(run_piece("tick", sensor, cursor)[-1])
    for when in ("first", "again"):
        name, cost = read_cost(run_piece("plan")[-1])
        yield f"{name}, {when}", cost
    first = 10 * size  # names that neither size has had
    lasts = (first + size, first + size, first + size + 100)
    for line in run_piece("discover", *map(str, (first, *lasts))):
        yield read_cost(line)
    with open_webserver() as (address, process):
        for when in ("first", "again"):
            yield f"counts of partitions, {when}", ask(address, process, COUNTS)
        names = json.dumps(name_exposures(0, size))
        yield "launch of a backfill", ask(address, process, LAUNCH % names)


def read_cost(line: str) -> tuple[str, Cost]:
    name, *numbers = json.loads(line)
    return str(name), Cost(*numbers)


def ask(address: str, process: psutil.Process, question: str) -> Cost:
    """Ask the webserver; SystemExit if it refuses."""
    start, cpu_s, server_s = time.perf_counter(), read_tree_cpu_s(process), read_server_cpu_s()
    answer = requests.post(address, json={"query": question}, timeout=600).json()
    if "errors" in answer:
        raise SystemExit(str(answer)[:2000])
    return Cost(
        time.perf_counter() - start,
        read_tree_cpu_s(process) - cpu_s,
        server_cpu_s=read_server_cpu_s() - server_s,
    )


@contextmanager
def open_webserver() -> Iterator[tuple[str, psutil.Process]]:
    """Start Dagster's webserver; yield the address of its GraphQL, and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = ["-m", "hstql_assets.definitions", "-p", str(port)]
    log = Path(os.environ["HSTQL_HOME"]) / "webserver.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [BIN / "dagster-webserver", *words], cwd=PROJECT, stdout=file, stderr=file
        )
        address = f"http://127.0.0.1:{port}/graphql"
        try:
            wait_for(address)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def wait_for(address: str) -> None:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        try:
            requests.post(address, json={"query": "{ version }"}, timeout=60)
        except requests.ConnectionError:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("The webserver did not come up.")


def show(keys: int, few: dict[str, Cost], many: dict[str, Cost]) -> None:
    """Print for each piece of work wall time, CPU and memory at both sizes, and the power."""
    print(f"\n{'':40s} {keys // 10:>31,} keys {keys:>33,} keys")
    for name, after in many.items():
        before = few[name]
        spent = [one.wall_s if math.isnan(one.cpu_s) else one.cpu_s for one in (before, after)]
        power = math.log10(max(spent[1], 1e-3) / max(spent[0], 1e-3))
        each = "  ".join(
            f"{one.wall_s:7.2f} s {one.cpu_s:6.2f} + {one.server_cpu_s:6.2f} s CPU "
            f"{one.memory_mb:5.0f} MB"
            for one in (before, after)
        )
        print(f"{name:40s} {each}  {power:5.2f}")


if __name__ == "__main__":
    main()
