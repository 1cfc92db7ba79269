"""A plan that looks at what is new only has the keys that one does which looks at everything."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, StepMaterializationData
from sqlalchemy import select

from builders.sensor_station import SensorStation, open_sensor_station
from hstql_assets.batching.asset_nodes import WHOLE, AssetNode
from hstql_assets.batching.decisions import forget
from hstql_assets.batching.news import MOST_LEFT, MOST_NEW
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.partitions import SetStates
from hstql_resources import tables
from hstql_resources.clients import Clients
from hstql_resources.postgres.database import Database

SET = "cos_timetag_rootname"
KEYS = [f"lb0000{first}{second}q" for first in "ab" for second in "abc"]
LONG_AGO = datetime.now(UTC) - timedelta(days=1)

Unmade = Mapping[str, frozenset[str]]


class PlanStation(SensorStation):
    """What a plan of one partition set sees."""

    partition_set = SET

    @property
    def nodes(self) -> list[AssetNode]:
        return [one for one in self.graph.nodes if one.partition_set == self.partition_set]

    @property
    def graph(self) -> Graph:
        if not hasattr(self, "_graph"):
            self._graph = Graph(self.instance)
        return self._graph

    @property
    def states(self) -> SetStates:
        return SetStates(self.instance, self.graph.assets, self.graph.nodes, self.graph.warn)

    def made(self, name: str, keys: list[str]) -> None:
        """Decide about keys, and tell Dagster."""
        self.decide(name, keys, LONG_AGO)
        self.show(name, keys)

    def show(self, name: str, keys: list[str], run_id: str = "") -> None:
        for key in keys:
            made = dg.AssetMaterialization(name.split("/"), partition=key or None)
            self.instance.report_dagster_event(
                DagsterEvent(
                    "ASSET_MATERIALIZATION", "job",
                    event_specific_data=StepMaterializationData(made),
                ),
                run_id=run_id,
            )  # fmt: skip

    def plan(self) -> Unmade:
        return self.only_registered(self.states._read_unmade(self.database, self.nodes, {}))

    def look_at_all(self) -> Unmade:
        return self.only_registered(self.states._look_at(self.database, self.nodes, {}, None))

    def only_registered(self, unmade: Unmade) -> Unmade:
        keys = set(self.keys(self.partition_set)) if self.partition_set else {WHOLE}
        return {name: found & keys for name, found in unmade.items()}

    def ask(self) -> tuple[Unmade, int]:
        """Return the plan, and how many statements it took."""
        before = self.database.statements
        return self.plan(), self.database.statements - before


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[PlanStation]:
    """Six exposures, of which everything is made."""
    opened = open_sensor_station(tmp_path, database)
    with opened.instance:
        made = PlanStation(opened.instance, database, opened.home)
        made.instance.add_dynamic_partitions(SET, KEYS)
        for node in made.nodes:
            made.made(node.name, KEYS)
            for upstream in node.upstream:
                made.decide(upstream, KEYS, LONG_AGO)
        yield made


def change_anything(station: PlanStation, chance: random.Random, at: datetime) -> None:
    """Do one of all that can happen to what a plan is made from."""
    node, keys = chance.choice(station.nodes), chance.sample(KEYS, 2)
    name = chance.choice((node.name, *node.upstream))
    match chance.randrange(9):
        case 0 | 1:
            station.decide(name, keys, at, chance.choice((at, LONG_AGO)))
        case 2:
            with station.database.write() as writer:
                forget(writer, [name], keys)
        case 3:
            station.instance.add_dynamic_partitions(SET, keys)
        case 4:
            station.instance.delete_dynamic_partition(SET, keys[0])
        case 5:
            station.instance.wipe_assets([dg.AssetKey(node.name.split("/"))])
        case 6:
            station.show(node.name, keys)
        case 7:
            request = dg.RunRequest(run_key=str(chance.random()), tags={})
            run = station.record_run(request, "cos_timetag", dg.DagsterRunStatus.SUCCESS)
            station.show(node.name, keys, run.run_id)
        case 8:
            for record in station.instance.get_run_records(limit=1):
                station.instance.delete_run(record.dagster_run.run_id)


@pytest.mark.parametrize("seed", [1, pytest.param(range(2, 20), marks=pytest.mark.full)])
def test_whatever_happens_the_same_is_planned_as_by_a_look_at_everything(
    station: PlanStation, seed: int | range
) -> None:
    counts = set()
    for one in seed if isinstance(seed, range) else [seed]:
        chance = random.Random(one)
        for _ in range(40):
            change_anything(station, chance, datetime.now(UTC) + timedelta(hours=1))
            found = station.plan()
            assert found == station.look_at_all()
            counts.add(len(frozenset[str]().union(*found.values())))
    assert len(counts) >= 3


def test_where_nothing_is_new_neither_decisions_nor_events_are_read(station: PlanStation) -> None:
    nothing = dict.fromkeys((node.name for node in station.nodes), frozenset[str]())
    found, first = station.ask()
    again, second = station.ask()
    assert found == again == nothing
    assert second == 3  # the mark, what was deleted, what was decided
    assert first > second


def test_of_a_key_that_is_left_it_is_asked_again(station: PlanStation) -> None:
    name = station.nodes[0].name
    with station.database.write() as writer:
        forget(writer, [name], KEYS[:1])
    for _ in range(3):
        assert station.plan()[name] == {KEYS[0]}
    station.made(name, KEYS[:1])
    assert station.plan()[name] == frozenset()


def test_a_plan_of_some_assets_leaves_nothing_that_others_would_miss(station: PlanStation) -> None:
    first, *others = station.nodes
    with station.database.write() as writer:
        forget(writer, [others[0].name], KEYS[:1])
    assert station.states._read_unmade(station.database, [first], {}) == {first.name: frozenset()}
    assert station.plan()[others[0].name] == {KEYS[0]}


@pytest.mark.parametrize(
    "number", [MOST_LEFT + 1, pytest.param(MOST_NEW + 1, marks=pytest.mark.full)]
)
def test_of_many_new_keys_none_is_missed(station: PlanStation, number: int) -> None:
    station.plan()
    many = [f"lc{one:06}q" for one in range(number)]
    for start in range(0, number, 10_000):
        station.instance.add_dynamic_partitions(SET, many[start : start + 10_000])
    for _ in range(2):
        assert set(station.plan().values()) == {frozenset(many)}


def test_what_is_made_of_everything_is_planned_when_anything_changed(station: PlanStation) -> None:
    station.partition_set = ""
    source = station.nodes[0].upstream[0]
    for node in station.nodes:
        for name in (*node.upstream, node.name):
            station.decide(name, [WHOLE], LONG_AGO)
        station.show(node.name, [""])
    following = {node.name for node in station.nodes if source in node.upstream}
    for _ in range(2):
        assert not any(station.plan().values())
    station.decide(source, KEYS[:1], datetime.now(UTC))
    for _ in range(2):
        assert {name for name, keys in station.plan().items() if keys == {WHOLE}} == following


def test_keys_that_were_deleted_in_the_user_interface_are_registered_again_and_not_made_again(
    station: PlanStation,
) -> None:
    said: list[str] = []
    station.graph.warn = said.append
    station.plan()
    for key in KEYS[:4]:
        station.instance.delete_dynamic_partition(SET, key)
    for _ in range(2):
        assert not any(station.plan().values())
    assert sorted(station.keys(SET)) == KEYS
    (sentence,) = said
    assert sentence.startswith(f"4 keys were deleted from {SET} though")


def test_an_edited_table_of_selection_is_noticed_once(station: PlanStation) -> None:
    key, name = "iabc01a1q", "wfc3/eper_cte"
    row = {
        "asset": name, "key": key, "status": "none", "reason": "Lamp off: it was.",
        "decided_at": LONG_AGO, "changed_at": LONG_AGO, "selection": "of the table as it was",
    }  # fmt: skip
    with station.database.write() as writer:
        writer.upsert(tables.Outcome, [row])
    files = SimpleNamespace(home=station.home)
    clients = cast("Clients", SimpleNamespace(database=station.database, filesystem=files))
    nodes = [one for one in station.graph.nodes if one.name == name]
    statement = select(tables.Outcome.key).where(tables.Outcome.asset == name)
    station.states._settle(clients, nodes)
    assert station.database.read(statement) == []
    before = station.database.statements
    station.states._settle(clients, nodes)
    assert station.database.statements == before
