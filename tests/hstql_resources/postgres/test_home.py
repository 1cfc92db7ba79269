"""A home is known again wherever it is, its paths follow it, and it is told from others."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text

from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.home import read_identity, require_home, settle
from hstql_resources.settings import Settings, SettingsError

NAME = "ld9m10ujq_x1d.fits"


class Owner:
    """Who starts hstql with one home after the other, on one database."""

    def __init__(self, database: Database, *, is_external: bool = False) -> None:
        self.database = database
        self._address = "postgresql://server/hstql" if is_external else None

    def start(self, home: Path, archive: Path | None = None) -> None:
        settings = Settings(
            home=home, archive=str(archive or "simulated"), database_url=self._address
        )
        settle(self.database, Filesystem(settings.home), settings)

    def require(self, home: Path) -> None:
        url = self.database.engine.url.render_as_string(hide_password=False)
        require_home(Settings(home=home, database_url=url))

    def write(self, path: Path, name: str = NAME) -> None:
        """Write a file of one byte, and the rows that name it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        row = {"filename": name, "rootname": name[:9], "filetype": "x1d", "kind": "calibrated"}
        now = datetime.now(UTC)
        with self.database.write() as writer:
            writer.upsert(
                tables.File, [{**row, "path": str(path), "size_bytes": 1, "ingest_date": now}]
            )
            writer.upsert(tables.Observation, [{"rootname": name[:9], "path": str(path.parent)}])

    def path(self, name: str = NAME) -> str:
        statement = select(tables.File.path).where(tables.File.filename == name)
        return str(self.database.read(statement)[0][0])

    @property
    def row(self) -> tuple[str, str, str | None]:
        home = tables.Home
        (row,) = self.database.read(select(home.id, home.path, home.archive))
        return row.id, row.path, row.archive


@pytest.fixture
def owner(database: Database) -> Owner:
    return Owner(database)


@pytest.fixture
def stranger(database: Database) -> Owner:
    """The same with a server that the home does not hold."""
    return Owner(database, is_external=True)


def test_every_column_with_paths_follows() -> None:
    places = {
        f"{table.name}.{column.name}"
        for table in tables.Base.metadata.tables.values()
        for column in table.columns
        if column.info.get("is_place")
    }
    named = {
        f"{table.name}.{column.name}"
        for table in tables.Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("path") or column.name in ("log", "uri")
    }
    assert places == named - {"home.path"}
    assert len(places) == 19


def test_the_first_start_gives_an_identity(owner: Owner, tmp_path: Path) -> None:
    owner.start(tmp_path / "home")
    identity, path, archive = owner.row
    assert read_identity(tmp_path / "home") == identity
    assert (path, archive) == (str(tmp_path / "home"), None)
    before = owner.database.statements
    owner.start(tmp_path / "home")
    assert owner.database.statements == before + 1


def test_paths_follow_the_home_and_only_those_in_it(owner: Owner, tmp_path: Path) -> None:
    home, moved = tmp_path / "home", tmp_path / "home_2"
    owner.start(home)
    owner.write(home / "files" / "ld9m" / "ld9m10ujq" / NAME)
    beside = tmp_path / "home of another" / "ld9m10ukq_x1d.fits"
    owner.write(beside, beside.name)
    home.rename(moved)
    owner.start(moved)
    assert owner.path() == str(moved / "files" / "ld9m" / "ld9m10ujq" / NAME)
    assert owner.path(beside.name) == str(beside)
    folders = owner.database.read(text("SELECT path FROM observations ORDER BY 1"))
    assert {row.path for row in folders} == {str(beside.parent), str(Path(owner.path()).parent)}
    assert owner.row[1] == str(moved)


def test_paths_follow_a_home_of_before_it_had_a_row(owner: Owner, tmp_path: Path) -> None:
    owner.write(tmp_path / "old" / "files" / NAME)
    log = str(tmp_path / "old" / "logs" / "status_1.log")
    row = {"id": "status_1", "command": "hstql", "started_at": datetime.now(UTC), "log": log}
    with owner.database.write() as writer:
        writer.upsert(tables.Run, [row])
    (tmp_path / "old").rename(tmp_path / "home")
    owner.start(tmp_path / "home")
    assert owner.path() == str(tmp_path / "home" / "files" / NAME)


def test_paths_follow_the_archive_with_what_it_holds(owner: Owner, tmp_path: Path) -> None:
    home, archive, moved = tmp_path / "home", tmp_path / "archive", tmp_path / "new place"
    archive.mkdir()
    owner.start(home, archive)
    owner.write(archive / NAME)
    archive.rename(moved)
    owner.start(home, moved)
    assert owner.path() == str(moved / NAME)
    folders = owner.database.read(text("SELECT path FROM observations"))
    assert folders == [(str(moved),)]
    owner.start(home)  # with another kind of archive in between
    assert owner.row[2] == str(moved)


