"""Everything is opened, written with the right permissions, and closed together."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.clients import open_clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.settings import Settings, SettingsError
from hstql_resources.tables import Run


@pytest.fixture
def settings(tmp_path: Path, database: Database) -> Settings:
    url = database.engine.url.set(drivername="postgresql")
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        archive="simulated",
        database_url=url.render_as_string(hide_password=False),
        workers="1",
        file_mode="0750",
    )


def test_a_workbench_has_all_clients_and_closes_them(settings: Settings) -> None:
    with open_clients(settings, "try") as clients:
        assert clients.archive == SimulatedArchive(12, raw_exposures=1, epochs=8)
        assert clients.filesystem == Filesystem(settings.home, 0o750)
        assert clients.workers.submit(os.getpid).result() != os.getpid()
        clients.on_progress("cos/raw_files", "made")
        (row,) = clients.database.read(Run.__table__.select())
        assert row.id == clients.log.run_id
        assert row.exit_status is None


def test_everything_written_has_the_mode_and_no_file_can_be_executed(settings: Settings) -> None:
    with open_clients(settings, "try") as clients:
        folder = clients.filesystem.observation_folder("ls000101q")
        products = clients.archive.list_products(["ls000101q"])["ls000101q"]
        with clients.filesystem.scratch() as scratch:
            clients.archive.fetch(products, scratch)
            for product in products:
                clients.filesystem.move(scratch / product.filename, folder / product.filename)
    written = [settings.home, *settings.home.rglob("*")]
    others = {"identity", Path(clients.log.path).name}
    files = {path.name for path in written if path.is_file()}
    assert files == {product.filename for product in products} | others
    for path in written:
        expected = 0o750 if path.is_dir() else 0o640
        assert path.stat().st_mode & 0o7777 == expected, path


def test_scratch_of_a_killed_run_is_swept_at_the_next_start(settings: Settings) -> None:
    code = f"""
import os
from pathlib import Path
from hstql_resources.filesystem import Filesystem
with Filesystem(Path({str(settings.home)!r})).scratch() as folder:
    (folder / "half.fits").touch()
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(settings.home.rglob("half.fits"))) == 1
    with open_clients(settings, "try"):
        assert list(settings.home.rglob("half.fits")) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"workers": "some"}, "HSTQL_WORKERS is 'some': give a number of processes"),
        ({"group": "no-such-group"}, "HSTQL_GROUP names 'no-such-group'"),
        ({"home": Path("/dev/null/home")}, "HSTQL_HOME /dev/null/home cannot be written to"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_start_and_nothing_is_left(
    change: dict[str, object], sentence: str, settings: Settings
) -> None:
    with (
        pytest.raises(SettingsError, match=sentence),
        open_clients(settings.model_copy(update=change), "try"),
    ):
        pytest.fail("it opened")
    assert not settings.home.exists()
