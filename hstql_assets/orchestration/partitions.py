"""Read how far a partition set is, in both records of it: what was decided, and what Dagster shows.

What a plan saw is remembered, so that the next looks only at what is new since.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import dagster as dg

from hstql_assets.batching.asset_nodes import WHOLE, AssetNode
from hstql_assets.batching.news import MOST_LEFT, read_few
from hstql_assets.batching.partitions import look_for_news, set_name
from hstql_assets.monitors.framework.stored_states import read_aged
from hstql_assets.orchestration.key_states import (
    find_named,
    read_failed,
    read_outdated,
    read_undecided,
)
from hstql_assets.orchestration.planning import GraphState, Mode
from hstql_assets.orchestration.selection import Selected
from hstql_resources.clients import Clients
from hstql_resources.dagster_keys import find_registered, find_unmaterialized
from hstql_resources.dagster_memory import Memory
from hstql_resources.postgres.database import Database


@dataclass(frozen=True)
class SetStates:
    """Reads the states of partition sets.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Of this process.
    assets : mapping of str to dagster.AssetsDefinition
        All, by name.
    nodes : sequence of AssetNode
        The same, as the planner sees them.
    warn : callable
        Takes a sentence that the user should read.
    """

    instance: dg.DagsterInstance
    assets: Mapping[str, dg.AssetsDefinition]
    nodes: Sequence[AssetNode]
    warn: Callable[[str], None]

    def read(
        self,
        clients: Clients,
        mode: Mode,
        selected: Selected | None,
        nodes: Sequence[AssetNode],
    ) -> GraphState:
        """Settle which keys a set has, and return which of them assets were not made for."""
        database, partition_set = clients.database, nodes[0].partition_set
        changed = self._settle(clients, nodes)
        unmade = self._read_unmade(database, nodes, changed) if mode != "failed" else {}
        names = [node.name for node in nodes]
        failed = read_failed(database, names) if mode == "failed" else {}
        is_any = mode == "all" or selected is not None or any((*unmade.values(), *failed.values()))
        return GraphState(
            keys=read_keys(self.instance, partition_set) if is_any else (),
            unmade=unmade,
            failed=failed,
            named=None if selected is None else find_named(database, selected, partition_set),
            is_wanted=selected is None or selected.selection.is_by_name,
        )

    def _read_unmade(
        self, database: Database, nodes: Sequence[AssetNode], changed: Mapping[str, Sequence[str]]
    ) -> dict[str, frozenset[str]]:
        """Return the keys that a killed run has left in one of two records, or that are to come.

        All keys of a set are looked at once; later those that are new, decided since, or were left.
        """
        name = nodes[0].partition_set
        whole = [node for node in self.nodes if node.partition_set == name]
        memory = Memory(
            self.instance, f"plan/{name}", [self.assets[node.name].key for node in whole]
        )
        news = look_for_news(self.instance, database, {name: whole}, memory.text)
        if news.warning:
            self.warn(news.warning)
        among = read_few(database, news.candidates[name])
        if not name and (among or read_aged(database)):  # these are made from all keys
            among = None
        unmade = self._look_at(database, nodes, changed, among)
        left = frozenset[str]().union(*unmade.values())
        if among != [] and len(nodes) == len(whole) and len(left) <= MOST_LEFT:
            memory.write(json.dumps(replace(news.seen, left=tuple(left)).write()))
        return unmade

    def _look_at(
        self,
        database: Database,
        nodes: Sequence[AssetNode],
        changed: Mapping[str, Sequence[str]],
        among: Sequence[str] | None,
    ) -> dict[str, frozenset[str]]:
        """Return which keys of a set, or of some, were not made, by asset."""
        name = nodes[0].partition_set
        if among is not None:
            among = sorted(find_registered(self.instance, name, among))
            if not among:
                return {node.name: frozenset(changed.get(node.name, ())) for node in nodes}
        keys = read_keys(self.instance, name) if among is None else among
        outdated = read_outdated(database, nodes, changed, among)
        undecided = read_undecided(database, list(outdated), keys)
        return {
            one: undecided[one] | outdated[one] | self._find_unmaterialized(one, among)
            for one in outdated
        }

    def _settle(self, clients: Clients, nodes: Sequence[AssetNode]) -> dict[str, Sequence[str]]:
        """Settle the keys of a set if rows say which they are; return those that changed."""
        # It knows steps of all kinds, and takes numpy and astropy along: 0.3 s for a mere question.
        from hstql_assets.orchestration.changed_keys import settle_changed
        from hstql_assets.orchestration.consequences import (
            DERIVED,
            forget_redefined,
            forget_reselected,
            say_selections,
        )

        forget_redefined(clients.database, clients.filesystem.home, nodes)
        if told := say_selections(nodes):
            # All exposures would have to be asked about: once for each edition of the tables.
            keys = [self.assets[node.name].key for node in nodes]
            memory = Memory(self.instance, f"selections/{nodes[0].partition_set}", keys)
            if memory.text != told:
                forget_reselected(clients.database, nodes)
                memory.write(told)
        derived = DERIVED.get(nodes[0].partition_set)
        if derived is None:
            return {}
        changed = settle_changed(self.instance, clients, self.nodes, derived)
        return {derived.asset: tuple(changed.states)}

    def _find_unmaterialized(self, name: str, among: Collection[str] | None) -> frozenset[str]:
        """Return the keys, or those of some, that Dagster does not show as made."""
        asset = self.assets[name]
        if isinstance(asset.partitions_def, dg.DynamicPartitionsDefinition):
            partition_set = set_name(asset.partitions_def)
            return find_unmaterialized(self.instance, asset.key, partition_set, among)
        event = self.instance.get_latest_materialization_event(asset.key)
        return frozenset({WHOLE} if event is None else ())


def read_keys(instance: dg.DagsterInstance, partition_set: str) -> tuple[str, ...]:
    """Return the registered keys of a set, in its order."""
    if not partition_set:
        return (WHOLE,)
    # Anyone can add the empty key; Dagster has no runs of it.
    return tuple(key for key in instance.get_dynamic_partitions(partition_set) if key)
