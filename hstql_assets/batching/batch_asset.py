"""Build the asset of a step, and tell Dagster about each batch: metadata of each key.

No asset decides here what is true; each declares how its tasks are found, decided and stored.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import cleandoc
from typing import Any

import dagster as dg

from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.attempts import (
    Attempts,
    find_suspects,
    give_up,
    marking_death,
    noting_faults,
    read_attempts,
)
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.checks import check_tables, describe_checks
from hstql_assets.batching.job_names import is_file_asset
from hstql_assets.batching.key_forms import is_key, name_key, refuse_key
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.batching.ownership import Ownership, declare
from hstql_assets.batching.partition_names import has_same_keys
from hstql_assets.batching.partitions import ALL_KEYS, BATCH, SAME_KEY, set_name
from hstql_assets.batching.recalling import bring_inputs
from hstql_assets.batching.recording import record_batch
from hstql_assets.batching.room import fetching, has_to_wait
from hstql_assets.batching.showing import (
    describe_asset,
    describe_outcome,
    describe_tables,
    find_site_page,
    find_site_picture,
)
from hstql_resources.archive import ArchiveError
from hstql_resources.clients import Clients
from hstql_resources.dagster_counts import count_partitions_of
from hstql_resources.dagster_storage import add_metadata_by_partition
from hstql_resources.postgres.database import Database, DatabaseError, Writer
from hstql_resources.postgres.faults import describe_fault
from hstql_resources.settings import SettingsError

OWNER = "team:hstql"  # of what is of no instrument
Tasks = Sequence[Task | Outcome]
# What follows from a batch once it is recorded; for other domains, the list of all assets hands it
# to the builders.
Consequence = Callable[[dg.DagsterInstance, Clients, Sequence[Outcome]], None]
CheckAll = Callable[[Database, Sequence[Outcome]], list[dg.AssetCheckResult]]


@dataclass(frozen=True)
class BatchStep:
    """How an asset makes a batch of its keys: locate, decide (in workers), store, and what follows.

    Attributes
    ----------
    name : str
        Of the asset, such as `cos/lightcurves`.
    about : str
        What it is, when it is made, from what and for what; shown in the user interface.
    partitions : DynamicPartitionsDefinition or None
        Its keys; None for an asset that is one thing, whose only key is `WHOLE`.
    upstream : tuple of str
        The assets that it is made from.
    owns : Ownership
        What is its own.
    locate : callable
        Takes Clients, the keys and the settings (None without `config`); returns one task or
        outcome for each key.
    decide : callable
        Makes the outcome of a task in a worker process, so it has to be picklable.
    group : str
        Of the asset, in the user interface.
    kinds : set of str
        For the user interface.
    code_version : str
        To be raised when the result changes.
    store : callable, optional
        What else is written in the transaction of a batch: takes the Writer, what was located, and
        the outcomes.
    then : tuple of callable
        What follows once a batch is recorded.
    config : class, optional
        Configuration of a run. Its `to_settings` raises ValueError with a sentence if a value makes
        no sense.
    check_specs : tuple of AssetCheckSpec
        Checks beside those of all assets.
    check : callable, optional
        Returns the results of these, over all that was ever made; takes the Database and the
        outcomes of the batch.
    pool : str, optional
        Of Dagster; its limit is in dagster.yaml.
    priority : int, optional
        Of the assets that a run could make next, it makes the one with the highest.
    instruments : tuple of str
        Whose data it is made from; the list of all assets finds them.
    """

    name: str
    about: str
    partitions: dg.DynamicPartitionsDefinition | None
    upstream: tuple[str, ...]
    owns: Ownership
    locate: Callable[[Clients, Sequence[str], Any], Tasks]
    decide: Callable[[Any], Outcome]
    group: str
    kinds: set[str]
    code_version: str = "1"
    store: Callable[[Writer, Tasks, Sequence[Outcome]], None] | None = None
    then: tuple[Consequence, ...] = ()
    config: type[dg.Config] | None = None
    check_specs: tuple[dg.AssetCheckSpec, ...] = ()
    check: CheckAll | None = None
    pool: str | None = None
    priority: int = 0
    instruments: tuple[str, ...] = ()


def build_asset(step: BatchStep) -> dg.AssetsDefinition:
    """Return the asset of a step."""
    declare(step.name, step.owns)
    key = dg.AssetKey(step.name.split("/"))
    # A node of the user interface has the last part of a name, the first line of the description
    # and the kinds: the latter two name the instrument.
    own = step.name.rpartition("/")[0]
    if step.partitions is not None:
        count_partitions_of(key, step.partitions)

    @dg.asset(
        key=key,
        description=describe_asset(own, cleandoc(step.about)),
        partitions_def=step.partitions,
        backfill_policy=None if step.partitions is None else BATCH,
        deps=[_describe_upstream(step, name) for name in step.upstream],
        group_name=step.group,
        kinds=step.kinds | ({own} if own else set()),
        owners=[f"team:{one}" for one in step.instruments] or [OWNER],
        tags={"domain": step.group, "instrument": "_".join(step.instruments)},
        metadata=describe_tables([one.model for one in step.owns.tables]),
        code_version=step.code_version,
        config_schema=None if step.config is None else step.config.to_fields_dict(),
        check_specs=[*describe_checks(key), *step.check_specs],
        op_tags={"dagster/priority": str(step.priority)} if step.priority else None,
        pool=step.pool,
    )
    def asset(
        context: dg.AssetExecutionContext, clients: dg.ResourceParam[Clients]
    ) -> dg.MaterializeResult:
        with _failing_in_one_sentence(step):
            outcomes = _run_batch(context, clients, step)
        checks = check_tables(clients.database, key)
        if step.check is not None:
            checks += step.check(clients.database, outcomes)
        counts = Counter(outcome.status for outcome in outcomes)
        batch = ", ".join(f"{number} {status}" for status, number in counts.items())
        return dg.MaterializeResult(key, metadata={"batch": batch}, check_results=checks)

    return asset


@contextlib.contextmanager
def _failing_in_one_sentence(step: BatchStep) -> Iterator[None]:
    """Fail a run that a full disk or a lost server stood in the way of by saying so."""
    try:
        yield
    except (OSError, MemoryError, ArchiveError, DatabaseError) as error:
        raise dg.Failure(f"{step.name}: {describe_fault(error)}") from error


def _describe_upstream(step: BatchStep, name: str) -> dg.AssetDep:
    key = name.split("/")
    if step.partitions is None:
        return dg.AssetDep(key)
    is_same = has_same_keys(set_name(step.partitions), name)
    return dg.AssetDep(key, partition_mapping=SAME_KEY if is_same else ALL_KEYS)


def _run_batch(
    context: dg.AssetExecutionContext, clients: Clients, step: BatchStep
) -> list[Outcome]:
    """Decide and record a batch, and attach to each key what the user interface shows.

    Raises
    ------
    dagster.Failure
        If for every key an asset before this one was never made; it says which.
    """
    database, keys = clients.database, _read_keys(context, step)
    good, refused = _sort_out(keys, step)
    before = read_attempts(database, [step.name], good)
    with noting_faults(database, step.name, good), fetching(clients, step.name):
        located = _locate(context, clients, step, good) if good else ()
        tasks = [give_up(task, before) for task in located] + refused
        with marking_death(database, step.name, tasks, before):
            decided = _decide(clients, step, tasks, before)
    outcomes = [give_up(outcome, before) for outcome in decided]
    is_unmade = good and all(one.is_upstream_unmade for one in outcomes[: len(good)])
    if is_unmade and not has_to_wait(database, good):
        raise dg.Failure(outcomes[0].reason, allow_retries=False)
    store = step.store
    also = None if store is None else lambda writer, decided: store(writer, tasks, decided)
    record_batch(database, step.name, outcomes, step.owns.tables, also, before)
    find_page = partial(_find_page, step, clients.settings.site_address)
    _add_metadata(context, outcomes, step.name, find_page)
    for outcome in outcomes:
        if outcome.status in ("bad", "missing", "waiting"):
            context.log.warning("%s %s: %s", name_key(outcome.key), outcome.status, outcome.reason)
    for follow in step.then:
        follow(context.instance, clients, outcomes)
    return outcomes


def _decide(clients: Clients, step: BatchStep, tasks: Tasks, before: Attempts) -> list[Outcome]:
    """Decide a batch in portions whose inputs are here at the same time; mostly it is one."""
    open_keys = {task.key for task in tasks if not isinstance(task, Outcome)}
    # Of many keys none is worked on in this process, which may die of it.
    suspects = find_suspects(before) | (open_keys if len(open_keys) > 1 else set())
    # What brings files in fetches what it needs itself.
    has_inputs = is_file_asset(step.name) or not clients.archive.is_remote
    bringing = ([*own] for own in [tasks]) if has_inputs else bring_inputs(clients, tasks)
    decided: dict[str, Outcome] = {}
    with contextlib.closing(bringing) as portions:
        for portion in portions:
            outcomes = decide_batch(
                clients.workers,
                step.decide,
                portion,
                lambda outcome: clients.on_progress(step.name, outcome.status),
                suspects,
            )
            decided |= {outcome.key: outcome for outcome in outcomes}
    return [decided[task.key] for task in tasks]


def _sort_out(keys: Sequence[str], step: BatchStep) -> tuple[list[str], list[Task | Outcome]]:
    """Return the keys that are some, and the decisions about those that someone mistyped."""
    if step.partitions is None:
        return list(keys), []
    name = set_name(step.partitions)
    wrong = {key for key in keys if not is_key(name, key)}
    good = [key for key in keys if key not in wrong]
    return good, [refuse_key(name, key) for key in keys if key in wrong]


def _read_keys(context: dg.AssetExecutionContext, step: BatchStep) -> Sequence[str]:
    """Return the keys of a run.

    Raises
    ------
    dagster.Failure
        If there are none: nothing would be made, and that would count as success.
    """
    if step.partitions is None:
        return [WHOLE]
    try:
        keys: Sequence[str] = context.partition_keys
    except dg.DagsterInvariantViolationError:  # the empty one
        raise dg.Failure("The run names no key.", allow_retries=False) from None
    if not keys:
        start, end = context.partition_key_range
        reason = f"The range from {start} to {end} has no keys: its start comes after its end."
        raise dg.Failure(reason, allow_retries=False)
    return keys


def _locate(
    context: dg.AssetExecutionContext, clients: Clients, step: BatchStep, keys: Sequence[str]
) -> Tasks:
    """Return what is to be decided.

    Raises
    ------
    dagster.Failure
        If a setting cannot be used or a value of the configuration makes no sense; trying again
        would not help.
    """
    try:
        return step.locate(clients, keys, _read_settings(context, step.config))
    except SettingsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def _read_settings(context: dg.AssetExecutionContext, config: Any) -> Any:
    if config is None:
        return None
    try:
        return config(**context.op_execution_context.op_config).to_settings()
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def _find_page(step: BatchStep, site: str | None, key: str) -> str | None:
    name = None if step.partitions is None else set_name(step.partitions)
    return find_site_page(site if name or step.group == "monitors" else None, step.name, name, key)


def _add_metadata(
    context: dg.AssetExecutionContext,
    outcomes: Sequence[Outcome],
    asset: str,
    find_page: Callable[[str], str | None],
) -> None:
    pages = {one.key: find_page(one.key) for one in outcomes}
    metadata = {
        one.key: describe_outcome(one, pages[one.key], find_site_picture(pages[one.key], asset))
        for one in outcomes
    }
    if context.has_partition_key or context.has_partition_key_range:
        add_metadata_by_partition(context, metadata)
        return
    for described in metadata.values():
        context.add_asset_metadata(described)
