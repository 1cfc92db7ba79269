"""What is read of Dagster's tables without Dagster: the same that Dagster wrote there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    ManagedGrpcPythonEnvCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._core.test_utils import create_run_for_test
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from sqlalchemy import make_url

from builders.places import PROJECT
from hstql_resources.captured_logs import list_captured
from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.dagster_history import DagsterHistory
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.run_tags import LOG_TAG
from hstql_resources.settings import Settings

KEYS = ["lone01a1q", "lone01a2q"]
PARTITIONS = dg.DynamicPartitionsDefinition(name="history_test")
RANGE = {
    "dagster/asset_partition_range_start": KEYS[0], "dagster/asset_partition_range_end": KEYS[1]
}  # fmt: skip
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture(scope="module")
def instance(postgres: EmbeddedPostgres) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(PROJECT))
        patch.setenv("HSTQL_HOME", str(postgres.home))
        patch.delenv("HSTQL_DATABASE_URL", raising=False)
        with dg.DagsterInstance.get() as instance:
            instance.add_dynamic_partitions("history_test", KEYS)
            yield instance


@pytest.fixture(scope="module")
def history(postgres: EmbeddedPostgres) -> Iterator[DagsterHistory]:
    opened = DagsterHistory(dagster_database_url(Settings(_env_file=None, home=postgres.home)))
    yield opened
    opened.dispose()


def make(instance: dg.DagsterInstance, name: str, *, fails: bool = False) -> str:
    """Make an asset for all keys in a run; return the name of the run."""

    @dg.asset(
        key=["history", name], partitions_def=PARTITIONS,
        backfill_policy=dg.BackfillPolicy.single_run(),
    )  # fmt: skip
    def made(context: dg.AssetExecutionContext) -> None:
        print("printed by the step")  # noqa: T201, which is captured
        context.log.warning("odd, but well")
        if fails:
            raise ValueError("cannot <make>") from OSError("the disk")

    tags = {**RANGE, LOG_TAG: f"log_of_{name}", "dagster/sensor_name": "a_sensor"}
    result = dg.materialize(
        [made], instance=instance, tags=tags, run_config=QUIET, raise_on_error=False
    )
    return result.run_id


def test_a_run_is_told_as_dagster_does(
    instance: dg.DagsterInstance, history: DagsterHistory, postgres: EmbeddedPostgres
) -> None:
    run_id = make(instance, "well")
    run = history.find_run(run_id)
    record = instance.get_run_record_by_id(run_id)
    assert run is not None
    assert record is not None
    assert run.status == "success"
    assert run.started_at is not None
    assert run.started_at.timestamp() == pytest.approx(record.start_time)
    assert run.asked_at == record.create_timestamp.replace(tzinfo=UTC)
    assert run.keys == "lone01a1q to lone01a2q"
    assert run.asker == "a_sensor"
    assert history.list_runs(1) == [run]
    assert history.list_runs(1, run.number)[:1] != [run]
    assert history.list_runs_of("log_of_well", 5) == [run]
    assert history.count_keys(run_id) == (2, 2)
    captured = list_captured(Path(postgres.home) / "logs", run_id)
    assert any("printed by the step" in path.read_text() for path in captured)


def test_a_run_of_assets_that_somebody_chose_names_them(
    instance: dg.DagsterInstance, history: DagsterHistory
) -> None:
    chosen = frozenset({dg.AssetKey(["history", "b"]), dg.AssetKey("a")})
    made = create_run_for_test(instance, job_name="__ASSET_JOB", asset_selection=chosen)
    run = history.find_run(made.run_id)
    assert run is not None
    assert (run.job, run.assets, run.status) == ("", ("a", "history/b"), "not started")
    assert (run.started_at, run.ended_at, run.keys, run.asker) == (None, None, "", "")


def test_events_are_those_of_dagster_in_order(
    instance: dg.DagsterInstance, history: DagsterHistory
) -> None:
    run_id = make(instance, "failing", fails=True)
    events = history.read_events(run_id, 0, 1000, in_detail=True)
    assert [one.at.timestamp() for one in events] == pytest.approx(
        [entry.timestamp for entry in instance.all_logs(run_id)]
    )
    without = history.read_events(run_id, 0, 1000)
    assert len(events) - len(without) == 2  # both keys were planned
    assert history.read_events(run_id, without[0].number, 1) == without[1:2]
    (odd,) = [one for one in without if one.level == 30]
    assert "odd, but well" in odd.text
    told = "\n".join(one.text for one in without if one.level >= 40)
    assert "ValueError: cannot <make>" in told
    assert "Caused by:\nOSError: the disk" in told
    assert history.list_runs(5, failed=True)[0].run_id == run_id


def test_the_run_that_made_a_key_is_the_last_that_made_or_planned_it(
    instance: dg.DagsterInstance, history: DagsterHistory
) -> None:
    first = make(instance, "twice")
    assets = ["history/twice", "history/never"]
    assert history.find_makers(KEYS[0], assets) == {"history/twice": first}
    second = make(instance, "twice", fails=True)
    assert history.find_makers(KEYS[0], assets) == {"history/twice": second}
    assert history.find_makers("another_key", assets) == {}
    assert history.find_makers(KEYS[0], []) == {}


def test_sensors_are_told_with_what_they_found_last(
    instance: dg.DagsterInstance, history: DagsterHistory
) -> None:
    target = LoadableTargetOrigin(module_name="hstql_assets.definitions")
    place = ManagedGrpcPythonEnvCodeLocationOrigin(target)
    origin = RemoteInstigatorOrigin(RemoteRepositoryOrigin(place, "repository"), "news_of_test")
    state = InstigatorState(
        origin, InstigatorType.SENSOR, InstigatorStatus.DECLARED_IN_CODE, SensorInstigatorData()
    )
    instance.add_instigator_state(state)
    ticks = [
        instance.create_tick(TickData(
            state.instigator_origin_id, "news_of_test", InstigatorType.SENSOR, status,
            timestamp=1000.0 + number, selector_id=state.selector_id, **more,
        ))
        for number, (status, more) in enumerate((
            (TickStatus.SUCCESS, {"run_ids": ["a", "b"], "log_key": ["repository", "x", "1"]}),
            (TickStatus.SKIPPED, {"skip_reason": "no news", "end_timestamp": 1002.5}),
        ))
    ]  # fmt: skip
    (found,) = [one for one in history.list_automations() if one.name == "news_of_test"]
    assert (found.kind, found.is_on) == ("sensor", True)
    assert found.last is not None
    assert found.deed is not None
    assert (found.last.number, found.deed.number) == (ticks[1].tick_id, ticks[0].tick_id)
    assert found.last.text == "no news"
    assert found.last.began_at == datetime.fromtimestamp(1001.0, UTC)
    assert found.last.ended_at == datetime.fromtimestamp(1002.5, UTC)
    assert found.deed.run_ids == ("a", "b")
    assert found.deed.log_key == ("repository", "x", "1")
    assert history.list_ticks(found.number, 5) == [found.last, found.deed]
    assert history.list_ticks(found.number, 5, found.last.number) == [found.deed]
    assert history.find_tick(found.deed.number) == found.deed
    instance.update_instigator_state(state.with_status(InstigatorStatus.STOPPED))
    (found,) = [one for one in history.list_automations() if one.name == "news_of_test"]
    assert not found.is_on


def test_before_dagster_was_used_there_is_nothing(empty_url: str) -> None:
    history = DagsterHistory(make_url(empty_url))
    assert history.list_runs(5) == []
    assert history.find_run("x") is None
    assert history.read_events("x", 0, 5) == []
    assert history.count_keys("x") == (0, 0)
    assert history.list_automations() == []
    assert history.find_tick(1) is None
    assert history.find_makers("x", ["a/b"]) == {}
    assert history.measure() == 0
    history.dispose()
