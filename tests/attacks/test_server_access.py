"""The embedded server lets nobody in for having reached it, and takes earlier homes over."""

import os
import pwd
import secrets
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest
from sqlalchemy import make_url

from hstql_resources.postgres import server_account
from hstql_resources.postgres.address import render_address
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import QueryError
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import OWNER, READER, SITE, SUPERUSER
from hstql_resources.postgres.server_account import Account, choose_account

IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
NOBODY = pwd.getpwnam("nobody").pw_uid
OLD = """
CREATE SCHEMA lab;
CREATE TABLE observations (id serial, number int GENERATED ALWAYS AS IDENTITY, rootname text);
CREATE TABLE headers (rootname text); CREATE TABLE headers_acs () INHERITS (headers);
CREATE VIEW lab.names AS SELECT rootname FROM observations;
CREATE MATERIALIZED VIEW lab.counted AS SELECT count(*) FROM observations;
CREATE FUNCTION lab.one() RETURNS int RETURN 1;
INSERT INTO observations (rootname) VALUES ('kept');
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that others may enter, but for what hstql closes to them."""
    folder = Path(tempfile.mkdtemp(prefix="hstql-test-"))
    folder.chmod(0o755)
    home = folder / "home"
    home.mkdir()
    try:
        yield home
    finally:
        EmbeddedPostgres(home).stop()
        shutil.rmtree(folder)


def connect(server: EmbeddedPostgres, user: str, **options: str) -> None:
    place = {"host": str(server.socket_folder), "port": 5432, "dbname": "postgres"}
    psycopg2.connect(**{**place, "user": user, "passfile": "/dev/null", **options}).close()


def execute(address: str, statement: str) -> list[tuple[object, ...]]:
    dsn = render_address(make_url(address), hide_password=False)
    with closing(psycopg2.connect(dsn)) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    return psutil.Process(int((server.data / "postmaster.pid").read_text().split()[0]))


def passwords(home: Path) -> dict[str, str]:
    lines = (home / "postgres.pass").read_text().splitlines()
    return {fields[3]: fields[4] for fields in (line.split(":") for line in lines)}


