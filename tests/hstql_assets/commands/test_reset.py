"""`hstql reset`: what goes, what stays, and that all of it is made again."""

from collections.abc import Iterator

import pytest

from builders.home_states import State, read_state
from builders.station import Station, open_station
from hstql_assets.monitors.framework.registry import read_measurements, read_trends

# What the tests of the graph have in small: every table in turn, then all files.
pytestmark = pytest.mark.full

# What monitors measure of exposures of targets on the sky.
PRODUCTION = ("lightcurves", "extractions", "composites", "composite_members", "statistics",
              "flares", "target_names", "time_resolved_spectra")  # fmt: skip


def undrawn(states: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out of states what the gain-sag table says of its newest version, which is new once."""
    return [{**row, "summary": row["monitor"] != "gain_sag_table" and row["summary"]}
            for row in states]  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Station, State]]:
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="2"):
        done = station.hstql("demo")
        assert done.returncode == 0, done.stderr
        yield station, read_state(station)


def make_again(station: Station) -> State:
    done = station.hstql("demo")
    assert done.returncode == 0, done.stderr
    return read_state(station)


def test_production_is_emptied_and_made_again_as_it_was(made: tuple[Station, State]) -> None:
    station, before = made
    assert station.hstql("reset", "database", "production", "--yes").returncode == 0
    emptied = read_state(station)
    for table, rows in emptied.rows.items():
        if table in PRODUCTION:
            assert rows == [], table
        elif table not in ("outcomes", "observations"):
            assert rows == before.rows[table], table
    decided, left = (
        {row["asset"].split("/")[-1] for row in state.rows["outcomes"]}
        for state in (before, emptied)
    )
    measured = {one.name.split("/")[-1] for one in read_measurements()} & decided
    assert measured >= {"gain_maps", "stim_pulses", "telemetry", "jitter_statistics"}
    assert left == measured | {
        "raw_files", "calibrated_files", "header_tables", "previews", "spectrum_statistics",
        "pulse_heights", *(trend.name for trend in read_trends()),
    }  # fmt: skip
    assert emptied.files == before.files
    assert make_again(station) == before


def test_products_are_removed_and_made_again_as_they_were(made: tuple[Station, State]) -> None:
    station, before = made
    assert station.hstql("reset", "files", "--products", "--yes").returncode == 0
    emptied = read_state(station)
    assert emptied.names("files") == before.names("files") != set()
    assert emptied.files.keys() == before.names("files") | before.names("previews")
    assert emptied.rows["files"] == before.rows["files"]
    assert emptied.rows["lightcurves"] == emptied.rows["statistics"] == []
    assert make_again(station) == before


def test_all_files_are_removed_and_made_again_as_they_were(made: tuple[Station, State]) -> None:
    station, before = made
    assert station.hstql("reset", "files", "--yes").returncode == 0
    assert read_state(station).files == {}
    assert make_again(station) == before


def test_one_table_is_emptied_and_filled_again(made: tuple[Station, State]) -> None:
    station, before = made
    done = station.hstql("reset", "database", "statistics", "--yes")
    assert done.stdout == "Done. 'hstql materialize' makes everything again.\n"
    assert station.count("SELECT count(*) FROM hstlc.stats") == 0
    assert station.hstql("materialize").returncode == 0
    assert read_state(station) == before


def test_the_states_of_monitors_are_made_again(made: tuple[Station, State]) -> None:
    station, before = made
    few = ("dark_rate_monitor", "jitter_monitor")
    assert station.hstql("reset", "database", "monitor_states", "--yes").returncode == 0
    assert station.hstql("materialize", *few, "--only").returncode == 0
    assert {row["monitor"] for row in read_state(station).rows["monitor_states"]} == set(few)
    assert station.hstql("materialize").returncode == 0
    again = read_state(station).rows["monitor_states"]
    assert undrawn(again) == undrawn(before.rows["monitor_states"])
