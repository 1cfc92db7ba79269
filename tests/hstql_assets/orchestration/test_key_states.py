"""What the database says of keys is what one says who looks at each decision."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from builders.sensor_station import SensorStation, open_sensor_station
from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.decisions import forget
from hstql_assets.orchestration import key_states
from hstql_assets.orchestration.key_states import read_failed, read_outdated, read_undecided
from hstql_resources.dagster_keys import find_unmaterialized
from hstql_resources.postgres.database import Database

RAW, CALIBRATED, HEADERS = "cos/raw_files", "cos/calibrated_files", "cos/header_tables"
NODES = (
    AssetNode(RAW, "cos_rootname", ()),
    AssetNode(CALIBRATED, "cos_rootname", ()),
    AssetNode(HEADERS, "cos_rootname", (RAW, CALIBRATED)),
)
NAMES = [node.name for node in NODES]
EARLY = datetime(2026, 1, 1, tzinfo=UTC)
LATE = EARLY + timedelta(days=1)
KEYS = [f"lb00000{letter}q" for letter in "hgfedcba"]
ODD = ["", "a,b", "a'b", "ä", "\\n"]  # anybody can add one

Decision = tuple[str, datetime, datetime]  # status, when it was decided, when it changed


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[SensorStation]:
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        yield opened


def test_what_was_decided_before_its_input_changed_is_outdated(station: SensorStation) -> None:
    for asset, key, at, changed_at in (
        (RAW, "a", EARLY, EARLY), (RAW, "b", LATE, LATE), (RAW, "c", EARLY, EARLY),
        (CALIBRATED, "a", EARLY, EARLY), (CALIBRATED, "b", EARLY, EARLY),
        (HEADERS, "a", EARLY, EARLY), (HEADERS, "b", EARLY, EARLY), (HEADERS, "c", LATE, LATE),
        # The raw files of d were retrieved again, and are the same.
        (RAW, "d", LATE, EARLY), (HEADERS, "d", EARLY, EARLY),
    ):  # fmt: skip
        station.decide(asset, [key], at, changed_at)
    assert read_outdated(station.database, NODES, {})[HEADERS] == {"b"}


def find_outdated(node: AssetNode, decisions: Mapping[tuple[str, str], Decision]) -> set[str]:
    return {
        key
        for asset, key in decisions
        if asset == node.name
        and any(
            decisions[name, key][2] > decisions[asset, key][1]
            for name in node.upstream
            if (name, key) in decisions
        )
    }


@pytest.mark.parametrize("most", [0, 1000])
def test_whatever_was_decided_it_is_told_as_by_looking_at_each(
    station: SensorStation, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(key_states, "MOST_NEW", most)
    chance = random.Random(1)
    decisions: dict[tuple[str, str], Decision] = {}
    keys = KEYS + ODD
    for _ in range(25):
        asset, some = chance.choice(NAMES), chance.sample(keys, chance.randrange(len(keys)))
        at, changed_at = chance.choice((EARLY, LATE)), chance.choice((EARLY, LATE))
        status = chance.choice(("made", "none", "bad", "missing"))
        if chance.random() < 0.2:
            with station.database.write() as writer:
                forget(writer, [asset], some)
            for key in some:
                decisions.pop((asset, key), None)
        else:
            station.decide(asset, some, at, changed_at, status)
            decisions |= {(asset, key): (status, at, changed_at) for key in some}
        registered = chance.sample(keys, chance.randrange(len(keys)))
        outdated = read_outdated(station.database, NODES, {})
        undecided = read_undecided(station.database, NAMES, registered)
        failed = read_failed(station.database, NAMES)
        for node in NODES:
            name = node.name
            assert outdated[name] == find_outdated(node, decisions)
            assert undecided[name] == {key for key in registered if (name, key) not in decisions}
            assert failed[name] == {
                key
                for (other, key), (status, *_) in decisions.items()
                if other == name and status in ("bad", "missing")
            }


def test_where_all_is_decided_no_key_is_asked_about(station: SensorStation) -> None:
    station.decide(RAW, KEYS + ODD, EARLY)
    before = station.database.statements
    assert read_undecided(station.database, [RAW], KEYS + ODD) == {RAW: frozenset()}
    assert station.database.statements - before == 1


def test_keys_that_dagster_does_not_show_as_made_are_those_that_it_does_not_name(
    station: SensorStation,
) -> None:
    instance, asset = station.instance, dg.AssetKey("things")
    instance.add_dynamic_partitions("things", KEYS)
    assert find_unmaterialized(instance, asset, "things") == {*KEYS}
    for key in KEYS[:3]:
        instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=key))
    assert find_unmaterialized(instance, asset, "things") == {*KEYS[3:]}
    instance.delete_dynamic_partition("things", KEYS[7])
    assert find_unmaterialized(instance, asset, "things") == {*KEYS[3:7]}
    instance.wipe_assets([asset])
    assert find_unmaterialized(instance, asset, "things") == {*KEYS[:7]}
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=KEYS[0]))
    assert find_unmaterialized(instance, asset, "things") == {*KEYS[1:7]}
