"""`hstql reset`: what goes, what stays, and that all of it is made again."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits
from sqlalchemy import DateTime, select

from builders.station import Station, open_station
from hstql_assets.monitors.framework.registry import read_trends
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.tables import Base

# What monitors measure of exposures of targets on the sky.
MEASURED = ("gain_maps", "stim_pulses", "telemetry", "jitter_statistics")
VERSION = re.compile(r"gsag_[0-9T-]+")
PRODUCTION = ("lightcurves", "composites", "composite_members", "statistics", "target_names")
Rows = dict[str, list[dict[str, object]]]


@dataclass(frozen=True)
class State:
    """All rows and files of a home, without what says when they were made."""

    rows: Rows
    files: dict[str, object]

    def names(self, folder: str) -> set[str]:
        return {name for name in self.files if name.startswith(f"{folder}/")}


def read_state(station: Station) -> State:
    with closing(DatabaseOf(station)) as database:
        return State(database.rows(), {
            undated(str(path.relative_to(station.home))): fingerprint(path)
            for folder in ("files", "products", "plots", "previews")
            for path in sorted((station.home / folder).rglob("*"))
            if path.is_file()
        })  # fmt: skip


class DatabaseOf:
    """The database of a station, read from this process."""

    def __init__(self, station: Station) -> None:
        self._database = Database(EmbeddedPostgres(station.home).url("hstql"))

    def rows(self) -> Rows:
        found: Rows = {}
        for name, table in Base.metadata.tables.items():
            if name == "runs":
                continue
            columns = [column for column in table.c if not isinstance(column.type, DateTime)]
            statement = select(*columns).order_by(*table.primary_key.columns)
            found[name] = [
                {key: undated(value) for key, value in row._mapping.items()}
                for row in self._database.read(statement)
            ]
        return found

    def close(self) -> None:
        self._database.dispose()


def undated(value: Any) -> Any:
    """Leave out of the name of a gain-sag table when it was made."""
    return VERSION.sub("gsag", value) if isinstance(value, str) else value


def undrawn(states: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out of states what the gain-sag table says of its newest version, which is new once."""
    return [{**row, "summary": row["monitor"] != "gain_sag_table" and row["summary"]}
            for row in states]  # fmt: skip


def fingerprint(path: Path) -> object:
    """Of a FITS file its data; of a page nothing, for the identifiers in it are random."""
    if path.suffix == ".fits":
        with fits.open(path) as hdus:
            tables = [hdu.data.tobytes() for hdu in hdus if hdu.data is not None]
        return hashlib.sha256(b"".join(tables)).hexdigest()
    if path.suffix == ".txt":
        return undated(path.read_text())
    return path.suffix if path.suffix == ".html" else hashlib.sha256(path.read_bytes()).hexdigest()


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


@pytest.mark.full
def test_production_is_emptied_and_made_again_as_it_was(made: tuple[Station, State]) -> None:
    station, before = made
    assert station.hstql("reset", "database", "production", "--yes").returncode == 0
    emptied = read_state(station)
    for table, rows in emptied.rows.items():
        if table in PRODUCTION:
            assert rows == [], table
        elif table not in ("outcomes", "observations"):
            assert rows == before.rows[table], table
    assert {row["asset"].split("/")[-1] for row in emptied.rows["outcomes"]} == {
        "raw_files", "calibrated_files", "header_tables", "previews", "spectrum_statistics",
        "pulse_heights", "image_statistics", "image_trends", *MEASURED,
        *(trend.name for trend in read_trends()),
    }  # fmt: skip
    assert emptied.files == before.files
    assert make_again(station) == before


@pytest.mark.full
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


@pytest.mark.full
def test_one_table_is_emptied_and_filled_again(made: tuple[Station, State]) -> None:
    station, before = made
    done = station.hstql("reset", "database", "statistics", "--yes")
    assert done.stdout == "Done. 'hstql materialize' makes everything again.\n"
    assert station.count("SELECT count(*) FROM hstlc.stats") == 0
    assert station.hstql("materialize").returncode == 0
    assert read_state(station) == before


def test_without_a_yes_the_question_is_shown_and_nothing_goes(made: tuple[Station, State]) -> None:
    station, before = made
    asked = station.hstql("reset", "files", "--products")
    assert asked.returncode != 0
    assert f"remove the folders products and plots under {station.home}" in asked.stdout
    refused = station.hstql("reset", "database", "hstlc.stats", "--yes")
    assert refused.returncode == 2
    assert "hstlc.stats is a view" in refused.stderr
    assert read_state(station) == before


@pytest.mark.full
def test_the_states_of_monitors_are_made_again(made: tuple[Station, State]) -> None:
    station, before = made
    few = ("dark_rate_monitor", "jitter_monitor")
    assert station.hstql("reset", "database", "monitor_states", "--yes").returncode == 0
    assert station.hstql("materialize", *few, "--only").returncode == 0
    assert {row["monitor"] for row in read_state(station).rows["monitor_states"]} == set(few)
    assert station.hstql("materialize").returncode == 0
    again = read_state(station).rows["monitor_states"]
    assert undrawn(again) == undrawn(before.rows["monitor_states"])
