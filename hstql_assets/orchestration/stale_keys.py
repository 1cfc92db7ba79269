"""Find which keys of a partition set are behind what they are made from, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.decisions import any_of
from hstql_resources import tables
from hstql_resources.postgres.database import Database


def read_outdated_keys(database: Database, nodes: Sequence[AssetNode]) -> dict[str, datetime]:
    """Return the keys that assets of one partition set have to be run for.

    Of such a key all that the assets are made from is decided, and one of the assets was decided
    before something upstream of it changed; or never, and there is something to make it from.

    Parameters
    ----------
    database : Database
        Where the decisions are.
    nodes : sequence of AssetNode
        Assets that one job makes, with equal keys; what they are made from may be outside.

    Returns
    -------
    dict of str to datetime
        With the time when what is outside last changed: a run at a later time would make the
        same again.
    """
    outcome = tables.Outcome
    own = {node.name for node in nodes}
    sources = sorted({name for node in nodes for name in node.upstream} - own)
    last_change = func.greatest(*(_last(outcome.changed_at, name) for name in sources))
    is_any_made = func.bool_or(and_(outcome.asset == any_of(sources), outcome.status == "made"))
    statement = (
        select(outcome.key, last_change)
        .where(outcome.asset == any_of([*sources, *sorted(own)]))
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
