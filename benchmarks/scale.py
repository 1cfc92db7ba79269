"""A home of the size of the archive, made in minutes, and what it costs where nothing is new.

    python benchmarks/scale.py [--keys 341000]

A tenth of the keys first, then all of them. Prints wall time, CPU and peak memory of what users and
the daemon do, at both sizes, with the power of the number of keys by which it grows, and the bytes
of a key in both databases. Of a tick, what comes on top of loading the definitions is counted; of a
command all; of the webserver the time until it has answered.
"""

import json
import math
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import requests
from harness import PROJECT, open_home, read_arguments, scratch
from sqlalchemy import Engine, create_engine, text
from state import grow, name_exposures

BIN = Path(sys.executable).parent
COMMANDS = (
    "--help", "status", "query 'SELECT count(*) FROM observations'", "check",
    "discover --instrument cos", "materialize cos/header_tables", "explain lz000000q",
)  # fmt: skip
TICK = """
import json, resource, sys, time
import dagster as dg
from hstql_assets.definitions import build_definitions
definitions = build_definitions()
sensor = definitions.resolve_sensor_def(sys.argv[1])
read_peak_kb = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with dg.DagsterInstance.get() as instance:
    before_kb, wall, cpu = read_peak_kb(), time.perf_counter(), time.process_time()
    wanted = {key: definitions.resources[key] for key in sensor.required_resource_keys}
    context = dg.build_sensor_context(
        instance=instance, definitions=definitions, resources=wanted
    )
    with context:
        found = sensor(context)
    spent = time.perf_counter() - wall, time.process_time() - cpu
print(json.dumps([*spent, (read_peak_kb() - before_kb) / 1024]))
"""
LIST = """
from hstql_assets.definitions import build_definitions
print(*sorted(one.name for one in build_definitions().sensors))
"""
COUNTS = "{ assetNodes { partitionStats { numMaterialized numFailed } } }"


class Cost(NamedTuple):
    """What a piece of work takes; NaN where it was not measured."""

    wall_s: float
    cpu_s: float = math.nan
    memory_mb: float = math.nan


def main() -> None:
    keys = read_arguments(__doc__, keys=341_000).keys
    with scratch() as home, open_home(home, simulated_observations=12, simulated_raw=0) as server:
        engines = [create_engine(server.url(name)) for name in ("hstql", "dagster")]
        run(keys, *engines)


def run(keys: int, tables: Engine, dagster: Engine) -> None:
    for words in ("discover --instrument cos", "materialize --instrument cos"):
        command(words)
    seeds = read_seeds(dagster)
    before = [read_bytes(engine) for engine in (tables, dagster)]
    costs: list[dict[str, Cost]] = []
    had = 0
    for size in (keys // 10, keys):
        start = time.perf_counter()
        grow(tables, dagster, seeds, name_exposures(had, size))
        print(f"{size:,} keys: {time.perf_counter() - start:.0f} s to make them", flush=True)
        costs.append(dict(measure()))
        had = size
    show(keys, *costs)
    for name, engine, had_bytes in zip(
        ("hstql", "Dagster"), (tables, dagster), before, strict=True
    ):
        print(f"database of {name}: {(read_bytes(engine) - had_bytes) / keys:,.0f} bytes a key")


def read_seeds(dagster: Engine) -> list[str]:
    with dagster.connect() as connection:
        found = connection.execute(text(
            "SELECT partition FROM dynamic_partitions WHERE partitions_def_name = 'cos_rootname' "
            "ORDER BY partition"
        ))  # fmt: skip
        return [row[0] for row in found]


def read_bytes(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(
            connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        )


def command(words: str) -> Cost:
    """Run a command of hstql; SystemExit if it fails."""
    start = time.perf_counter()
    line = f"exec '{BIN}/hstql' {words} > '{os.environ['HSTQL_HOME']}/said' 2>&1"
    process = subprocess.Popen(["bash", "-c", line], cwd=PROJECT)
    _, status, used = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start
    if status and words != "check":  # the files are not there, and that is what it says
        said = (Path(os.environ["HSTQL_HOME"]) / "said").read_text()
        raise SystemExit(f"hstql {words} ended with {status}: {said[-2000:]}")
    return Cost(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def python(code: str, *words: str) -> str:
    """Run code in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        cwd=PROJECT, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


def measure() -> Iterator[tuple[str, Cost]]:
    """Yield what each piece of work takes on the home as it is."""
    for words in COMMANDS:
        yield f"hstql {words.partition(' ')[0]}", command(words)
    for sensor in python(LIST).split():
        yield f"tick of {sensor}", Cost(*json.loads(python(TICK, sensor).splitlines()[-1]))
    with open_webserver() as address:
        for when in ("first", "again"):
            start = time.perf_counter()
            answer = requests.post(address, json={"query": COUNTS}, timeout=600).json()
            if "errors" in answer:
                raise SystemExit(str(answer))
            yield f"counts of partitions, {when}", Cost(time.perf_counter() - start)


@contextmanager
def open_webserver() -> Iterator[str]:
    """Start Dagster's webserver; yield the address of its GraphQL."""
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
            yield address
        finally:
            process.terminate()
            process.wait()


def wait_for(address: str) -> None:
    end = time.monotonic() + 120
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
    print(f"\n{'':40s} {keys // 10:>25,} keys {keys:>25,} keys")
    for name, after in many.items():
        before = few[name]
        spent = [one.wall_s if math.isnan(one.cpu_s) else one.cpu_s for one in (before, after)]
        power = math.log10(max(spent[1], 1e-3) / max(spent[0], 1e-3))
        each = "  ".join(
            f"{one.wall_s:8.2f} s {one.cpu_s:8.2f} s CPU {one.memory_mb:6.0f} MB"
            for one in (before, after)
        )
        print(f"{name:40s} {each}  {power:5.2f}")


if __name__ == "__main__":
    main()
