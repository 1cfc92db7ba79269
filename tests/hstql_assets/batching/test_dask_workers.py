"""The workers of a Dask cluster, from a task to a run of Dagster; the cluster is a real one."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from distributed import Client
from distributed.comm.core import CommClosedError

from builders.dask_cluster import DaskCluster, open_cluster
from builders.graph_station import GraphStation
from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_resources import dask_workers
from hstql_resources.clients import open_workers, prepare_worker
from hstql_resources.dask_workers import DaskWorkers
from hstql_resources.fits.limits import Limits, get_limits
from hstql_resources.postgres.faults import describe_fault
from hstql_resources.settings import SettingsError
from hstql_resources.workers import WorkersLostError


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    with open_cluster(tmp_path_factory.mktemp("dask")) as running:
        yield running


@pytest.fixture
def workers(cluster: DaskCluster) -> Iterator[DaskWorkers]:
    opened = connect(cluster)
    yield opened
    opened.shutdown()


def connect(cluster: DaskCluster, prepare: dask_workers.Prepare = os.getpid) -> DaskWorkers:
    """Connect to a cluster, as soon as it has a worker."""
    deadline = time.monotonic() + 300
    while True:
        try:
            opened = open_workers(cluster.address, prepare)
        except SettingsError as error:
            if "has no workers" not in str(error) or time.monotonic() > deadline:
                raise
        else:
            assert isinstance(opened, DaskWorkers)
            return opened


def wait_until_empty(cluster: DaskCluster) -> None:
    """Wait until the scheduler knows that its worker is gone."""
    is_empty = False
    while not is_empty:
        with suppress(OSError):  # the worker that just went
            is_empty = "has no workers" in refuse(cluster, is_tried_again=False)


def refuse(
    cluster: DaskCluster,
    prepare: dask_workers.Prepare = os.getpid,
    *,
    is_tried_again: bool = True,
) -> str:
    """Try to use the workers; return the sentence that says why not."""
    with pytest.raises(SettingsError) as refusal:
        connect(cluster, prepare) if is_tried_again else open_workers(cluster.address, prepare)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_workers_that_always_die_when_they_are_asked_are_one_sentence(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def die(*_: object) -> None:
        asked.append(1)
        raise CommClosedError

    monkeypatch.setattr(Client, "register_plugin", die)
    assert "end when they are asked" in refuse(cluster)
    assert len(asked) == dask_workers.ASKED


def test_tasks_run_in_the_processes_of_the_cluster(
    workers: DaskWorkers, cluster: DaskCluster
) -> None:
    there = {child.pid for nanny in cluster.nannies for child in nanny.children(recursive=True)}
    assert workers.submit(os.getpid).result() in there
    assert list(workers.map(abs, range(-20, 0))) == list(range(20, 0, -1))


def test_the_same_task_runs_as_often_as_it_is_given(workers: DaskWorkers) -> None:
    first, second = (workers.submit(time.monotonic_ns).result() for _ in range(2))
    assert first != second


def test_an_exception_of_a_task_is_that_of_its_future(workers: DaskWorkers) -> None:
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result()


def test_a_task_that_ends_its_worker_says_so_and_others_go_on(workers: DaskWorkers) -> None:
    with pytest.raises(BrokenExecutor):
        workers.submit(os._exit, 1).result(timeout=300)
    assert workers.submit(abs, -1).result(timeout=300) == 1


def wait_for_file(path: Path) -> None:
    while not path.exists():
        time.sleep(0.05)


def test_one_leaves_and_another_comes(cluster: DaskCluster, tmp_path: Path) -> None:
    for number in range(2):
        opened = connect(cluster)
        waiting = opened.submit(wait_for_file, tmp_path / str(number))
        opened.shutdown(wait=False, cancel_futures=True)  # and does not wait for the file
        assert not waiting.done() or waiting.exception() is not None
        (tmp_path / str(number)).touch()


def test_limits_hold_in_the_workers_and_they_see_the_home(
    cluster: DaskCluster, tmp_path: Path
) -> None:
    (tmp_path / "identity").write_text("mine\n")
    limits = Limits(hdus=7)
    opened = connect(cluster, partial(prepare_worker, limits, tmp_path, "mine", tmp_path))
    assert opened.submit(get_limits).result() == limits
    opened.shutdown()
    sentence = refuse(cluster, partial(prepare_worker, limits, tmp_path, "yours", None))
    assert sentence.startswith("The Dask worker tcp://127.0.0.1:")
    assert f"does not see the home {tmp_path}" in sentence
    gone = tmp_path / "gone"
    sentence = refuse(cluster, partial(prepare_worker, limits, tmp_path, "mine", gone))
    assert f"does not see the archive {gone}" in sentence
    connect(cluster, partial(prepare_worker, Limits(), tmp_path, "mine", None)).shutdown()


def test_a_worker_with_another_version_is_refused(
    cluster: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "version", lambda _name: "99.1")
    assert "and here is 99.1: install the same" in refuse(cluster)


@pytest.mark.full
def test_no_workers_threads_and_a_lost_scheduler_are_one_sentence_each(tmp_path: Path) -> None:
    with open_cluster(tmp_path, workers=0) as small:
        with pytest.raises(SettingsError, match="has no workers: start some with 'dask worker"):
            open_workers(small.address)
        small.add_worker("--nthreads", "2")
        assert "has 2 threads: start it with --nthreads 1" in refuse(small)
        small.remove_worker()
        wait_until_empty(small)
        small.add_worker()
        opened = connect(small)
        waiting = opened.submit(time.sleep, 3600)
        small.scheduler.kill()
        lost = waiting.exception(timeout=300)
        assert isinstance(lost, WorkersLostError)
        assert describe_fault(lost) == str(lost)
        assert "does not answer any more. Once it does, the same command goes on." in str(lost)
        assert isinstance(opened.submit(abs, 1).exception(timeout=300), WorkersLostError)
        began = time.monotonic()
        opened.shutdown()
        assert time.monotonic() - began < 300


@dataclass(frozen=True)
class Task:
    key: str


def decide(task: Task) -> Outcome:
    """Make a key, unless its name says that it ends its worker."""
    if task.key.startswith("kill"):
        os.kill(os.getpid(), 9)
    return Outcome(task.key, "made")


def test_a_killed_worker_costs_only_its_own_key(workers: DaskWorkers) -> None:
    keys = [*(f"k-{number}" for number in range(6)), "kill-1"]
    outcomes = decide_batch(workers, decide, [Task(key) for key in keys], lambda _: None)
    assert [outcome.status for outcome in outcomes] == ["made"] * 6 + ["waiting"]
    assert outcomes[-1].has_ended_worker


@pytest.mark.full
def test_a_run_makes_the_same_files_as_on_this_machine(
    workers: DaskWorkers, station: GraphStation, add_exposure: Callable[..., Path]
) -> None:
    for number in range(3):
        add_exposure(f"ls000{number}a1q")
    pipeline = station.pipeline
    made = []
    for executor in (pipeline.clients.workers, workers):
        clients = replace(pipeline.clients, workers=executor)
        over = GraphStation(replace(pipeline, clients=clients), station.graph)
        over.make("cos/lightcurves", mode="all")
        made.append({path: path.read_bytes() for path in pipeline.home.rglob("*_curve.fits")})
    assert len(made[0]) == 3
    assert made[0] == made[1]
