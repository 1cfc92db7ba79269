"""Runs that fail: people are told once for each, and of nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from builders.notice_servers import Webhook, open_webhook
from hstql_assets.orchestration.run_notices import describe_failure
from hstql_assets.orchestration.sensors import build_failed_runs

SENSOR = build_failed_runs()
RANGE = {
    "dagster/asset_partition_range_start": "ld0001q", "dagster/asset_partition_range_end": "ld9q",
}  # fmt: skip


@dg.op
def breaks() -> None:
    cause = OSError(28, "No space left on device", "postgresql://ann:hidden@host/x")
    raise RuntimeError("It was not written.") from cause


@dg.op
def works() -> None:
    pass


@dg.job
def broken() -> None:
    breaks()


@dg.job
def whole() -> None:
    works()


@dg.repository  # type: ignore[arg-type]
def repository() -> list[object]:
    return [SENSOR, broken, whole]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as opened:
        yield opened


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Webhook]:
    monkeypatch.setenv("HSTQL_HOME", str(tmp_path))
    with open_webhook() as opened:
        monkeypatch.setenv("HSTQL_NOTIFY_WEBHOOK", opened.address)
        yield opened


def tick(instance: dg.DagsterInstance, cursor: str | None) -> str | None:
    """Have the sensor look, as the daemon does, and return its cursor."""
    context = dg.build_sensor_context(instance, cursor, repository_def=repository)
    data = SENSOR.evaluate_tick(context)
    return data.cursor


def fail(instance: dg.DagsterInstance) -> dg.DagsterRun:
    result = broken.execute_in_process(instance=instance, raise_on_error=False, tags=RANGE)
    return result.dagster_run


def test_each_failed_run_is_told_once(instance: dg.DagsterInstance, hook: Webhook) -> None:
    cursor = tick(instance, None)
    whole.execute_in_process(instance=instance)
    run = fail(instance)
    first = tick(instance, cursor)
    (told,) = hook.posted
    assert told["text"].startswith("hstql: a run of broken failed\n")
    for part in (run.run_id, "ld0001q to ld9q", "breaks: OSError: [Errno 28] No space left"):
        assert part in told["text"]
    assert (told["kind"], told["run"]) == ("run", run.run_id)
    assert "hidden" not in json.dumps(told)
    assert tick(instance, first) == first
    tick(instance, cursor)  # a daemon that was killed before it kept its cursor
    assert len(hook.posted) == 1
    second = fail(instance)
    tick(instance, first)
    assert [one["run"] for one in hook.posted] == [run.run_id, second.run_id]


def test_a_run_whose_process_was_killed_is_told_too(
    instance: dg.DagsterInstance, hook: Webhook
) -> None:
    cursor = tick(instance, None)
    run = instance.create_run_for_job(whole, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_failed(run, "Its process on here was killed: launch it again.")
    tick(instance, cursor)
    assert "Its process on here was killed" in hook.posted[0]["text"]
    canceled = instance.create_run_for_job(whole, status=dg.DagsterRunStatus.STARTED)
    instance.report_run_canceled(canceled, "It was stopped.")
    tick(instance, cursor)
    assert len(hook.posted) == 1


def test_without_anybody_to_be_told_runs_are_passed_over(
    instance: dg.DagsterInstance, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = tick(instance, None)
    fail(instance)
    monkeypatch.delenv("HSTQL_NOTIFY_WEBHOOK")
    assert tick(instance, cursor) != cursor
    assert hook.posted == []


def test_a_failure_of_one_key_or_none_and_without_reasons() -> None:
    one = describe_failure(
        "r1", "cos_files", {"dagster/partition": "ld0001q"}, ["", " Why. ", "Why."]
    )
    assert "The run r1 of cos_files failed, of ld0001q." in one.text
    assert one.text.count("Why.") == 1
    assert "failed.\n" in describe_failure("r1", "cos_files", {}, []).text
