"""Take keys out of the partition sets that nothing was made of, such as mistyped ones."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.key_forms import show_key
from hstql_assets.batching.partitions import all_sets, find_wrong_keys, unregister_keys
from hstql_assets.batching.retiring import retire_keys
from hstql_assets.monitors.framework.registry import foreign_tables
from hstql_assets.monitors.framework.trend_run import make_tables
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import PlanError
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Database

KeysBySet = Mapping[str, Sequence[str]]


def find_keys(graph: Graph, database: Database, keys: Sequence[str]) -> KeysBySet:
    """Return where some keys are, or all those that are none, by partition set.

    Raises
    ------
    PlanError
        If one of them is in no set, or something was made of it.
    """
    if not keys:
        return find_wrong_keys(graph.instance)
    found = {
        name: [key for key in keys if graph.instance.has_dynamic_partition(name, key)]
        for name in all_sets()
    }
    for key in keys:
        if not any(key in own for own in found.values()):
            raise PlanError(f"{show_key(key)} is in no partition set.")
    for key in _find_made(database, keys):
        raise PlanError(
            f"{show_key(key)} stays, for something was made of it: 'hstql explain' says what, and "
            "'hstql reset' removes what was made."
        )
    return {name: own for name, own in found.items() if own}


def _find_made(database: Database, keys: Sequence[str]) -> list[str]:
    outcome, file = tables.Outcome, tables.File
    made = select(outcome.key).where(outcome.key == any_of(keys), outcome.status == "made")
    held = select(file.rootname).where(file.rootname == any_of(keys))
    return sorted(str(row[0]) for row in database.read(made.union(held)))


def forget_keys(graph: Graph, clients: Clients, found: KeysBySet) -> None:
    """Take keys out, with all that was decided about them."""
    make_tables(clients.database, foreign_tables())
    partitions = all_sets()
    for name, keys in found.items():
        retire_keys(clients.database, clients.filesystem, graph.nodes, name, keys)
        unregister_keys(graph.instance, partitions[name], keys)
