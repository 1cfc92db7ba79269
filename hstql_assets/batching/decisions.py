"""Read what earlier steps decided about the keys of a batch, in one query."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    any_,
    delete,
    exists,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import CollectionAggregate
from sqlalchemy.types import Text

from hstql_assets.batching.outcomes import Outcome, Status
from hstql_resources import tables
from hstql_resources.postgres.database import Database, Writer

# One thing each, made from all lightcurves; what is made from all exposures are the trends.
SUMMARIES = ("exploratory_tables", "summary_plots")

COMPOSITES = "composites"

Task = TypeVar("Task")


def any_of(keys: Sequence[str]) -> CollectionAggregate[bool]:
    """Return the right-hand side of `column == ...` for a list of keys of any length."""
    return any_(literal(list(keys), ARRAY(Text)))


def read_decisions(
    database: Database, assets: Sequence[str], keys: Sequence[str]
) -> dict[tuple[str, str], tuple[Status, str | None]]:
    """Return (status, reason) by (asset, key) for the keys that were decided."""
    outcome = tables.Outcome
    statement = select(outcome.asset, outcome.key, outcome.status, outcome.reason).where(
        outcome.asset == any_of(assets), outcome.key == any_of(keys)
    )
    return {(row.asset, row.key): (row.status, row.reason) for row in database.read(statement)}


def find_unmade(
    decisions: Mapping[tuple[str, str], tuple[Status, str | None]], assets: Sequence[str], key: str
) -> Outcome | None:
    """Return the outcome of a key that an earlier asset was never run for; None if all were."""
    for asset in assets:
        if (asset, key) not in decisions:
            return Outcome(
                key,
                "waiting",
                f"{asset} has not been made for {key}: materialize it first "
                f"(hstql materialize {asset} {_option(asset)} {key}).",
                is_upstream_unmade=True,
            )
    return None


def _option(asset: str) -> str:
    """Return how the command takes a key."""
    return "--target" if asset.startswith("composite") else "--rootname"


def follow_composites(
    database: Database, keys: Sequence[str], make: Callable[[str], Task | None]
) -> list[Task | Outcome]:
    """Return a task for each target of what follows its composites, or why it has none.

    Parameters
    ----------
    database : Database
        With the decisions about composites.
    keys : sequence of str
        Slugs of targets.
    make : callable
        Takes a target; returns its task, None where it has no composite.
    """
    decisions = read_decisions(database, [COMPOSITES], keys)

    def explain(key: str) -> Outcome:
        status, reason = decisions[COMPOSITES, key]
        sentence = f"There is no composite{f': {reason}' if reason else '.'}"
        return Outcome(key, "missing" if status == "missing" else "none", sentence)

    return [find_unmade(decisions, [COMPOSITES], key) or make(key) or explain(key) for key in keys]


def select_changed(
    asset: str, states: Subquery, stored_key: Any, stored_digest: Any
) -> Select[str, str]:
    """Return the query for the keys that are to be made again, with their digests, by key.

    These are keys with another digest than that which is stored, and those without one. One that
    was found bad, or of nothing to make, waits for a file that is newer than that decision.

    Parameters
    ----------
    asset : str
        That makes them.
    states : Subquery
        With the columns `key`, `digest` and `newest`, the time when the newest file came in.
    stored_key, stored_digest : column
        Of the table of what was made.
    """
    outcome, state = tables.Outcome, states.c
    is_failed = exists().where(
        outcome.asset == asset,
        outcome.key == state.key,
        outcome.status == any_of(("bad", "none")),
        outcome.decided_at >= state.newest,
    )
    is_new = and_(stored_digest.is_(None), ~is_failed)
    return (
        select(state.key, state.digest)
        .outerjoin(stored_key.class_, stored_key == state.key)
        .where(or_(stored_digest != state.digest, is_new))
        .order_by(state.key)
    )


def forget(writer: Writer, assets: Sequence[str], keys: Sequence[str] | None = None) -> int:
    """Forget what assets decided or tried in vain, of some keys or all, so that it is made again.

    Returns
    -------
    int
        How many decisions there were.
    """
    forget_attempts(writer, assets, keys)
    return writer.execute(delete(tables.Outcome).where(*_of(tables.Outcome, assets, keys)))


def forget_attempts(
    writer: Writer, assets: Sequence[str], keys: Sequence[str] | None = None
) -> None:
    """Forget the vain attempts of assets at some keys or at all."""
    writer.execute(delete(tables.Attempt).where(*_of(tables.Attempt, assets, keys)))


def _of(
    model: type[tables.Outcome] | type[tables.Attempt],
    assets: Sequence[str],
    keys: Sequence[str] | None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [model.asset == any_of(assets)]
    return conditions if keys is None else [*conditions, model.key == any_of(keys)]
