"""Whatever table is emptied, `hstql materialize` without an asset makes what was in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import DateTime, select

from builders.graph_station import GraphStation
from builders.undrawn import leave_charts_out
from hstql_assets.batching.partitions import INSTRUMENTS
from hstql_assets.orchestration.planning import Request
from hstql_assets.orchestration.reset import carry_out, plan_database_reset
from hstql_resources.archive import Search
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.tables import Base

# An exposure of a star, an image and its association, a dark, a lamp, an acquisition, one of which
# the gain is measured.
EXPOSURES = ("ls000101q", "js0001010", "js0001a1q", "ld000101q", "lv000101q", "la000101q",
             "lg000101q")  # fmt: skip
# Not of the graph: what was commanded, what a name server once answered, whose database it is.
OTHERS = {"runs", "named_positions", "home"}
# Empty in a home as small as this.
EMPTY = {"attempts", "header_extras", "flagged_pixels", "gain_trends", "sms_exposures"}
VERSION = re.compile(r"gsag_[0-9T-]+")  # of a file that is named by when it was made
Rows = dict[str, list[dict[str, object]]]


@pytest.fixture
def full(station: GraphStation, tmp_path: Path) -> Iterator[GraphStation]:
    """All assets made, of an archive on disk with one exposure that nobody can read."""
    archive = SimulatedArchive(3, epochs=2)
    for rootname in EXPOSURES:
        place = tmp_path / "archive" / rootname[:4] / rootname
        place.mkdir(parents=True)
        archive.fetch(archive.list_products([rootname])[rootname], place)
    broken = tmp_path / "archive" / "lsim" / "lsim01aaq"
    broken.mkdir(parents=True)
    (broken / "lsim01aaq_corrtag_a.fits").write_bytes(b"")
    with leave_charts_out():
        make(station)
        # It says what is new in the gain-sag table: nothing is, from the second time on.
        run(station, Request(("gain_sag_table",), "all", only=True))
        yield station


def make(station: GraphStation) -> None:
    """Do what `hstql discover` and `hstql materialize` do."""
    for instrument in INSTRUMENTS:
        station.graph.discover(station.pipeline.clients, Search(instrument))
    run(station, Request(tuple(node.name for node in station.graph.nodes)))


def run(station: GraphStation, request: Request) -> None:
    report = station.graph.materialize(station.pipeline.clients, request, {}, lambda _step: None)
    assert report.error is None


def reset(station: GraphStation, table: str) -> tuple[str, ...]:
    """Empty a table; return what makes it."""
    removal = plan_database_reset(table, station.graph.nodes)
    carry_out(removal, station.graph, station.pipeline.clients)
    assert read_rows(station)[table] == []
    return removal.made_by


def read_rows(station: GraphStation) -> Rows:
    """Return all rows, without what says when they were made."""
    found: Rows = {}
    for name, table in Base.metadata.tables.items():
        columns = [column for column in table.c if not isinstance(column.type, DateTime)]
        statement = select(*columns).order_by(*table.primary_key.columns)
        found[name] = [
            {key: undated(value) for key, value in row._mapping.items()}
            for row in station.pipeline.clients.database.read(statement)
        ]
    return found


def undated(value: Any) -> Any:
    return VERSION.sub("gsag", value) if isinstance(value, str) else value


def compare(before: Rows, after: Rows) -> list[str]:
    """Return the tables that differ."""
    return [name for name in before if before[name] != after[name]]


def test_every_table_is_filled_again_as_it_was(full: GraphStation) -> None:
    """What follows from a table is made once, at the end, as are the states of all monitors."""
    before = read_rows(full)
    assert {name for name, rows in before.items() if not rows} == EMPTY | OTHERS
    last = "monitor_states"
    for name in (*sorted(Base.metadata.tables.keys() - OTHERS - {last}), last):
        if made_by := reset(full, name):
            run(full, Request(made_by))
            assert (name, read_rows(full)[name]) == (name, before[name])
        else:  # what all assets decided, or none made
            make(full)
            assert (name, compare(before, read_rows(full))) == (name, [])
    make(full)
    assert compare(before, read_rows(full)) == []
