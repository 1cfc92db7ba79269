"""Which launcher the settings ask for, and what becomes of runs whose process is gone."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus
from dagster._core.test_utils import create_run_for_test
from dagster._serdes import ConfigurableClassData
from dagster_celery.launcher import CeleryRunLauncher

from hstql_resources.celery_launcher import CeleryLauncher
from hstql_resources.dagster_launchers import Launcher
from hstql_resources.processes import PROCESS_TAG, process_name
from hstql_resources.settings import SettingsError

DATA = ConfigurableClassData("hstql_resources.dagster_launchers", "Launcher", "{}")
BROKER = "redis://:secret@host:6379/0"


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as found:
        yield found


def begin(instance: dg.DagsterInstance, process: str) -> dg.DagsterRun:
    run = create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED)
    instance.add_run_tags(run.run_id, {PROCESS_TAG: process})
    return read(instance, run)


def read(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def test_a_broker_decides_about_the_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSTQL_BROKER", "")
    assert isinstance(Launcher.from_config_value(DATA, {}), Launcher)
    monkeypatch.setenv("HSTQL_BROKER", BROKER)
    launcher = Launcher.from_config_value(DATA, {})
    assert isinstance(launcher, CeleryRunLauncher)
    assert launcher.celery.conf.broker_url == BROKER
    assert "secret" not in str(launcher.inst_data)


def test_a_broker_without_celery_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HSTQL_BROKER", BROKER)
    monkeypatch.setitem(sys.modules, "hstql_resources.celery_launcher", None)
    with pytest.raises(SettingsError, match=r"not installed: pip install 'hstql\[celery\]'\.$"):
        Launcher.from_config_value(DATA, {})


@pytest.mark.parametrize("launcher", [Launcher(), CeleryLauncher(BROKER)], ids=["here", "celery"])
def test_the_daemon_is_told_of_a_run_whose_process_is_gone(
    launcher: Launcher | CeleryLauncher, instance: dg.DagsterInstance
) -> None:
    launcher.register_instance(instance)
    assert launcher.supports_check_run_worker_health
    here = socket.gethostname()
    for process, status in (
        (process_name(), WorkerStatus.RUNNING),
        ("4711.1764486000@elsewhere", WorkerStatus.RUNNING),  # nobody can be missed in memory
        (f"999999.1@{here}", WorkerStatus.FAILED),
    ):
        run = begin(instance, process)
        assert launcher.check_run_worker_health(run).status == status
        has_failed = read(instance, run).status == dg.DagsterRunStatus.FAILURE
        assert has_failed is (status == WorkerStatus.FAILED)
    (ended,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    assert (
        ended.get_dagster_event().message == f"Its process on {here} was killed: launch it again."
    )
