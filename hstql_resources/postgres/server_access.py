"""Say who may enter the embedded server: four logins, their passwords, and what each may do.

Starting and stopping are the business of `server`. hstql works as an ordinary role that owns its
databases; users' own questions come by a role that reads, and pages of the site by one that sees
what a person may; the superuser only prepares the three.
Nobody is trusted for having reached the socket. The passwords stand in one file that only the owner
of the home may read, in the form that libpq looks them up by itself, so no address has one.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from hstql_resources.postgres.server_account import Account

SUPERUSER = "postgres"
OWNER = "hstql"
READER = "hstql_reader"
SITE = "hstql_site"
DATABASE = "hstql"
DAGSTER_DATABASE = "dagster"

PROBE_LIMIT_S = 5

_HBA = "pg_hba.conf"
_CLOSED = f"""# Written by hstql.
local {DAGSTER_DATABASE},postgres,template1 {READER},{SITE} reject
local all {SUPERUSER},{OWNER},{READER},{SITE} scram-sha-256
local all all reject
"""
# As long as passwords are being set, and only for those who may enter the data folder anyway.
_OPEN = f"""# Written by hstql, which sets new passwords.
local all {SUPERUSER} trust
local all all reject
"""

# Nobody guesses 256 random bits, so that a password need not take long to try.
_LOGINS = """
SET scram_iterations = 1;
DO $$
DECLARE one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[{owner_name}, {reader_name}, {site_name}] LOOP
        IF to_regrole(one) IS NULL THEN EXECUTE format('CREATE ROLE %I', one); END IF;
    END LOOP;
END $$;
ALTER ROLE {superuser} PASSWORD {superuser_password};
ALTER ROLE {owner} LOGIN NOSUPERUSER CREATEDB NOCREATEROLE PASSWORD {owner_password};
ALTER ROLE {reader} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {reader_password};
ALTER ROLE {reader} SET default_transaction_read_only = on;
ALTER ROLE {reader} SET statement_timeout = '5min';
ALTER ROLE {reader} SET temp_file_limit = '1GB';
ALTER ROLE {site} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {site_password};
ALTER ROLE {site} SET temp_file_limit = '1GB';
"""
# What a SELECT can do beside reading: lock, wait, tell, end, leave behind, change settings.
_NOT_READING = (
    "^(lo_.*|loread|lowrite|pg_(try_)?advisory_.*|pg_sleep.*|pg_notify|set_config|"
    "pg_(cancel|terminate)_backend|pg_export_snapshot|pg_logical_emit_message)$"
)
# In `template1` for all databases to come, and in those that there are.
_RIGHTS = """
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE ON SCHEMAS TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON SEQUENCES TO {reader};
DO $$
DECLARE one text;
BEGIN
    FOR one IN SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ {not_reading}
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', one, {owner_name});
    END LOOP;
