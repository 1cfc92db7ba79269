"""Repair what was found: keys retrieved and made again, files without a row moved to the trash.

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

from hstql_assets.batching.asset_nodes import WHOLE, list_owned_files
from hstql_assets.batching.decisions import read_decisions
from hstql_assets.batching.job_names import file_assets, is_file_asset
from hstql_assets.orchestration.consistency.findings import ARCHIVE_EMPTY
from hstql_assets.orchestration.consistency.inputs import find_named
from hstql_assets.orchestration.consistency.run_checks import Examinations
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.key_states import TARGET_SET
from hstql_assets.orchestration.planning import Request, Step
from hstql_assets.orchestration.reprocessing.planning import (
    ReprocessingPlan,
    order_steps,
    read_decided,
    read_groups,
    read_sets,
)
from hstql_assets.orchestration.reprocessing.run import forget_steps, reprocess
from hstql_assets.orchestration.run_reports import Report
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Database

MAX_SHARE = 0.1  # of the files of a home that is removed at once, unless that is forced
TICK_S = 0.02  # the kernel dates files by a clock that goes by ticks, up to 10 ms late


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
class RemovalSize:
    """How much of a home a plan removes: files, their bytes, and of how many files."""

    files: int
    size_bytes: int
    of_files: int

    @property
    def is_large(self) -> bool:
        """Whether it is more than anybody should remove without a second look."""
        return self.files > MAX_SHARE * self.of_files

    def __str__(self) -> str:
        """Return it as part of a sentence."""
        share = self.files / max(self.of_files, 1)
        return (
            f"{self.files} of {self.of_files} files ({share:.0%}, {self.size_bytes / 1e6:.1f} MB)"
        )


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
        if instrument not in stopped:
            removals |= one.removals
            for asset, keys in one.again.items():
                again[asset] |= keys
    return RepairPlan(
        {asset: tuple(sorted(keys)) for asset, keys in sorted(again.items())},
        tuple(sorted(removals)),
    )


def measure_removals(graph: Graph, clients: Clients, plan: RepairPlan) -> RemovalSize:
    """Return how much of the home a plan removes, of all folders that assets write to."""
    top = clients.filesystem.home
    folders = {files.folder.split("/")[0] for files in list_owned_files(graph.nodes)}
    number = sum(len(names) for one in folders for _, _, names in os.walk(top / one))
    return RemovalSize(len(plan.removals), sum(map(_size_of, plan.removals)), number)


def _size_of(path: str) -> int:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_size
    return 0


def heal(
    graph: Graph,
    clients: Clients,
    plan: RepairPlan,
    on_step: Callable[[Step], None] = lambda _step: None,
) -> Repair:
    """Carry out a plan: forget decisions, make them again, move files to the trash.

    Only what was made of a key before is made again. A decision is forgotten before it is made
    again, so that after an interruption `hstql materialize` does the rest.
    """
    again = plan_again(graph, clients.database, plan)
    reports = []
    if again.steps:
        forget_steps(clients.database, again.targets)
        reports.append(reprocess(graph, clients, again, on_step))
        if summaries := _decided_summaries(graph, clients):
            reports.append(graph.materialize(clients, Request(summaries, only=True), {}, on_step))
    return Repair(tuple(reports), tuple(_remove_files(graph, clients, plan)))


def plan_again(graph: Graph, database: Database, plan: RepairPlan) -> ReprocessingPlan:
    """Return what is made again: what was found wanting, and what was decided after it."""
    wanted: dict[str, frozenset[str]] = defaultdict(frozenset)
    for start, keys in plan.again.items():
        following = graph.find_following([start])
        images = read_groups(graph, database, frozenset(keys))
        for found in (
            {start: frozenset(keys)},
            read_decided(database, sorted(following), keys),
            {name: own for name, own in images.items() if name in following},
            _find_unmade_partners(database, start, keys),
        ):
            for name, own in found.items():
                wanted[name] |= own
    names = {node.name for node in graph.nodes if node.partition_set == TARGET_SET}
    sets = read_sets(graph)
    return ReprocessingPlan(
        following=order_steps(graph, sets, {n: k for n, k in wanted.items() if n not in names}),
        targets=order_steps(graph, sets, {n: k for n, k in wanted.items() if n in names}),
    )


def _find_unmade_partners(
    database: Database, start: str, keys: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the keys whose other retrieval failed or was never tried, by its name.

    What follows needs all that it is made from decided, so that it goes with the first.
    """
    if not is_file_asset(start):
        return {}
    assets = file_assets(start.split("/")[0])
    decisions = read_decisions(database, assets, keys)
    done = {place for place, (status, _) in decisions.items() if status in ("made", "none")}
    return {asset: frozenset(key for key in keys if (asset, key) not in done) for asset in assets}


def _decided_summaries(graph: Graph, clients: Clients) -> tuple[str, ...]:
    """Return the assets without partitions that were made; those out of date are made again."""
    names = [node.name for node in graph.nodes if not node.partition_set]
    decided = {asset for asset, _ in read_decisions(clients.database, names, [WHOLE])}
    return tuple(name for name in names if name in decided)


def _remove_files(graph: Graph, clients: Clients, plan: RepairPlan) -> list[str]:
    """Move files that no row names to the trash, as long as nobody can write a row of them.

    A file that is newer than the plan belongs to a run that has not written its row yet.
    """
    if not plan.removals:
        return []
    removed = []
    with clients.database.write() as writer:
        named = find_named(writer, plan.removals, list_owned_files(graph.nodes))
        for path in plan.removals:
            if path not in named and _is_older(path, plan.planned_at):
                clients.filesystem.discard(Path(path))
                removed.append(path)
    return removed


def _is_older(path: str, time: datetime) -> bool:
    with contextlib.suppress(OSError):
        return os.lstat(path).st_ctime < time.timestamp()
    return False
