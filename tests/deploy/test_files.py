"""Unit files, the image and what is added to `dagster.yaml` name what is there."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from builders.places import PROJECT

DEPLOY = PROJECT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
BIN = Path(sys.executable).parent


def read_commands(unit: Path) -> list[list[str]]:
    """Return what a unit runs, as on this machine."""
    lines = re.findall(r"^Exec(?:Start|Stop)=(.*)$", unit.read_text(), re.MULTILINE)
    return [shlex.split(line.replace("/opt/hstql/.venv/bin", str(BIN))) for line in lines]


def test_units_run_programs_that_are_there_with_options_that_they_know() -> None:
    assert len(UNITS) == 5
    for unit in UNITS:
        for program, *words in read_commands(unit):
            assert Path(program).exists()
            assert all((PROJECT / word).exists() for word in words if word.endswith(".yaml"))


@pytest.mark.full
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_accepts_the_units(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for one in UNITS:
        text = one.read_text().replace("/opt/hstql/.venv/bin", str(BIN))
        (tmp_path / one.name).write_text(text.replace("/opt/hstql", str(PROJECT)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.full
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_programs_know_the_options_of_the_units(unit: Path) -> None:
    for command in read_commands(unit):
        if "-m" in command[:2]:
            continue  # Celery's own, run by test_hosts
        given = [word for word in command if re.fullmatch("-[a-z]", word)]
        names = [word for word in command[1:3] if re.fullmatch("[a-z-]+", word) and word[0] != "-"]
        shown = subprocess.run([command[0], *names, "--help"], capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        assert all(f"{option}," in shown.stdout for option in given)


def test_the_image_is_made_of_what_is_there() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall("^FROM (.*)", text, re.MULTILINE) == ["python:3.11-slim"]
    copied = [
        name for line in re.findall("^COPY (.*)", text, re.MULTILINE) for name in line.split()[:-1]
    ]
    assert [name for name in copied if not (PROJECT / name).exists()] == []
    kept = re.findall("^!(.*)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(kept) == sorted(copied)
    found = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert {name.rstrip("*") for name in found["packages"]["find"]["include"]} <= set(copied)
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    scripts = {point.name for point in distribution("hstql").entry_points}
    assert re.findall(r'^CMD \["(\w+)"', text, re.MULTILINE) == [*scripts]


def test_the_image_installs_as_make_does() -> None:
    made = (PROJECT / "Makefile").read_text()
    for line in re.findall("^RUN pip (.*)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE):
        words = line.replace(" --no-cache-dir", "").replace("-hosts.lock", ".lock")
        assert words.removeprefix("install ") in made


def test_the_lock_of_hosts_has_what_they_need_and_no_addresses() -> None:
    base, hosts = (
        (PROJECT / name).read_text() for name in ("requirements.lock", "requirements-hosts.lock")
    )
    pins = re.findall(r"^(\S+==\S+)", hosts, re.MULTILINE)
    assert set(re.findall(r"^(\S+==\S+)", base, re.MULTILINE)) <= set(pins)
    assert {"dagster-celery==0.29.27", "dagster-k8s==0.29.27"} <= set(pins)
    assert "dagster-celery" not in base
    assert "kubernetes" not in base
    assert "://" not in hosts


@pytest.mark.parametrize("name", ["celery.yaml", "kubernetes/run_launcher.yaml"])
def test_what_goes_to_the_end_of_dagsters_settings_wins(name: str, tmp_path: Path) -> None:
    added = (DEPLOY / name).read_text()
    (tmp_path / "dagster.yaml").write_text((PROJECT / "dagster.yaml").read_text() + added)
    found, _ = dagster_instance_config(str(tmp_path))
    before = yaml.safe_load((PROJECT / "dagster.yaml").read_text())
    assert {part: found[part] for part in yaml.safe_load(added)} == yaml.safe_load(added)
    assert found.keys() - before.keys() == set()
    assert found["concurrency"]["pools"] == before["concurrency"]["pools"]
