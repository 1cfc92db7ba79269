"""Homes to run commands on."""

from collections.abc import Iterator

import pytest

from builders.station import Station, open_bare_station, open_station


@pytest.fixture(scope="module")
def demo_station() -> Iterator[Station]:
    """A home on which `hstql demo` was run once, with six exposures."""
    for station in open_bare_station(HSTQL_SIMULATED_OBSERVATIONS="6", HSTQL_SIMULATED_RAW="1"):
        done = station.hstql("demo")
        assert done.returncode == 0, done.stderr
        yield station


@pytest.fixture
def station() -> Iterator[Station]:
    """A home on which nothing was run; to come are four exposures of COS, one of STIS."""
    yield from open_station(HSTQL_SIMULATED_OBSERVATIONS="4")


@pytest.fixture(scope="module")
def idle_station() -> Iterator[Station]:
    """A home for commands that are refused."""
    yield from open_station()
