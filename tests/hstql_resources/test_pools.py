"""The pool `archive`: runs take turns, wait in peace, and the dead hold no place."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import dagster as dg
import pytest

from builders.places import PROJECT
from hstql_assets.observations.assets import ARCHIVE_POOL
from hstql_resources.dagster_runs import fail_dead_runs
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.processes import PROCESS_TAG, process_name

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
SPAWN = get_context("spawn")
WAITING_S = 4.0


@pytest.fixture(scope="module")
def instance(postgres: EmbeddedPostgres) -> Iterator[dg.DagsterInstance]:
    """The instance of `dagster.yaml`, with the home of the test server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(PROJECT))
        patch.setenv("HSTQL_HOME", str(postgres.home))
        patch.delenv("HSTQL_DATABASE_URL", raising=False)
        with dg.DagsterInstance.get() as found:
            yield found


def fetch(name: str, folder: str, until: str = "") -> None:
    """Materialize an asset in the pool, in one step, and write down when it worked.

    It works until a file is there, if one is named.
    """

    @dg.asset(name=name, pool=ARCHIVE_POOL)
    def fetched() -> None:
        (Path(folder) / f"{name}.begun").write_text("")
        begun = time.monotonic()
        if until:
            wait_for(Path(folder) / until)
        times = {"begun": begun, "ended": time.monotonic()}
        (Path(folder) / f"{name}.json").write_text(json.dumps(times))

    with dg.DagsterInstance.get() as own:
        tags = {PROCESS_TAG: process_name()}
        result = dg.materialize([fetched], instance=own, tags=tags, run_config=QUIET)
    assert result.success


def read(path: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads(path.read_text())
    return found


def wait_for(path: Path) -> None:
    end = time.monotonic() + 1500
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.02)


def test_the_pool_has_one_place_by_default(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    fetch("alone", str(tmp_path))
    limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
    assert limits[ARCHIVE_POOL] == 1


def test_two_runs_take_turns_and_the_one_that_waits_leaves_the_cores_to_others(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    first = SPAWN.Process(target=fetch, args=("first", str(tmp_path), "first.may_end"))
    first.start()
    wait_for(tmp_path / "first.begun")
    used: list[float] = []
    watch = threading.Thread(target=watch_waiting, args=(instance, tmp_path, used))
    watch.start()
    fetch("second", str(tmp_path))
    watch.join()
    first.join()
    assert first.exitcode == 0
    assert read(tmp_path / "second.json")["begun"] > read(tmp_path / "first.json")["ended"]
    assert len(used) == 1
    assert used[0] < WAITING_S / 2


def watch_waiting(instance: dg.DagsterInstance, folder: Path, used: list[float]) -> None:
    """Measure what processor time this process takes while a step waits, s; then let it begin."""
    storage = instance.event_log_storage
    while not storage.get_concurrency_info(ARCHIVE_POOL).pending_step_count:
        time.sleep(0.05)
    start = time.process_time()
    time.sleep(WAITING_S)
    used.append(time.process_time() - start)
    (folder / "first.may_end").write_text("")


@pytest.mark.parametrize("is_buried", [False, True])
def test_a_run_that_was_killed_gives_its_place_back(
    instance: dg.DagsterInstance, tmp_path: Path, is_buried: bool
) -> None:
    victim = SPAWN.Process(target=fetch, args=("victim", str(tmp_path), "never"))
    victim.start()
    wait_for(tmp_path / "victim.begun")
    os.kill(victim.pid or 0, signal.SIGKILL)
    victim.join()
    storage = instance.event_log_storage
    assert storage.get_concurrency_info(ARCHIVE_POOL).active_slot_count == 1
    if is_buried:
        fail_dead_runs(instance)
        assert storage.get_concurrency_info(ARCHIVE_POOL).active_slot_count == 0
    fetch("next", str(tmp_path))  # and does not wait for ever
    assert storage.get_concurrency_info(ARCHIVE_POOL).active_slot_count == 0
    fail_dead_runs(instance)


def test_a_step_that_fails_gives_its_place_back(instance: dg.DagsterInstance) -> None:
    @dg.asset(pool=ARCHIVE_POOL)
    def failing() -> None:
        raise RuntimeError("The archive did not answer.")

    result = dg.materialize([failing], instance=instance, run_config=QUIET, raise_on_error=False)
    assert not result.success
    info = instance.event_log_storage.get_concurrency_info(ARCHIVE_POOL)
    assert (info.active_slot_count, info.pending_step_count) == (0, 0)
