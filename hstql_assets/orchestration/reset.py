"""Decide what a reset removes, and remove it: rows, decisions, folders and keys.

What makes a table, and which folders are whose, the assets declare (`batching.ownership`). A
decision about a key (the table `outcomes`) goes with the rows that it led to, and so do the
decisions about what follows from them; that is what lets `hstql materialize` make them again.
How a user is asked is the business of `maintenance`.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, exists, update

from hstql_assets.batching.asset_nodes import AssetNode, find_following
from hstql_assets.batching.decisions import forget
from hstql_assets.monitors.framework.registry import foreign_tables
from hstql_assets.monitors.framework.trend_run import make_tables
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Writer
from hstql_resources.suggestions import find_alike
from hstql_resources.tables.views import VIEWS

EVERYTHING = "all"
PRODUCTION = "production"
KEPT = frozenset({"runs", "home"})  # what was commanded, and whose database it is, are no product
# What people wrote on the site, and how monitors stood, goes only where it is named.
WRITTEN = frozenset({
    "anomaly_flags", "anomaly_kinds", "comments", "looks", "monitor_state_changes", "people",
    "program_keys", "proposal_access", "saved_queries",
})  # fmt: skip
# With what follows: all that is made from events.
CURVES = ("lightcurves", "extractions", "time_resolved_spectra")
# Rows that no asset has of its own: what all of them decided, and what the archive was asked.
DECISIONS, BAD_DATA, LISTED = "outcomes", "bad_data", "products"
SCRATCH = "scratch"


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

    @property
    def then(self) -> str:
        """What makes it again, for the reader; empty if no command does."""
        if self.forgets_keys:
            return "'hstql discover' starts anew."
        if self.made_by or self.folders or {DECISIONS, BAD_DATA}.intersection(self.tables):
            return "'hstql materialize' makes everything again."
        return "'hstql discover' lists it again." if LISTED in self.tables else ""

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


def plan_database_reset(name: str | None, nodes: Sequence[AssetNode]) -> Removal:
    """Return what goes when a table, the production or everything is reset.

    Parameters
    ----------
    name : str or None
        A table; `production`: all that is derived from events; `all` or None: all tables.
    nodes : sequence of AssetNode
        The whole graph, upstream before downstream.

    Raises
    ------
    PlanError
        If there is no such table, or it is a view.
    """
    known = sorted(tables.Base.metadata.tables.keys() - KEPT)
    name = None if name is None else name.lower()
    if name in (None, EVERYTHING):
        emptied = tuple(one for one in known if one not in WRITTEN)
        return Removal(emptied, forgets_keys=True, kept="flags, comments and people of the site")
    if name == PRODUCTION:
        kept = "bad_data, observations, files and all files on disk"
        made = [table for node in _find_production(nodes) for table in _find_made(node)]
        return Removal(_order(made), CURVES, kept=kept)
    if name in known:
        makers = tuple(node.name for node in nodes if name in node.owns.table_names)
        return Removal((name,), makers)
    for view, shown in VIEWS.items():
        if name in (view, view.split(".")[1]):
            raise PlanError(
                f"{view} is a view without rows of its own. It shows {', '.join(shown)}."
            )
    raise PlanError(
        f"There is no table {name!r}. There are {', '.join(known)}; and {PRODUCTION} for all that "
        f"is made from events, {EVERYTHING} for all tables."
        f"{find_alike(name, [*known, PRODUCTION, EVERYTHING])}"
    )


def plan_files_reset(nodes: Sequence[AssetNode], *, products_only: bool) -> Removal:
    """Return what goes when files are removed: with them the rows that say they are there."""
    production = _find_production(nodes)
    rows = [table.name for node in production for table in node.owns.tables if not table.is_shared]
    folders = _find_folders(production) if products_only else (*_find_folders(nodes), SCRATCH)
    named = [
        column.class_.__tablename__
        for node in nodes
        for files in node.owns.files
        if files.folder.split("/")[0] in folders
        for column in files.named_by
    ]
    emptied = tuple(dict.fromkeys((*_order(rows), *_order(named))))
    if not products_only:
        return Removal((*emptied, DECISIONS), folders=folders)
    kept = "what was retrieved, bad_data and the names of targets"
    again = tuple(node.name for node in nodes if set(_find_folders([node])) & set(folders))
    return Removal(emptied, again, folders, kept=kept)


def _find_production(nodes: Sequence[AssetNode]) -> list[AssetNode]:
    """Return lightcurves, and all that is made from them."""
    first = [node.name for node in nodes if node.name.split("/")[-1] in CURVES]
    following = find_following(first, nodes)
    return [node for node in nodes if node.name in following]


def _find_made(node: AssetNode) -> list[str]:
    """Return the tables whose rows an asset makes, and not only adds to."""
    added = {table.name for table in node.owns.tables if table.is_shared}
    return [name for name in node.owns.table_names if name not in added]


def _find_folders(nodes: Iterable[AssetNode]) -> tuple[str, ...]:
    """Return the folders under `HSTQL_HOME` that assets write to, without what is in them."""
    owned = (files.folder.split("/")[0] for node in nodes for files in node.owns.files)
    return tuple(dict.fromkeys(owned))


def _order(names: Iterable[str]) -> tuple[str, ...]:
    """Return tables once each, as they were declared."""
    wanted = set(names)
    return tuple(name for name in tables.Base.metadata.tables if name in wanted)


def carry_out(removal: Removal, graph: Graph, clients: Clients) -> None:
    """Remove rows and decisions in one transaction, then keys, then folders.

    In this order a reset that was interrupted never leaves a row without its file.
    """
    make_tables(clients.database, foreign_tables())
    with clients.database.write() as writer:
        if BAD_DATA in removal.tables:
            _forget_bad(writer)
        for name in removal.tables:
            writer.execute(tables.Base.metadata.tables[name].delete())
        if "target_names" in removal.tables:
            writer.execute(update(tables.Observation).values(target=None))
        if removal.made_by:
            forget(writer, sorted(graph.find_following(removal.made_by)))
    if removal.forgets_keys:
        graph.forget_all()
    for folder in removal.folders:
        shutil.rmtree(clients.filesystem.home / folder, ignore_errors=True)


def _forget_bad(writer: Writer) -> None:
    """Forget the decisions that files were found bad by; what follows from them is behind then."""
    bad, outcome = tables.BadData, tables.Outcome
    led = exists().where(bad.step == outcome.asset, bad.rootname == outcome.key)
    writer.execute(delete(outcome).where(led))


def _enumerate(names: tuple[str, ...]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
