"""Repair what was found: keys retrieved and made again, files without a row removed.

The steps of the graph do the work, so whatever follows from a file is made again with it. Of an
archive nothing is ever touched.
"""

import contextlib
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.asset_nodes import WHOLE, list_owned_files
from hstql_assets.batching.decisions import any_of, forget, read_decisions
from hstql_assets.batching.job_names import file_assets, is_file_asset
from hstql_assets.orchestration.consistency.findings import ARCHIVE_EMPTY
from hstql_assets.orchestration.consistency.inputs import find_named
from hstql_assets.orchestration.consistency.run_checks import Examinations
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.key_states import TARGET_SET, targets_of
from hstql_assets.orchestration.planning import Request, Step
from hstql_assets.orchestration.run_reports import Report
from hstql_resources import tables
from hstql_resources.clients import Clients

GAIN_MAPS = "gain_maps"  # whose keys are images of many exposures


@dataclass(frozen=True)
class RepairPlan:
    """What can be done.

    Attributes
    ----------
    again : mapping of asset to tuple of str
        Keys that an asset, and all that follows, makes again.
    removals : tuple of str
        Files to be removed.
    planned_at : datetime
        A file that is newer is not removed.
    """

    again: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    removals: tuple[str, ...] = ()
    planned_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.again and not self.removals

    def describe(self) -> str:
        """Return what will be done, as a question."""
        parts = [f"make {len(keys)} {'key' if len(keys) == 1 else 'keys'} of {asset} again"
                 for asset, keys in self.again.items()]  # fmt: skip
        if self.removals:
            number = len(self.removals)
            parts.append(f"remove {number} {'file' if number == 1 else 'files'} without a row")
        question = ", ".join(parts)
        return f"{question[:1].upper()}{question[1:]}?"


@dataclass(frozen=True)
class Repair:
    """What was done: a report of each run of the graph, and the files that were removed."""

    reports: tuple[Report, ...]
    removed: tuple[str, ...]


def plan_repair(found: Examinations) -> RepairPlan:
    """Return what can be done about what was found.

    Nothing is done for an instrument of which a check could not be made, or of which the archive
    has nothing: what is missing could not be had again, and would only be forgotten.
    """
    stopped = {
        instrument
        for (instrument, _), one in found.items()
        if one.error is not None or ARCHIVE_EMPTY in one.kinds
    }
    again: dict[str, set[str]] = defaultdict(set)
    removals: set[str] = set()
    for (instrument, _), one in found.items():
        for finding in one.findings:
            if not finding.can_heal or instrument in stopped:
                continue
            if finding.remade_by:
                again[finding.remade_by].add(finding.key)
            else:
                removals.add(finding.path)
    return RepairPlan(
        {asset: tuple(sorted(keys)) for asset, keys in sorted(again.items())},
        tuple(sorted(removals)),
    )


def heal(
    graph: Graph,
    clients: Clients,
    plan: RepairPlan,
    on_step: Callable[[Step], None] = lambda _step: None,
) -> Repair:
    """Carry out a plan: forget decisions, make them again, remove files.

    Only what was made of a key before is made again. A decision is forgotten before it is made
    again, so that after an interruption `hstql materialize` does the rest.
    """
    requests = plan_requests(graph, clients, plan)
    _forget(clients, requests)
    reports = [graph.materialize(clients, request, {}, on_step) for request in requests]
    if requests and (summaries := _decided_summaries(graph, clients)):
        reports.append(graph.materialize(clients, Request(summaries, only=True), {}, on_step))
    return Repair(tuple(reports), tuple(_remove_files(graph, clients, plan)))


def plan_requests(graph: Graph, clients: Clients, plan: RepairPlan) -> list[Request]:
    """Return what to ask of the graph: keys with the same assets together, targets last."""
    sets = {node.name: node.partition_set for node in graph.nodes}
    assets: dict[str, set[str]] = defaultdict(set)
    targets: dict[str, set[str]] = defaultdict(set)
    for start, planned in plan.again.items():
        chosen = targets if sets[start] == TARGET_SET else assets
        registered = set(graph.instance.get_dynamic_partitions(sets[start]))
        keys = [key for key in planned if key in registered]
        for key, names in _choose_assets(graph, clients, start, keys).items():
            chosen[key] |= names
    for target, names in _choose_composites(clients, assets, sets).items():
        targets[target] |= names
    order = [node.name for node in graph.nodes]
    return [
        *(Request(names, rootnames=keys, only=True) for names, keys in _group(assets, order)),
        *(Request(names, targets=keys, only=True) for names, keys in _group(targets, order)),
    ]


