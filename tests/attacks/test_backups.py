"""A backup has all tables; a restore fills them with the same rows, or changes nothing."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import create_engine, inspect, text

from builders.station import Station, open_station
from hstql_resources.postgres.server import EmbeddedPostgres

Rows = dict[str, list[str]]
BOTH = ("hstql", "dagster")
# What a restore is about to change, or writes itself.
OWN = {"home", "runs", "alembic_version", "daemon_heartbeats", "deletions"}


def read_rows(home: Path, database: str) -> Rows:
    """Return all rows of all tables, as text, hstql's without where the home is."""
    # Which transaction wrote a row, and what was deleted, is of the server that it is on.
    statement = "SELECT (to_jsonb(t) - 'transaction_id')::text FROM ONLY \"{}\" AS t"
    place = str(home) if database == "hstql" else "\0"  # what Dagster tells of the past stays
    engine = create_engine(EmbeddedPostgres(home).url(database))
    with closing(engine.connect()) as connection:
        names = [name for name in inspect(connection).get_table_names() if name not in OWN]
        found = {
            name: sorted(
                row.replace(place, "HOME")
                for row in connection.scalars(text(statement.format(name)))
            )
            for name in names
        }
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Station, Path]]:
    """A home with one exposure, and its backup."""
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="1", HSTQL_WORKERS="1"):
        assert station.hstql("discover", "--instrument", "cos").returncode == 0
        done = station.hstql("materialize", "cos/lightcurves")
        assert done.returncode == 0, done.stderr
        with closing(psycopg2.connect(_dsn(station))) as connection, connection:
            connection.cursor().execute(
                "CREATE TABLE of_a_monitor (Key text PRIMARY KEY, n numeric(5,2))"
            )
            connection.cursor().execute("INSERT INTO of_a_monitor VALUES (E'a\\tb\\\\N', NULL)")
        file = station.home.parent / "ä backup.zip"
        saved = station.hstql("backup", str(file))
        assert saved.returncode == 0, saved.stderr
        assert "Files are not in it" in saved.stdout
        yield station, file


@pytest.fixture
def other(made: tuple[Station, Path]) -> Iterator[Station]:
    """A home without rows."""
    for station in open_station(HSTQL_SIMULATED_OBSERVATIONS="1", HSTQL_WORKERS="1"):
        yield replace(station, settings=made[0].settings)


def _dsn(station: Station) -> str:
    return EmbeddedPostgres(station.home).url("hstql").replace("+psycopg2", "")


