"""A home on which everything that the documentation shows is tried."""

from collections.abc import Iterator

import pytest

from builders.station import Station, open_bare_station


@pytest.fixture(scope="session")
def demo() -> Iterator[Station]:
    """What `hstql demo` makes."""
    for station in open_bare_station(HSTQL_SIMULATED_RAW="1", HSTQL_SIMULATED_EPOCHS="8"):
        done = station.hstql("demo")
        assert done.returncode == 0, done.stderr
        yield station
