"""A mirror of three simulated exposures, copied from, and the whole graph made from it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from builders.graph_station import CONSTANT, ECLIPSE, Begun, GraphStation
from builders.reprocessing_station import OTHER, ReprocessingStation


def fill_mirror(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    """Lay out two exposures of one target, and one of another.

    The second is the first under another name, so that they share a composite.
    """
    for rootname, like in ((CONSTANT, CONSTANT), (OTHER, CONSTANT), (ECLIPSE, ECLIPSE)):
        add_exposure(rootname, like)


def make_all(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    fill_mirror(station, add_exposure)
    station.make("cos/lightcurve_statistics", "composites", "summary_plots")
    assert station.targets() == {"sim-constant": 2, "sim-eclipse": 1}


@pytest.fixture
def unmade(begun: Begun) -> Iterator[ReprocessingStation]:
    with begun(fill_mirror, in_place=False) as station:
        yield ReprocessingStation(station)


@pytest.fixture
def made(begun: Begun) -> Iterator[ReprocessingStation]:
    """Lightcurves, their statistics and composites of all three are made, and one summary."""
    with begun(make_all, in_place=False) as station:
        yield ReprocessingStation(station)
