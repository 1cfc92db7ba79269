"""Report what a materialization did, from the tables: counts, and the keys that failed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, literal, null, select, union_all

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.decisions import any_of
from hstql_assets.orchestration.key_states import TARGET_SET
from hstql_assets.orchestration.planning import FAILED, GraphState, Request, Step
from hstql_resources import tables
from hstql_resources.filenames import instrument_of
from hstql_resources.postgres.database import Database


@dataclass(frozen=True)
class Failure:
    """A key that was not made, and why."""

    asset: str
    key: str
    status: str
    reason: str


@dataclass(frozen=True)
class Remark:
    """What was left out of a key that was made, or is odd about it."""

    asset: str
    key: str
    text: str


class Decision(NamedTuple):
    """What became of a key of an asset."""

    asset: str
    key: str
    status: str
    reason: str | None
    remarks: str | None = None


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
    remarks : tuple of Remark
        Of the keys that were made with something left out, in the order in which they were made.
    decided : tuple of Decision
        All that was decided, or tried in vain, in its order; then what no step could be run for.
    """

    counts: dict[str, int]
    failures: tuple[Failure, ...]
    bad_files: int
    error: str | None = None
    remarks: tuple[Remark, ...] = ()
    decided: tuple[Decision, ...] = ()


def report_steps(
    database: Database,
    steps: Sequence[Step],
    started: datetime,
    outside: Sequence[Failure],
    error: str | None,
) -> Report:
    """Read back what was decided since the start about the keys of some steps.

    What follows from a failure fails for the same reason, so each key is named only once.

    Parameters
    ----------
    database : Database
        Where the decisions are.
    steps : sequence of Step
        Those that were run.
    started : datetime
        When the first began.
    outside : sequence of Failure
        Keys that were asked for and that no step could be run for.
    error : str or None
        Why it was stopped.
    """
    names = sorted({name for step in steps for name in step.assets})
    decided = _read_since(database, names, started)
    # Another command may have decided about other keys in the meantime.
    keys = {(name, key) for step in steps for name in step.assets for key in step.keys}
    own = [row for row in decided if (row.asset, row.key) in keys]
    first: dict[str, Failure] = {}
    for row in own:
        if row.status in FAILED or row.status == "waiting":
            failure = Failure(row.asset, row.key, row.status, row.reason or "")
            first.setdefault(row.key, failure)
    for failure in outside:
        first.setdefault(failure.key, failure)
    return Report(
        dict(Counter(str(row.status) for row in own)),
        tuple(first.values()),
        _count_bad_files(database, names, started),
        error,
        tuple(Remark(row.asset, row.key, row.remarks) for row in own if row.remarks),
        (
            *(Decision(row.asset, row.key, row.status, row.reason, row.remarks) for row in own),
            *(Decision(one.asset, one.key, one.status, one.reason) for one in outside),
        ),
    )


def _read_since(database: Database, names: Sequence[str], started: datetime) -> Sequence[Row[Any]]:
    """Return what was decided, or tried in vain, in its order."""
    outcome, attempt = tables.Outcome, tables.Attempt
    decided = select(
        outcome.asset,
        outcome.key,
        outcome.status,
        outcome.reason,
        outcome.remarks,
        outcome.decided_at.label("at"),
    ).where(outcome.asset == any_of(names), outcome.decided_at >= started)
    waiting = select(
        attempt.asset, attempt.key, literal("waiting"), attempt.reason, null(), attempt.tried_at
    ).where(attempt.asset == any_of(names), attempt.tried_at >= started)
    return database.read(union_all(decided, waiting).order_by("at", "key"))


def find_outside(request: Request, nodes: Sequence[AssetNode], state: GraphState) -> list[Failure]:
    """Return the keys that were asked for by name and are not in the set of what was asked for.

    Keys that other conditions chose are not missed: they are those of them that are there.

    A rootname is looked for among the keys of its own instrument, unless nothing of that was
    asked for.
    """
    asked = [node for node in nodes if node.name in request.assets]
    if not asked or state.named is None or not asked[0].partition_set:
        return []
    asset, partition_set = asked[0].name, asked[0].partition_set
    by_name = {*request.selection.rootnames, *request.selection.targets}
    absent = sorted(state.named & by_name - set(state.keys))
    why = f"its headers do not say that {asset} can be made of it"
    if partition_set == TARGET_SET:
        why = "it has no lightcurve"
    if "/" in asset:
        instrument = asset.split("/")[0]
        others = {name.split("/")[0] for name in request.assets if "/" in name} - {instrument}
        absent = [key for key in request.selection.rootnames
                  if key in absent and instrument_of(key) not in others]  # fmt: skip
    reason = f"It is not in {partition_set}: {why}."
    return [Failure(asset, key, "not made", reason) for key in absent]


def is_any_asked(request: Request, nodes: Sequence[AssetNode], state: GraphState) -> bool:
    """Return whether a set of what was asked for has any of the selected keys."""
    is_asked = any(node.name in request.assets for node in nodes)
    return is_asked and not frozenset(state.keys).isdisjoint(state.named or ())


def fail_selection(request: Request) -> Failure:
    """Return that what was asked for can be made of nothing that was selected."""
    conditions = request.selection.describe()
    return Failure(", ".join(request.assets), f"What is {conditions}:", "not made",
                   "Nothing of it is among the keys of what was asked for.")  # fmt: skip


def _count_bad_files(database: Database, steps: Sequence[str], started: datetime) -> int:
    bad = tables.BadData
    statement = select(func.count()).where(bad.step == any_of(steps), bad.ingest_date >= started)
    return sum(int(row[0]) for row in database.read(statement))
