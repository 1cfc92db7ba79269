"""The site in a process of its own, over a home, for what ends processes."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from builders.site_rows import NOW
from builders.station import Station
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_process import find_postmaster


@dataclass(frozen=True)
class ServedSite:
    """A site that is served, and its process."""

    address: str
    process: "subprocess.Popen[str]"


@contextmanager
def serve_site(station: Station, **settings: str) -> Iterator[ServedSite]:
    """Start the site of a home; end it with the block."""
    process = station.start("python", "-m", "hstql_web", "--port", "0", **settings)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://[^/]+", line)
        assert found, (line, process.communicate())
        yield ServedSite(found[0], process)
    finally:
        process.kill()
        process.communicate()


def open_tables(station: Station) -> Database:
    """Return the tables of a home, by the login of their owner; start their server."""
    return Database(EmbeddedPostgres(station.home).url("hstql"))


def add_exposures(station: Station, names: list[str]) -> None:
    """Write rows of exposures of ACS."""
    database = open_tables(station)
    with database.write() as writer:
        writer.upsert(
            tables.Observation,
            [
                {"rootname": name, "instrument": "acs", "detector": "WFC", "proposal_id": 100,
                 "first_ingest_date": NOW, "exp_start_mjd": 60000.0 + number}
                for number, name in enumerate(names)
            ],
        )  # fmt: skip
    database.dispose()


def kill_server(station: Station) -> None:
    """Kill the database server of a home, with all that it started."""
    postmaster = find_postmaster(station.home / "postgres")
    assert postmaster is not None
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)
