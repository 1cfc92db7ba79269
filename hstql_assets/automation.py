"""What hstql does with the graph as a whole: discover, materialize, reset. Called by `cli`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
from sqlalchemy import func, select

from hstql_assets.definitions import build_assets
from hstql_assets.jobs import PROCESS_TAG, partition_set, run_keys
from hstql_assets.observations.discovery import chunk_keys, find_new_rootnames
from hstql_assets.partitions import (
    ROOTNAMES,
    TIMETAG_ROOTNAMES,
    register_keys,
    set_name,
    unregister_keys,
)
from hstql_assets.planning import (
    AssetNode,
    GraphState,
    PlanError,
    Request,
    Step,
    find_outdated,
    order_sets,
    plan_set,
    resolve_assets,
)
from hstql_assets.upstream import among
from hstql_resources import tables
from hstql_resources.database import Database
from hstql_resources.filenames import instrument_of, is_rootname
from hstql_resources.processes import is_alive
from hstql_resources.workbench import Workbench

KEYS_PER_RUN = 1000


@dataclass(frozen=True)
class Failure:
    """A key that was not made, and why."""

    asset: str
    key: str
    status: str
    reason: str


@dataclass(frozen=True)
class Report:
    """What a materialization did.

    Attributes
    ----------
    counts : dict of str to int
        Keys by status.
    failures : tuple of Failure
        Those that are bad or missing.
    bad_files : int
        Files found bad on the way, also those of keys that were made all the same.
    error : str or None
        Why it was stopped, one sentence; None if it was not.
    """

    counts: dict[str, int]
    failures: tuple[Failure, ...]
    bad_files: int
    error: str | None = None


class Graph:
    """The assets, and the Dagster instance that records them.

    Parameters
    ----------
    instance : dagster.DagsterInstance
        Of this process.
    """

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.assets = {asset.key.to_user_string(): asset for asset in build_assets()}
        self.nodes = [
            AssetNode(
                name,
                partition_set(asset),
                tuple(key.to_user_string() for key in asset.dependency_keys),
            )
            for name, asset in self.assets.items()
        ]

    def discover(self, bench: Workbench, instrument: str, since: date | None) -> list[str]:
        """Register the rootnames of an instrument that are new in the archive; return them.

        Raises
        ------
        ArchiveError
            If the archive does not answer.
        """
        partitions = ROOTNAMES[instrument]
        known = self.instance.get_dynamic_partitions(set_name(partitions))
        new = find_new_rootnames(bench.archive, instrument, known, since)
        return register_keys(self.instance, partitions, new)

    def count_keys(self) -> dict[str, int]:
        """Return the number of registered keys of each asset."""
        sets = dict.fromkeys(node.partition_set for node in self.nodes)
        sizes = {name: len(self.instance.get_dynamic_partitions(name)) for name in sets}
        return {node.name: sizes[node.partition_set] for node in self.nodes}

    def find_following(self, names: Iterable[str]) -> set[str]:
        """Return the full names of assets and of all that is made from them."""
        found = set(resolve_assets(names, self.nodes))
        for node in self.nodes:  # upstream comes before downstream
            if found.intersection(node.upstream):
                found.add(node.name)
        return found

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

    def materialize(
        self,
        bench: Workbench,
        request: Request,
        op_config: Mapping[str, Any],
        on_step: Callable[[Step], None],
    ) -> Report:
        """Make what a request asks for, one partition set after the other.

        Parameters
        ----------
        bench : Workbench
            What the steps work with.
        request : Request
            What to make.
        op_config : mapping
            Configuration of assets, by the names of their ops.
        on_step : callable
            Called before each step of the plan.

        Returns
        -------
        Report
        """
        started = datetime.now(UTC)
        done: list[Step] = []
        outside: list[Failure] = []
        for nodes in order_sets(request, self.nodes):
            state = self._read_state(bench.database, nodes)
            outside += _find_outside(request, nodes, state)
            for step in plan_set(request, nodes, state):
                on_step(step)
                done.append(step)
                error = self._run_step(bench, step, op_config)
                if error is not None:
                    return _report(bench.database, done, started, outside, error)
        return _report(bench.database, done, started, outside, None)

    def _run_step(self, bench: Workbench, step: Step, op_config: Mapping[str, Any]) -> str | None:
        assets = [self.assets[name] for name in step.assets]
        ops = {asset.op.name for asset in assets}
        config = {name: value for name, value in op_config.items() if name in ops}
        for chunk in chunk_keys(step.keys, KEYS_PER_RUN):
            error = run_keys(self.instance, bench, assets, chunk, config)
            if error is not None:
                return error
        return None

    def _read_state(self, database: Database, nodes: Sequence[AssetNode]) -> GraphState:
        names = [node.name for node in nodes]
        statuses: dict[str, dict[str, str]] = {}
        times: dict[str, dict[str, datetime]] = {}
        outcome = tables.Outcome
        concerned = {name for node in nodes for name in (node.name, *node.upstream)}
        for name in concerned:
            statuses[name], times[name] = {}, {}
        for row in database.read(
            select(outcome.asset, outcome.key, outcome.status, outcome.decided_at).where(
                outcome.asset == among(sorted(concerned))
            )
        ):
            statuses[row.asset][row.key] = row.status
            times[row.asset][row.key] = row.decided_at
        return GraphState(
            tuple(self.instance.get_dynamic_partitions(nodes[0].partition_set)),
            statuses,
            {
                name: frozenset(self.instance.get_materialized_partitions(self.assets[name].key))
                for name in names
            },
            {node.name: find_outdated(node, times) for node in nodes},
        )

    def bury_dead_runs(self) -> None:
        """Mark as failed the runs whose process was killed; else they count as running for ever."""
        filters = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
        for run in self.instance.get_runs(filters):
            process = run.tags.get(PROCESS_TAG)
            if process is not None and is_alive(process) is False:
                self.instance.report_run_failed(run, "Its process was killed.")

    def forget_all(self) -> None:
        """Take all keys out of the partition sets, and all materializations out of Dagster."""
        for partitions in (*ROOTNAMES.values(), *TIMETAG_ROOTNAMES.values()):
            keys = self.instance.get_dynamic_partitions(set_name(partitions))
            unregister_keys(self.instance, partitions, keys)
        self.instance.wipe_assets([asset.key for asset in self.assets.values()])


def _find_outside(request: Request, nodes: Sequence[AssetNode], state: GraphState) -> list[Failure]:
    """Return the keys that were asked for by name and are not in the set of what was asked for."""
    asked = [node for node in nodes if node.name in request.assets]
    if not asked:
        return []
    reason = (
        f"It is not in {asked[0].partition_set}: its headers do not say that {asked[0].name} "
        "can be made of it."
    )
    keys = set(state.keys)
    return [
        Failure(asked[0].name, name, "not made", reason)
        for name in request.rootnames
        if name not in keys
    ]


def _report(
    database: Database,
    steps: Sequence[Step],
    started: datetime,
    outside: Sequence[Failure],
    error: str | None,
) -> Report:
    """Read back what was decided since the start about the keys of some steps.

    What follows from a failure fails for the same reason, so each key is named only once.
    """
    outcome = tables.Outcome
    names = sorted({name for step in steps for name in step.assets})
    recent = (outcome.asset == among(names), outcome.decided_at >= started)
    counts = database.read(
        select(outcome.status, func.count()).where(*recent).group_by(outcome.status)
    )
    failures = database.read(
        select(outcome.asset, outcome.key, outcome.status, outcome.reason)
        .where(*recent, outcome.status.in_(["bad", "missing"]))
        .order_by(outcome.decided_at, outcome.key)
    )
    keys = {(name, key) for step in steps for name in step.assets for key in step.keys}
    first: dict[str, Failure] = {}
    for row in failures:
        if (row.asset, row.key) in keys:
            failure = Failure(row.asset, row.key, row.status, row.reason or "")
            first.setdefault(row.key, failure)
    for failure in outside:
        first.setdefault(failure.key, failure)
    return Report(
        {str(row[0]): int(row[1]) for row in counts},
        tuple(first.values()),
        _count_bad_files(database, names, started),
        error,
    )


def _count_bad_files(database: Database, steps: Sequence[str], started: datetime) -> int:
    bad = tables.BadData
    statement = select(func.count()).where(bad.step == among(steps), bad.ingest_date >= started)
    return sum(int(row[0]) for row in database.read(statement))


def open_graph() -> Graph:
    """Return the graph of this process's Dagster instance."""
    return Graph(dg.DagsterInstance.get())
