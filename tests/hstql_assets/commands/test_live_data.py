"""`dagster dev` with its sensors on, and a MAST that gets new data: no hand is laid on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.dagster_server import Server, open_server
from builders.loopback_mast import LoopbackMast, LoopDataset
from builders.mast_station import (
    ALONE,
    ASSOCIATION,
    FIRST,
    SECOND,
    files_like,
    make_holdings,
    process_again,
)
from builders.station import open_station
from hstql_resources.archive.simulated import SimulatedArchive

pytestmark = pytest.mark.full

RUNS = """
{ runsOrError(limit: 100) { ... on Runs {
    results { id jobName status endTime tags { key value } } } } }"""
TICKS = """
{ repositoriesOrError { ... on RepositoryConnection { nodes {
    sensors { name sensorState { status ticks(limit: 10) { timestamp status } } } } } } }"""
Dates = dict[str, dict[str, str]]
ENDED = ("SUCCESS", "FAILURE")
NEW, LIKE = "lmst03aaq", "ls000201q"
DATES = """
SELECT 'headers', rootname, last_ingest_date FROM observations
UNION ALL SELECT 'curves', rootname, ingest_date FROM lightcurves
UNION ALL SELECT 'composites', target, ingest_date FROM composites ORDER BY 2"""


@dataclass(frozen=True)
class LiveStation:
    """A server with its sensors on, the MAST that it asks, and what that can deliver."""

    server: Server
    mast: LoopbackMast
    simulated: Path

    def read_dates(self) -> Dates:
        """Return when what there is was made: by kind, and by rootname or target."""
        answer = self.server.station.hstql("query", DATES, "--format", "csv")
        assert answer.returncode == 0, answer.stderr
        dates: Dates = {"headers": {}, "curves": {}, "composites": {}}
        for line in answer.stdout.splitlines()[1:]:
            kind, key, date = line.split(",")
            dates[kind][key] = date
        return dates

    def jobs(self) -> list[tuple[str, str, str]]:
        """Return job, first key and status of every run, oldest first."""
        found = []
        for run in self._runs():
            tags = {tag["key"]: tag["value"] for tag in run["tags"]}
            start = tags.get("dagster/asset_partition_range_start", "")
            found.append((run["jobName"], start, run["status"]))
        return found

    def wait_until_settled(self, since: float, seconds: float = 1500) -> None:
        """Wait until nothing more follows from what changed before a time, s of the epoch.

        Then every sensor that is on has ticked twice since, once of it after the last run ended,
        and no run is open. What a tick requests is there before the tick has ended, so the ticks
        are asked for first.
        """
        end = time.monotonic() + seconds
        while not self._has_settled(since):
            assert time.monotonic() < end, self.jobs()
            time.sleep(1)

    def _has_settled(self, since: float) -> bool:
        ticks, runs = self._ticks(), self._runs()
        if any(run["status"] not in ENDED for run in runs):
            return False
        last_end = max((run["endTime"] for run in runs), default=0.0)
        return len(ticks) > 0 and all(
            len([start for start in starts if start > since]) >= 2 and max(starts) > last_end
            for starts in ticks.values()
        )

    def _runs(self) -> list[dict[str, Any]]:
        return list(reversed(self.server.ask(RUNS)["runsOrError"]["results"]))

    def _ticks(self) -> dict[str, list[float]]:
        """Return when the last ended ticks of sensors that are on began, s of the epoch."""
        (repository,) = self.server.ask(TICKS)["repositoriesOrError"]["nodes"]
        return {
            sensor["name"]: [tick["timestamp"] for tick in sensor["sensorState"]["ticks"]
                             if tick["status"] != "STARTED"]
            for sensor in repository["sensors"]
            if sensor["sensorState"]["status"] == "RUNNING"
        }  # fmt: skip


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    archive = SimulatedArchive(6)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch(products, folder)
    return folder


@contextmanager
def open_live(simulated: Path) -> Iterator[LiveStation]:
    with LoopbackMast(make_holdings(simulated)) as mast:
        for station in open_station(
            HSTQL_ARCHIVE="mast",
            HSTQL_MAST_URL=mast.url,
            HSTQL_SENSORS="true",
            HSTQL_POLL_INTERVAL_S="10",
        ):
            with open_server(station) as server:
                yield LiveStation(server, mast, simulated)


@pytest.fixture(scope="module")
def live(simulated: Path) -> Iterator[LiveStation]:
    with open_live(simulated) as opened:
        opened.wait_until_settled(since=time.time())
        yield opened


def test_what_the_archive_has_is_made_down_to_the_composites(live: LiveStation) -> None:
    dates = live.read_dates()
    assert list(dates["curves"]) == [FIRST, SECOND, ALONE]
    assert list(dates["composites"]) == ["sim-constant", "sim-eclipse"]
    assert {status for _, _, status in live.jobs()} == {"SUCCESS"}


def test_a_new_observation_becomes_a_lightcurve_with_one_run_for_each_of_two_polls(
    live: LiveStation,
) -> None:
    before, curves = live.jobs(), live.read_dates()["curves"]
    files = files_like(live.simulated, LIKE, NEW)
    live.mast.add(LoopDataset(NEW, files=files, released_at=datetime.now(UTC)))
    live.wait_until_settled(since=time.time())
    runs = live.jobs()[len(before):]  # fmt: skip
    assert [run for run in runs if run[0] in ("cos_files", "cos_timetag")] == [
        ("cos_files", NEW, "SUCCESS"),
        ("cos_timetag", NEW, "SUCCESS"),
    ]
    after = live.read_dates()["curves"]
    assert after.keys() == {*curves, NEW}
    assert {key: after[key] for key in curves} == curves


def test_a_file_that_is_delivered_again_leads_to_what_is_made_from_it_and_nothing_else(
    live: LiveStation,
) -> None:
    before = live.read_dates()
    x1d, x1dsum = f"{FIRST}_x1d.fits", f"{ASSOCIATION}_x1dsum.fits"
    for name in (x1d, x1dsum):
        body = live.mast.datasets[ASSOCIATION].files[name]
        assert isinstance(body, bytes)
        live.mast.replace_file(ASSOCIATION, name, process_again(body))
    live.wait_until_settled(since=time.time())

    after = live.read_dates()

    def changed(kind: str) -> set[str]:
        assert before[kind].keys() == after[kind].keys()
        return {key for key, date in after[kind].items() if date != before[kind][key]}

    assert changed("headers") == {FIRST, ASSOCIATION}
    assert changed("curves") == {FIRST}
    assert changed("composites") == {"sim-constant"}
