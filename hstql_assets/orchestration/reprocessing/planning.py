"""Plan what reprocessing makes again, in which order, from the tables alone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.decisions import read_decisions
from hstql_assets.batching.job_names import FILE_ASSETS, is_file_asset
from hstql_assets.batching.key_forms import is_key
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.key_states import MADE_WITH, TARGET_SET, targets_of
from hstql_assets.orchestration.planning import PlanError, Step, join_steps
from hstql_assets.orchestration.reprocessing.redownload import Download, measure_download
from hstql_assets.orchestration.reprocessing.selection import NOTHING, Choice, choose
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Database

RAW, CALIBRATED = FILE_ASSETS
Decided = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class How:
    """How the files are had.

    Attributes
    ----------
    is_fetched : bool
        Whether the archive is asked for them again.
    is_calibrated : bool
        Whether the calibrated ones are made here, by the calibration pipeline.
    """

    is_fetched: bool = True
    is_calibrated: bool = False

    def configure(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the configuration of the file assets among some, by the names of their ops."""
        config: dict[str, Any] = {}
        for name in names:
            values = {"fetch": "again" if self.is_fetched else "changed"}
            if name.endswith(f"/{CALIBRATED}"):
                values["source"] = "pipeline" if self.is_calibrated else "archive"
            if is_file_asset(name):
                config[name.replace("/", "__")] = {"config": values}
        return config


@dataclass(frozen=True)
class ReprocessingPlan:
    """What is made again.

    Attributes
    ----------
    files : tuple of Step
        Files, raw ones first.
    following : tuple of Step
        What is made from them, of exposures and associations.
    targets : tuple of Step
        What is made of the targets that the lightcurves belong to now.
    summaries : tuple of Step
        What is one thing, made from all.
    how : How
        How the files are had.
    brought, left_out : tuple of str
        Associations that come with their members; keys of which nothing was ever made.
    download : Download or None
        None if nothing is fetched.
    """

    files: tuple[Step, ...] = ()
    following: tuple[Step, ...] = ()
    targets: tuple[Step, ...] = ()
    summaries: tuple[Step, ...] = ()
    how: How = field(default_factory=How)
    brought: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    download: Download | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return (*self.files, *self.following, *self.targets, *self.summaries)

    @property
    def keys(self) -> frozenset[str]:
        """The exposures and associations."""
        return frozenset(key for step in (*self.files, *self.following) for key in step.keys)

    @property
    def exposures_with_lightcurves(self) -> frozenset[str]:
        """Those whose lightcurve is made again."""
        return _with_lightcurves(self.following)


def plan_reprocessing(graph: Graph, clients: Clients, choice: Choice, how: How) -> ReprocessingPlan:
    """Return what reprocessing does; nothing is changed by asking.

    What was never made of a key is not made, but for its files: whoever has one kind of them gets
    the other.

    Raises
    ------
    PlanError
        If nothing was named, a name is not known, or the database refuses the condition.
    """
    graph.check_rootnames(choice.selection.rootnames)
    sets = read_sets(graph)
    others = (TARGET_SET, *MADE_WITH, "")
    names = [node.name for node in graph.nodes if node.partition_set not in others]
    chosen = choose(clients.database, clients.archive, graph.read_registered(), choice)
    if not chosen.keys and not choice.is_everything:
        raise PlanError(NOTHING)
    decided = read_decided(clients.database, names, sorted(chosen.keys))
    keys = frozenset(key for found in decided.values() for key in found)
    wanted = read_groups(graph, clients.database, keys) | {
        name: _want_files(name, keys, decided, how) if is_file_asset(name) else found
        for name, found in decided.items()
    }
    files = order_steps(graph, sets, {n: k for n, k in wanted.items() if is_file_asset(n)})
    rest = order_steps(graph, sets, {n: k for n, k in wanted.items() if not is_file_asset(n)})
    targets = plan_targets(graph, clients.database, _with_lightcurves(rest))
    made = [name for step in (*files, *rest) for name in step.assets]
    return ReprocessingPlan(
        files=files,
        following=rest,
        targets=targets,
        summaries=_plan_summaries(graph, clients.database, made),
        how=how,
        brought=tuple(key for key in chosen.brought if key in keys),
        left_out=tuple(sorted(chosen.keys - keys)),
        download=_measure(clients, files, how),
    )


