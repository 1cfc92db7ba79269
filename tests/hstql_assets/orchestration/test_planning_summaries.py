"""Assets without partitions are made again after anything that is in them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.graph_station import ECLIPSE, GraphStation
from builders.undrawn import leave_charts_out
from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.decisions import SUMMARIES as CURVE_SUMMARIES
from hstql_resources import tables

SUMMARIES = ("image_trends", *CURVE_SUMMARIES)
ALL = [(name, (WHOLE,)) for name in SUMMARIES]
OF_CURVES = ALL[-len(CURVE_SUMMARIES) :]


@pytest.fixture(params=["summaries", pytest.param("everything", marks=pytest.mark.full)])
def wanted(request: pytest.FixtureRequest, made: GraphStation) -> tuple[str, ...]:
    if request.param == "summaries":
        return SUMMARIES
    return tuple(node.name for node in made.graph.nodes)


@pytest.fixture
def summed(made: GraphStation, wanted: tuple[str, ...]) -> Iterator[GraphStation]:
    """Everything is made, or what summaries are made of."""
    with leave_charts_out():
        made.make(*wanted)
        assert [step for step in made.made if step[0] in SUMMARIES] == ALL
        assert made.made[-len(OF_CURVES) :] == OF_CURVES
        yield made


def summaries(station: GraphStation) -> list[tuple[str, tuple[str, ...]]]:
    """Make them, and what is in them; return which were made."""
    station.make(*SUMMARIES)
    return [step for step in station.made if step[0] in SUMMARIES]


def test_they_are_one_key_each_made_again_when_asked_or_exposures_came_or_went(
    summed: GraphStation, wanted: tuple[str, ...], add_to_made: Callable[..., Path]
) -> None:
    rows = [row for row in summed.pipeline.rows(tables.Outcome) if row["asset"] in SUMMARIES]
    assert [(row["asset"], row["key"], row["status"]) for row in rows] == [
        (name, WHOLE, "made") for name in sorted(SUMMARIES)
    ]
    keys = summed.graph.read_keys(summed.pipeline.clients.database, None)
    counts = {name: len(own) for name, own in keys.items()}
    assert [counts[name] for name in SUMMARIES] == [1, 1, 1]
    assert (counts["composites"], counts["cos/raw_files"]) == (2, 3)
    summed.make(*wanted)
    assert summed.made == []
    summed.make(*SUMMARIES, mode="all", only=True)
    assert summed.made == ALL
    summed.make(*SUMMARIES, targets=("sim-eclipse",), only=True)
    assert summed.made == ALL
    add_to_made("lsim04aaq", ECLIPSE)
    assert summaries(summed) == OF_CURVES
    with summed.pipeline.clients.database.write() as writer:
        writer.delete(tables.Lightcurve, "target", ["sim-eclipse"])
    assert summaries(summed) == OF_CURVES
    assert summed.keys == ["sim-constant"]
