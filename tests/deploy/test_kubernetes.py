"""What runs in a cluster: the job that Dagster's launcher makes of a run, and what it refers to."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import dagster as dg
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import LaunchRunContext
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster_k8s import K8sRunLauncher
from kubernetes.client import BatchV1Api, V1Container, V1Job

from builders.places import PROJECT
from builders.station import FEWEST
from hstql_assets.definitions import build_definitions
from hstql_resources.run_tags import END_TAG, START_TAG

KUBERNETES = PROJECT / "deploy" / "kubernetes"
IMAGE = "hstql:0.1.0"
MORE = {"requests": {"cpu": "1", "memory": "32Gi"}}
KEYS = ["ls000101q", "ls000102q"]


@pytest.fixture
def instance(
    tmp_path: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dg.DagsterInstance]:
    """The instance of a cluster: `dagster.yaml` with what docs/deployment.md has added to it."""
    files = (PROJECT / "dagster.yaml", KUBERNETES / "run_launcher.yaml")
    (tmp_path / "dagster.yaml").write_text("".join(path.read_text() for path in files))
    settings = {
        "DAGSTER_HOME": str(tmp_path),
        "HSTQL_HOME": str(tmp_path / "home"),
        "HSTQL_DATABASE_URL": empty_url,
        "HSTQL_WORKERS": "1",
    }
    for name, value in (settings | FEWEST).items():
        monkeypatch.setenv(name, value)
    with patch("dagster_k8s.launcher.load_kubernetes_config"), dg.DagsterInstance.get() as found:
        yield found


def launch(instance: dg.DagsterInstance, **tags: str) -> V1Job:
    """Launch a run of two keys; return the job that the cluster is asked for."""
    pointer = ModuleCodePointer("hstql_assets.definitions", "defs")
    repository = RepositoryPythonOrigin(sys.executable, pointer, IMAGE, ["dagster"], {})
    instance.add_dynamic_partitions("cos_rootname", KEYS)
    run = instance.create_run_for_job(
        build_definitions().resolve_job_def("cos_files"),
        tags={START_TAG: KEYS[0], END_TAG: KEYS[-1]} | tags,
        job_code_origin=JobPythonOrigin("cos_files", repository),
    )
    launcher = instance.run_launcher
    assert isinstance(launcher, K8sRunLauncher)
    cluster = Mock(spec=BatchV1Api)
    launcher._api_client.batch_api = cluster
    launcher.launch_run(LaunchRunContext(run, None))
    ((), asked) = cluster.create_namespaced_job.call_args
    assert asked["namespace"] == "hstql"
    job: V1Job = asked["body"]
    return job


def container_of(job: V1Job) -> V1Container:
    (container,) = job.spec.template.spec.containers
    return container


def test_the_job_has_the_home_addresses_from_secrets_and_what_a_tag_says(
    instance: dg.DagsterInstance, empty_url: str
) -> None:
    job = launch(instance)
    pod, container = job.spec.template.spec, container_of(job)
    assert container.image == IMAGE
    assert container.args[:3] == ["dagster", "api", "execute_run"]
    assert [one.secret_ref.name for one in container.env_from if one.secret_ref] == [
        "hstql-addresses"
    ]
    assert [one.config_map_ref.name for one in container.env_from if one.config_map_ref] == [
        "hstql-settings"
    ]
    mounts = {one.name: one.mount_path for one in container.volume_mounts}
    assert mounts["home"] == "/data/hstql"
    home = {one.name: one for one in pod.volumes}["home"]
    assert home.persistent_volume_claim.claim_name == "hstql-home"
    assert container.resources.requests == {"cpu": "4", "memory": "4Gi"}
    assert pod.service_account_name == "hstql"
    assert pod.security_context.run_as_user == 10001
    assert job.spec.ttl_seconds_after_finished == 86400
    assert empty_url not in str(job)
    assert {one.name for one in container.env if one.value} <= {
        "DAGSTER_HOME",
        "DAGSTER_RUN_JOB_NAME",
    }
    config = json.dumps({"container_config": {"resources": MORE}})
    container = container_of(launch(instance, **{"dagster-k8s/config": config}))
    assert container.resources.requests == MORE["requests"]
    assert {one.name: one.mount_path for one in container.volume_mounts} == mounts


@pytest.mark.full
def test_what_the_job_runs_makes_the_keys(instance: dg.DagsterInstance) -> None:
    container = container_of(launch(instance))
    bin_folder = Path(sys.executable).parent
    done = subprocess.run(
        [str(bin_folder / container.args[0]), *container.args[1:]], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    (run,) = instance.get_runs()
    assert run.status == dg.DagsterRunStatus.SUCCESS


def test_the_launcher_takes_the_settings_and_a_wrong_one_is_refused() -> None:
    config = yaml.safe_load((KUBERNETES / "run_launcher.yaml").read_text())["run_launcher"]
    schema = resolve_to_config_type(K8sRunLauncher.config_type())
    assert process_config(schema, config["config"]).success
    assert not process_config(schema, config["config"] | {"env_secret": []}).success
    assert "env_vars" not in config["config"]


def test_the_chart_has_the_same_names_as_the_launcher() -> None:
    values: dict[str, Any] = yaml.safe_load((KUBERNETES / "values.yaml").read_text())
    run = yaml.safe_load((KUBERNETES / "run_launcher.yaml").read_text())["run_launcher"]["config"]
    shared = values["global"]
    assert shared["dagsterInstanceConfigMap"] == run["instance_config_map"]
    assert shared["dagsterHome"] == run["dagster_home"]
    assert shared["serviceAccountName"] == run["service_account_name"]
    user = run["run_k8s_config"]["pod_spec_config"]["securityContext"]
    (code,) = values["dagster-user-deployments"]["deployments"]
    for pod in (values["dagsterWebserver"], values["dagsterDaemon"], code):
        assert [one["name"] for one in pod["envSecrets"]] == run["env_secrets"]
        assert [one["name"] for one in pod["envConfigMaps"]] == run["env_config_maps"]
        assert pod["volumes"] == run["volumes"]
        assert pod["volumeMounts"] == run["volume_mounts"]
        assert pod["podSecurityContext"] == user
        assert f"{pod['image']['repository']}:{pod['image']['tag']}" == IMAGE
        assert "env" not in pod
    assert not any(values[name]["enabled"] for name in ("postgresql", "rabbitmq", "redis"))
