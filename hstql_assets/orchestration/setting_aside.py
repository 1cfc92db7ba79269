"""Choose what is set aside: fetched files of exposures of which all that follows is decided.

That is what no sensor would request any more and nothing waits for: each asset of theirs has
decided, made or not, after what it is made from changed last, and so have the composites of their
target and the gain maps of their week. What is made of everything does not count.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Select, func, select, update

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.decisions import COMPOSITES, any_of
from hstql_assets.batching.job_names import is_file_asset
from hstql_assets.batching.key_forms import instrument_of_set
from hstql_assets.batching.news import select_keys
from hstql_assets.batching.room import (
    INPUTS,
    NO_ROOM,
    ROOM,
    find_limit,
    is_limited,
    measure_room,
    set_aside,
)
from hstql_assets.composites.membership import read_changed_targets
from hstql_assets.cumulative_images.reading import ASSET as GAIN_MAPS
from hstql_assets.cumulative_images.reading import read_changed_images
from hstql_assets.monitors.framework.membership import read_changed_sets, select_members
from hstql_assets.monitors.framework.registry import read_set_measurements
from hstql_assets.observations.raw_changes import find_undecided
from hstql_assets.orchestration.key_states import read_outdated_keys
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.filenames import instrument_of
from hstql_resources.postgres.database import Database

FindRegistered = Callable[[str, Collection[str]], Collection[str]]  # of a set, those of some keys


def set_aside_settled(
    clients: Clients,
    nodes: Sequence[AssetNode],
    find_registered: FindRegistered,
    *,
    is_everything: bool = False,
) -> None:
    """Set aside what nothing needs any more, unless somebody fetches or reads just now.

    Parameters
    ----------
    clients : Clients
        Where things are; where everything is kept nothing is done.
    nodes : sequence of AssetNode
        The whole graph.
    find_registered : callable
        Takes the name of a partition set and keys; returns those that are in it.
    is_everything : bool
        Whether all that was fetched goes, once nobody reads it: others have to be fetched.
    """
    if not is_limited(clients):
        return
    hold = clients.database.hold
    with (
        hold(ROOM, waits=is_everything) as is_first,
        hold(INPUTS, waits=is_everything) as is_alone,
    ):
        if not (is_first and is_alone):
            return
        fetched = measure_room(clients).fetched
        keys = sorted({file.rootname for file in fetched})
        needed = (
            set() if is_everything
            else find_unsettled(clients.database, nodes, find_registered, keys)
        )  # fmt: skip
        going = [file for file in fetched if file.rootname not in needed]
        if going:
            set_aside(clients, going)
            _wake(clients.database, find_limit(clients))


def find_unsettled(
    database: Database,
    nodes: Sequence[AssetNode],
    find_registered: FindRegistered,
    keys: Sequence[str],
) -> set[str]:
    """Return the exposures that something has to be made of yet."""
    unsettled = _read(
        database, select(tables.Attempt.key).where(tables.Attempt.key == any_of(keys))
    )
    for name in {node.partition_set for node in nodes}:
        instrument = instrument_of_set(name)
        if instrument is None:
            continue
        own = [one for one in nodes if one.partition_set == name and not is_file_asset(one.name)]
        meant = sorted(find_registered(name, [k for k in keys if instrument_of(k) == instrument]))
        if meant:
            unsettled |= read_outdated_keys(database, own, select_keys(meant)).keys()
            unsettled.update(find_undecided(database, instrument, meant))
    settled = sorted(set(keys) - unsettled)
    if not settled:  # as mostly: what changed is asked of all targets
        return unsettled
    curve, member = tables.Lightcurve, tables.CumulativeImageMember
    for model, column, asset, changed in (
        (curve, curve.target, COMPOSITES, read_changed_targets(database)),
        (member, member.image, GAIN_MAPS, read_changed_images(database)),
    ):
        open_ones = sorted(changed.keys() - _read_failed(database, asset, list(changed)))
        statement = select(model.rootname).where(
            model.rootname == any_of(settled), column == any_of(open_ones)
        )
        unsettled |= _read(database, statement)
    for one in read_set_measurements():
        changed = read_changed_sets(database, one)
        open_ones = sorted(changed.keys() - _read_failed(database, one.name, list(changed)))
        members = select_members(one, open_ones).subquery()
        statement = select(members.c.rootname).where(members.c.rootname == any_of(settled))
        unsettled |= _read(database, statement)
    return unsettled


def _read(database: Database, statement: Select[str]) -> set[str]:
    return {str(row[0]) for row in database.read(statement)}


def _read_failed(database: Database, asset: str, keys: Sequence[str]) -> set[str]:
    """Return the keys that were decided, and not made."""
    outcome = tables.Outcome
    return _read(
        database,
        select(outcome.key).where(
            outcome.asset == asset, outcome.key == any_of(keys), outcome.status != "made"
        ),
    )


def _wake(database: Database, limit: float) -> None:
    """Let sensors try the first of the keys that wait for room, as many as it takes."""
    attempt, product = tables.Attempt, tables.Product
    waiting = select(attempt.key).where(attempt.reason == NO_ROOM).distinct().subquery()
    size = func.coalesce(func.sum(product.size_bytes), 0)
    sizes = (
        select(waiting.c.key, func.sum(size).over(order_by=waiting.c.key).label("total"))
        .outerjoin(product, product.rootname == waiting.c.key)
        .group_by(waiting.c.key)
        .subquery()
    )
    first = select(sizes.c.key).where(sizes.c.total <= limit)
    with database.write() as writer:
        writer.execute(
            update(attempt)
            .where(attempt.reason == NO_ROOM, attempt.key.in_(first))
            .values(next_at=datetime.now(UTC))
        )
