"""Homes that were moved, copied, linked to: all is as it was, also at the old place."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from builders.station import Station, open_station
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.tables import File

KEPT_FOLDERS = ("files", "products", "previews")
PATHS = """
SELECT path FROM files UNION SELECT path FROM observations UNION SELECT path FROM lightcurves
UNION SELECT thumbnail_path FROM previews UNION SELECT log FROM runs
UNION SELECT path || '/' || name FROM cosmo.files"""


def list_files(home: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of each file that hstql keeps in a home."""
    return {
        str(path.relative_to(home)): (path.stat().st_size, path.stat().st_mtime_ns)
        for folder in KEPT_FOLDERS
        for path in (home / folder).rglob("*")
        if path.is_file()
    }


def read_paths(station: Station) -> list[str]:
    answer = station.hstql("query", PATHS, "--format", "csv")
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()[1:]


def copy(home: Path, to: Path) -> None:
    subprocess.run(["cp", "-a", str(home), str(to)], check=True)


def assert_is_whole(station: Station) -> None:
    """Nothing is found wrong, nothing healed, nothing made again."""
    files = list_files(station.home)
    healed = station.hstql("check", "--heal", "--yes", "--instrument", "cos", "--checksums")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert "There is nothing to heal." in healed.stdout
    paths = read_paths(station)
    assert [path for path in paths if not Path(path).exists()] == []
    again = station.hstql("materialize", "cos/lightcurves", "cos/previews")
    assert again.returncode == 0, again.stderr
    assert "Everything is up to date" in again.stdout
    assert list_files(station.home) == files


@pytest.fixture(scope="module")
def made() -> Iterator[Station]:
    """A home with two exposures of COS; its server does not run."""
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="2", HSTQL_WORKERS="1"):
        assert station.hstql("discover", "--instrument", "cos").returncode == 0
        done = station.hstql("materialize", "cos/lightcurves", "cos/previews")
        assert done.returncode == 0, done.stderr
        EmbeddedPostgres(station.home).stop()
        yield station


@pytest.fixture
def home(made: Station) -> Iterator[Station]:
    """A copy of it, in a place whose name has blanks, an umlaut, a per cent sign and a quote."""
    folder = made.home.parent / "ein O'rt für 100 %s"
    folder.mkdir()
    copy(made.home, folder / "home 2")
    yield replace(made, home=folder / "home 2")
    for place in (folder / "home 2", folder / "home 3"):
        EmbeddedPostgres(place).stop()
    shutil.rmtree(folder)


def test_a_copied_home_is_whole_and_nothing_of_the_old_one_is_touched(
    made: Station, home: Station
) -> None:
    before = list_files(made.home)
    assert_is_whole(home)
    assert [path for path in read_paths(home) if not path.startswith(f"{home.home}/")] == []
    assert list_files(made.home) == before
    assert not EmbeddedPostgres(made.home).is_running()


@pytest.mark.full
def test_a_home_that_is_copied_while_its_server_runs_is_whole(made: Station, home: Station) -> None:
    EmbeddedPostgres(made.home).start()
    try:
        copy(made.home, home.home.with_name("home 3"))
        other = replace(home, home=home.home.with_name("home 3"))
        assert other.hstql("database", "url").returncode == 0
        database = Database(EmbeddedPostgres(other.home).url("hstql"))
        is_there = select(func.starts_with(File.path, str(other.home))).distinct()
        assert database.read(is_there) == [(True,)]
        database.dispose()
        assert_is_whole(other)
        assert EmbeddedPostgres(made.home).is_running()
    finally:
        EmbeddedPostgres(made.home).stop()


@pytest.mark.full
def test_a_home_that_was_moved_or_is_reached_by_a_link_is_whole(home: Station) -> None:
    target = home.home.with_name("home 3")
    home.home.rename(target)
    link = home.home
    link.symlink_to(target)
    assert_is_whole(replace(home, home=link))
    assert_is_whole(replace(home, home=target))
    link.unlink()


