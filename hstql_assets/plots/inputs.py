"""Find what the plots of a batch start from: files, and rows of statistics."""

from collections.abc import Sequence
from pathlib import Path

from hstql_assets.batching.decisions import follow_composites
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.composites.inputs import locate_products
from hstql_assets.lightcurves.inputs import locate_lightcurves
from hstql_assets.plots.drawing import CompositePlotTask, PlotTask
from hstql_assets.plots.inventory import read_statistics
from hstql_assets.plots.product_page import Product
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def locate_curves(
    database: Database, filesystem: Filesystem, instrument: str, keys: Sequence[str]
) -> list[PlotTask | Outcome]:
    """Return a task for each key of an instrument; a row of statistics may be missing.

    Parameters
    ----------
    database, filesystem
        Where rows and files are.
    instrument : str
        Such as `cos`.
    keys : sequence of str
        Rootnames.
    """
    found = locate_lightcurves(database, instrument, keys)
    names = [start.name for start in found.values() if isinstance(start, Path)]
    statistics = read_statistics(database, names)
    return [
        start
        if isinstance(start, Outcome)
        else PlotTask(key, start, filesystem, statistics.get(start.name))
        for key, start in found.items()
    ]


def locate_composite_curves(
    database: Database, filesystem: Filesystem, keys: Sequence[str]
) -> list[CompositePlotTask | Outcome]:
    """Return a task for each target with its composites.

    Parameters
    ----------
    database, filesystem
        Where rows and files are.
    keys : sequence of str
        Slugs of targets.
    """
    paths = locate_products(database, keys)
    names = [path.name for found in paths.values() for path in found]
    statistics = read_statistics(database, names)

    def task(key: str) -> CompositePlotTask | None:
        products = tuple(
            Product(path, key, filesystem.composite_plots(path.name), statistics.get(path.name))
            for path in paths[key]
        )
        return CompositePlotTask(key, products, filesystem) if products else None

    return follow_composites(database, keys, task)