END $$
"""
# Of a database that the superuser made, as hstql once had it.
_OWNERSHIP = """
DO $$
DECLARE one text;
BEGIN
    FOR one IN
        WITH own AS (
            SELECT oid, nspname FROM pg_namespace
            WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        )
        SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, {owner_name})
        FROM own WHERE nspname <> 'public'
        UNION ALL
        SELECT format('ALTER %s %I.%I OWNER TO %I',
            CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                         WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname, {owner_name})
        FROM pg_class AS relation JOIN own ON own.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND relowner = {superuser_name}::regrole
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
              AND objid = relation.oid
              AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i')))
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %I', pg_proc.oid::regprocedure, {owner_name})
        FROM pg_proc JOIN own ON own.oid = pronamespace
        WHERE proowner = {superuser_name}::regrole AND NOT EXISTS (SELECT FROM pg_depend
            WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
        UNION ALL
        SELECT format('GRANT USAGE ON SCHEMA %1$I TO %2$I; '
                      'GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO %2$I; '
                      'GRANT SELECT ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I',
                      nspname, {reader_name})
        FROM own
    LOOP
        EXECUTE one;
    END LOOP;
END $$;
ALTER DATABASE {database} OWNER TO {owner}
"""


class ServerAccess:
    """Who may enter the server over a data folder.

    Parameters
    ----------
    home : Path
        The folder in which the passwords are kept.
    data, socket : Path
        The data folder, and that of the socket.
    port : int
        Part of the name of the socket.

    Attributes
    ----------
    passwords : Path
        The file with the passwords.
    """

    def __init__(self, home: Path, data: Path, socket: Path, port: int) -> None:
        self.passwords = home / "postgres.pass"
        self._home = home
        self._data = data
        self._place = {"host": str(socket), "port": port}

    def probe(self, database: str, user: str = OWNER) -> str | None:
        """Return why a database does not let a login in, None if it does."""
        try:
            self._connect(database, user).close()
        except psycopg2.OperationalError as error:
            return last_line(str(error))
        return None

    def create(self, database: str) -> None:
        """Make a database of hstql unless it is there."""
        with closing(self._connect("postgres", OWNER)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", (database,))
            if cursor.fetchone() is None:
                name = sql.Identifier(database)
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(name))
                cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(name))

    def is_closed(self) -> bool:
        """Return whether the server asks for passwords, and they are known."""
        try:
            return (self._data / _HBA).read_text() == _CLOSED and bool(self._read_passwords())
        except FileNotFoundError:
            return False

    def make_passwords(self) -> None:
        """Write new passwords, which the server is yet to learn."""
        lines = [f"*:*:*:{name}:{secrets.token_urlsafe(32)}\n" for name in _NAMES]
        write_closed(self.passwords, "".join(lines), self._home.stat())

    @contextmanager
    def hand_superuser_password(self, account: Account) -> Iterator[int]:
        """Yield a file descriptor from which initdb, run by an account, can read the password."""
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as pipe:
            with os.fdopen(writing, "wb") as end:
                end.write(self._read_passwords()[SUPERUSER].encode())
            if account.is_other:
                os.fchown(reading, account.uid, account.gid)
            yield pipe.fileno()

    def open_for_superuser(self) -> None:
        """Have the server ask the superuser for no password, once it reads that."""
        self._write_hba(_OPEN)

    def close(self) -> None:
        """Have the server ask everybody for a password, once it reads that."""
        self._write_hba(_CLOSED)

    def make_logins(self) -> None:
        """Make the logins with their passwords, and say what they may do in databases to come."""
        passwords = self._read_passwords()
        values = _identifiers() | {
            f"{login}_password": sql.Literal(passwords[name])
            for login, name in _LOGIN_NAMES.items()
        }
        with self._superuser("template1") as connection:
            cursor = connection.cursor()
            cursor.execute(sql.SQL(_LOGINS).format(**values))
            _set_rights(cursor, "template1")

    def give_databases(self) -> None:
        """Let hstql own all databases, which the superuser once did."""
        with self._superuser("postgres") as connection:
            cursor = connection.cursor()
            cursor.execute(
                "SELECT datname FROM pg_database WHERE NOT datistemplate AND datallowconn"
            )
            names = [str(row[0]) for row in cursor.fetchall() if row[0] != "postgres"]
        for name in names:
            with self._superuser(name) as connection:
                cursor = connection.cursor()
                _set_rights(cursor, name)
                values = _identifiers() | {"database": sql.Identifier(name)}
                cursor.execute(sql.SQL(_OWNERSHIP).format(**values))

    @contextmanager
    def _superuser(self, database: str) -> Iterator["psycopg2.extensions.connection"]:
        with closing(self._connect(database, SUPERUSER)) as connection, connection:
            yield connection

    def _connect(self, database: str, user: str) -> "psycopg2.extensions.connection":
        # libpq would take it rather than look in the file, in this process and all that it starts.
        os.environ.pop("PGPASSWORD", None)
        return psycopg2.connect(
            **self._place,
            user=user,
            dbname=database,
            passfile=str(self.passwords),
            connect_timeout=PROBE_LIMIT_S,
        )

    def _read_passwords(self) -> dict[str, str]:
        """Return the passwords by login; empty if they are not there, or others may read them."""
        status = self.passwords.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return {}
        fields = [line.split(":") for line in self.passwords.read_text().splitlines()]
        found = {parts[3]: parts[4] for parts in fields if len(parts) == 5}
        return found if found.keys() == set(_NAMES) else {}

    def _write_hba(self, text: str) -> None:
        write_closed(self._data / _HBA, text, self._data.stat())


_LOGIN_NAMES = {"superuser": SUPERUSER, "owner": OWNER, "reader": READER, "site": SITE}
_NAMES = tuple(_LOGIN_NAMES.values())


def _identifiers() -> dict[str, sql.Composable]:
    names: dict[str, sql.Composable] = {}
    for login, name in _LOGIN_NAMES.items():
        names |= {login: sql.Identifier(name), f"{login}_name": sql.Literal(name)}
    return names


def _set_rights(cursor: "psycopg2.extensions.cursor", database: str) -> None:
    values = _identifiers() | {
        "database": sql.Identifier(database), "not_reading": sql.Literal(_NOT_READING)
    }  # fmt: skip
    cursor.execute(sql.SQL(_RIGHTS).format(**values))


def write_closed(path: Path, text: str, owner: os.stat_result) -> None:
    """Write a file that only one account may read; wherever this is killed, it is whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    # No link is followed, for the folder may be another account's.
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        os.fchmod(descriptor, 0o600)
        if os.geteuid() == 0:
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.flush()
        os.fsync(descriptor)
    partial.replace(path)


def last_line(text: str) -> str:
    """Return the last line of a complaint without blanks around it."""
    return text.strip().splitlines()[-1].strip() if text.strip() else "no reason given"
