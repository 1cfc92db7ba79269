"""A monitor that is no part of hstql, exactly as the documentation writes it.

A process looks for monitors once, so each command has one of its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.places import PROJECT
from builders.station import Station, open_station

PAGE = PROJECT / "docs" / "monitors.md"
BLOCK = re.compile(r"```python\n# (\S+\.py)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("own")
    for name, code in BLOCK.findall(PAGE.read_text()):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)
    for station in open_station(
        HSTQL_SIMULATED_OBSERVATIONS="12",
        HSTQL_WORKERS="2",
        HSTQL_MONITORS="exposure_lengths.monitor",
        PYTHONPATH=str(folder),
    ):
        # Also before its table was ever made.
        assert station.run("hstql", "reset", "database", "all", "--yes").returncode == 0
        assert station.run("hstql", "discover", "--instrument", "acs").returncode == 0
        made = station.run("hstql", "materialize", "exposure_length_monitor")
        assert made.returncode == 0, made.stdout + made.stderr
        yield station


def test_it_measures_each_exposure_once(station: Station) -> None:
    raw = "SELECT count(*) FROM files WHERE filetype = 'raw' AND rootname LIKE 'j%'"
    assert station.count("SELECT count(*) FROM exposure_lengths") == station.count(raw) > 0
    wrong = """SELECT count(*) FROM exposure_lengths JOIN observations USING (rootname)
               WHERE length_s != exp_time_s OR start_mjd != exp_start_mjd"""
    assert station.count(wrong) == 0
    again = station.run("hstql", "materialize", "exposure_length_monitor")
    assert "up to date" in again.stdout


def test_it_has_a_page_a_place_in_the_index_and_a_state(station: Station) -> None:
    folder = station.home / "plots" / "monitors"
    page = (folder / "exposure_length_monitor" / "index.html").read_text()
    assert "Exposure time of ACS" in page
    assert (folder / "exposure_length_monitor" / "length.png").is_file()
    assert "exposure_length_monitor/index.html" in (folder / "index.html").read_text()
    good = "SELECT count(*) FROM monitor_states WHERE state = 'ok' AND exposures > 0"
    assert station.count(good) == 1


def test_its_table_can_be_reset_and_is_made_again(station: Station) -> None:
    assert station.run("hstql", "reset", "database", "exposure_lengths", "--yes").returncode == 0
    assert station.count("SELECT count(*) FROM exposure_lengths") == 0
    assert station.run("hstql", "materialize", "exposure_length_monitor").returncode == 0
    assert station.count("SELECT count(*) FROM exposure_lengths") > 0


@pytest.mark.parametrize("name", ["no_such_module", "exposure_lengths.rows"])
def test_a_module_without_a_monitor_is_named(station: Station, name: str) -> None:
    refused = station.run("hstql", "status", HSTQL_MONITORS=name)
    assert refused.returncode == 2
    assert f"HSTQL_MONITORS names {name}, which is no module with a MONITOR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_page_holds_the_whole_monitor() -> None:
    names = [Path(name).name for name, _ in BLOCK.findall(PAGE.read_text())]
    assert names == ["rows.py", "measure.py", "trend.py", "monitor.py"]
