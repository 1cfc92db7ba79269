"""The counts of partitions are those of Dagster's own way, whatever became of the keys."""

import random
from collections.abc import Iterator, Sequence

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context
from dagster._core.events import DagsterEvent, StepMaterializationData
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.partition_status_cache import (
    AssetStatusCacheValue,
    _build_status_cache,
)
from sqlalchemy import text

from builders.places import PROJECT
from hstql_resources import dagster_counts
from hstql_resources.dagster_storage import EventLogStorage
from hstql_resources.postgres.server import EmbeddedPostgres

SET = "counts_test"
KEYS = [f"key{number}" for number in range(7)] + ['ä "quoted"\\', "a,b"]
PARTITIONS = dg.DynamicPartitionsDefinition(name=SET)
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
ATTEMPTS = "get_latest_asset_partition_materialization_attempts_without_materializations"


@dg.asset(partitions_def=PARTITIONS, backfill_policy=dg.BackfillPolicy.multi_run(100))
def counted() -> None:
    """Made of each key."""


JOB = dg.Definitions([counted]).resolve_implicit_global_asset_job_def()


@pytest.fixture
def instance(postgres: EmbeddedPostgres) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(PROJECT))
        patch.setenv("HSTQL_HOME", str(postgres.home))
        patch.delenv("HSTQL_DATABASE_URL", raising=False)
        with dg.DagsterInstance.get() as instance:
            for key in instance.get_dynamic_partitions(SET):
                instance.delete_dynamic_partition(SET, key)
            instance.wipe_assets([counted.key])
            yield instance


def storage_of(instance: dg.DagsterInstance) -> EventLogStorage:
    storage = instance.event_log_storage
    assert isinstance(storage, EventLogStorage)
    return storage


def plan(instance: dg.DagsterInstance, keys: list[str]) -> dg.DagsterRun:
    return instance.create_run_for_job(
        JOB, tags={START: keys[0], END: keys[-1]}, asset_selection=frozenset({counted.key})
    )


def make(instance: dg.DagsterInstance, run: dg.DagsterRun, keys: list[str]) -> None:
    for key in keys:
        made = StepMaterializationData(dg.AssetMaterialization(counted.key, partition=key))
        event = DagsterEvent("ASSET_MATERIALIZATION", run.job_name, event_specific_data=made)
        instance.report_dagster_event(event, run.run_id)


def change_anything(instance: dg.DagsterInstance, chance: random.Random) -> None:
    stored = list(instance.get_dynamic_partitions(SET))
    match chance.randrange(6):
        case 0:
            instance.add_dynamic_partitions(SET, chance.sample(KEYS, 2))
        case 1 if stored:
            instance.delete_dynamic_partition(SET, chance.choice(stored))
        case 2:
            instance.wipe_assets([counted.key])
        case _ if stored:
            first = chance.randrange(len(stored))
            keys = stored[first : first + 3]
            run = plan(instance, keys)
            make(instance, run, chance.sample(keys, chance.randrange(len(keys) + 1)))
            match chance.randrange(3):
                case 0:
                    instance.report_run_failed(run)
                case 1:
                    instance.report_run_canceled(run)


def read(value: AssetStatusCacheValue | None) -> list[set[str]]:
    if value is None:
        return [set(), set(), set()]
    return [
        set(subset.get_partition_keys())
        for subset in (
            value.deserialize_materialized_partition_subsets(PARTITIONS),
            value.deserialize_failed_partition_subsets(PARTITIONS),
            value.deserialize_in_progress_partition_subsets(PARTITIONS),
        )
    ]


def count_by_the_book(instance: dg.DagsterInstance) -> list[set[str]]:
    (record,) = instance.get_asset_records([counted.key]) or [None]
    with pytest.MonkeyPatch.context() as patch:
        for name in (ATTEMPTS, "get_existing_dynamic_partitions", "get_dynamic_partitions"):
            patch.setattr(EventLogStorage, name, getattr(SqlEventLogStorage, name))
        with partition_loading_context(None, instance):
            return read(_build_status_cache(instance, counted.key, PARTITIONS, None, record))


@pytest.mark.parametrize("most", [0, 1000])
@pytest.mark.parametrize(
    ("seeds", "steps"), [([4], 15), pytest.param(range(1, 5), 40, marks=pytest.mark.full)]
)
def test_counts_are_those_of_the_stock_way(
    instance: dg.DagsterInstance,
    monkeypatch: pytest.MonkeyPatch,
    seeds: Sequence[int],
    steps: int,
    most: int,
) -> None:
    monkeypatch.setattr(dagster_counts, "_NAMES_ASKED", most)
    storage = storage_of(instance)
    seen: list[int] = []
    for seed in seeds:
        chance = random.Random(seed)
        for _ in range(steps):
            change_anything(instance, chance)
            # What is added to earlier counts is Dagster's own doing.
            with storage.index_connection() as connection:
                connection.execute(text("UPDATE asset_keys SET cached_status_data = NULL"))
            found = read(storage._count(counted.key, PARTITIONS, instance))
            assert found == count_by_the_book(instance)
            assert found == read(storage._count(counted.key, PARTITIONS, instance))
            after = chance.choice((None, storage.get_maximum_record_id() or 0, 1))
            stock = getattr(SqlEventLogStorage, ATTEMPTS)
            attempts = getattr(storage, ATTEMPTS)(counted.key, after)
            assert attempts == stock(storage, counted.key, after)
            seen = [before + len(keys) for before, keys in zip(seen or [0] * 3, found, strict=True)]
    assert all(seen)


def test_of_counts_that_hold_only_the_asset_is_read(instance: dg.DagsterInstance) -> None:
    storage = storage_of(instance)
    instance.add_dynamic_partitions(SET, KEYS[:3])
    run = plan(instance, KEYS[:3])
    make(instance, run, KEYS[:3])
    instance.report_run_failed(run)
    before = storage._count(counted.key, PARTITIONS, instance)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_materialized_partitions", ATTEMPTS, "update_asset_cached_status_data"):
            patch.delattr(SqlEventLogStorage, name, raising=False)
        assert storage._count(counted.key, PARTITIONS, instance) == before
    assert read(before) == [set(KEYS[:3]), set(), set()]