def test_what_is_missing_in_a_copy_is_made_again_there(made: Station, home: Station) -> None:
    lost = next((home.home / "files").rglob("*_x1d.fits"))
    lost.unlink()
    healed = home.hstql("check", "--heal", "--yes", "--instrument", "cos")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert lost.exists()
    assert list_files(home.home).keys() == list_files(made.home).keys()


@pytest.mark.full
def test_a_new_database_has_no_file_removed_that_it_has_not_decided_about(
    made: Station, home: Station
) -> None:
    shutil.rmtree(home.home / "postgres")
    before = list_files(home.home)
    assert home.hstql("discover", "--instrument", "cos").returncode == 0
    first = sorted(path.name for path in (home.home / "files").glob("*/*"))[0]
    done = home.hstql("materialize", "cos/raw_files", "--rootname", first)
    assert done.returncode == 0, done.stderr
    healed = home.hstql("check", "--instrument", "cos", "--heal", "--yes", "--force")
    assert "the database does not know the time of it" in healed.stdout
    assert "Removed" not in healed.stdout
    assert list_files(home.home).keys() >= before.keys()
    done = home.hstql("materialize", "cos/lightcurves", "cos/previews")
    assert done.returncode == 0, done.stderr
    assert home.hstql("check", "--instrument", "cos").returncode == 0
    assert list_files(home.home).keys() == list_files(made.home).keys()


def test_what_is_removed_goes_to_the_trash_and_many_files_only_if_forced(home: Station) -> None:
    own = next((home.home / "files").rglob("*_x1d.fits"))
    before = list_files(home.home)
    heal = ("check", "--instrument", "cos", "--heal", "--yes")
    strays = [own.with_name(f"{own.name[:9]}_flt.fits")]
    strays[0].write_bytes(b"one")
    one = home.hstql(*heal)
    assert one.returncode == 0, one.stderr
    assert f"Without a row are 1 of {len(before) + 1} files" in one.stdout
    assert "Remove 1 file without a row?" in one.stdout
    ext = ("fltsum", "counts", "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4", "rawacq")
    strays += [own.with_name(f"{own.name[:9]}_{name}.fits") for name in ext]
    for stray in strays:
        stray.write_bytes(b"many")
    many = home.hstql(*heal)
    assert many.returncode == 2
    assert "more than 10% of all files would be removed" in many.stderr
    assert all(stray.exists() for stray in strays)
    assert home.hstql(*heal, "--force").returncode == 0
    assert list_files(home.home) == before
    trash = {path.name: path.read_bytes() for path in (home.home / "trash").rglob("*.fits*")}
    first = strays[0].name
    assert trash == {stray.name: b"many" for stray in strays} | {
        first: b"one", f"{first}.1": b"many"
    }  # fmt: skip
    again = home.hstql(*heal)
    assert "There is nothing to heal." in again.stdout
    assert home.hstql("check", "--force").returncode == 2


@pytest.mark.full
def test_a_home_and_the_archive_that_it_reads_in_place_are_moved(
    made: Station, tmp_path: Path
) -> None:
    archive, moved = tmp_path / "archive", tmp_path / "another archive"
    copy(made.home / "files", archive)
    for station in open_station(HSTQL_WORKERS="1", HSTQL_ARCHIVE=str(archive)):
        assert station.hstql("discover", "--instrument", "cos").returncode == 0
        done = station.hstql("materialize", "cos/lightcurves", "cos/previews")
        assert done.returncode == 0, done.stderr
        EmbeddedPostgres(station.home).stop()
        other = station.home.with_name("other")
        copy(station.home, other)
        archive.rename(moved)
        found = replace(station, home=other, settings={"HSTQL_ARCHIVE": str(moved)})
        try:
            assert_is_whole(found)
            assert [path for path in read_paths(found) if str(archive) in path] == []
        finally:
            EmbeddedPostgres(other).stop()
