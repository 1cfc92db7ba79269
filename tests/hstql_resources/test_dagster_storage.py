"""Dagster's own storage: what a batch of partitions leaves behind, also when things go wrong."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest
from dagster._core.events import DagsterEventType
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._core.storage.event_log import SqlEventLogStorageTable
from dagster._serdes import serialize_value
from sqlalchemy import event, func, select

from builders.places import PROJECT
from hstql_resources.dagster_storage import EventLogStorage, add_metadata_by_partition
from hstql_resources.postgres.server import EmbeddedPostgres

KEYS = [f"key{number:04d}" for number in range(500)]
PARTITIONS = dg.DynamicPartitionsDefinition(name="storage_test")
BATCH = {"partitions_def": PARTITIONS, "backfill_policy": dg.BackfillPolicy.multi_run(1000)}
MATERIALIZATION = DagsterEventType.ASSET_MATERIALIZATION
PLANNED = DagsterEventType.ASSET_MATERIALIZATION_PLANNED
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
RANGE_TAGS = {
    "dagster/asset_partition_range_start": KEYS[0],
    "dagster/asset_partition_range_end": KEYS[-1],
}


@pytest.fixture(scope="module")
def home(postgres: EmbeddedPostgres) -> Iterator[Path]:
    """Set the environment in which a user calls Dagster, with the home of the test server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(PROJECT))
        patch.setenv("HSTQL_HOME", str(postgres.home))
        patch.delenv("HSTQL_DATABASE_URL", raising=False)
        patch.setenv("DAGSTER_EVENT_BATCH_SIZE", "0")
        yield postgres.home


@pytest.fixture(scope="module")
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as instance:
        instance.add_dynamic_partitions("storage_test", KEYS)
        yield instance


def make_asset(
    name: str, *, fails_at: str | None = None, checks: tuple[str, ...] = ()
) -> dg.AssetsDefinition:
    specs = [dg.AssetCheckSpec(check, asset=name) for check in checks]

    @dg.asset(name=name, check_specs=specs, **BATCH)
    def made(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        if fails_at in context.partition_keys:
            raise ValueError(f"cannot make {fails_at}")
        numbers = {key: {"number": number} for number, key in enumerate(context.partition_keys)}
        add_metadata_by_partition(context, numbers)
        results = [dg.AssetCheckResult(passed=True, check_name=check) for check in checks]
        return dg.MaterializeResult(metadata={"batch": len(numbers)}, check_results=results)

    return made


def materialize_all(
    instance: dg.DagsterInstance, *assets: dg.AssetsDefinition, **options: object
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        list(assets), instance=instance, tags=RANGE_TAGS, run_config=QUIET, **options
    )


def count_events(
    instance: dg.DagsterInstance, asset: str, kind: DagsterEventType, run_ids: list[str]
) -> int:
    table = SqlEventLogStorageTable.c
    query = (
        select(func.count())
        .where(table.asset_key == dg.AssetKey(asset).to_string())
        .where(table.dagster_event_type == kind.value)
        .where(table.run_id.in_(run_ids))
    )
    with instance.event_log_storage.index_connection() as connection:
        return int(connection.execute(query).scalar_one())


@pytest.fixture(scope="module")
def batch(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """One run over all keys of three assets; the middle one has two checks."""
    return materialize_all(
        instance,
        make_asset("left"),
        make_asset("middle", checks=("counts", "times")),
        make_asset("right"),
    )


def run_in_own_process(name: str) -> tuple[str, bool]:
    with dg.DagsterInstance.get() as instance:
        result = materialize_all(instance, make_asset("shared"), make_asset(name))
        return result.run_id, result.success


def storage_classes(number: int) -> set[str]:
    with dg.DagsterInstance.get() as instance:
        return {type(instance.run_storage).__name__, type(instance.event_log_storage).__name__}


@pytest.mark.parametrize("name", ["left", "middle", "right"])
def test_a_batch_plans_and_makes_each_key_exactly_once(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult, name: str
) -> None:
    assert batch.success
    for kind in (MATERIALIZATION, PLANNED):
        assert count_events(instance, name, kind, [batch.run_id]) == len(KEYS)
    assert instance.get_materialized_partitions(dg.AssetKey(name)) == {*KEYS}


def test_each_key_has_its_own_metadata_and_that_of_the_batch(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult
) -> None:
    for number in (0, 123, 499):
        records = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey("left"), asset_partitions=[KEYS[number]]), limit=5
        ).records
        values = [record.asset_materialization.metadata for record in records]
        assert [(m["number"].value, m["batch"].value) for m in values] == [(number, 500)]


