"""Find the trends that are behind what they are made from, or whose data have become old."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.decisions import any_of
from hstql_assets.monitors.framework.stored_states import read_aged
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_trends_behind(database: Database, trends: Sequence[AssetNode]) -> dict[str, datetime]:
    """Return the trends to be made, with those that follow from them; given upstream first.

    With the time when what they are made from last changed, or their data became too old.
    """
    outcome = tables.Outcome
    names = sorted({name for node in trends for name in (node.name, *node.upstream)})
    statement = (
        select(outcome.asset, func.max(outcome.decided_at), func.max(outcome.changed_at))
        .where(outcome.asset == any_of(names))
        .group_by(outcome.asset)
    )
    times = {str(row[0]): (row[1], row[2]) for row in database.read(statement)}
    aged = read_aged(database)
    behind: dict[str, datetime] = {}
    for node in trends:
        changes = [times[name][1] for name in node.upstream if name in times]
        changes += [behind[name] for name in node.upstream if name in behind]
        if not changes:
            continue
        own = times.get(node.name)
        if own is None or own[0] < max(changes) or any(n in behind for n in node.upstream):
            behind[node.name] = max(changes)
        elif node.name in aged:
            behind[node.name] = aged[node.name]
    return behind