def test_files_of_one_archive_stay_there_when_another_is_used(owner: Owner, tmp_path: Path) -> None:
    home, archive, other = tmp_path / "home", tmp_path / "archive", tmp_path / "other"
    archive.mkdir()
    other.mkdir()
    owner.start(home, archive)
    owner.write(archive / NAME)
    owner.start(home, other)
    (other / NAME).write_bytes(b"another version")
    owner.start(home, archive)
    owner.start(home, other)
    assert owner.path() == str(archive / NAME)
    assert owner.row[2] == str(other)


@pytest.mark.parametrize("is_home_within", [True, False])
def test_home_and_archive_move_one_in_the_other(
    owner: Owner, tmp_path: Path, is_home_within: bool
) -> None:
    top, moved = tmp_path / "top", tmp_path / "moved"
    inner = ".hstql" if is_home_within else "mirror"
    (top / inner).mkdir(parents=True)
    places = [(top / inner, top), (moved / inner, moved)]
    if not is_home_within:
        places = [(home, archive) for archive, home in places]
    (home, archive), (new_home, new_archive) = places
    owner.start(home, archive)
    owner.write(archive / NAME)
    owner.write(home / "files" / "ld9m10ukq_x1d.fits", "ld9m10ukq_x1d.fits")
    top.rename(moved)
    owner.start(new_home, new_archive)
    assert owner.path() == str(new_archive / NAME)
    assert owner.path("ld9m10ukq_x1d.fits") == str(new_home / "files" / "ld9m10ukq_x1d.fits")
    assert owner.row[1:] == (str(new_home), str(new_archive))


def test_a_copy_may_not_share_the_database_of_an_external_server(
    stranger: Owner, tmp_path: Path
) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    stranger.start(home)
    stranger.write(home / "files" / NAME)
    shutil.copytree(home, copy)
    with pytest.raises(SettingsError, match=f"belongs to the home {home}, which is still there"):
        stranger.start(copy)
    assert stranger.path() == str(home / "files" / NAME)
    shutil.rmtree(home)
    stranger.start(copy)
    assert stranger.path() == str(copy / "files" / NAME)


def test_a_database_of_another_home_is_refused(
    owner: Owner, stranger: Owner, tmp_path: Path
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    stranger.start(home)
    with pytest.raises(SettingsError, match=r"of HSTQL_DATABASE_URL belongs .* is another one"):
        stranger.start(other)
    other.mkdir()
    (other / "identity").write_text("somebody else's\n")
    for one in (owner, stranger):
        with pytest.raises(SettingsError, match="give each home a database of its own") as refusal:
            one.start(other)
    assert "\n" not in str(refusal.value)
    (other / "identity").write_text(f"{stranger.row[0]}\n")  # as the sentence says
    shutil.rmtree(home)
    stranger.start(other)
    assert stranger.row[1] == str(other)


def test_a_home_keeps_its_identity_with_another_database(owner: Owner, tmp_path: Path) -> None:
    owner.start(tmp_path / "home")
    identity = owner.row[0]
    with owner.database.write() as writer:
        writer.execute(text("DELETE FROM home"))
    owner.start(tmp_path / "home")
    assert owner.row[0] == identity
    (tmp_path / "home" / "identity").unlink()
    owner.start(tmp_path / "home")
    assert read_identity(tmp_path / "home") == identity


def test_a_host_that_does_not_see_the_home_is_told_so(stranger: Owner, tmp_path: Path) -> None:
    home = tmp_path / "home"
    stranger.require(home)  # nobody's yet
    stranger.start(home)
    stranger.require(home)
    (home / "identity").rename(tmp_path / "identity")  # as where nothing is mounted
    for see in (stranger.require, stranger.start):
        with pytest.raises(SettingsError, match=r"is not here what .* mount the folder") as no:
            see(home)
        assert stranger.row[0] in str(no.value)
    (home / "identity").write_text("another\n")
    with pytest.raises(SettingsError, match="belongs to the home that was at"):
        stranger.require(home)
    (tmp_path / "identity").rename(home / "identity")
    stranger.require(home)


def test_a_database_that_is_new_to_a_home_is_warned_of(
    owner: Owner, stranger: Owner, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "identity").write_text("mine\n")
    stranger.require(tmp_path)
    require_home(Settings(home=tmp_path, database_url=None))
    assert [record.message.split(":")[0] for record in caplog.records] == [
        f"The home {tmp_path} is known to another database than this one, which is empty"
    ] * 2


def test_another_version_at_work_is_named_with_its_host(stranger: Owner, tmp_path: Path) -> None:
    url = stranger.database.engine.url.update_query_dict(
        {"application_name": "hstql 99.1 4711.1764486000@node-17"}
    )
    engine = create_engine(url)
    with (
        engine.connect(),
        pytest.raises(SettingsError, match=r"process 4711 on node-17 is at work with 99\.1"),
    ):
        stranger.require(tmp_path)
    engine.dispose()