def read_groups(
    graph: Graph, database: Database, keys: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Return the images and sets that exposures are in, and those they leave something in."""
    found: dict[str, frozenset[str]] = {}
    for name, find in MADE_WITH.items():
        names = [node.name for node in graph.nodes if node.partition_set == name]
        found |= read_decided(database, names, sorted(find(database, sorted(keys))))
    return found


def read_decided(
    database: Database, assets: Sequence[str], keys: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the keys that each asset was ever run for, of some keys."""
    found: dict[str, set[str]] = {name: set() for name in assets}
    for asset, key in read_decisions(database, assets, keys):
        found[asset].add(key)
    return {name: frozenset(decided) for name, decided in found.items()}


def order_steps(
    graph: Graph, sets: Mapping[str, Sequence[str]], wanted: Decided
) -> tuple[Step, ...]:
    """Return steps, upstream first; keys that are not registered (in `sets`) are left out."""
    planned = [
        (node, tuple(key for key in sets[node.partition_set] if key in wanted[node.name]))
        for node in graph.nodes
        if wanted.get(node.name)
    ]
    made = [(node, keys) for node, keys in planned if keys]
    return tuple(
        step
        for _, same_set in groupby(made, key=lambda pair: pair[0].partition_set)
        for step in join_steps((node.name, keys) for node, keys in same_set)
    )


def plan_targets(
    graph: Graph,
    database: Database,
    rootnames: Iterable[str],
    before: Sequence[Step] = (),
) -> tuple[Step, ...]:
    """Return what is made again of the targets of some exposures.

    Parameters
    ----------
    graph : Graph
    database : Database
    rootnames : iterable of str
        Exposures with a lightcurve.
    before : sequence of Step
        What was planned for the targets that they belonged to before, or for others. It is made
        again, and a target that is new gets the same assets, even where the old one is gone.
    """
    names = [node.name for node in graph.nodes if node.partition_set == TARGET_SET]
    now = frozenset(targets_of(database, sorted(rootnames)).values())
    decided = read_decided(database, names, sorted(now))
    planned: dict[str, set[str]] = defaultdict(set)
    for step in before:
        for name in step.assets:
            planned[name].update(step.keys)
    new = now.difference(*decided.values(), *planned.values())
    wanted = {
        name: keys | planned[name] | new if name in planned else keys
        for name, keys in decided.items()
    }
    return order_steps(graph, read_sets(graph), wanted)


def read_sets(graph: Graph) -> dict[str, Sequence[str]]:
    """Return the registered keys of all partition sets, by name."""
    names = {node.partition_set for node in graph.nodes} - {""}
    sets: dict[str, Sequence[str]] = {
        name: graph.instance.get_dynamic_partitions(name) for name in names
    }
    return sets | {"": (WHOLE,)}


def _want_files(name: str, keys: frozenset[str], decided: Decided, how: How) -> frozenset[str]:
    instrument, _, kind = name.partition("/")
    own = frozenset(key for key in keys if is_key(f"{instrument}_rootname", key))
    if how.is_fetched or (how.is_calibrated and kind == CALIBRATED):
        return own
    # The pipeline needs the raw files, and what follows needs both to be decided.
    return own - decided[name]


def _with_lightcurves(steps: Sequence[Step]) -> frozenset[str]:
    return frozenset(
        key
        for step in steps
        if any(name.endswith("/lightcurves") for name in step.assets)
        for key in step.keys
    )


def _plan_summaries(graph: Graph, database: Database, made: Sequence[str]) -> tuple[Step, ...]:
    """Return the assets without partitions that follow from others, where they were made."""
    following = graph.find_following(made) if made else set()
    names = [n.name for n in graph.nodes if not n.partition_set and n.name in following]
    decided = read_decided(database, names, [WHOLE])
    return order_steps(graph, {"": (WHOLE,)}, decided)


def _measure(clients: Clients, files: Sequence[Step], how: How) -> Download | None:
    if clients.archive.in_place or not how.is_fetched:
        return None
    keys = {key for step in files for key in step.keys}
    return measure_download(clients.database, keys, is_raw_only=how.is_calibrated)
