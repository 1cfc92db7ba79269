"""A monitor that is no part of hstql, exactly as the documentation writes it.

A process looks for monitors once, so its commands have one of their own.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from builders.places import PROJECT
from builders.station import Station, open_station

PAGE = PROJECT / "docs" / "monitors.md"
BLOCK = re.compile(r"```python\n# (\S+\.py)\n(.*?)```", re.DOTALL)
Command = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the monitor's package."""
    folder = tmp_path_factory.mktemp("own")
    for name, code in BLOCK.findall(PAGE.read_text()):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
    return folder


@pytest.fixture(scope="module")
def station(folder: Path) -> Iterator[Station]:
    yield from open_station(
        HSTQL_SIMULATED_OBSERVATIONS="4",
        HSTQL_WORKERS="2",
        HSTQL_MONITORS="exposure_lengths.monitor",
        PYTHONPATH=str(folder),
    )


@pytest.fixture(scope="module")
def hstql(station: Station, folder: Path) -> Iterator[Command]:
    with station.open_process(folder) as hstql:
        # Also before its table was ever made.
        assert hstql("reset", "database", "all", "--yes").returncode == 0
        assert hstql("discover", "--instrument", "acs").returncode == 0
        made = hstql("materialize", "exposure_length_monitor")
        assert made.returncode == 0, made.stdout + made.stderr
        yield hstql


@pytest.mark.full
def test_it_measures_each_exposure_once(station: Station, hstql: Command) -> None:
    raw = "SELECT count(*) FROM files WHERE filetype = 'raw' AND rootname LIKE 'j%'"
    assert station.count("SELECT count(*) FROM exposure_lengths") == station.count(raw) > 0
    wrong = """SELECT count(*) FROM exposure_lengths JOIN observations USING (rootname)
               WHERE length_s != exp_time_s OR start_mjd != exp_start_mjd"""
    assert station.count(wrong) == 0
    again = hstql("materialize", "exposure_length_monitor")
    assert "up to date" in again.stdout


@pytest.mark.full
@pytest.mark.usefixtures("hstql")
def test_it_has_a_page_a_place_in_the_index_and_a_state(station: Station) -> None:
    folder = station.home / "plots" / "monitors"
    page = (folder / "exposure_length_monitor" / "index.html").read_text()
    assert "Exposure time of ACS" in page
    assert (folder / "exposure_length_monitor" / "length.png").is_file()
    assert "exposure_length_monitor/index.html" in (folder / "index.html").read_text()
    good = "SELECT count(*) FROM monitor_states WHERE state = 'ok' AND exposures > 0"
    assert station.count(good) == 1


@pytest.mark.full
def test_its_table_can_be_reset_and_is_made_again(station: Station, hstql: Command) -> None:
    assert hstql("reset", "database", "exposure_lengths", "--yes").returncode == 0
    assert station.count("SELECT count(*) FROM exposure_lengths") == 0
    assert hstql("materialize", "exposure_length_monitor").returncode == 0
    assert station.count("SELECT count(*) FROM exposure_lengths") > 0


@pytest.fixture(scope="module")
def other_hstql(station: Station, folder: Path) -> Iterator[Command]:
    """A process that has found no monitors yet."""
    with station.open_process(folder) as hstql:
        yield hstql


@pytest.mark.parametrize("name", ["no_such_module", "exposure_lengths.rows"])
def test_a_module_without_a_monitor_is_named(other_hstql: Command, name: str) -> None:
    refused = other_hstql("status", HSTQL_MONITORS=name)
    assert refused.returncode == 2
    assert f"HSTQL_MONITORS names {name}, which is no module with a MONITOR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_page_holds_the_whole_monitor() -> None:
    names = [Path(name).name for name, _ in BLOCK.findall(PAGE.read_text())]
    assert names == ["rows.py", "measure.py", "trend.py", "monitor.py"]
