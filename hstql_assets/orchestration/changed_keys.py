"""Settle the keys of a derived set and read which changed; only where something was written since.

What is behind such a set is written in the transaction of a decision, or with rows of files. So
where nothing had changed, nothing has until either is written or deleted, keys are registered or
taken out, or the program or a table of selection is another one.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.news import Seen, has_news, read_cursor, read_mark
from hstql_assets.batching.partitions import read_growth, set_name
from hstql_assets.orchestration.consequences import DerivedSet, settle_keys
from hstql_resources.clients import Clients
from hstql_resources.dagster_memory import Memory
from hstql_resources.source_digest import digest_sources

_PROGRAM = Path(__file__).parents[1]


class Changed(NamedTuple):
    """The keys to be made again, each with a digest of what it is made from; and those retired."""

    states: Mapping[str, str]
    retired: Sequence[str]


def settle_changed(
    instance: dg.DagsterInstance, clients: Clients, nodes: Sequence[AssetNode], derived: DerivedSet
) -> Changed:
    """Settle which keys a set has and return what changed.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Where the keys are.
    clients : Clients
        The archive, the database and the files.
    nodes : sequence of AssetNode
        The whole graph.
    derived : DerivedSet
        The set.
    """
    name, database = set_name(derived.partitions), clients.database
    now = read_mark(database)
    if derived.record is not None:
        derived.record(clients.archive, database)
    about = _digest_program()
    memory = Memory(instance, f"unchanged/{name}", [dg.AssetKey(derived.asset)])
    before = Seen.read(read_cursor(memory.text), now, about)
    size, new = read_growth(instance, name, before.sizes.get(name) if before else None)
    if before is not None and new == [] and not has_news(database, before.mark):
        return Changed({}, ())
    retired = settle_keys(instance, clients, nodes, derived)
    states = derived.read_changed(database)
    if not states:
        memory.write(json.dumps(Seen(now, {name: size}, (), about).write()))
    return Changed(states, retired)


@cache  # a process goes on with the program and the tables that it has read
def _digest_program() -> str:
    files = (one for one in _PROGRAM.rglob("*") if one.suffix in {".py", ".toml"})
    return digest_sources(files)[:12]
