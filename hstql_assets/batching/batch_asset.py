"""Tell Dagster about a batch: metadata of each key, pictures, checks, failures.

No asset decides here what is true; each hands over its tasks and gets its result.
"""

import base64
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import dagster as dg
from sqlalchemy import func, select

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.batching.ownership import Ownership, declare, ownership_of
from hstql_assets.batching.partitions import BATCH
from hstql_assets.batching.pictures import Picture
from hstql_assets.batching.recording import record_batch
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.dagster_storage import add_metadata_by_partition
from hstql_resources.postgres.database import Database, Writer

OWNER = "team:hstql"
BAD_FILES = "no_bad_files"
NO_MISSING_KEYS = "no_missing_keys"
# What follows from a batch for other domains, handed to an asset by the list of all assets.
Consequence = Callable[[dg.DagsterInstance, Clients, Sequence[Outcome]], None]


def batch_asset(
    prefix: str | None,
    name: str,
    partitions: dg.DynamicPartitionsDefinition | None,
    owns: Ownership,
    **options: Any,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Return `dagster.asset` with what all assets declare alike.

    Parameters
    ----------
    prefix : str or None
        The instrument, where there is an asset of this name for each.
    name : str
        Name of the asset.
    partitions : DynamicPartitionsDefinition or None
        Its keys; None for an asset that is one thing, whose only key is `planning.WHOLE`.
    owns : Ownership
        What is its own.
    **options
        Anything else that `dagster.asset` takes; checks come beside those of all assets.
    """
    declare(name if prefix is None else f"{prefix}/{name}", owns)
    decorator = dg.asset(
        name=name,
        key_prefix=prefix,
        partitions_def=partitions,
        backfill_policy=None if partitions is None else BATCH,
        owners=[OWNER],
        check_specs=[
            *describe_checks([name] if prefix is None else [prefix, name]),
            *options.pop("check_specs", ()),
        ],
        **options,
    )
    return cast("Callable[[Callable[..., Any]], dg.AssetsDefinition]", decorator)


def run_batch(
    context: dg.AssetExecutionContext,
    clients: Clients,
    tasks: Sequence[Task | Outcome],
    decide: Callable[[Any], Outcome],
    also: Callable[[Writer, Sequence[Outcome]], None] | None = None,
) -> list[Outcome]:
    """Decide and record a batch, and attach to each key what the user interface shows.

    Parameters
    ----------
    tasks : sequence of Task or Outcome
        One for each key; an outcome is recorded as it is.
    decide : callable
        Makes the outcome of a task in a worker process, so it has to be picklable.
    owned, also
        As in `record_batch`.

    Raises
    ------
    dagster.Failure
        If for every key an asset before this one was never made; it says which.
    """
    asset = context.asset_key.to_user_string()
    outcomes = decide_batch(
        clients.workers, decide, tasks, lambda outcome: clients.on_progress(asset, outcome.status)
    )
    if outcomes and all(outcome.is_upstream_unmade for outcome in outcomes):
        raise dg.Failure(outcomes[0].reason, allow_retries=False)
    owned = ownership_of(context.asset_key.to_user_string()).tables
    record_batch(clients.database, asset, outcomes, owned, also)
    _add_metadata(context, outcomes)
    for outcome in outcomes:
        if outcome.status in ("bad", "missing"):
            context.log.warning("%s %s: %s", outcome.key, outcome.status, outcome.reason)
    return outcomes


def _add_metadata(context: dg.AssetExecutionContext, outcomes: Sequence[Outcome]) -> None:
    metadata = {outcome.key: describe_outcome(outcome) for outcome in outcomes}
    if context.has_partition_key or context.has_partition_key_range:
        add_metadata_by_partition(context, metadata)
        return
    for described in metadata.values():
        context.add_asset_metadata(described)


def report_batch(
    asset: dg.AssetKey,
    clients: Clients,
    outcomes: Sequence[Outcome],
    checks: Sequence[dg.AssetCheckResult] = (),
) -> dg.MaterializeResult:
    """Return the result of a batch: counts by status, and the checks over the whole table.

    An asset with checks of its own hands over their results.
    """
    counts = Counter(outcome.status for outcome in outcomes)
    return dg.MaterializeResult(
        asset_key=asset,
        metadata={"batch": ", ".join(f"{number} {status}" for status, number in counts.items())},
        check_results=[*check_tables(clients.database, asset), *checks],
    )


def describe_outcome(outcome: Outcome) -> dict[str, Any]:
    """Return the metadata of one key."""
    metadata: dict[str, Any] = {"status": outcome.status}
    if outcome.reason:
        metadata["reason"] = outcome.reason
    if outcome.remarks:
        metadata["remarks"] = outcome.remark
    for bad in outcome.bad_files:
        metadata[f"bad_{bad.filename}"] = f"{bad.reason}: {bad.detail}"
    metadata.update({name: _to_metadata(value) for name, value in outcome.metadata.items()})
    return metadata


def describe_checks(asset: Sequence[str]) -> list[dg.AssetCheckSpec]:
    """Return the two checks that every asset has."""
    key = dg.AssetKey(list(asset))
    return [
        dg.AssetCheckSpec(
            BAD_FILES,
            asset=key,
            description="No file was found bad by this asset; counts the whole table bad_data.",
        ),
        dg.AssetCheckSpec(
            NO_MISSING_KEYS,
            asset=key,
            description="No key is missing what it is made from; counts the whole table outcomes.",
        ),
    ]


def check_tables(database: Database, asset: dg.AssetKey) -> list[dg.AssetCheckResult]:
    """Count bad files and missing keys over all that this asset ever decided.

    A check has one state per asset, so it never speaks of one batch only.
    """
    name = asset.to_user_string()
    return [
        _check(
            BAD_FILES, asset, _counts(database, tables.BadData.reason, tables.BadData.step, name)
        ),
        _check(NO_MISSING_KEYS, asset, _missing(database, name)),
    ]


def _check(name: str, asset: dg.AssetKey, counts: Mapping[str, int]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=not counts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"count": sum(counts.values()), **counts},
    )


def _counts(database: Database, what: Any, where: Any, name: str) -> dict[str, int]:
    statement = select(what, func.count()).where(where == name).group_by(what).order_by(what)
    return {str(row[0]): int(row[1]) for row in database.read(statement)}


def _missing(database: Database, name: str) -> dict[str, int]:
    outcome = tables.Outcome
    statement = select(func.count().label("number")).where(
        outcome.asset == name, outcome.status == "missing"
    )
    number = int(sum(row.number for row in database.read(statement)))
    return {"missing": number} if number else {}


def _to_metadata(value: object) -> object:
    if isinstance(value, Picture):
        data = base64.b64encode(value.png).decode()
        return dg.MetadataValue.md(
            f"![{value.caption}](data:image/png;base64,{data})\n\n{value.caption}"
        )
    if isinstance(value, Path):
        return dg.MetadataValue.path(value)
    if isinstance(value, str) and "\n" in value:
        return dg.MetadataValue.md(value)
    if isinstance(value, float) and value != value:  # NaN is no JSON
        return "no value"
    return value
