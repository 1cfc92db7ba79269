"""Read how far a partition set is: decisions, what is out of date, what was named.

Read for the planner, which is told nothing of a database, and for the sensors.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from hstql_assets.batching.asset_nodes import WHOLE, AssetNode
from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.news import MOST_NEW, Keys, select_keys
from hstql_assets.batching.partition_names import (
    CUMULATIVE_IMAGES,
    EXPOSURE_SETS,
    IR_EXPOSURES,
    has_same_keys,
)
from hstql_assets.monitors.framework.membership import sets_of
from hstql_assets.monitors.framework.registry import find_set_measurement
from hstql_assets.monitors.framework.stored_states import read_aged
from hstql_assets.monitors.persistence.membership import followers_of
from hstql_assets.orchestration.planning import FAILED
from hstql_assets.orchestration.selection import Selected
from hstql_resources import tables
from hstql_resources.filenames import is_rootname
from hstql_resources.postgres.database import Database

TARGET_SET = "target"
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def read_failed(database: Database, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the keys that are bad or missing, by asset."""
    outcome = tables.Outcome
    statement = select(outcome.asset, outcome.key).where(
        outcome.asset == any_of(names), outcome.status == any_of(sorted(FAILED))
    )
    failed: dict[str, set[str]] = {name: set() for name in names}
    for asset, key in database.read(statement):
        failed[asset].add(key)
    return {name: frozenset(keys) for name, keys in failed.items()}


