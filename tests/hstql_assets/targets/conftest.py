"""A clients with a database and a home, and exposures put straight into its tables."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.tables import File, Lightcurve, Observation
from hstql_resources.workers import LocalWorkers

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clients(tmp_path: Path, database: Database) -> Clients:
    """No observations yet, and workers that are never started."""
    home = tmp_path / "home"
    return Clients(
        settings=Settings(_env_file=None, home=home),
        archive=SimulatedArchive(1),
        filesystem=Filesystem(home),
        database=database,
        workers=LocalWorkers(1),
        log=RunLog("test", home / "logs" / "test.log"),
        on_progress=lambda _asset, _status: None,
    )


@pytest.fixture
def observe(database: Database) -> Callable[..., None]:
    """Return a function that records a TIME-TAG exposure with an event file."""

    def record(
        rootname: str, name: str, ra: float | None, dec: float | None, **more: object
    ) -> None:
        row = {
            "rootname": rootname, "target_name": name, "ra_deg": ra, "dec_deg": dec,
            "obs_mode": "TIME-TAG", "exp_start_mjd": 58000.0, "exposure_type": None,
        } | more  # fmt: skip
        filename = f"{rootname}_corrtag_a.fits"
        file = {
            "filename": filename, "rootname": rootname, "filetype": "corrtag_a",
            "kind": "calibrated", "path": filename, "size_bytes": 1, "ingest_date": NOW,
        }  # fmt: skip
        with database.write() as writer:
            writer.upsert(Observation, [row])
            writer.upsert(File, [file])

    return record


@pytest.fixture
def make_lightcurve(clients: Clients) -> Callable[[str, str], Path]:
    """Return a function that puts a lightcurve of a target, its row and its plots in place."""

    def make(rootname: str, target: str) -> Path:
        files = clients.filesystem
        path = files.lightcurve(target, rootname)
        plots = [*files.lightcurve_plots(target, rootname)]
        for made in (path, *plots, plots[0].with_name(f"{rootname}_more.txt")):
            with files.write(made) as temporary:
                temporary.write_text(f"{rootname} {made.name}")
        row = {
            "rootname": rootname, "target": target, "path": str(path), "bin_s": 2.0, "bins": 1,
            "gross_counts": 1, "is_flux_calibrated": True, "exposure_s": 2.0, "ingest_date": NOW,
        }  # fmt: skip
        with clients.database.write() as writer:
            writer.upsert(Lightcurve, [row])
            writer.update(Observation, [{"rootname": rootname, "target": target}])
        return path

    return make