@pytest.mark.parametrize("name", ["left", "middle", "right"])
def test_the_asset_index_has_the_last_event_of_every_asset_of_the_run(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult, name: str
) -> None:
    [asset] = instance.get_asset_records([dg.AssetKey(name)])
    [latest] = instance.fetch_materializations(dg.AssetKey(name), limit=1).records

    assert asset.asset_entry.last_run_id == batch.run_id
    assert asset.asset_entry.last_materialization_storage_id == latest.storage_id


def test_the_data_version_of_each_key_is_found_by_its_tag(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult
) -> None:
    tags = instance.event_log_storage.get_latest_tags_by_partition(
        dg.AssetKey("left"), MATERIALIZATION, tag_keys=["dagster/data_version"]
    )
    assert {*tags} == {*KEYS}
    assert {*map(str, tags[KEYS[7]])} == {"dagster/data_version"}
    [record] = instance.fetch_materializations(
        dg.AssetRecordsFilter(dg.AssetKey("left"), asset_partitions=[KEYS[7]]), limit=1
    ).records
    assert record.asset_materialization is not None
    assert tags[KEYS[7]].items() <= (record.asset_materialization.tags or {}).items()
    few = instance.event_log_storage.get_latest_tags_by_partition(
        dg.AssetKey("left"),
        MATERIALIZATION,
        tag_keys=["dagster/data_version"],
        asset_partitions=KEYS[7:9],
    )
    assert few == {key: tags[key] for key in KEYS[7:9]}


@pytest.mark.parametrize("check", ["counts", "times"])
def test_a_check_is_planned_once_and_then_passed(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult, check: str
) -> None:
    history = instance.event_log_storage.get_asset_check_execution_history(
        dg.AssetCheckKey(dg.AssetKey("middle"), check), limit=10
    )
    assert [record.status.value for record in history] == ["SUCCEEDED"]


def test_metadata_for_a_key_that_is_not_made_is_refused(instance: dg.DagsterInstance) -> None:
    @dg.asset(**BATCH)
    def wrong(context: dg.AssetExecutionContext) -> None:
        add_metadata_by_partition(context, {KEYS[0]: {}, KEYS[1]: {}})

    with pytest.raises(ValueError, match="The run does not make key0001"):
        dg.materialize([wrong], instance=instance, partition_key=KEYS[0], run_config=QUIET)


def test_metadata_is_the_same_as_by_the_slow_way(instance: dg.DagsterInstance) -> None:
    @dg.asset(**BATCH)
    def slow_and_fast(context: dg.AssetExecutionContext) -> None:
        context.add_asset_metadata({"a": 1, "b": 1}, partition_key=KEYS[0])
        add_metadata_by_partition(context, {KEYS[0]: {"b": 2, "c": 2}})
        context.add_asset_metadata({"c": 3}, partition_key=KEYS[0])

    dg.materialize([slow_and_fast], instance=instance, partition_key=KEYS[0], run_config=QUIET)

    made = instance.get_latest_materialization_event(dg.AssetKey("slow_and_fast"))
    metadata = made.asset_materialization.metadata
    assert {name: metadata[name].value for name in "abc"} == {"a": 1, "b": 2, "c": 3}


def test_a_run_that_fails_makes_no_key_green_and_all_failed(instance: dg.DagsterInstance) -> None:
    result = materialize_all(
        instance, make_asset("failing", fails_at=KEYS[250]), raise_on_error=False
    )

    assert not result.success
    assert instance.get_run_by_id(result.run_id).status is DagsterRunStatus.FAILURE
    assert instance.get_materialized_partitions(dg.AssetKey("failing")) == set()
    storage = instance.event_log_storage
    attempts = storage.get_latest_asset_partition_materialization_attempts_without_materializations(
        dg.AssetKey("failing")
    )
    assert {key: run_id for key, (run_id, _) in attempts.items()} == dict.fromkeys(
        KEYS, result.run_id
    )


def test_a_key_alone_is_made_as_well(instance: dg.DagsterInstance) -> None:
    result = dg.materialize(
        [make_asset("single")], instance=instance, partition_key=KEYS[7], run_config=QUIET
    )

    assert result.success
    assert instance.get_materialized_partitions(dg.AssetKey("single")) == {KEYS[7]}


