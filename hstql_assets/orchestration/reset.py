"""What a reset removes: rows, decisions, folders and keys, so that all of it is made again.

A decision about a key (the table `outcomes`) goes with the rows that it led to, and so do the
decisions about what follows from them; that is what lets `hstql materialize` make them again.
How a user is asked is the business of `upkeep`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, update

from hstql_assets.monitors.framework.monitor import Measurement, Trend
from hstql_assets.monitors.framework.registry import foreign_tables, read_measurements, read_trends
from hstql_assets.monitors.framework.trend_run import make_tables
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.tables.views import VIEWS

EVERYTHING = "all"
PRODUCTION = "production"
KEPT = frozenset({"runs"})  # the commands that were given are no product
PRODUCT_TABLES = ("lightcurves", "composites", "composite_members", "statistics")
VERSIONS = "gain_sag_tables"  # rows about files alone
PRODUCT_FOLDERS = ("products", "plots")
FOLDERS = ("files", *PRODUCT_FOLDERS, "previews", "scratch")
# What has to be made again, with all that follows from it, when a table was emptied.
MADE_BY = {
    "observations": ("header_tables",),
    "headers": ("header_tables",),
    "header_extras": ("header_tables",),
    "header_commentary": ("header_tables",),
    "drizzle_data": ("header_tables",),
    "proposals": ("header_tables",),
    "previews": ("previews",),
    "spectrum_statistics": ("spectrum_statistics",),
    "pulse_heights": ("pulse_heights",),
    "cumulative_image_members": ("header_tables",),
    "monitor_states": ("image_trends",),
    "files": ("raw_files", "calibrated_files"),
    "target_names": ("lightcurves",),
    "lightcurves": ("lightcurves",),
    "composites": ("composites",),
    "composite_members": ("composites",),
    "statistics": ("lightcurve_statistics", "composite_statistics"),
}


@dataclass(frozen=True)
class Removal:
    """What one reset removes.

    Attributes
    ----------
    tables : tuple of str
        Tables to be emptied.
    made_by : tuple of str
        Assets whose decisions are forgotten, with those of all that follows.
    folders : tuple of str
        Folders under `HSTQL_HOME` to be removed.
    forgets_keys : bool
        Whether the partition keys go too.
    kept : str
        What stays, for the reader; empty if nothing need be said.
    """

    tables: tuple[str, ...] = ()
    made_by: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    forgets_keys: bool = False
    kept: str = ""

    def describe(self, home: Path) -> str:
        """Return what will be removed, as a question."""
        parts = []
        if self.tables:
            parts.append(f"empty {_enumerate(self.tables)}")
        if self.folders:
            parts.append(f"remove the folders {_enumerate(self.folders)} under {home}")
        if self.forgets_keys:
            parts.append("forget all keys")
        question = ", ".join(parts)
        kept = f" ({self.kept} stay)" if self.kept else ""
        return f"{question[:1].upper()}{question[1:]}{kept}?"


def plan_database_reset(name: str | None) -> Removal:
    """Return what goes when a table, the production or everything is reset.

    Parameters
    ----------
    name : str or None
        A table; `production`: all that is derived from events; `all` or None: all tables.

    Raises
    ------
    PlanError
        If there is no such table, or it is a view.
    """
    foreign_tables()  # they become known with their monitors
    known = sorted(tables.Base.metadata.tables.keys() - KEPT)
    if name in (None, EVERYTHING):
        return Removal(tuple(known), forgets_keys=True)
    if name == PRODUCTION:
        kept = "bad_data, observations, files and all files on disk"
        return Removal((*PRODUCT_TABLES, "target_names"), ("lightcurves",), kept=kept)
    if name in known:
        return Removal((name,), _find_makers(name))
    for view, shown in VIEWS.items():
        if name in (view, view.split(".")[1]):
            raise PlanError(
                f"{view} is a view without rows of its own. It shows {', '.join(shown)}."
            )
    raise PlanError(
        f"There is no table {name!r}. There are {', '.join(known)}; and {PRODUCTION} for all that "
        f"is made from events, {EVERYTHING} for all tables."
    )


def plan_files_reset(*, products_only: bool) -> Removal:
    """Return what goes when files are removed: with them the rows that say they are there."""
    if products_only:
        kept = "what was retrieved, bad_data and the names of targets"
        again = ("lightcurves", *_find_writers())
        return Removal((*PRODUCT_TABLES, VERSIONS), again, PRODUCT_FOLDERS, kept=kept)
    return Removal(("files", *PRODUCT_TABLES, VERSIONS, "previews", "outcomes"), folders=FOLDERS)


def _find_makers(name: str) -> tuple[str, ...]:
    """Return the assets that have to be run again when a table was emptied."""
    parts: list[Measurement | Trend] = [*read_measurements(), *read_trends()]
    own = [one.name for one in parts if name in {model.__tablename__ for model in one.tables}]
    return (*MADE_BY.get(name, ()), *own)


def _find_writers() -> tuple[str, ...]:
    """Return the assets of monitors that write files: pages, and maps of the gain."""
    return ("gain_maps", *(trend.name for trend in read_trends()))


def carry_out(removal: Removal, graph: Graph, clients: Clients) -> None:
    """Remove rows and decisions in one transaction, then keys, then folders.

    In this order a reset that was interrupted never leaves a row without its file.
    """
    make_tables(clients.database, foreign_tables())
    observation, outcome = tables.Observation, tables.Outcome
    with clients.database.write() as writer:
        for name in removal.tables:
            writer.execute(tables.Base.metadata.tables[name].delete())
        if "target_names" in removal.tables:
            writer.execute(update(observation).values(target=None))
        if removal.made_by:
            again = graph.find_following(removal.made_by)
            writer.execute(delete(outcome).where(outcome.asset.in_(sorted(again))))
    if removal.forgets_keys:
        graph.forget_all()
    for folder in removal.folders:
        shutil.rmtree(clients.filesystem.home / folder, ignore_errors=True)


def _enumerate(names: tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
