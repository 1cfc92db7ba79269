"""Start the process that workers are forked from with all that they will ever import.

Otherwise each worker of each test imports by itself what its tasks need: seconds, for plots.
"""

import os
from collections.abc import Iterator
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

import hstql_assets
from hstql_resources.workers import SAFE_PATH

# What tasks do not need: it imports Dagster.
OTHERS = (
    "assets", "asset_list", "batch_asset", "checks", "commands", "consequences", "definitions",
    "graph", "jobs", "partitions", "registering_keys", "reset", "run_requests", "sensors",
)  # fmt: skip
# What is imported at a late moment.
LATE = (
    "astropy.timeseries", "matplotlib.backends.backend_agg", "matplotlib.cm", "matplotlib.figure",
    "nifty_ls", "scipy.sparse.csgraph", "scipy.spatial", "scipy.special", "scipy.stats",
)  # fmt: skip


@cache
def warm_workers() -> None:
    """Start that process, unless a test did it before."""
    forkserver.set_forkserver_preload([*_list_modules(), *LATE])
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        forkserver.ensure_running()
    finally:
        del os.environ[SAFE_PATH]
        if before is not None:
            os.environ[SAFE_PATH] = before


def _list_modules() -> Iterator[str]:
    """Yield the names of the modules with tasks, and of those that they may import."""
    folder = Path(hstql_assets.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        if not set(parts).intersection((*OTHERS, "__init__")):
            yield ".".join(parts)
