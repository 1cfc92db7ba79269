"""Pruning: what the user interface shows is the same before and after, in both Dagster storages."""

import asyncio
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import in_process_test_workspace
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster_graphql.schema import create_schema
from sqlalchemy import create_engine, text

from hstql_resources.dagster_counts import count_partitions_of
from hstql_resources.dagster_storage import add_metadata_by_partition
from hstql_resources.postgres import event_pruning
from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.database import DatabaseError
from hstql_resources.postgres.event_pruning import RULES, prune
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.settings import Settings, load_settings

PROJECT = Path(__file__).resolve().parents[3]
KEYS = [f"pruned{number:03d}" for number in range(12)]
PARTITIONS = dg.DynamicPartitionsDefinition(name="prune_test")
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
QUESTION = """
{ assetNodes {
    assetKey { path }
    partitionStats { numPartitions numMaterialized numFailed numMaterializing }
    assetPartitionStatuses { ... on DefaultPartitionStatuses {
      materializedPartitions failedPartitions unmaterializedPartitions materializingPartitions } }
    latestMaterializationByPartition(partitions: %(keys)s) {
      runId partition timestamp metadataEntries { label ... on IntMetadataEntry { intValue } } }
    assetMaterializations(limit: 1) { runId timestamp partition }
    assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization {
      runId status evaluation { success timestamp } } } } }
    %(runs)s
  }
  assetsLatestInfo(assetKeys: [{path: ["measured"]}, {path: ["whole"]}]) {
    latestMaterialization { runId } latestRun { runId status } inProgressRunIds unstartedRunIds }
}"""  # fmt: skip


