"""The two assets on a real database: rows come, change and go, and checks count the table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pytest
from sqlalchemy import select

from builders.camera_files import write_camera_file
from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.batch_asset import build_asset
from hstql_assets.monitors.cameras.monitor import MONITOR, measure_camera
from hstql_assets.monitors.cameras.read import read_trend_rows
from hstql_assets.monitors.framework.assets import declare_measurement, declare_trend
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.states import find_page
from hstql_assets.monitors.framework.stored_states import read_states
from hstql_assets.orchestration.jobs import run_keys
from hstql_resources import tables
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.workers import LocalWorkers

NOW = datetime.now(UTC)
STEP_DAYS = 20.0
ROWS = tables.ImageStatistics.__table__
ACS = measure_camera("acs")
(TREND,) = MONITOR.trends


@dataclass
class Station:
    """Both assets, on an instance of their own."""

    clients: Clients
    instance: dg.DagsterInstance
    folder: Path

    def add_bias(self, number: int, level: float = 2300.0) -> str:
        """Put a raw BIAS exposure of HRC into the tables, as if its headers had been read."""
        rootname = f"jtest{number:03d}q"
        rng = np.random.default_rng(number)
        values = np.rint(rng.normal(level, 2.0, (1044, 1062))).astype(np.uint16)
        primary = {"DETECTOR": "HRC", "CCDAMP": "C", "CCDGAIN": 2.0, "IMAGETYP": "BIAS",
                   "EXPTIME": 0.0, "EXPSTART": 55000 + STEP_DAYS * number}  # fmt: skip
        cards = {"BUNIT": "COUNTS", "LTV1": 19.0}
        file = write_camera_file(
            self.folder, f"{rootname}_raw.fits", primary, [(values, None, cards)]
        )
        self.decide(rootname)
        row = {"filename": file.filename, "rootname": rootname, "filetype": "raw", "kind": "raw",
               "path": str(file.path), "size_bytes": 1, "ingest_date": NOW}  # fmt: skip
        with self.clients.database.write() as writer:
            writer.upsert(tables.File, [row])
        return rootname

    def decide(self, rootname: str, status: str = "made", reason: str | None = None) -> None:
        """Record what the header step decided."""
        row = {"asset": "acs/header_tables", "key": rootname, "status": status, "reason": reason,
               "decided_at": NOW, "changed_at": NOW}  # fmt: skip
        with self.clients.database.write() as writer:
            writer.upsert(tables.Outcome, [row])

    def measure(self, *rootnames: str) -> str | None:
        return run_keys(
            self.instance, self.clients, [build_asset(declare_measurement(ACS))], rootnames
        )

    def draw(self) -> dict[str, dg.AssetCheckEvaluation]:
        assert (
            run_keys(self.instance, self.clients, [build_asset(declare_trend(TREND))], [WHOLE])
            is None
        )
        runs = self.instance.get_runs(limit=1)
        events = self.instance.all_logs(runs[0].run_id)
        found = [event.dagster_event.event_specific_data for event in events
                 if event.dagster_event and event.dagster_event.event_type_value
                 == "ASSET_CHECK_EVALUATION"]  # fmt: skip
        return {one.check_name: one for one in found if isinstance(one, dg.AssetCheckEvaluation)}

    def rows(self) -> list[dict[str, Any]]:
        statement = select(ROWS).order_by(ROWS.c.filename)
        return [dict(row._mapping) for row in self.clients.database.read(statement)]


@pytest.fixture
def station(tmp_path: Path, database: Database) -> Iterator[Station]:
    (tmp_path / "archive").mkdir()
    home = tmp_path / "home"
    clients = Clients(
        settings=Settings(_env_file=None, home=home),
        archive=DirectoryArchive(tmp_path / "archive"),
        filesystem=Filesystem(home),
        database=database,
        workers=LocalWorkers(1),
        log=RunLog("test", home / "logs" / "test.log"),
        on_progress=lambda _asset, _status: None,
    )
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield Station(clients, instance, tmp_path / "archive")
    clients.workers.shutdown()


def test_a_row_is_made_for_each_amplifier_and_the_same_again(station: Station) -> None:
    rootname = station.add_bias(1)
    assert station.measure(rootname) is None
    (row,) = station.rows()
    assert (row["amplifier"], row["detector"], row["image_type"]) == ("C", "HRC", "BIAS")
    assert row["overscan_level"] == pytest.approx(2300, abs=4 * row["overscan_level_error"])
    assert station.measure(rootname) is None
    (again,) = station.rows()
    assert again.pop("ingest_date") > row.pop("ingest_date")
    assert again == row


def test_the_rows_of_a_file_that_is_gone_are_removed_and_those_of_others_stay(
    station: Station,
) -> None:
    rootnames = [station.add_bias(number) for number in (1, 2)]
    assert station.measure(*rootnames) is None
    with station.clients.database.write() as writer:
        writer.delete(tables.File, "rootname", rootnames[:1])
    assert station.measure(rootnames[0]) is None
    assert [row["rootname"] for row in station.rows()] == rootnames[1:]


def test_inputs_are_found_in_two_queries_whatever_the_number_of_keys(station: Station) -> None:
    rootnames = [station.add_bias(number) for number in range(1, 6)]
    station.decide("jtest900q", "missing", "not fetched")
    station.decide("jtest901q")
    database = station.clients.database
    before = database.statements
    keys = [*rootnames, "jtest900q", "jtest901q", "jtest902q"]
    found = locate_exposures(station.clients, ACS, keys)
    assert database.statements - before == 2
    assert [task.key for task in found] == keys
    missing, none, unmade = found[-3:]
    assert (missing.status, none.status) == ("missing", "none")  # type: ignore[union-attr]
    assert unmade.is_upstream_unmade  # type: ignore[union-attr]


def test_a_file_that_the_header_step_found_bad_is_not_measured(station: Station) -> None:
    rootname = station.add_bias(1)
    bad = {"filename": f"{rootname}_raw.fits", "rootname": rootname, "reason": "Unreadable",
           "detail": None, "step": "acs/header_tables", "ingest_date": NOW}  # fmt: skip
    with station.clients.database.write() as writer:
        writer.upsert(tables.BadData, [bad])
    (found,) = locate_exposures(station.clients, ACS, [rootname])
    assert found.status == "none"  # type: ignore[union-attr]


def test_a_file_that_broke_becomes_bad_data_and_is_measured_again_when_it_is_whole(
    station: Station,
) -> None:
    rootname = station.add_bias(1)
    path = station.folder / f"{rootname}_raw.fits"
    whole = path.read_bytes()
    path.write_bytes(whole[:100_000])
    assert station.measure(rootname) is None
    (bad,) = station.clients.database.read(select(tables.BadData.reason, tables.BadData.step))
    assert tuple(bad) == ("Unreadable", "acs/image_statistics")
    path.write_bytes(whole)
    assert station.measure(rootname) is None
    assert len(station.rows()) == 1
    assert not station.clients.database.read(select(tables.BadData.filename))


def test_trends_are_drawn_from_the_table_and_checked(station: Station) -> None:
    station.measure(*(station.add_bias(number) for number in range(1, 12)))
    checks = station.draw()
    page = find_page(station.clients.filesystem, "images")
    assert (page.parent / "acs_hrc_gain2_bias_level.png").is_file()
    assert page.is_file()
    (state,) = read_states(station.clients.database)
    assert (state["monitor"], state["state"], state["exposures"]) == ("image_trends", "ok", 11)
    assert state["page"] == "monitors/images/index.html"
    # Of BIAS exposures nobody knows the dark current.
    unjudged = {"dark_current_within_limits", "hot_pixels_within_limits"}
    assert {name for name, one in checks.items() if not one.passed} == unjudged
    assert set(checks) == {
        "no_bad_files", "no_missing_keys", "bias_level_within_limits",
        "read_noise_within_limits", "dark_current_within_limits", "hot_pixels_within_limits",
    }  # fmt: skip
    assert checks["bias_level_within_limits"].metadata["within"].value == 1


def test_a_check_warns_of_a_level_that_jumped_and_names_it(station: Station) -> None:
    station.measure(*(station.add_bias(number) for number in range(1, 12)))
    station.measure(station.add_bias(12, level=2320.0))
    check = station.draw()["bias_level_within_limits"]
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert check.metadata["beyond"].value == 1
    assert "jtest012q: 2320" in str(check.metadata["ACS/HRC, gain 2, amplifier C"].value)


def test_subarrays_and_images_of_the_sky_are_in_no_trend(station: Station) -> None:
    station.measure(*(station.add_bias(number) for number in (1, 2, 3)))
    with station.clients.database.write() as writer:
        for rootname, change in (
            ("jtest001q", {"is_subarray": True}), ("jtest002q", {"image_type": "EXT"}),
        ):  # fmt: skip
            writer.execute(ROWS.update().where(ROWS.c.rootname == rootname).values(change))
    assert read_trend_rows(station.clients.database)["rootname"].tolist() == ["jtest003q"]
