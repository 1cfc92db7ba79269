"""A full disk, a missing right, a lost server in a step: one sentence, in Dagster and outside."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import Future

import pytest
from sqlalchemy import select

from builders.graph_station import GraphStation
from hstql_assets.orchestration.planning import Request
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.faults import describe_fault

REQUEST = Request(("cos/lightcurves",), "all", only=True)


def fail(number: int) -> Callable[..., None]:
    def move(_self: object, source: object, path: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    return move


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOSPC, "cos/lightcurves: The disk is full: "),
        (errno.EROFS, "cos/lightcurves: The disk can only be read: "),
        (errno.EDQUOT, "cos/lightcurves: The quota on the disk is used up: "),
    ],
)
def test_a_fault_of_the_disk_fails_the_run_by_one_sentence_and_keys_wait(
    made: GraphStation, monkeypatch: pytest.MonkeyPatch, number: int, sentence: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Filesystem, "move", fail(number))
        patched.setattr(type(made.pipeline.clients.workers), "submit", _submit_here)
        report = made.graph.materialize(made.pipeline.clients, REQUEST, {}, lambda _: None)
    assert report.error is not None
    assert report.error.startswith(sentence)
    assert report.error.endswith("Once that is mended, the same command goes on.")
    assert len(made.pipeline.rows(tables.Attempt)) == 3
    (run,) = made.graph.instance.get_runs(limit=1)
    events = made.graph.instance.all_logs(run.run_id)
    failed = [one.dagster_event for one in events if one.dagster_event is not None
              and one.dagster_event.is_step_failure]  # fmt: skip
    said = failed[0].step_failure_data.user_failure_data
    assert said is not None
    assert said.description == report.error
    made.graph.materialize(made.pipeline.clients, REQUEST, {}, lambda _: None)
    assert made.pipeline.rows(tables.Attempt) == []


def test_a_lost_server_fails_the_run_by_one_sentence(
    made: GraphStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Database("postgresql+psycopg2://nobody@127.0.0.1:9/nothing")
    with monkeypatch.context() as patched:
        patched.setattr(Database, "transact", lambda _self, _work: lost.read(select(1)))
        report = made.graph.materialize(made.pipeline.clients, REQUEST, {}, lambda _: None)
    assert report.error is not None
    assert report.error.startswith("cos/lightcurves: The database does not answer: ")
    assert "\n" not in report.error


def test_what_is_no_fault_of_the_machine_has_no_sentence() -> None:
    assert describe_fault(ValueError("a fault of the program")) is None
    assert describe_fault(None) is None
    wrapped = RuntimeError("wrapped")
    wrapped.__cause__ = PermissionError(errno.EACCES, "Permission denied", "/x")
    assert describe_fault(wrapped) == (
        "The permissions do not allow it: /x. Once that is mended, the same command goes on."
    )


def _submit_here(_self: object, fn: Callable[..., object], *args: object) -> object:
    """Work in this process, where the disk is made to fail."""
    future: Future[object] = Future()
    try:
        future.set_result(fn(*args))
    except OSError as error:
        future.set_exception(error)
    return future
