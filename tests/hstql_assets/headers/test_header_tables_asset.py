"""The asset `header_tables` in Dagster: what it makes, says of its keys, and loses in a reset."""

from pathlib import Path

import dagster as dg
import pytest

from builders.associations import ASSOCIATION, MEMBER, put_association, put_member
from builders.graph_station import GraphStation
from builders.header_reading import read_everything
from hstql_assets.orchestration.asset_list import build_assets, list_nodes
from hstql_assets.orchestration.planning import Request, Selection
from hstql_assets.orchestration.reset import carry_out, plan_database_reset
from hstql_resources.archive import Search
from hstql_resources.header_tables.store import OTHER_CARD_COLUMNS

ASSET = "acs/header_tables"


def make(station: GraphStation) -> None:
    clients = station.pipeline.clients
    station.graph.discover(clients, Search("acs"))
    report = station.graph.materialize(clients, Request((ASSET,)), {}, station.steps.append)
    assert report.error is None


@pytest.fixture
def made(station: GraphStation, tmp_path: Path) -> GraphStation:
    put_association(tmp_path)
    put_member(tmp_path)
    make(station)
    return station


def test_every_instrument_has_header_tables_and_only_spectrographs_time_tag_keys() -> None:
    keys = {key.to_user_string() for asset in build_assets() for key in asset.keys}
    for instrument in ("cos", "stis", "acs", "wfc3"):
        assert f"{instrument}/header_tables" in keys
    assert "cos/lightcurves" in keys
    assert "acs/lightcurves" not in keys


def test_a_key_says_how_many_headers_and_rows_it_has(made: GraphStation) -> None:
    records = made.graph.instance.fetch_materializations(dg.AssetKey(ASSET.split("/")), limit=9)
    metadata = {
        record.partition_key: {
            name: value.value for name, value in record.asset_materialization.metadata.items()
        }
        for record in records.records
    }
    assert set(metadata) == {ASSOCIATION, MEMBER}
    for described in metadata.values():
        assert (described["files"], described["headers"], described["rows"]) == (1, 2, 2)
    assert set(read_everything(made.pipeline.clients.database)) == {
        "acs_wfc_asn_asn", "acs_wfc_asn_primary", "acs_wfc_raw_primary", "acs_wfc_raw_sci",
    }  # fmt: skip


@pytest.mark.parametrize("table", ["headers", "all"])
def test_a_reset_empties_all_header_tables_and_they_are_made_again(
    made: GraphStation, table: str
) -> None:
    clients = made.pipeline.clients
    before = read_everything(clients.database)
    carry_out(plan_database_reset(table, made.graph.nodes), made.graph, clients)
    assert read_everything(clients.database) == {}
    make(made)
    assert read_everything(clients.database) == before


@pytest.mark.parametrize("table", ["headers", *OTHER_CARD_COLUMNS])
def test_a_table_of_headers_can_be_reset_alone(table: str) -> None:
    instruments = ("cos", "stis", "acs", "wfc3")
    made_by = plan_database_reset(table, list_nodes()).made_by
    assert made_by == tuple(f"{name}/header_tables" for name in instruments)


def test_what_is_retrieved_no_more_leaves_the_tables(made: GraphStation, tmp_path: Path) -> None:
    folder = tmp_path / "archive" / MEMBER[:4] / MEMBER
    (folder / f"{MEMBER}_raw.fits").rename(folder / f"{MEMBER}_spt.fits")
    report = made.graph.materialize(
        made.pipeline.clients,
        Request(("acs/raw_files", "acs/calibrated_files", ASSET), selection=Selection((MEMBER,))),
        {},
        made.steps.append,
    )
    assert report.error is None
    assert set(read_everything(made.pipeline.clients.database)) == {
        "acs_wfc_asn_asn", "acs_wfc_asn_primary", "acs_wfc_spt_primary", "acs_wfc_spt_sci",
    }  # fmt: skip
