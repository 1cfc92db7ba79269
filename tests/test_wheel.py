"""A wheel has all that hstql needs: in an environment of its own, `hstql demo` works."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from builders.places import PROJECT, make_home_folder
from builders.station import Station
from hstql_resources.postgres.server import EmbeddedPostgres

PACKAGES = ("hstql", "hstql_assets", "hstql_resources", "hstql_web")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = ("--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *words, str(PROJECT)], check=True)
    (built,) = folder.glob("hstql-*.whl")
    return built


@pytest.mark.full
def test_the_wheel_has_every_file_of_the_packages(wheel: Path) -> None:
    here = {
        path.relative_to(PROJECT).as_posix()
        for package in PACKAGES
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(wheel) as file:
        there = {name for name in file.namelist() if not name.startswith("hstql-")}
    assert here == there


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and with what it depends on from that of the tests.

    Of the latter a line on the path is all: the hstql that is being worked on is not there.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    return folder / "bin"


@pytest.mark.full
def test_the_demo_works_in_it_in_a_folder_without_dagster_yaml(environment: Path) -> None:
    folder = make_home_folder()
    station = Station(folder / ".hstql", {"HSTQL_SIMULATED_OBSERVATIONS": "3"})
    settings = station.environment()
    del settings["HSTQL_HOME"], settings["DAGSTER_HOME"]

    def hstql(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(environment / "hstql"), *words],
            env=settings, cwd=folder, capture_output=True, text=True,
        )  # fmt: skip

    try:
        demo = hstql("demo")
        assert demo.returncode == 0, demo.stderr
        assert f"Plots: {folder}/.hstql/plots/index.html" in demo.stdout
        assert f"DAGSTER_HOME={folder}/.hstql dagster dev" in demo.stdout
        assert (folder / ".hstql" / "dagster.yaml").is_file()
        assert "Everything is up to date." in hstql("demo").stdout
        assert hstql("status").returncode == 0
    finally:
        EmbeddedPostgres(station.home).stop()
