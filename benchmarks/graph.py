"""Simulated observations through the whole graph in one `hstql materialize`, and where time goes.

    python benchmarks/graph.py [--observations 2000]

Runs on an embedded Postgres in a temporary home. Prints the time of each part: computing (the
worker processes), hstql's own rows, and Dagster with its events; the statements sent to hstql's
database, and the memory of this process.
"""

import resource
import time
from collections import defaultdict
from typing import Any

from harness import open_home, read_arguments, scratch


class Stopwatch:
    """Adds up how long each part took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def wrap(self, module: Any, name: str, part: str) -> None:
        """Time all calls of a function of a module."""
        function = getattr(module, name)

        def timed(*args: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                self.seconds[part] += time.perf_counter() - start

        setattr(module, name, timed)


def main() -> None:
    count = read_arguments(__doc__, observations=2000).observations
    settings = {"simulated_observations": count, "simulated_raw": 0, "simulated_epochs": 0}
    with scratch() as home, open_home(home, **settings):
        run(count)


def run(count: int) -> None:
    from hstql_assets.batching import batch_asset as presentation
    from hstql_assets.orchestration.graph import open_graph
    from hstql_assets.orchestration.planning import Request, Step
    from hstql_resources.archive import Search
    from hstql_resources.clients import open_clients
    from hstql_resources.settings import load_settings

    watch = Stopwatch()
    watch.wrap(presentation, "decide_batch", "computing")
    watch.wrap(presentation, "record_batch", "rows of hstql")
    with open_clients(load_settings(), "benchmark") as clients:
        graph = open_graph()
        graph.discover(clients, Search("cos"))
        before = clients.database.statements
        start = time.perf_counter()
        everything = Request(tuple(node.name for node in graph.nodes))
        steps: list[Step] = []
        report = graph.materialize(clients, everything, {}, steps.append)
        total = time.perf_counter() - start
        statements = clients.database.statements - before
    assets = {name for step in steps for name in step.assets}
    print(f"{count} observations, {report.counts} keys in {len(assets)} assets")
    watch.seconds["Dagster and the rest"] = total - sum(watch.seconds.values())
    for part, seconds in watch.seconds.items():
        print(f"{part:24s} {seconds:8.1f} s  {100 * seconds / total:5.1f} %")
    print(f"{'all':24s} {total:8.1f} s  {1000 * total / count:8.1f} ms per observation")
    batches = sum(-(-len(step.keys) // 1000) * len(step.assets) for step in steps)
    print(f"statements to hstql's database: {statements}, {statements / batches:.1f} per batch")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB here, {workers:.0f} MB in the largest worker")


if __name__ == "__main__":
    main()
