"""Do one piece of work on the home of the environment, and print what it took, for `scale`.

    python benchmarks/pieces.py sensors | tick NAME | plan | discover FIRST LAST...

Each line is a name, wall time and CPU in s, by how many MB the peak of memory rose, and the CPU of
the database server in s.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import dagster as dg
from harness import read_server_cpu_s
from state import name_exposures

from hstql_assets.definitions import build_definitions
from hstql_assets.orchestration.graph import open_graph
from hstql_assets.orchestration.planning import Request
from hstql_resources.archive import Dataset, Product, Search
from hstql_resources.clients import open_clients
from hstql_resources.settings import load_settings

THEN = datetime(2020, 1, 1, tzinfo=UTC)
TYPES = ("rawtag", "corrtag", "x1d", "spt")
Result = TypeVar("Result")


def measure(name: str, work: Callable[[], Result]) -> Result:
    """Do work; print what it took."""
    before_kb, server_s = _read_peak_kb(), read_server_cpu_s()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    spent = [time.perf_counter() - wall, time.process_time() - cpu]
    memory_mb = (_read_peak_kb() - before_kb) / 1024
    print(json.dumps([name, *spent, memory_mb, read_server_cpu_s() - server_s]), flush=True)
    return result


def _read_peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def list_sensors() -> None:
    """Name the sensors that look for something; that of failed runs is called where one fails."""
    sensors = build_definitions().sensors or ()
    print(*sorted(one.name for one in sensors if not isinstance(one, dg.RunStatusSensorDefinition)))


def tick(name: str) -> None:
    """Measure a tick without a cursor in a process of its own, then again with what it left."""
    definitions = build_definitions()
    sensor: Any = definitions.resolve_sensor_def(name)
    wanted = {key: definitions.resources[key] for key in sensor.required_resource_keys}  # type: ignore[index]

    def evaluate(cursor: str | None) -> str | None:
        with (
            dg.DagsterInstance.get() as instance,
            dg.build_sensor_context(
                instance=instance, cursor=cursor, definitions=definitions, resources=wanted
            ) as context,
        ):
            return getattr(sensor(context), "cursor", None)

    if sys.argv[3:]:
        measure(name, lambda: evaluate(sys.argv[3] or None))
    else:
        print(measure(f"{name}, no cursor", lambda: evaluate(None)) or "")


def plan() -> None:
    with ExitStack() as stack:
        clients = stack.enter_context(open_clients(load_settings(), "benchmark"))
        graph = open_graph()
        names = tuple(node.name for node in graph.nodes if node.partition_set)
        measure("plan of what is missing", lambda: list(graph._plan(clients, Request(names), [])))


@dataclass(frozen=True)
class Listed:
    """An archive that lists some data sets, each with four files, and has none."""

    names: Sequence[str]
    in_place = False

    def find_datasets(self, _search: Search) -> list[Dataset]:
        """Return all, noticed long ago."""
        return [Dataset(name, noticed_at=THEN) for name in self.names]

    def list_products(self, names: Sequence[str]) -> dict[str, list[Product]]:
        """Return four files of each."""
        return {
            name: [Product(name, f"{name}_{one}.fits", size_bytes=1, dataset=name) for one in TYPES]
            for name in names
        }


def discover(first: int, lasts: Sequence[int]) -> None:
    """Measure discovery, as STIS, of names from the first one to each of the others in turn."""
    with ExitStack() as stack:
        clients = stack.enter_context(open_clients(load_settings(), "benchmark"))
        graph, before = open_graph(), first
        for last in lasts:
            archive: Any = Listed(name_exposures(first, last, "o"))
            listing = replace(clients, archive=archive)
            measure(
                f"discover, {'all' if before == first else max(last - before, 0)} new",
                lambda listing=listing: graph.discover(listing, Search("stis")),  # type: ignore[misc]
            )
            before = last


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["sensors"]:
            list_sensors()
        case ["tick", name, *_]:
            tick(name)
        case ["plan"]:
            plan()
        case ["discover", first, *lasts]:
            discover(int(first), [int(last) for last in lasts])
