"""Which database is used: the embedded server, or that of HSTQL_DATABASE_URL."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from hstql_resources.postgres.address import (
    CONNECT_LIMIT_S,
    dagster_database_url,
    database_url,
)
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.settings import Settings, SettingsError


def external(url: str) -> Settings:
    return Settings(home=Path("/nowhere"), database_url=url)


def ask(url: object, query: str) -> object:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.scalar(text(query))
    engine.dispose()
    return answer


@pytest.fixture
def embedded(postgres: EmbeddedPostgres) -> Settings:
    return Settings(home=postgres.home, database_url=None)


def test_without_a_setting_the_embedded_server_has_two_databases(embedded: Settings) -> None:
    assert ask(database_url(embedded), "SELECT current_database()") == "hstql"
    assert ask(dagster_database_url(embedded), "SELECT current_database()") == "dagster"


def test_only_dagsters_events_do_not_wait_for_the_disk(embedded: Settings) -> None:
    assert ask(database_url(embedded), "SHOW synchronous_commit") == "on"
    assert ask(dagster_database_url(embedded), "SHOW synchronous_commit") == "off"


def test_a_writer_that_sleeps_in_a_transaction_is_ended(embedded: Settings) -> None:
    query = "SHOW idle_in_transaction_session_timeout"
    assert ask(database_url(embedded), query) == "10min"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_write_an_address_gets_the_same_driver(empty_url: str, scheme: str) -> None:
    url = database_url(external(empty_url.replace("postgresql+psycopg2", scheme)))
    assert url.drivername == "postgresql+psycopg2"
    assert ask(url, "SELECT current_database()") == make_url(empty_url).database


def test_on_an_external_server_dagster_has_a_schema_of_its_own(empty_url: str) -> None:
    settings = external(empty_url)
    with ThreadPoolExecutor(8) as pool:
        urls = list(pool.map(dagster_database_url, [settings] * 8))

    engine = create_engine(urls[0])
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE runs (id int)"))
    assert inspect(engine).get_table_names() == ["runs"]
    engine.dispose()
    assert ask(database_url(settings), "SELECT to_regclass('public.runs')") is None


def test_dagsters_clock_is_utc_wherever_the_server_is(empty_url: str) -> None:
    name = make_url(empty_url).database
    engine = create_engine(empty_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Tokyo'"))
    engine.dispose()
    assert ask(empty_url, "SHOW timezone") == "Asia/Tokyo"
    assert ask(dagster_database_url(external(empty_url)), "SHOW timezone") == "UTC"


def test_options_of_the_user_are_kept(empty_url: str) -> None:
    url = dagster_database_url(external(f"{empty_url}&options=-cwork_mem%3D9MB"))
    assert ask(url, "SHOW work_mem") == "9MB"
    assert ask(url, "SHOW search_path") == "dagster"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("not an address", "is not an address such as postgresql://"),
        ("postgresql://host:port/x", "is not an address such as postgresql://"),
        ("mysql://host/hstql", "names a mysql database"),
        ("postgresql://me:secret@localhost:1/hstql", "cannot be used: .*refused"),
        ("postgresql://me:secret@no-such-host.invalid/hstql", "cannot be used: .*translate host"),
    ],
)
def test_an_address_that_cannot_work_is_refused_in_one_sentence_without_password(
    url: str, reason: str
) -> None:
    for find in (database_url, dagster_database_url):
        with pytest.raises(SettingsError, match=reason) as refusal:
            find(external(url))
        assert "secret" not in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_a_server_that_does_not_answer_is_given_up_within_five_seconds() -> None:
    begin = time.monotonic()
    # Nobody has this address, which is set aside for documentation.
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        database_url(external("postgresql://me@192.0.2.1/hstql"))
    assert time.monotonic() - begin < 100.0  # where the system itself would take minutes
    assert CONNECT_LIMIT_S < 5
