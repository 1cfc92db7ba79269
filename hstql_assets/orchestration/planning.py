"""Plan which keys `hstql materialize` makes, asset by asset, upstream first.

Pure: the state of the graph comes in as a `GraphState`, the plan goes out. Running it is done
in `jobs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Literal

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_resources.sky import Cone
from hstql_resources.suggestions import name_unknown

Mode = Literal["missing", "all", "failed"]
FAILED = frozenset({"bad", "missing"})


class PlanError(Exception):
    """A request that cannot be planned; one sentence, wrong usage."""


@dataclass(frozen=True)
class Selection:
    """Conditions on exposures; of several kinds all have to hold.

    Attributes
    ----------
    rootnames : tuple of str
        One of these exposures and associations; in any case.
    targets : tuple of str
        Of one of these targets: slug, resolved name, or name in the header.
    proposals : tuple of int
        Of one of these proposals.
    instruments : tuple of str
        Of one of these instruments.
    since : datetime or None
        Public since then, UTC.
    cone : Cone or None
        Pointing into this circle on the sky, by the headers that were read.
    """

    rootnames: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    proposals: tuple[int, ...] = ()
    instruments: tuple[str, ...] = ()
    since: datetime | None = None
    cone: Cone | None = None

    def __post_init__(self) -> None:
        """Write rootnames as tables have them."""
        object.__setattr__(self, "rootnames", tuple(name.lower() for name in self.rootnames))

    @property
    def is_empty(self) -> bool:
        """Whether there is no condition."""
        return self == Selection()

    @property
    def is_by_name(self) -> bool:
        """Whether exposures or targets are named: what is named is wanted, made before or not."""
        return bool(self.rootnames or self.targets)

    @property
    def is_of_targets_only(self) -> bool:
        """Whether there is no condition but on the target."""
        return bool(self.targets) and replace(self, targets=()).is_empty

    def describe(self) -> str:
        """Return the conditions as the end of a sentence."""
        kinds = {
            "": self.rootnames,
            "of target ": self.targets,
            "of proposal ": [str(proposal) for proposal in self.proposals],
            "of ": self.instruments,
            "public since ": [f"{self.since:%Y-%m-%d}"] if self.since else [],
            "within ": [self.cone.describe()] if self.cone else [],
        }
        parts = [f"{kind}{' or '.join(names)}" for kind, names in kinds.items() if names]
        return " and ".join(parts)


@dataclass(frozen=True)
class Request:
    """What the user asked for.

    Attributes
    ----------
    assets : tuple of str
        Full names.
    mode : str
        `missing`: keys never decided; `all`; `failed`: bad or missing ones.
    selection : Selection
        Only these exposures, and their targets. Without a condition: everything.
    only : bool
        Leave upstream assets alone.
    """

    assets: tuple[str, ...]
    mode: Mode = "missing"
    selection: Selection = field(default_factory=Selection)
    only: bool = False


@dataclass(frozen=True)
class GraphState:
    """What has been done of one partition set.

    Attributes
    ----------
    keys : tuple of str
        All keys of the set, in the order of their registration.
    unmade : mapping of asset to set of keys
        Those that an asset was never run for, or not to the end, or too early; where it is asked.
    failed : mapping of asset to set of keys
        Those that are bad or missing in an asset; where it is asked for them.
    named : set of str or None
        The keys that the request is limited to; None for no limit.
    is_wanted : bool
        Whether these are wanted whatever was decided about them, as what a user names is.
    """

    keys: tuple[str, ...]
    unmade: Mapping[str, frozenset[str]]
    failed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    named: frozenset[str] | None = None
    is_wanted: bool = True


@dataclass(frozen=True)
class Step:
    """One or more assets of one partition set, for the same keys in the same order."""

    assets: tuple[str, ...]
    keys: tuple[str, ...]


def resolve_assets(names: Iterable[str], nodes: Sequence[AssetNode]) -> tuple[str, ...]:
    """Return the full names of assets; one without prefix means that of every instrument.

    They are taken in any case.

    Raises
    ------
    PlanError
        If there is no such asset.
    """
    found: list[str] = []
    for name in names:
        lower = name.lower()
        matches = [node.name for node in nodes if lower in (node.name, node.name.split("/")[-1])]
        if not matches:
            part = slice(None) if "/" in name else slice(-1, None)
            known = ("/".join(node.name.split("/")[part]) for node in nodes)
            raise PlanError(name_unknown("asset", name, known))
        found += matches
    return tuple(dict.fromkeys(found))


def order_sets(request: Request, nodes: Sequence[AssetNode]) -> list[list[AssetNode]]:
    """Return the assets that a request concerns, by partition set, upstream first."""
    concerned = set(request.assets)
    if not request.only:
        for node in reversed(nodes):
            if node.name in concerned:
                concerned |= set(node.upstream)
    sets: dict[str, list[AssetNode]] = {}
    for node in nodes:
        if node.name in concerned:
            sets.setdefault(node.partition_set, []).append(node)
    return list(sets.values())


def plan_set(request: Request, nodes: Sequence[AssetNode], state: GraphState) -> list[Step]:
    """Return what is to be run of one partition set; neighbours with equal keys go together.

    Parameters
    ----------
    request : Request
    nodes : sequence of AssetNode
        The assets concerned, all of this set.
    state : GraphState
        Of this set, after the sets before it were run.
    """
    planned: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        wanted = _select(request, node, state)
        if request.mode == "missing":  # what follows from what will be made is out of date then
            wanted |= {key for name in node.upstream for key in planned.get(name, ())}
        planned[node.name] = tuple(key for key in state.keys if key in wanted) if wanted else ()
    return join_steps(planned.items())


def join_steps(planned: Iterable[tuple[str, tuple[str, ...]]]) -> list[Step]:
    """Return steps of assets of one partition set with their keys; without empty ones."""
    made = ((name, keys) for name, keys in planned if keys)
    return [
        Step(tuple(name for name, _ in neighbours), keys)
        for keys, neighbours in groupby(made, key=lambda pair: pair[1])
    ]


def _select(request: Request, node: AssetNode, state: GraphState) -> frozenset[str]:
    """Return the keys of one asset.

    An asset that is only upstream of what was asked for is made where it was never made; when
    failures are tried again, so are those that came from it.
    """
    is_asked = node.name in request.assets
    if request.mode == "failed":
        wanted = state.failed[node.name]
    elif is_asked and request.mode == "all":
        wanted = frozenset(state.keys)
    elif is_asked and state.named is not None and state.is_wanted:
        wanted = state.named
    else:
        wanted = state.unmade[node.name]
    return wanted if state.named is None else wanted & state.named
