"""The address that `hstql database` prints, and what its server inherits."""

from contextlib import closing

import psutil
import psycopg2
from sqlalchemy import create_engine, text

from builders.station import Station
from hstql_resources.postgres.server_access import OWNER


def test_an_address_is_printed_for_sqlalchemy_and_one_for_libpq(idle_station: Station) -> None:
    url = idle_station.hstql("database", "url").stdout.strip()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == OWNER
    engine.dispose()
    dsn = idle_station.hstql("database", "url", "--libpq").stdout.strip()
    with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        assert cursor.fetchone() == (OWNER, "hstql")


def test_no_address_and_no_log_has_a_password(idle_station: Station) -> None:
    shown = [idle_station.hstql("database", word).stdout for word in ("up", "url")]
    shown += [path.read_text() for path in (idle_station.home / "logs").glob("*.log")]
    lines = (idle_station.home / "postgres.pass").read_text().splitlines()
    for password in (line.rpartition(":")[2] for line in lines):
        assert len(password) > 40
        assert not any(password in text for text in shown)


def test_the_server_inherits_no_secret_of_who_starts_it(idle_station: Station) -> None:
    assert idle_station.hstql("database", "down").returncode == 0
    secrets = {"MAST_API_TOKEN": "of-mast", "PGPASSWORD": "of-another-server"}
    assert idle_station.hstql("database", "up", **secrets).returncode == 0
    pid = int((idle_station.home / "postgres" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    for process in (server, *server.children(recursive=True)):
        assert not {*secrets.values()} & {*process.environ().values()}