def test_two_processes_record_the_same_assets_at_once(instance: dg.DagsterInstance) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        results = list(pool.map(run_in_own_process, ["mine", "yours"]))

    assert [success for _, success in results] == [True, True]
    run_ids = [run_id for run_id, _ in results]
    counts = {
        name: count_events(instance, name, MATERIALIZATION, run_ids)
        for name in ("shared", "mine", "yours")
    }
    assert counts == {"shared": 1000, "mine": 500, "yours": 500}


def planned_again(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult
) -> list[EventLogEntry]:
    """Return the planned events of a run as Dagster would hand them over for another run."""
    run_id = str(uuid4())
    return [
        EventLogEntry(
            error_info=None,
            level=entry.level,
            user_message="",
            run_id=run_id,
            timestamp=entry.timestamp,
            dagster_event=entry.dagster_event,
        )
        for entry in instance.all_logs(batch.run_id, of_type=PLANNED)
    ]


def test_a_batch_that_cannot_be_stored_leaves_nothing(
    instance: dg.DagsterInstance,
    batch: dg.ExecuteInProcessResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = planned_again(instance, batch)
    storage = instance.event_log_storage

    def refuse(*_: object) -> None:
        raise RuntimeError("the index is locked")

    with monkeypatch.context() as patch:
        patch.setattr(EventLogStorage, "_store_asset_event", refuse)
        with pytest.raises(RuntimeError, match="the index is locked"):
            storage.store_event_batch(events)
    assert instance.all_logs(events[0].run_id) == []

    storage.store_event_batch(events)
    assert len(instance.all_logs(events[0].run_id)) == 3 * len(KEYS)


def test_the_statements_of_a_batch_do_not_grow_with_it(
    instance: dg.DagsterInstance, batch: dg.ExecuteInProcessResult
) -> None:
    events = planned_again(instance, batch)
    storage = instance.event_log_storage
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(storage._engine, "before_cursor_execute", note)
    try:
        storage.store_event_batch(events)
    finally:
        event.remove(storage._engine, "before_cursor_execute", note)
    assert len(statements) <= 6  # 1,500 events in two pages, three assets


@pytest.mark.full
def test_several_processes_may_open_a_new_home_at_once(
    home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_home = tmp_path_factory.mktemp("new")
    monkeypatch.setenv("HSTQL_HOME", str(new_home))
    try:
        with ProcessPoolExecutor(3, get_context("spawn")) as pool:
            found = list(pool.map(storage_classes, range(3)))
    finally:
        EmbeddedPostgres(new_home).stop()
    assert found == [{"RunStorage", "EventLogStorage"}] * 3


def test_the_storage_outlives_a_restart_of_the_server(
    instance: dg.DagsterInstance, postgres: EmbeddedPostgres
) -> None:
    before = instance.get_runs_count()
    postgres.stop()
    postgres.start()
    assert instance.get_runs_count() == before


def test_a_forked_child_leaves_the_connections_of_its_parent_alone(
    instance: dg.DagsterInstance,
) -> None:
    before = instance.get_runs_count()
    child = os.fork()
    if child == 0:
        os._exit(0 if instance.get_runs_count() == before else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert instance.get_runs_count() == before


def test_the_webserver_gets_a_pool_with_a_time_limit(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=60, max_overflow=20)
        with instance.event_log_storage.index_connection() as connection:
            limit = connection.exec_driver_sql("SHOW statement_timeout").scalar()
    assert limit == "15s"


def test_files_and_logs_of_dagster_lie_in_the_home_of_hstql(
    instance: dg.DagsterInstance, home: Path
) -> None:
    folders = {Path(instance.root_directory), Path(instance.compute_log_manager._base_dir)}
    assert folders == {home / "dagster", home / "logs" / "dagster"}
    assert instance.storage_directory().startswith(str(home))


def test_what_dagster_hands_to_other_processes_has_no_password(
    instance: dg.DagsterInstance, home: Path
) -> None:
    told = serialize_value(instance.get_ref())
    lines = (home / "postgres.pass").read_text().splitlines()
    assert not any(line.rpartition(":")[2] in told for line in lines)


def test_nothing_is_sent_to_dagster(instance: dg.DagsterInstance) -> None:
    assert not instance.telemetry_enabled
    assert not instance.nux_enabled
