"""A mirror of three simulated exposures, copied from, and the whole graph made from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.consistency_station import ConsistencyStation
from builders.graph_station import CONSTANT, ECLIPSE, Begun, GraphStation

ROOTNAMES = (CONSTANT, "ls000102q", ECLIPSE)


def fill_mirror(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    """Lay out exposures of two targets."""
    for rootname in ROOTNAMES:
        add_exposure(rootname, rootname)


def make_all(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    fill_mirror(station, add_exposure)
    station.make()
    assert ConsistencyStation(station).findings() == {}


@pytest.fixture
def copying(begun: Begun) -> Iterator[ConsistencyStation]:
    """Nothing is made yet; files are copied from the mirror."""
    with begun(fill_mirror, in_place=False) as station:
        yield ConsistencyStation(station)


@pytest.fixture
def made(begun: Begun) -> Iterator[ConsistencyStation]:
    """Lightcurves and composites of all three are made, and nothing is amiss."""
    with begun(make_all, in_place=False) as station:
        yield ConsistencyStation(station)
