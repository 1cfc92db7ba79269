"""Databases with all tables and no rows, as many one after the other as there are tests.

To copy a database is to copy more than a thousand files: a fifth of a second of a processor. So a
database of which a test has changed rows alone is emptied and given to the next one.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count

import psycopg2
from psycopg2 import sql
from sqlalchemy import URL, make_url

from hstql_resources.postgres.database import Database
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import OWNER, SUPERUSER

VERSION_TABLE = "alembic_version"
# A change of what is in a database, other than rows, writes or removes a row of one of these.
CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_collation", "pg_constraint", "pg_db_role_setting",
    "pg_default_acl", "pg_description", "pg_event_trigger", "pg_extension", "pg_index",
    "pg_inherits", "pg_policy", "pg_proc", "pg_rewrite", "pg_sequence", "pg_statistic_ext",
    "pg_trigger", "pg_type", f"public.{VERSION_TABLE}",
)  # fmt: skip
ROWS = "SELECT count(*)::text || ' ' || coalesce(sum(xmin::text::bigint), 0) FROM {}"
# Not by xmin, which emptying a table changes, and without the schemas of temporary tables.
RELATIONS = """
SELECT string_agg(
    concat_ws(' ', oid, relname, relnamespace, relkind, relowner, relacl, reloptions), ','
    ORDER BY oid
) FROM pg_class WHERE oid >= 16384"""
SCHEMAS = """
SELECT string_agg(concat_ws(' ', oid, nspname, nspowner, nspacl), ',' ORDER BY oid)
FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%temp\\_%'"""
WITH_ROWS = """
SELECT relnamespace::regnamespace::text, relname FROM pg_class
WHERE oid >= 16384 AND relkind = 'r' AND relname != %s AND pg_relation_size(oid) > 0"""
# What any user has of a server that is not hstql's own, for one who makes the tables.
USUAL_RIGHTS = (
    "GRANT ALL ON SCHEMA public TO {}",
    "GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO {}",
)
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"


class Databases:
    """The databases of the tests of one process.

    Parameters
    ----------
    server : EmbeddedPostgres
        Where they are.
    template : str
        The name of a database to copy.
    """

    def __init__(self, server: EmbeddedPostgres, template: str) -> None:
        self._server = server
        self._template = template
        self._numbers = count()
        self._clean: list[str] = []
        self._content = ""

    def take(self) -> str:
        """Return the name of a database that nobody uses, with all tables and no rows."""
        return self._clean.pop() if self._clean else self._copy_template()

    def open(self, name: str) -> Database:
        """Return a database by its name."""
        return Database(self._server.url(name))

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it if more than rows was changed."""
        try:
            with self._connect(name) as connection:
                if self._empty(connection.cursor()):
                    self._clean.append(name)
                    return
        except psycopg2.Error:
            pass  # a test may do to a database what it likes
        self.drop(name)

    def drop(self, name: str) -> None:
        """Remove a database."""
        with self._connect("postgres") as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.cursor().execute(drop.format(sql.Identifier(name)))

    def copy(self, template: str) -> str:
        """Copy a database that nobody uses; return the name of the copy."""
        name = f"test_{next(self._numbers)}"
        with self._connect("postgres") as connection:
            copy = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy")
            names = (sql.Identifier(one) for one in (name, OWNER, template))
            connection.cursor().execute(copy.format(*names))
        return name

    def _copy_template(self) -> str:
        name = self.copy(self._template)
        with self._connect(name) as connection:
            cursor = connection.cursor()
            self._content = _describe(cursor)
            assert not _find_tables_with_rows(cursor)
        return name

    def _empty(self, cursor: "psycopg2.extensions.cursor") -> bool:
        """Remove all rows; return whether the database is as a copy of the template is."""
        cursor.execute(f"SELECT pg_terminate_backend(pid, 10000) {OTHERS}")
        if _describe(cursor) != self._content:
            return False
        if tables := _find_tables_with_rows(cursor):
            names = sql.SQL(", ").join(sql.Identifier(*table) for table in tables)
            cursor.execute(sql.SQL("TRUNCATE {}").format(names))
        cursor.execute("SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence")
        return True

    @contextmanager
    def _connect(self, name: str) -> Iterator["psycopg2.extensions.connection"]:
        dsn = self._server.url("postgres", SUPERUSER).replace("+psycopg2", "")
        with closing(psycopg2.connect(dsn, dbname=name)) as connection:
            connection.autocommit = True
            yield connection


def open_as_superuser(database: Database) -> Database:
    """Return the same database for the superuser, who makes logins."""
    return Database(database.engine.url.set(username=SUPERUSER))


def open_for(address: URL | str) -> Database:
    """Return a database of which its only user asks questions, too."""
    return Database(address, lambda: make_url(address))


def _describe(cursor: "psycopg2.extensions.cursor") -> str:
    """Return what tells whether anything but rows was changed."""
    parts = [*(ROWS.format(catalog) for catalog in CATALOGS), RELATIONS, SCHEMAS]
    cursor.execute("SELECT " + ", ".join(f"({part})" for part in parts))
    return repr(cursor.fetchone())


def _find_tables_with_rows(cursor: "psycopg2.extensions.cursor") -> list[tuple[str, str]]:
    cursor.execute(WITH_ROWS, (VERSION_TABLE,))
    return cursor.fetchall()