@dg.asset(
    partitions_def=PARTITIONS,
    backfill_policy=dg.BackfillPolicy.multi_run(1000),
    check_specs=[dg.AssetCheckSpec("counts", asset="measured")],
)
def measured(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    if "fails" in context.run.tags:
        raise ValueError("it cannot be made")
    add_metadata_by_partition(
        context, {key: {"number": number} for number, key in enumerate(context.partition_keys)}
    )
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


@dg.asset
def whole() -> None:
    """One thing."""


DEFINITIONS = dg.Definitions(assets=[measured, whole])


@pytest.fixture(
    scope="module", params=["embedded", pytest.param("external", marks=pytest.mark.full)]
)
def settings(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, tmp_path_factory: Any
) -> Iterator[Settings]:
    """The environment in which a user calls Dagster, with its two kinds of storage."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(PROJECT))
        patch.setenv("HSTQL_HOME", str(postgres.home))
        patch.delenv("HSTQL_DATABASE_URL", raising=False)
        if request.param == "external":
            patch.setenv("HSTQL_HOME", str(tmp_path_factory.mktemp("home")))
            patch.setenv("HSTQL_DATABASE_URL", postgres.url("hstql"))
        yield load_settings()


@pytest.fixture(scope="module")
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """All that can become of keys: made twice, failed, cancelled, still to be made."""
    with dg.DagsterInstance.get() as instance:
        instance.wipe()  # others use the same server, and have runs that failed too
        instance.add_dynamic_partitions("prune_test", KEYS)
        count_partitions_of(measured.key, PARTITIONS)
        for _ in range(2):
            run(instance, measured, KEYS[:10])
            run(instance, whole)
        run(instance, measured, KEYS[:1])
        run(instance, measured, KEYS[1:4], fails="1")
        run(instance, measured, KEYS[2:3])
        cancelled = plan(instance, KEYS[4:6])
        instance.report_run_canceled(cancelled, "It was stopped.")
        run(instance, measured, KEYS[10:11], fails="1")
        plan(instance, KEYS[9:12])
        yield instance


def run(instance: dg.DagsterInstance, asset: dg.AssetsDefinition, keys: list[str] = KEYS,
        **tags: str) -> dg.ExecuteInProcessResult:  # fmt: skip
    if asset is measured:
        tags |= {START: keys[0], END: keys[-1]}
    return dg.materialize(
        [asset], instance=instance, tags=tags, run_config=QUIET, raise_on_error=False
    )


def plan(instance: dg.DagsterInstance, keys: list[str]) -> dg.DagsterRun:
    """Leave a run that has begun with nothing."""
    job = DEFINITIONS.resolve_implicit_global_asset_job_def()
    return instance.create_run_for_job(
        job.get_subset(asset_selection={measured.key}), tags={START: keys[0], END: keys[-1]},
        asset_selection=frozenset({measured.key}),
    )  # fmt: skip


@pytest.fixture(scope="module")
def ask(instance: dg.DagsterInstance) -> Any:
    """Ask GraphQL, as the user interface does."""
    runs = "\n".join(
        f'run{n}: latestRunForPartition(partition: "{key}") {{ runId status }}'
        for n, key in enumerate(KEYS)
    )
    question = QUESTION % {"keys": str(KEYS).replace("'", '"'), "runs": runs}
    origin = LoadableTargetOrigin(
        executable_path=sys.executable, python_file=__file__, attribute="DEFINITIONS"
    )

    def ask() -> Any:
        with in_process_test_workspace(instance, origin) as context:
            schema = create_schema()
            answer = asyncio.run(schema.execute_async(question, context_value=context))
        assert not answer.errors, answer.errors
        return answer.data

    return ask


@pytest.fixture(scope="module")
def before(ask: Any) -> Any:
    return ask()


def execute(settings: Settings, statement: str) -> int:
    engine = create_engine(dagster_database_url(settings))
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        found = int(result.scalar_one()) if result.returns_rows else result.rowcount
    engine.dispose()
    return found


def test_what_is_shown_before_is_what_was_done(before: Any) -> None:
    nodes = {node["assetKey"]["path"][0]: node for node in before["assetNodes"]}
    shown = nodes["measured"]["assetPartitionStatuses"]
    assert shown["materializingPartitions"] == KEYS[9:12]
    # Of the ten that were made two have failed since, and one is to be made again.
    assert nodes["measured"]["partitionStats"]["numMaterialized"] == 7
    assert shown["failedPartitions"] == [KEYS[1], KEYS[3]]
    assert nodes["measured"]["run4"]["status"] == "CANCELED"
    checks = nodes["measured"]["assetChecksOrError"]["checks"]
    assert checks[0]["executionForLatestMaterialization"]["status"] == "IN_PROGRESS"


def test_nothing_young_goes(settings: Settings, before: Any) -> None:
    assert set(prune(settings, 1).rows.values()) == {0}


def test_who_is_killed_in_the_middle_has_lost_nothing(
    settings: Settings, before: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_pruning, "IDS_AT_ONCE", 7)
    with event_pruning._open(settings) as engine:
        for rule in RULES:
            assert list(islice(event_pruning._apply(engine, rule, 1e12, is_dry=False), 5))
    assert ask() == before


def test_the_user_interface_shows_the_same_with_its_counts_kept_and_made_anew(
    settings: Settings, before: Any, ask: Any
) -> None:
    would = prune(settings, 0, is_dry=True).rows
    assert ask() == before
    gone = prune(settings, 0).rows
    assert gone == would
    assert min(gone.values()) >= 0 < sum(gone.values())
    assert ask() == before
    assert execute(settings, "UPDATE asset_keys SET cached_status_data = NULL") >= 2
    assert ask() == before
    assert set(prune(settings, 0).rows.values()) == {0}


def test_each_key_has_one_materialization_and_a_plan_only_where_it_is_needed(
    settings: Settings, before: Any
) -> None:
    prune(settings, 0)
    count = "SELECT count(*) FROM event_logs WHERE asset_key = '[\"measured\"]' AND "
    kind = "dagster_event_type = 'ASSET_MATERIALIZATION"
    assert execute(settings, f"{count}{kind}'") == 10
    # Two failed, two were cancelled, three are still to be made.
    assert execute(settings, f"{count}{kind}_PLANNED'") == 7
    orphans = (
        "SELECT count(*) FROM asset_event_tags WHERE event_id NOT IN (SELECT id FROM event_logs)"
    )
    assert execute(settings, orphans) == 0


def test_of_a_check_the_last_result_stays_and_what_is_planned_since(
    settings: Settings, before: Any
) -> None:
    prune(settings, 0)
    count = "SELECT count(*) FROM asset_check_executions WHERE check_name = 'counts' AND "
    assert execute(settings, f"{count} execution_status = 'SUCCEEDED'") == 1
    later = (
        "execution_status = 'PLANNED' AND run_id IN (SELECT run_id FROM runs WHERE status = '%s')"
    )
    assert execute(settings, count + later % "NOT_STARTED") == 1
    evaluations = (
        "SELECT count(*) FROM event_logs WHERE dagster_event_type = 'ASSET_CHECK_EVALUATION'"
    )
    assert execute(settings, evaluations) == 1


def test_the_log_of_a_run_that_failed_stays(settings: Settings, before: Any) -> None:
    prune(settings, 0)
    kept = (
        "SELECT count(*) FROM event_logs e JOIN runs r USING (run_id) WHERE r.status = '%s' AND "
        "dagster_event_type = 'STEP_START'"
    )
    assert execute(settings, kept % "FAILURE") == 2
    assert execute(settings, kept % "SUCCESS") == 0


def test_the_tables_are_locked_only_while_no_run_is_open(settings: Settings, before: Any) -> None:
    with pytest.raises(DatabaseError, match=r"--full locks Dagster's tables, and 1 runs are open"):
        prune(settings, 0, is_full=True)
    assert prune(settings, 0, is_full=True, is_dry=True).size_before > 0


def test_the_partitions_are_counted_when_a_run_ends_and_not_when_someone_looks(
    settings: Settings, instance: dg.DagsterInstance, before: Any
) -> None:
    execute(settings, "UPDATE asset_keys SET cached_status_data = NULL")
    run(instance, measured, KEYS[:1])
    [record] = instance.get_asset_records([measured.key])
    counted = record.asset_entry.cached_status
    assert counted is not None
    assert counted.latest_storage_id == record.asset_entry.last_materialization_storage_id
    in_sql = """SELECT substring(left(cached_status_data, 400)
        FROM '"latest_storage_id": ([0-9]+)') FROM asset_keys WHERE asset_key LIKE '%measured%'"""
    assert execute(settings, in_sql) == counted.latest_storage_id
    made = counted.deserialize_materialized_partition_subsets(PARTITIONS)
    assert set(made.get_partition_keys()) == set(KEYS[:10])


def test_the_run_that_made_a_key_is_found_where_its_plan_went(
    settings: Settings, instance: dg.DagsterInstance, before: Any
) -> None:
    prune(settings, 0)
    storage = instance.event_log_storage
    found = storage.get_latest_planned_materialization_info(measured.key, KEYS[2])
    [last] = instance.fetch_materializations(
        dg.AssetRecordsFilter(measured.key, asset_partitions=[KEYS[2]]), limit=1
    ).records
    assert found is not None
    assert (found.run_id, found.storage_id) == (last.run_id, last.storage_id)
    assert storage.get_latest_planned_materialization_info(measured.key, "unknown") is None


def test_all_copies_of_events_are_packed(settings: Settings, before: Any) -> None:
    for column in (
        "event_logs.event",
        "asset_keys.last_materialization",
        "asset_check_executions.evaluation_event",
    ):
        table = column.partition(".")[0]
        plain = f"SELECT count(*) FROM {table} WHERE {column} NOT LIKE 'z1:%'"
        assert execute(settings, plain) == 0
