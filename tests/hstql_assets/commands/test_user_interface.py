"""Dagster's webserver and daemon: a backfill through GraphQL, beside the command line."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from builders.dagster_server import Server, open_server
from builders.station import open_station

LAUNCH = """
mutation($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}"""
WATCH = """
query($id: String!) {
  partitionBackfillOrError(backfillId: $id) {
    ... on PartitionBackfill { status runs { status assetSelection { path } } }
  }
}"""
PARTITION = """
query($partition: String!) {
  assetOrError(assetKey: {path: ["cos", "lightcurve_plots"]}) {
    ... on Asset {
      assetMaterializations(partitions: [$partition], limit: 1) {
        metadataEntries {
          label
          ... on PathMetadataEntry { path }
          ... on MarkdownMetadataEntry { mdStr }
          ... on TextMetadataEntry { text }
          ... on IntMetadataEntry { intValue }
        }
      }
    }
  }
}"""
pytestmark = pytest.mark.full

ASSETS = (
    "raw_files",
    "calibrated_files",
    "header_tables",
    "lightcurves",
    "lightcurve_statistics",
    "lightcurve_plots",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="3", HSTQL_SENSORS="false"):
        assert station.hstql("discover").returncode == 0
        made = station.hstql("materialize", "header_tables")
        assert made.returncode == 0, made.stderr
        with open_server(station) as running:
            yield running


@pytest.fixture(scope="module")
def backfill(server: Server) -> Any:
    """Three keys from the raw files down to the plots, with the command line at work beside."""
    keys = {"start": "ls000101q", "end": "ls000301q"}
    launched = server.ask(
        LAUNCH,
        params={
            "partitionsByAssets": [
                {"assetKey": {"path": ["cos", name]}, "partitions": {"ranges": [keys]}}
                for name in ASSETS
            ]
        },
    )["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched
    beside = server.station.hstql("materialize", "lightcurves", "--all")
    assert beside.returncode == 0, beside.stderr
    end = time.monotonic() + 1500
    while time.monotonic() < end:
        state = server.ask(WATCH, id=launched["backfillId"])["partitionBackfillOrError"]
        if not state["status"].startswith("REQUESTED"):
            return state
        time.sleep(1)
    raise AssertionError(f"the backfill did not end: {state}")


def test_a_backfill_of_three_keys_needs_one_run_for_each_partition_set(backfill: Any) -> None:
    assert backfill["status"] == "COMPLETED_SUCCESS"
    assert [run["status"] for run in backfill["runs"]] == ["SUCCESS", "SUCCESS"]
    assert sorted(len(run["assetSelection"]) for run in backfill["runs"]) == [3, 3]


def test_a_key_shows_its_path_and_its_numbers_without_an_image(
    server: Server, backfill: Any
) -> None:
    answer = server.ask(PARTITION, partition="ls000201q")
    (materialization,) = answer["assetOrError"]["assetMaterializations"]
    entries = {entry["label"]: entry for entry in materialization["metadataEntries"]}
    assert entries["status"]["text"] == "made"
    assert entries["bins"]["intValue"] > 100
    assert entries["path"]["path"].endswith("sim-sine/ls000201q_curve.png")
    assert "image" not in str(entries)


def test_what_the_backfill_made_is_in_the_database(server: Server, backfill: Any) -> None:
    assert server.station.count("SELECT count(*) FROM statistics") == 3
    made = "SELECT count(*) FROM outcomes WHERE status = 'made' AND asset LIKE 'cos/%'"
    assert server.station.count(made) == 18
