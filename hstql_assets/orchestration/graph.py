"""Discover, materialize and forget: what hstql does with the graph as a whole, for `commands`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import chain
from typing import Any, NamedTuple

import dagster as dg

from hstql_assets.batching.asset_nodes import AssetNode, find_following
from hstql_assets.batching.job_names import is_file_asset
from hstql_assets.batching.partitions import (
    ROOTNAMES,
    TARGETS,
    all_sets,
    read_registered,
    register_keys,
    set_name,
    unregister_keys,
)
from hstql_assets.batching.room import admit, is_limited
from hstql_assets.batching.run_ranges import chunk_keys
from hstql_assets.observations.discovery import discover
from hstql_assets.observations.listing import read_listing_dates, record_products
from hstql_assets.orchestration.explanation import explain_exposure, explain_target
from hstql_assets.orchestration.jobs import describe_nodes, run_keys
from hstql_assets.orchestration.key_states import TARGET_SET, find_named
from hstql_assets.orchestration.partitions import SetStates, read_keys
from hstql_assets.orchestration.planning import (
    PlanError,
    Request,
    Selection,
    Step,
    order_sets,
    plan_set,
    resolve_assets,
)
from hstql_assets.orchestration.run_reports import (
    Failure,
    Report,
    fail_selection,
    find_outside,
    is_any_asked,
    report_steps,
)
from hstql_assets.orchestration.selection import (
    Registered,
    Selected,
    find_targets,
    select_keys,
)
from hstql_resources.archive import Search
from hstql_resources.clients import Clients
from hstql_resources.dagster_keys import find_registered
from hstql_resources.dagster_runs import cancel_own_runs, fail_dead_runs
from hstql_resources.filenames import instrument_of, is_rootname
from hstql_resources.postgres.database import Database
from hstql_resources.processes import paused_gc, without_gc

KEYS_PER_RUN = 1000


class Discovered(NamedTuple):
    """The keys that a search found, and those of them that were not registered before."""

    rootnames: tuple[str, ...]
    new: list[str]


class Graph:
    """The assets, and the Dagster instance that records them.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Of this process.
    warn : callable
        Takes a sentence that the user should read.
    """

    def __init__(
        self, instance: dg.DagsterInstance, warn: Callable[[str], None] = lambda _sentence: None
    ) -> None:
        self.instance, self.warn = instance, warn

    @cached_property
    def assets(self) -> dict[str, dg.AssetsDefinition]:
        """The assets by name, upstream before downstream."""
        with without_gc():
            # With all that they need. A command that only asks the database does not wait for it.
            from hstql_assets.orchestration.asset_list import build_assets

        return {asset.key.to_user_string(): asset for asset in build_assets()}

    @cached_property
    def nodes(self) -> list[AssetNode]:
        """The assets as the planner sees them, in the same order."""
        return describe_nodes(list(self.assets.values()))

    @paused_gc()
    def discover(self, clients: Clients, search: Search) -> Discovered:
        """Register what is new in the archive, and record what it lists.

        Raises
        ------
        ArchiveError
            If the archive does not answer, or cannot search by what is given.
        """
        listed_at = read_listing_dates(clients.database, search.instrument)
        found = discover(clients.archive, search, listed_at)
        record_products(clients.database, found)
        new = register_keys(self.instance, ROOTNAMES[search.instrument], found.rootnames)
        return Discovered(found.rootnames, new)

    def read_rootnames(self, instruments: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return the registered exposures and associations by instrument."""
        return {name: read_registered(self.instance, name) for name in instruments}

    def read_keys(self, database: Database, selected: Selected | None) -> dict[str, set[str]]:
        """Return the registered keys of each asset, of those that are selected."""
        keys: dict[str, set[str]] = {}
        for name in dict.fromkeys(node.partition_set for node in self.nodes):
            keys[name] = set(read_keys(self.instance, name))
            if selected is not None:
                keys[name] &= find_named(database, selected, name)
        return {node.name: keys[node.partition_set] for node in self.nodes}

    def find_following(self, names: Iterable[str]) -> set[str]:
        """Return the full names of assets and of all that is made from them."""
        return find_following(resolve_assets(names, self.nodes), self.nodes)

    def check_rootnames(self, rootnames: Iterable[str]) -> None:
        """Refuse rootnames that are not registered.

        Raises
        ------
        PlanError
            Naming the first of them, and what to do.
        """
        for rootname in rootnames:
            if not is_rootname(rootname) or instrument_of(rootname) not in ROOTNAMES:
                raise PlanError(f"{rootname!r} is not a rootname of {', '.join(ROOTNAMES)}.")
            name = set_name(ROOTNAMES[instrument_of(rootname)])
            if not self.instance.has_dynamic_partition(name, rootname):
                raise PlanError(
                    f"{rootname} is not registered: 'hstql discover' registers what the archive "
                    "has."
                )

    def find_targets(self, database: Database, names: Sequence[str]) -> list[str]:
        """Return the targets that names stand for: slug, resolved name, or name in the header.

        Raises
        ------
        PlanError
            If one of them is not known, with what to do.
        """
        registered = read_keys(self.instance, set_name(TARGETS))
        return sorted(find_targets(database, registered, names)[0])

    def select(self, clients: Clients, selection: Selection) -> Selected | None:
        """Return what the conditions of a user hold for; None if there is none.

        Raises
        ------
        PlanError
            If a name is not known, or nothing is selected.
        """
        if selection.is_empty:
            return None
        return select_keys(clients.database, clients.archive, self.read_registered(), selection)

    def read_registered(self) -> Registered:
        """Return the keys that conditions can hold for."""
        exposures = frozenset(chain.from_iterable(self.read_rootnames(ROOTNAMES).values()))
        return Registered(exposures, frozenset(read_keys(self.instance, set_name(TARGETS))))

    def explain(self, database: Database, key: str) -> list[str]:
        """Return in plain sentences what there is of an exposure, or of targets of one name.

        Raises
        ------
        PlanError
            If it is neither a registered rootname nor a target.
        """
        if is_rootname(key.lower()):
            rootname = key.lower()
            self.check_rootnames([rootname])
            sets = {node.partition_set for node in self.nodes if node.partition_set}
            holding = {name for name in sets if self.instance.has_dynamic_partition(name, rootname)}
            nodes = [node for node in self.nodes if node.partition_set in holding]
            return explain_exposure(database, nodes, rootname)
        nodes = [node for node in self.nodes if node.partition_set == TARGET_SET]
        targets = self.find_targets(database, [key])
        return [line for one in targets for line in explain_target(database, nodes, one)]

    def materialize(
        self,
        clients: Clients,
        request: Request,
        op_config: Mapping[str, Any],
        on_step: Callable[[Step], None],
    ) -> Report:
        """Make what a request asks for, one partition set after the other.

        Parameters
        ----------
        clients : Clients
            What the steps work with.
        request : Request
            What to make.
        op_config : mapping
            Configuration of assets, by the names of their ops.
        on_step : callable
            Called before each step of the plan.
        """
        outside: list[Failure] = []
        return self.run_steps(
            clients, self._plan(clients, request, outside), op_config, on_step, outside
        )

    def _plan(self, clients: Clients, request: Request, outside: list[Failure]) -> Iterator[Step]:
        """Yield the steps of a request, each set planned when those before it were run.

        Keys that were named and that no set has are added to `outside`. Those whose files there is
        no room for follow in further rounds; what is one thing is made in the last.
        """
        states = SetStates(self.instance, self.assets, self.nodes, self.warn)
        selected = chosen = self.select(clients, request.selection)
        is_any = selected is None
        later: set[str] | None = None
        holds_back = True
        while later is None or later:
            is_first, before, later = later is None, later, set[str]()
            for nodes in order_sets(request, self.nodes):
                if later and not nodes[0].partition_set:
                    continue
                state = states.read(clients, request.mode, chosen, nodes)
                if is_first:
                    is_any = is_any or is_any_asked(request, nodes, state)
                    outside += find_outside(request, nodes, state)
                for step in plan_set(request, nodes, state):
                    if holds_back:
                        later |= _find_beyond(clients, step)
                    if keys := tuple(key for key in step.keys if key not in later):
                        yield replace(step, keys=keys)
            self._settle_room(clients, is_everything=bool(later))
            holds_back = later != before  # else others take the room: let all that is left wait
            targets = frozenset[str]() if selected is None else selected.targets
            chosen = Selected(request.selection, frozenset(later), targets)
        if not is_any and not outside:
            outside.append(fail_selection(request))

    def run_steps(
        self,
        clients: Clients,
        steps: Iterable[Step],
        op_config: Mapping[str, Any],
        on_step: Callable[[Step], None],
        outside: Sequence[Failure] = (),
    ) -> Report:
        """Run steps until one fails as a whole.

        Parameters are those of `materialize`, with what failed before any step; the keys of a
        step have to be registered.
        """
        started = datetime.now(UTC)
        done: list[Step] = []
        for step in steps:
            on_step(step)
            done.append(step)
            error = self._run_step(clients, step, op_config)
            if error is not None:
                return report_steps(clients.database, done, started, outside, error)
        return report_steps(clients.database, done, started, outside, None)

    def _run_step(self, clients: Clients, step: Step, op_config: Mapping[str, Any]) -> str | None:
        assets = [self.assets[name] for name in step.assets]
        ops = {asset.op.name for asset in assets}
        config = {name: value for name, value in op_config.items() if name in ops}
        for chunk in chunk_keys(step.keys, KEYS_PER_RUN):
            error = run_keys(self.instance, clients, assets, chunk, config)
            if error is not None:
                return error
        return None

    def _settle_room(self, clients: Clients, *, is_everything: bool) -> None:
        """Set aside what nothing needs any more, or all, for others need the room."""
        if is_limited(clients):
            # It knows steps of all kinds, and takes numpy along: 0.3 s for a mere question.
            from hstql_assets.orchestration.setting_aside import set_aside_settled

            registered = partial(find_registered, self.instance)
            set_aside_settled(clients, self.nodes, registered, is_everything=is_everything)

    def fail_dead_runs(self) -> None:
        """Mark as failed the runs whose process was killed; else they count as running for ever."""
        fail_dead_runs(self.instance)

    def cancel_own_runs(self) -> None:
        """Mark as canceled the runs that this process is at work on, for it is about to end."""
        cancel_own_runs(self.instance)

    def forget_all(self) -> None:
        """Take all keys out of the partition sets, and all materializations out of Dagster."""
        for name, partitions in all_sets().items():
            keys = self.instance.get_dynamic_partitions(name)
            unregister_keys(self.instance, partitions, keys)
        self.instance.wipe_assets([asset.key for asset in self.assets.values()])


def _find_beyond(clients: Clients, step: Step) -> set[str]:
    """Return the keys of a step that brings files in for which there is no room now."""
    if not any(map(is_file_asset, step.assets)):
        return set()
    fitting, excessive = admit(clients, step.keys)
    return set(step.keys) - fitting - excessive.keys()


def open_graph(warn: Callable[[str], None] = lambda _sentence: None) -> Graph:
    """Return the graph of this process's Dagster instance."""
    return Graph(dg.DagsterInstance.get(), warn)
