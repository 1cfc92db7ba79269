"""The login by which questions are asked of an external server: named, made, or missed."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from builders.databases import open_as_superuser
from hstql_resources.postgres import reader as module
from hstql_resources.postgres.address import dagster_database_url
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import ask
from hstql_resources.postgres.reader import reader_url
from hstql_resources.postgres.server_access import OWNER, READER, SUPERUSER
from hstql_resources.settings import Settings, SettingsError

OTHER = "reader_that_is_made"


@pytest.fixture
def external(database: Database, tmp_path: Path) -> Settings:
    """The database of the tests, as if it were on a server that is not hstql's own."""
    return settings_for(database, tmp_path, OWNER)


@pytest.fixture
def powerful(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The same, for a user who may make logins."""
    monkeypatch.setattr(module, "READER", OTHER)
    yield settings_for(database, tmp_path, SUPERUSER)
    run(database, f"DROP OWNED BY {OTHER}; DROP ROLE {OTHER}")


def address(database: Database, user: str) -> str:
    return database.engine.url.set(username=user).render_as_string(hide_password=False)


def settings_for(database: Database, home: Path, user: str, reader: str | None = None) -> Settings:
    return Settings(
        _env_file=None, home=home, database_url=address(database, user), reader_url=reader
    )


def run(database: Database, statements: str) -> None:
    engine = create_engine(address(database, SUPERUSER))
    with engine.begin() as connection:
        connection.execute(text(statements))
    engine.dispose()


def may_read(database: Database, table: str) -> bool:
    query = (
        f"SELECT has_table_privilege('{OTHER}', '{table}', 'SELECT') "
        f"AND has_schema_privilege('{OTHER}', split_part('{table}', '.', 1), 'USAGE')"
    )
    superuser = open_as_superuser(database)
    answer = bool(superuser.read(text(query))[0][0])
    superuser.dispose()
    return answer


def test_a_login_that_is_named_is_asked_by(database: Database, tmp_path: Path) -> None:
    settings = settings_for(database, tmp_path, OWNER, address(database, READER))
    found = reader_url(settings)
    assert ask(found, "SELECT current_user, count(*) FROM observations").rows == ((READER, 0),)
    assert ask(found, "SHOW search_path").rows == (("public",),)


def test_without_the_right_to_make_one_the_user_learns_what_to_do(external: Settings) -> None:
    with pytest.raises(SettingsError, match=f"user {OWNER} may not make .*HSTQL_READER_URL"):
        reader_url(external)
    assert not (external.home / "reader.pass").exists()


def test_one_that_was_made_elsewhere_has_to_be_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="was not made from here: set HSTQL_READER_URL"):
        reader_url(settings_for(database, tmp_path, SUPERUSER))


@pytest.mark.parametrize("user", [OWNER, SUPERUSER])
def test_a_login_that_may_do_more_than_read_is_refused(
    database: Database, tmp_path: Path, user: str
) -> None:
    settings = settings_for(database, tmp_path, OWNER, address(database, user))
    with pytest.raises(SettingsError, match="HSTQL_READER_URL names a login that may do more"):
        reader_url(settings)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://u:secret@h/x", "postgresql://u:secret@127.0.0.1:9/x"]
)
def test_an_address_that_cannot_work_is_named(database: Database, tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="HSTQL_READER_URL") as refusal:
        reader_url(settings_for(database, tmp_path, OWNER, url))
    assert "secret" not in str(refusal.value)


def test_one_is_made_where_rights_allow_and_reads_what_is_there_and_what_comes(
    database: Database, powerful: Settings
) -> None:
    run(database, "CREATE TABLE public.mine AS SELECT 1 AS one; CREATE SCHEMA lab")
    dagster_database_url(powerful)
    run(database, "CREATE TABLE dagster.runs AS SELECT 1 AS one")
    found = reader_url(powerful)
    file = powerful.home / "reader.pass"
    assert found.username == OTHER
    assert found.password == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert may_read(database, "public.mine")
    assert not may_read(database, "dagster.runs")
    run(database, "CREATE TABLE public.later AS SELECT 1 AS one")
    assert may_read(database, "public.later")
    run(database, "CREATE VIEW lab.ours AS SELECT * FROM public.mine")
    assert reader_url(powerful) == found
    assert may_read(database, "lab.ours")
    assert make_url(found).host == database.engine.url.host
