"""A run that is interrupted, and one that another command works beside."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from builders.pipeline import Pipeline
from hstql_assets.batching.partitions import ROOTNAMES
from hstql_assets.orchestration.jobs import run_keys
from hstql_assets.orchestration.planning import Step
from hstql_assets.orchestration.run_reports import report_steps
from hstql_resources import tables

NOW = datetime.now(UTC)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def test_ctrl_c_is_told_in_one_sentence(pipeline: Pipeline, instance: dg.DagsterInstance) -> None:
    @dg.asset(key=["cos", "raw_files"], partitions_def=ROOTNAMES["cos"])
    def raw_files() -> None:
        raise dg.DagsterExecutionInterruptedError

    assert run_keys(instance, pipeline.clients, [raw_files], ["ls000101q"]) == (
        "cos__raw_files was interrupted."
    )


def test_a_report_counts_only_the_keys_of_its_own_steps(pipeline: Pipeline) -> None:
    statuses = {"ls000101q": "made", "ls000102q": "bad", "ls000201q": "made", "ls000202q": "bad"}
    decisions = [
        {"asset": "cos/raw_files", "key": key, "status": status, "reason": status,
         "decided_at": NOW, "changed_at": NOW}
        for key, status in statuses.items()
    ]  # fmt: skip
    database = pipeline.clients.database
    with database.write() as writer:
        writer.upsert(tables.Outcome, decisions)
    steps = [Step(("cos/raw_files",), ("ls000101q", "ls000102q"))]
    report = report_steps(database, steps, NOW - timedelta(minutes=1), (), None)
    assert report.counts == {"made": 1, "bad": 1}
    assert [failure.key for failure in report.failures] == ["ls000102q"]
