"""What the command does with wrong words, wrong settings, bad files and a sudden death."""

import random
import shutil
import time
from pathlib import Path

import pytest

from builders.station import Station

TOKEN = "a-token-that-nobody-may-see"
PASSWORD = "a-password-that-nobody-may-see"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"HSTQL_ARCHIVE": "/no/such/folder"}, "HSTQL_ARCHIVE is neither"),
        ({"HSTQL_WORKERS": "many"}, "HSTQL_WORKERS is 'many'"),
        ({"HSTQL_GROUP": "no-such-group"}, "HSTQL_GROUP names 'no-such-group'"),
        ({"HSTQL_FILE_MODE": "rwx"}, "HSTQL_FILE_MODE cannot be used"),
        ({"HSTQL_DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:9/x"}, "cannot be used"),
        ({"HSTQL_DATABASE_URL": "mysql://u@h/x"}, "only postgresql://"),
        ({"DAGSTER_HOME": "/nowhere"}, "DAGSTER_HOME cannot be used: /nowhere is no folder."),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(
    idle_station: Station, settings: dict[str, str], words: str
) -> None:
    refused = idle_station.hstql("discover", **settings)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert PASSWORD not in refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("materialize", "no_such_asset"),
        ("materialize", "lightcurves", "--rootname", "ls0zzzzzq"),
        ("materialize", "lightcurves", "--rootname", "../../etc"),
        ("discover", "--instrument", "no-such"),
        ("reset", "database", "no_such_table", "--yes"),
        ("materialize", "--rootname", "ls0zzzzzq"),
    ],
)
def test_wrong_usage_ends_with_2(idle_station: Station, words: tuple[str, ...]) -> None:
    refused = idle_station.hstql(*words)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_only_says_what_to_make_first(station: Station) -> None:
    assert station.hstql("discover").returncode == 0
    refused = station.hstql("materialize", "header_tables", "--only")
    assert refused.returncode == 1
    assert "materialize it first (hstql materialize cos/raw_files" in refused.stderr
    assert "Traceback" not in refused.stderr


def _discover(station: Station, **settings: str) -> None:
    """Discover what lightcurves are made of; images take as long again, and no test needs them."""
    for instrument in ("cos", "stis"):
        assert station.hstql("discover", "--instrument", instrument, **settings).returncode == 0


def _copy_to_archive(station: Station, archive: Path) -> None:
    _discover(station)
    made = station.hstql("materialize", "raw_files", "calibrated_files")
    assert made.returncode == 0, made.stderr
    shutil.move(station.home / "files", archive)
    assert station.hstql("reset", "database", "--yes").returncode == 0


@pytest.mark.full
def test_a_bad_file_costs_one_key_and_comes_back_when_it_is_mended(
    station: Station, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    _copy_to_archive(station, archive)
    bad, *_ = sorted(archive.rglob("*_corrtag.fits"))
    whole = bad.read_bytes()
    bad.write_bytes(whole[: len(whole) // 3])
    settings = {"HSTQL_ARCHIVE": str(archive), "MAST_API_TOKEN": TOKEN}
    station.hstql("discover", **settings)
    made = station.hstql("materialize", "lightcurve_plots", "lightcurve_statistics", **settings)
    assert made.returncode == 1
    reason = f"{bad.name[:9]} cos/lightcurves bad: {bad.name}: Unreadable: ends after"
    assert reason in made.stderr
    assert station.count("SELECT count(*) FROM lightcurves") == 4
    assert station.count("SELECT count(*) FROM bad_data") == 1
    bad.write_bytes(whole)
    words = ("lightcurve_plots", "lightcurve_statistics", "lightcurves", "header_tables")
    mended = station.hstql("materialize", *words, "--all", **settings)
    assert mended.returncode == 0, mended.stderr
    assert station.count("SELECT count(*) FROM lightcurves") == 5
    assert station.count("SELECT count(*) FROM statistics") == 5
    assert station.count("SELECT count(*) FROM bad_data") == 0
    written = [path for path in (station.home / "logs").rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.full
def test_what_was_killed_is_finished_by_the_next(station: Station) -> None:
    """Kills come at random moments of the work; the seed only makes a failure repeatable."""
    moments = random.Random(20)
    _discover(station, HSTQL_SIMULATED_OBSERVATIONS="8")
    for _ in range(4):
        # The end of its output is not waited for: Dagster copies that by processes of its own,
        # which can outlive it where it is killed while it starts them.
        words = ("hstql", "materialize", "lightcurve_plots", "lightcurve_statistics")
        with station.start(*words) as victim:
            time.sleep(moments.uniform(2.0, 5.0))
            victim.kill()
    last = station.hstql(
        "materialize", "lightcurve_plots", "lightcurve_statistics",
        HSTQL_SIMULATED_OBSERVATIONS="8",
    )  # fmt: skip
    assert last.returncode in (0, 1), last.stderr
    # The archive of the victims held 4 of the 8 keys of COS: the others are missing there.
    again = station.hstql(
        "materialize", "raw_files", "calibrated_files", "header_tables", "lightcurves",
        "lightcurve_statistics", "lightcurve_plots", "--all", HSTQL_SIMULATED_OBSERVATIONS="8",
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    for table in ("observations", "lightcurves", "statistics"):  # 8 of COS, 2 of STIS
        assert station.count(f"SELECT count(*) FROM {table} WHERE rootname ~ '^[lo]'") == 10
    assert len(list((station.home / "products").rglob("*.fits"))) == 10
    assert len(list((station.home / "plots").rglob("*_curve.png"))) == 10
    assert not [path for path in (station.home / "scratch").rglob("*") if path.is_file()]


def test_reset_asks_first(station: Station) -> None:
    station.hstql("discover")
    assert station.hstql("reset", "files").returncode != 0
    assert "Removed" not in station.hstql("reset", "files").stdout
    assert station.hstql("reset", "files", "--yes").returncode == 0