def is_allowed(uid: int, attempt: Callable[[], object]) -> bool:
    """Return whether another user can do something; tried in a child."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            attempt()
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def reach(server: EmbeddedPostgres) -> None:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.connect(str(server.socket_folder / ".s.PGSQL.5432"))


@pytest.mark.parametrize("user", [SUPERUSER, OWNER, READER, SITE, "somebody"])
def test_no_login_works_without_its_password(postgres: EmbeddedPostgres, user: str) -> None:
    postgres.start()
    for options in ({}, {"password": ""}, {"password": user}, {"dbname": "hstql"}):
        with pytest.raises(psycopg2.OperationalError):
            connect(postgres, user, **options)


def test_only_the_owner_may_read_the_passwords_and_they_are_nowhere_else(
    postgres: EmbeddedPostgres,
) -> None:
    url = postgres.url("hstql")
    file = postgres.home / "postgres.pass"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.stat().st_uid == os.geteuid()
    known = passwords(postgres.home)
    assert set(known) == {SUPERUSER, OWNER, READER, SITE}
    assert len(set(known.values())) == 4
    server = postmaster(postgres)
    shown = [url, (postgres.home / "logs" / "postgres.log").read_text()]
    for process in (server, *server.children(recursive=True)):
        shown += [" ".join(process.cmdline()), str(process.environ())]
    for text in shown:
        assert not any(password in text for password in known.values())


def test_a_password_for_another_server_is_not_taken_for_this_one(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "of another server")
    monkeypatch.setenv("PGUSER", "somebody")
    assert execute(postgres.url("hstql"), "SELECT 1") == [(1,)]


def test_nobody_is_trusted(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    rules = (postgres.data / "pg_hba.conf").read_text()
    assert {line.split()[-1] for line in rules.splitlines()[1:]} == {"scram-sha-256", "reject"}


def test_hstql_works_as_an_ordinary_role_that_owns_its_databases(
    postgres: EmbeddedPostgres,
) -> None:
    url = postgres.url("hstql")
    rights = "rolsuper, rolcreaterole, rolreplication, rolbypassrls"
    role = execute(url, f"SELECT current_user, {rights} FROM pg_roles WHERE rolname = current_user")
    assert role == [(OWNER, False, False, False, False)]
    owners = "SELECT DISTINCT datdba::regrole::text FROM pg_database WHERE datname = 'hstql'"
    assert execute(url, owners) == [(OWNER,)]


def test_the_reader_can_make_no_temporary_table(postgres: EmbeddedPostgres) -> None:
    execute(postgres.url("hstql"), "CREATE TEMPORARY TABLE t (i int)")
    address = postgres.url("hstql", READER) + "&options=-cdefault_transaction_read_only%3Doff"
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="temporary"):
        execute(address, "CREATE TEMPORARY TABLE t (i int)")


@needs_root
def test_another_user_reaches_nothing_of_it(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    process = postmaster(server)
    attempts = (
        lambda: reach(server),
        lambda: connect(server, OWNER),
        lambda: (home / "postgres.pass").read_text(),
        lambda: list(server.data.iterdir()),
        lambda: Path(f"/proc/{process.pid}/cwd/pg_hba.conf").read_text(),
        lambda: Path(f"/proc/{process.pid}/environ").read_text(),
        lambda: process.send_signal(0),
    )
    for uid in (NOBODY, 1000, 60_999):
        assert is_allowed(uid, home.stat)
        assert not any(is_allowed(uid, attempt) for attempt in attempts)


@needs_root
@pytest.mark.parametrize("has_namespaces", [True, False])
def test_the_account_of_the_server_is_its_own_with_and_without_user_namespaces(
    home: Path, has_namespaces: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    can_run = Account.can_run

    def look(self: Account, *command: str) -> bool:
        return (command[0] != "unshare" or has_namespaces) and can_run(self, *command)

    monkeypatch.setattr(Account, "can_run", look)
    home.parent.chmod(0o700)
    server = EmbeddedPostgres(home)
    assert execute(server.url("hstql"), "SELECT 1") == [(1,)]
    uid = postmaster(server).uids().real
    assert uid not in {entry.pw_uid for entry in pwd.getpwall()}
    owners = {path.lstat().st_uid for path in (server.data, *server.data.rglob("*"))}
    assert owners == {uid}
    assert not (home / "postgres.partial").exists()


@needs_root
def test_what_the_server_could_be_made_to_do_it_does_without_the_rights_of_root(
    home: Path, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.write_text("of root")
    closed.chmod(0o600)
    address = EmbeddedPostgres(home).url("hstql", SUPERUSER)
    for statement in (
        f"SELECT pg_read_file('{closed}')",
        f"COPY (SELECT 1) TO '{closed}'",
        f"COPY (SELECT 1) TO PROGRAM 'cat > {closed}'",
        f"SELECT pg_read_file('{home / 'postgres.pass'}')",
    ):
        with pytest.raises(psycopg2.Error):
            execute(address, statement)
    assert closed.read_text() == "of root"


@pytest.fixture
def old_home(home: Path) -> Path:
    """A home as it was: everybody is trusted, the superuser owns all, root's server is nobody's."""
    data = home / "postgres"
    account = Account(NOBODY, NOBODY, is_other=True) if IS_ROOT else choose_account(data)
    account.own(data)
    options = "-c listen_addresses='' -c unix_socket_directories=. -c fsync=off"
    commands = (
        ("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
        ("pg_ctl", "start", "-w", "-o", options),
    )
    with tempfile.TemporaryFile() as log:
        for command in commands:
            assert account.run(*command, data=data, output=log) == 0
    address = f"postgresql://postgres@/postgres?host={data}"
    with closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE hstql")
    execute(address.replace("/postgres?", "/hstql?"), OLD)
    return home


def test_a_home_of_an_earlier_hstql_is_taken_over(old_home: Path) -> None:
    server = EmbeddedPostgres(old_home)
    url = server.url("hstql")

    assert execute(url, "SELECT rootname FROM observations") == [("kept",)]
    for statement in (
        "INSERT INTO observations (rootname) VALUES ('new')",
        "ALTER TABLE headers ADD COLUMN more int",
        "REFRESH MATERIALIZED VIEW lab.counted",
        "CREATE OR REPLACE VIEW lab.names AS SELECT rootname FROM observations",
        "DROP FUNCTION lab.one()",
        "CREATE TABLE lab.later AS SELECT 1 AS one",
    ):
        execute(url, statement)
    others = "SELECT count(*) FROM pg_class WHERE oid > 16384 AND relowner <> 'hstql'::regrole"
    toast = " AND relnamespace <> 'pg_toast'::regnamespace"
    assert execute(url, others + toast) == [(0,)]
    with pytest.raises(psycopg2.OperationalError):
        connect(server, SUPERUSER)
    database = Database(url)
    for table, rows in (("lab.names", 2), ("headers_acs", 0), ("lab.later", 1)):
        assert len(database.query_read_only(f"SELECT * FROM {table}").rows) == rows
    with pytest.raises(QueryError, match="permission denied"):
        database.query_read_only("SELECT pg_advisory_lock(1)")
    if IS_ROOT:
        assert NOBODY not in {path.lstat().st_uid for path in server.data.rglob("*")}
    before = passwords(old_home)
    server.stop()
    server.url("hstql")
    assert passwords(old_home) == before


@pytest.mark.parametrize("is_running", [True, pytest.param(False, marks=pytest.mark.full)])
def test_passwords_that_are_lost_or_seen_are_replaced(home: Path, is_running: bool) -> None:
    server = EmbeddedPostgres(home)
    execute(server.url("hstql"), "CREATE TABLE kept AS SELECT 42 AS answer")
    for harm in (lose, show, halve, interrupt):
        before = passwords(home)
        if not is_running:
            server.stop()
        harm(server)
        assert execute(server.url("hstql"), "SELECT answer FROM kept") == [(42,)]
        assert not set(before.values()) & set(passwords(home).values())
        assert stat.S_IMODE((home / "postgres.pass").stat().st_mode) == 0o600
        with pytest.raises(psycopg2.OperationalError):
            connect(server, SUPERUSER)


def lose(server: EmbeddedPostgres) -> None:
    (server.home / "postgres.pass").unlink()


def show(server: EmbeddedPostgres) -> None:
    (server.home / "postgres.pass").chmod(0o644)


def halve(server: EmbeddedPostgres) -> None:
    (server.home / "postgres.pass").write_text(f"*:*:*:{OWNER}:{secrets.token_hex()}\n")


def interrupt(server: EmbeddedPostgres) -> None:
    """Leave what a command leaves that is killed while it sets new passwords."""
    file = server.home / "postgres.pass"
    file.write_text(file.read_text().replace(passwords(server.home)[OWNER], "another"))
    rules = "local all postgres trust\nlocal all all reject\n"
    (server.data / "pg_hba.conf").write_text(rules)


def test_ids_that_have_a_name_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = server_account._own_ids()
    entry = pwd.struct_passwd(("someone", "x", first, first, "", "/", "/bin/sh"))
    monkeypatch.setattr(server_account.pwd, "getpwall", lambda: [entry])
    assert server_account._own_ids()[0] != first