def _choose_assets(
    graph: Graph, clients: Clients, start: str, keys: Sequence[str]
) -> dict[str, set[str]]:
    """Return the assets that make each key again: the first, and what was decided after it.

    What follows needs all that it is made from decided, so a retrieval that failed, or was never
    tried, goes with the other one.
    """
    following = graph.find_following([start])
    partners = set(file_assets(start.split("/")[0])) if is_file_asset(start) else set()
    decisions = read_decisions(clients.database, sorted(following | partners), keys)
    status = {place: found for place, (found, _) in decisions.items()}
    imaged = _read_imaged(clients, keys) if GAIN_MAPS in following else frozenset()
    return {
        key: {start}
        | ({GAIN_MAPS} if key in imaged else set())
        | {asset for asset in following if (asset, key) in status}
        | {asset for asset in partners if status.get((asset, key)) not in ("made", "none")}
        for key in keys
    }


def _read_imaged(clients: Clients, keys: Sequence[str]) -> frozenset[str]:
    """Return the exposures with events in cumulative images that were measured."""
    member, outcome = tables.CumulativeImageMember, tables.Outcome
    statement = (
        select(member.rootname)
        .join(outcome, outcome.key == member.image)
        .where(member.rootname == any_of(keys), outcome.asset == GAIN_MAPS)
        .distinct()
    )
    return frozenset(str(row.rootname) for row in clients.database.read(statement))


def _choose_composites(
    clients: Clients, assets: Mapping[str, set[str]], sets: Mapping[str, str]
) -> dict[str, set[str]]:
    """Return the assets of the targets whose lightcurves are made again, where they were made."""
    keys = [key for key, names in assets.items()
            if any(name.endswith("/lightcurves") for name in names)]  # fmt: skip
    found = sorted(set(targets_of(clients.database, keys).values()))
    names = [name for name, partition_set in sets.items() if partition_set == TARGET_SET]
    decisions = read_decisions(clients.database, names, found)
    chosen: dict[str, set[str]] = defaultdict(set)
    for asset, target in decisions:
        chosen[target].add(asset)
    return chosen


def _group(
    assets: Mapping[str, set[str]], order: Sequence[str]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the keys that are made by the same assets together, assets upstream first."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for key in sorted(assets):
        groups[tuple(name for name in order if name in assets[key])].append(key)
    return [(names, tuple(keys)) for names, keys in groups.items()]


def _forget(clients: Clients, requests: Sequence[Request]) -> None:
    with clients.database.write() as writer:
        for request in requests:
            forget(writer, request.assets, request.rootnames or request.targets)


def _decided_summaries(graph: Graph, clients: Clients) -> tuple[str, ...]:
    """Return the assets without partitions that were made; those out of date are made again."""
    names = [node.name for node in graph.nodes if not node.partition_set]
    decided = {asset for asset, _ in read_decisions(clients.database, names, [WHOLE])}
    return tuple(name for name in names if name in decided)


def _remove_files(graph: Graph, clients: Clients, plan: RepairPlan) -> list[str]:
    """Remove files that no row names, as long as nobody can write one; return their paths.

    A file that is newer than the plan belongs to a run that has not written its row yet.
    """
    if not plan.removals:
        return []
    removed = []
    with clients.database.write() as writer:
        named = find_named(writer, plan.removals, list_owned_files(graph.nodes))
        for path in plan.removals:
            if path not in named and _is_older(path, plan.planned_at):
                clients.filesystem.remove(Path(path))
                removed.append(path)
    return removed


def _is_older(path: str, time: datetime) -> bool:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_ctime < time.timestamp()
    return False