def read_undecided(
    database: Database, names: Sequence[str], keys: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the keys that no decision was recorded about, by asset.

    Of many keys, nothing more is asked about an asset that has a decision about exactly these, as
    where all is made: their numbers and digests are equal then.
    """
    asked = names if len(keys) <= MOST_NEW else _find_others(database, names, keys)
    outcome = tables.Outcome
    name, key = select_keys(asked).subquery().c[0], select_keys(keys).subquery().c[0]
    is_decided = exists().where(outcome.asset == name, outcome.key == key)
    found: dict[str, set[str]] = {one: set() for one in names}
    statement = select(name, key).join_from(name.table, key.table, true()).where(~is_decided)
    for asset, undecided in database.read(statement) if asked else ():
        found[asset].add(undecided)
    return {one: frozenset(undecided) for one, undecided in found.items()}


def _find_others(database: Database, names: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Return the assets that have decisions about other keys, or about fewer."""
    outcome, key = tables.Outcome, select_keys(keys).subquery().c[0]
    decided = (
        select(outcome.asset, *_digest(outcome.key))
        .where(outcome.asset == any_of(names))
        .group_by(outcome.asset)
    )
    rows = database.read(decided.union_all(select(literal(""), *_digest(key))))
    found = {row[0]: tuple(row[1:]) for row in rows}
    return [name for name in names if found.get(name) != found[""]]


def _digest(key: Any) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return the number of keys, and what is another number for almost all other keys."""
    return func.count(), func.bit_xor(func.hashtextextended(key, 0))


def read_outdated(
    database: Database,
    nodes: Sequence[AssetNode],
    changed: Mapping[str, Sequence[str]],
    among: Sequence[str] | None = None,
) -> dict[str, frozenset[str]]:
    """Return the keys of each asset that were decided before what they are made from changed.

    Parameters
    ----------
    database : Database
        Where the decisions are.
    nodes : sequence of AssetNode
        The assets of one partition set.
    changed : mapping of asset to sequence of keys
        Targets whose lightcurves are not those that their composites were made with, and images
        whose events are others. Times would not do: these are made from other keys than their
        own, and some of them may be gone.
    among : sequence of str, optional
        Beside these, only such keys are looked at.
    """
    if not nodes[0].partition_set:
        return _read_outdated_wholes(database, nodes)
    found: dict[str, set[str]] = {node.name: set() for node in nodes}
    for source in dict.fromkeys(name for node in nodes for name in node.upstream):
        following = [one for one in nodes if source in one.upstream]
        names = [one.name for one in following if has_same_keys(one.partition_set, source)]
        for name, key in _read_decided_before(database, names, source, among):
            found[name].add(key)
    outdated = {name: frozenset(keys) for name, keys in found.items()}
    return outdated | {name: frozenset(keys) for name, keys in changed.items() if name in outdated}


def _read_decided_before(
    database: Database, names: Sequence[str], source: str, among: Sequence[str] | None
) -> Sequence[Row[str, str]]:
    """Return the keys of assets that were decided before that of their source changed."""
    own, other = aliased(tables.Outcome), aliased(tables.Outcome)
    statement = (
        select(own.asset, own.key)
        .join(other, other.key == own.key)
        .where(
            own.asset == any_of(names),
            other.asset == source,
            other.changed_at > own.decided_at,
        )
    )
    if among is not None:
        statement = statement.where(own.key == any_of(among))
    return database.read(statement) if names else []


def _read_outdated_wholes(
    database: Database, nodes: Sequence[AssetNode]
) -> dict[str, frozenset[str]]:
    """Return which assets of one thing were decided before what they are made from changed.

    What a monitor said before its data became too old counts for nothing.
    """
    names = {name for node in nodes for name in (node.name, *node.upstream)}
    outcome = tables.Outcome
    statement = (
        select(outcome.asset, func.max(outcome.decided_at), func.max(outcome.changed_at))
        .where(outcome.asset == any_of(sorted(names)))
        .group_by(outcome.asset)
    )
    rows = database.read(statement)
    decided, changed = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    decided |= dict.fromkeys(read_aged(database).keys() & decided.keys(), LONG_AGO)
    return {
        node.name: frozenset(
            {WHOLE}
            if node.name in decided
            and any(changed.get(name, LONG_AGO) > decided[node.name] for name in node.upstream)
            else ()
        )
        for node in nodes
    }


def find_named(database: Database, chosen: Selected, partition_set: str) -> frozenset[str]:
    """Return the keys of a partition set that are chosen.

    Exposures stand for their targets. A rootname that was given by name, and has no lightcurve,
    has no target, and stands for itself, so that it can be named as not made.
    """
    if not partition_set:
        return frozenset({WHOLE})
    if partition_set == TARGET_SET:
        return _find_targets(database, chosen)
    if partition_set in GROUPS:
        named = frozenset(name for name in chosen.exposures if not is_rootname(name))
        return GROUPS[partition_set](database, sorted(chosen.exposures)) | named
    return chosen.exposures


def _find_targets(database: Database, chosen: Selected) -> frozenset[str]:
    if chosen.selection.is_of_targets_only:
        return chosen.targets
    targets = targets_of(database, sorted(chosen.exposures))
    found = frozenset(targets.values())
    alone = frozenset(chosen.selection.rootnames) - targets.keys()
    return (found & chosen.targets if chosen.selection.targets else found) | alone


def targets_of(database: Database, rootnames: Sequence[str]) -> dict[str, str]:
    """Return the target that the lightcurve of each exposure belongs to now, where it has one."""
    curve = tables.Lightcurve
    statement = select(curve.rootname, curve.target).where(curve.rootname == any_of(rootnames))
    return {str(row[0]): str(row[1]) for row in database.read(statement)}


def images_of(database: Database, rootnames: Sequence[str]) -> frozenset[str]:
    """Return the cumulative images that hold events of some exposures."""
    member = tables.CumulativeImageMember
    statement = select(member.image).where(member.rootname == any_of(rootnames)).distinct()
    return frozenset(str(row.image) for row in database.read(statement))


def _sets_of(asset: str, database: Database, rootnames: Sequence[str]) -> frozenset[str]:
    return sets_of(database, find_set_measurement(asset), rootnames)


# What finds the keys that some exposures are in, by partition set.
GROUPS: Mapping[str, Callable[[Database, Sequence[str]], frozenset[str]]] = {
    CUMULATIVE_IMAGES: images_of,
    **{name: partial(_sets_of, asset) for asset, name in EXPOSURE_SETS.items()},
}
# The same of what is made again when an exposure is; who names one of these means that alone.
MADE_WITH = {**GROUPS, IR_EXPOSURES: followers_of}


def read_outdated_keys(
    database: Database, nodes: Sequence[AssetNode], among: Keys | None = None
) -> dict[str, datetime]:
    """Return the keys that assets of one partition set have to be run for.

    Of such a key all that the assets are made from is decided, and one of the assets was decided
    before something upstream of it changed; or never, and there is something to make it from.

    Parameters
    ----------
    database : Database
        Where the decisions are.
    nodes : sequence of AssetNode
        Assets that one job makes, with equal keys; what they are made from may be outside.
    among : Select, optional
        The query for the keys that are looked at; without it all.

    Returns
    -------
    dict of str to datetime
        With the time when what is outside last changed: a run at a later time would make the
        same again.
    """
    outcome = tables.Outcome
    own = {node.name for node in nodes}
    sources = sorted({name for node in nodes for name in node.upstream} - own)
    is_meant = true() if among is None else outcome.key.in_(among)
    last_change = func.greatest(*(_last(outcome.changed_at, name) for name in sources))
    is_any_made = func.bool_or(and_(outcome.asset == any_of(sources), outcome.status == "made"))
    statement = (
        select(outcome.key, last_change)
        .where(outcome.asset == any_of([*sources, *sorted(own)]), is_meant)
        .group_by(outcome.key)
        .having(
            and_(
                *(_last(outcome.decided_at, name).is_not(None) for name in sources),
                or_(*(_is_behind(node, is_any_made) for node in nodes)),
            )
        )
    )
    return {str(row[0]): row[1] for row in database.read(statement)}


def _is_behind(node: AssetNode, is_any_made: ColumnElement[bool]) -> ColumnElement[bool]:
    outcome = tables.Outcome
    decided_at = _last(outcome.decided_at, node.name)
    changes = func.greatest(*(_last(outcome.changed_at, name) for name in node.upstream))
    return or_(and_(decided_at.is_(None), is_any_made), decided_at < changes)


def _last(column: Any, asset: str) -> ColumnElement[datetime]:
    """Return the time in a column of an asset's row; each key has one row for each asset."""
    return func.max(column).filter(tables.Outcome.asset == asset)
