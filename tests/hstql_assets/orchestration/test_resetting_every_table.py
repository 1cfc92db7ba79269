"""Whatever is reset, a table or all files, `hstql materialize` without an asset makes it again."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import pytest

from builders.graph_station import GraphStation
from builders.home_states import Rows, read_files, read_rows, read_table
from builders.pipeline import open_pipeline
from builders.undrawn import leave_charts_out
from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.partitions import INSTRUMENTS
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import Request
from hstql_assets.orchestration.reset import (
    WRITTEN,
    Removal,
    carry_out,
    plan_database_reset,
    plan_files_reset,
)
from hstql_resources.archive import Search
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Base
from hstql_resources.workers import LocalWorkers

# An exposure of a star, an image and its association, a dark, a lamp, an acquisition, one of which
# the gain is measured, two pairs of flats, a bright field and what suffers from it, ramps,
# a flat with a larger overscan, a dark of ramps, a standard star.
EXPOSURES = ("ls000101q", "js0001010", "js0001a1q", "ld000101q", "lv000101q", "la000101q",
             "lg000101q", "jf000101q", "jf000102q", "jf000103q", "jf000104q",
             "is0001a1q", "is0001a8q", "ie000102q", "ip000101q", "ip000202q",
             "ip000204q", "ic000101q")  # fmt: skip
# Not of the graph: what was commanded, what a name server once answered, whose database it is,
# what people wrote.
OTHERS = {"runs", "named_positions", "home", *WRITTEN}
LAST, HISTORY = "monitor_states", "monitor_state_changes"
# Empty in a home as small as this.
EMPTY = {"attempts", "bad_pixel_tables", "blob_list", "blob_windows", "blobs", "bowtie",
         "flagged_pixels", "flares", "gain_trends", "header_extras", "sms_exposures", "snowballs",
         "superdarks", "unstable_pixel_maps", "unstable_pixels"}  # fmt: skip


# What is tried every day: of an exposure of a star, and of tables each filled by other means.
FEWER = EXPOSURES[:1]
FEW = {"lightcurves"}


@pytest.fixture(params=[FEWER, pytest.param(EXPOSURES, marks=pytest.mark.full)], ids=len)
def full(
    request: pytest.FixtureRequest, tmp_path: Path, database: Database, workers: LocalWorkers
) -> Iterator[GraphStation]:
    """All assets made, of an archive to be copied from with one exposure that nobody can read."""
    archive = SimulatedArchive(3, epochs=2)
    for rootname in request.param:
        place = tmp_path / "archive" / rootname[:4] / rootname
        place.mkdir(parents=True)
        archive.fetch(archive.list_products([rootname])[rootname], place)
    broken = tmp_path / "archive" / "lsim" / "lsim01aaq"
    broken.mkdir(parents=True)
    (broken / "lsim01aaq_corrtag_a.fits").write_bytes(b"")
    pipeline = open_pipeline(tmp_path, database, workers, in_place=False)
    with leave_charts_out(), dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        station = GraphStation(pipeline, Graph(instance))
        make(station)
        make_gain_sag_again(station)
        yield station


def make(station: GraphStation) -> None:
    """Do what `hstql discover` and `hstql materialize` do."""
    for instrument in INSTRUMENTS:
        station.graph.discover(station.pipeline.clients, Search(instrument))
    run(station, Request(tuple(node.name for node in station.graph.nodes)))


def make_gain_sag_again(station: GraphStation) -> None:
    """Its state says what is new in the gain-sag table: nothing is, from the second time on."""
    run(station, Request(("gain_sag_table",), "all", only=True))


def run(station: GraphStation, request: Request) -> None:
    report = station.graph.materialize(station.pipeline.clients, request, {}, lambda _step: None)
    assert report.error is None


def reset(station: GraphStation, removal: Removal) -> None:
    """Remove what a reset removes, and see that it is gone."""
    clients = station.pipeline.clients
    carry_out(removal, station.graph, clients)
    assert [name for name in removal.tables if read_table(clients.database, name)] == []
    assert [name for name in removal.folders if (clients.filesystem.home / name).exists()] == []


def rows_of(station: GraphStation) -> Rows:
    return read_rows(station.pipeline.clients.database)


def files_of(station: GraphStation) -> dict[str, object]:
    return read_files(station.pipeline.home)


def compare(before: Rows, after: Rows) -> list[str]:
    """Return the tables that differ; the history of states says of each reset that it was."""
    return [name for name in before if name != HISTORY and before[name] != after[name]]


def test_every_table_is_filled_again_as_it_was_and_so_are_all_files(
    full: GraphStation, request: pytest.FixtureRequest
) -> None:
    """What follows from a table is made once, at the end, as are the states of all monitors."""
    is_every_table = request.node.callspec.params["full"] == EXPOSURES
    before, files = rows_of(full), files_of(full)
    empty = {name for name, rows in before.items() if not rows}
    assert empty == EMPTY | OTHERS - {HISTORY} if is_every_table else not empty & FEW
    reset(full, plan_files_reset(full.graph.nodes, products_only=False))
    make(full)
    make_gain_sag_again(full)
    assert compare(before, rows_of(full)) == []
    assert files_of(full) == files
    for removal in order_resets(full.graph.nodes, None if is_every_table else FEW):
        reset(full, removal)
        if removal.made_by:
            run(full, Request(removal.made_by))
            (name,) = removal.tables
            after = read_table(full.pipeline.clients.database, name)
            assert (name, after) == (name, before[name])
        else:  # what all assets decided, or none made
            make(full)
            assert (removal.tables, compare(before, rows_of(full))) == (removal.tables, [])
    if is_every_table:
        make(full)
        assert compare(before, rows_of(full)) == []


def order_resets(nodes: Sequence[AssetNode], tables: set[str] | None) -> list[Removal]:
    """Return the reset of each table, or of some; first those after which all tables are compared.

    Nothing else is behind then.
    """
    names = sorted(tables or Base.metadata.tables.keys() - OTHERS)
    resets = [plan_database_reset(name, nodes) for name in names]
    return sorted(resets, key=lambda one: (bool(one.made_by), LAST in one.tables))