@pytest.mark.parametrize("is_twice", [False, pytest.param(True, marks=pytest.mark.full)])
def test_a_restored_home_has_the_same_rows_and_makes_its_files_again(
    made: tuple[Station, Path], other: Station, is_twice: bool
) -> None:
    station, file = made
    restored = other.hstql("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "files that rows name are not there: 'hstql check --heal'" in restored.stdout
    for database in BOTH:
        before, after = read_rows(station.home, database), read_rows(other.home, database)
        assert before.keys() <= after.keys()
        assert {name: after[name] for name in before} == before
        assert not [name for name in after.keys() - before.keys() if after[name]]
    same = other.hstql("materialize", "cos/lightcurves")
    assert same.returncode == 0, same.stderr
    assert "Everything is up to date" in same.stdout
    healed = other.hstql("check", "--heal", "--yes", "--instrument", "cos")
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert names(other.home) == names(station.home)
    shown = other.hstql("query", "SELECT path FROM lightcurves", "--format", "csv")
    assert shown.stdout.splitlines()[1].startswith(str(other.home))
    if is_twice:
        restore_again(other, file)


def restore_again(other: Station, file: Path) -> None:
    refused = other.hstql("restore", str(file))
    assert refused.returncode == 2
    assert "and nothing was changed" in refused.stderr
    assert inspect_key(other.home) == ["key"]

    assert other.hstql("materialize", "cos/previews").returncode == 0
    again = other.hstql("restore", str(file), "--force")
    assert again.returncode == 0, again.stderr
    assert "files that rows name are there." in again.stdout
    previews = sorted((other.home / "previews").rglob("*.*"))
    healed = other.hstql("check", "--heal", "--yes", "--force", "--instrument", "cos")
    assert "the database does not know the time of it" in healed.stdout
    assert sorted((other.home / "previews").rglob("*.*")) == previews != []


def inspect_key(home: Path) -> list[str]:
    engine = create_engine(EmbeddedPostgres(home).url("hstql"))
    key = inspect(engine).get_pk_constraint("of_a_monitor")
    engine.dispose()
    return key["constrained_columns"]


def names(home: Path) -> list[str]:
    return sorted(
        str(path.relative_to(home))
        for folder in ("files", "products")
        for path in (home / folder).rglob("*.fits")
    )


def test_a_backup_replaces_no_file(made: tuple[Station, Path]) -> None:
    station, file = made
    content = file.read_bytes()
    refused = station.hstql("backup", str(file))
    assert refused.returncode == 2
    assert "is there already" in refused.stderr
    assert station.hstql("backup", str(file / "below")).returncode == 2
    assert file.read_bytes() == content
    assert [path.name for path in file.parent.iterdir() if path.name.startswith(".")] == []


def change_manifest(file: Path, change: Callable[[dict], None]) -> None:
    whole = file.with_suffix(".whole")
    file.rename(whole)
    with zipfile.ZipFile(whole) as before, zipfile.ZipFile(file, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "manifest.json":
                said = json.loads(content)
                change(said)
                content = json.dumps(said).encode()
            after.writestr(name, content)


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 255
    file.write_bytes(content)


def forge_type(said: dict) -> None:
    said["parts"]["hstql"]["columns"]["of_a_monitor"]["n"] = "text); DROP TABLE files; --"


def lose_rows(said: dict) -> None:
    said["parts"]["dagster"]["rows"]["dynamic_partitions"] += 1


def be_newer(said: dict) -> None:
    said["parts"]["hstql"]["revision"] = "9999"


def be_of_another_dagster(said: dict) -> None:
    said["parts"]["dagster"]["revision"] = "0123456789ab"


def be_malformed(said: dict) -> None:
    said["parts"]["hstql"]["columns"] = ["files"]


def lose_table(said: dict) -> None:
    said["parts"]["hstql"]["columns"]["other"] = {"key": "text"}
    said["parts"]["hstql"]["rows"]["other"] = 0


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "is no backup of hstql, or is damaged"),
    "flipped": (flip, "damaged"),
    "empty": (lambda file: file.write_bytes(b""), "is no backup of hstql"),
    "text": (lambda file: file.write_text("SELECT 1"), "is no backup of hstql"),
    "a zip of others": (
        lambda file: zipfile.ZipFile(file, "w").close(),
        "is no backup of hstql",
    ),
    "newer": (lambda file: change_manifest(file, be_newer), "written by a newer hstql"),
    "another Dagster": (
        lambda file: change_manifest(file, be_of_another_dagster),
        "another version of Dagster",
    ),
    "malformed": (lambda file: change_manifest(file, be_malformed), "is no backup of hstql"),
    "table lost": (lambda file: change_manifest(file, lose_table), "a table is missing"),
    "rows lost": (lambda file: change_manifest(file, lose_rows), "rows of dynamic_partitions"),
    "forged": (lambda file: change_manifest(file, forge_type), ""),
}  # fmt: skip


def test_a_damaged_or_foreign_file_changes_nothing(
    made: tuple[Station, Path], other: Station, tmp_path: Path
) -> None:
    station, file = made
    target = station.home
    before = {database: read_rows(target, database) for database in BOTH}
    for name, (damage, sentence) in DAMAGES.items():
        bad = tmp_path / f"{name}.zip"
        shutil.copyfile(file, bad)
        damage(bad)
        home = other if name == "forged" else station  # where that table is not there yet
        refused = home.hstql("restore", str(bad), "--force")
        assert refused.returncode in (1, 2), (name, refused.stdout, refused.stderr)
        assert sentence in refused.stderr, name
        assert "Traceback" not in refused.stderr, name
        assert len([line for line in refused.stderr.splitlines() if line]) == 1, name
    assert station.hstql("restore", str(tmp_path / "none.zip")).returncode == 2
    assert {database: read_rows(target, database) for database in BOTH} == before
    assert not any(read_rows(other.home, "hstql").values())
