"""Hold in the database which rows the login of the site may read and write.

Each table that the site knows gets row-level security: a policy that lets every other login do as
before, and one for the login of the site with the condition of `rules`. The owner of the tables is
never bound. What has been laid down is not laid down again, so that this can be called often: new
header tables come with new files.
"""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from importlib.resources import files
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection, text

from hstql_resources.postgres.database import Database
from hstql_resources.site.rules import RULES, WRITINGS, Writing, find_rule
from hstql_resources.tables.obscore import SCHEMA, VIEW

_LOCK = 0x6873_746C_0003  # any number that nobody else locks in the same database
_LOCK_LIMIT_S = 10
_OTHERS = "others"  # the policy for all other logins
_TABLES = text("""
SELECT relname, array_agg(attname::text) AS columns,
       (SELECT array_agg(polname::text) FROM pg_policy WHERE polrelid = relation.oid) AS policies
FROM pg_class AS relation
JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND pg_get_userbyid(relowner) = current_user AND (attname = 'rootname' OR relname = ANY(:known))
GROUP BY relation.oid
""")

_IS_SHOWN = text(
    "SELECT has_schema_privilege(:login, :schema, 'USAGE') "
    "AND has_table_privilege(:login, :view, 'SELECT')"
)


def prepare_access(database: Database, login: str) -> None:
    """Lay down functions, policies and grants where they are missing or are others.

    Parameters
    ----------
    database : Database
        Of the owner of the tables.
    login : str
        The login of the site.
    """
    with database.engine.begin() as connection:
        # Whoever waits for a table has all others wait behind: it is rather tried again.
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_LIMIT_S}s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        statements = [
            *_lay_down_functions(connection),
            *_lay_down_policies(connection, login),
            *_show_views(connection, login),
        ]
        for statement in statements:
            _run(connection, statement, login)


def _run(connection: Connection, statement: str, login: str) -> None:
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(sql.SQL(statement).format(login=sql.Identifier(login)))


def _lay_down_functions(connection: Connection) -> list[str]:
    source = files("hstql_resources.site").joinpath("access.sql").read_text()
    source = source.replace("{observation}", RULES["observations"])
    digest = _digest(source)
    noted = connection.scalar(
        text("SELECT obj_description(to_regprocedure('site_sees_all()'), 'pg_proc')")
    )
    if noted == digest:
        return []
    body = source.replace("{", "{{").replace("}", "}}")
    return [body, f"COMMENT ON FUNCTION site_sees_all() IS '{digest}'"]


def _lay_down_policies(connection: Connection, login: str) -> list[str]:
    found = connection.execute(_TABLES, {"known": [*RULES, *WRITINGS]})
    return [
        statement
        for row in found
        for statement in _statements(row.relname, frozenset(row.columns), row.policies or (), login)
    ]


def _show_views(connection: Connection, login: str) -> list[str]:
    """Return how ObsCore is granted, through which a person sees what they see of its tables."""
    if connection.scalar(_IS_SHOWN, {"login": login, "schema": SCHEMA, "view": VIEW}):
        return []
    return [
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {{login}}",
        f"GRANT SELECT ON {VIEW} TO {{login}}",
    ]


def _statements(table: str, columns: frozenset[str], policies: Any, login: str) -> Iterator[str]:
    rule, writing = find_rule(table, columns), WRITINGS.get(table)
    if rule is None:
        return
    name = f"site_{_digest(rule, str(writing), login)}"
    if name in policies:
        return
    quoted = '"' + table.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'
    for old in policies:
        yield f'DROP POLICY "{old}" ON {quoted}'
    yield f"ALTER TABLE {quoted} ENABLE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {_OTHERS} ON {quoted} USING (true) WITH CHECK (true)"
    yield _policy(name, quoted, "SELECT", f"USING ({_braced(rule)})")
    yield f"GRANT SELECT ON {quoted} TO {{login}}"
    if writing is not None:
        yield from _allow_writing(table, writing)


def _allow_writing(table: str, writing: Writing) -> Iterator[str]:
    yield _policy("site_insert", table, "INSERT", f"WITH CHECK ({_braced(writing.may_insert)})")
    yield f"GRANT INSERT ({', '.join(writing.inserts)}) ON {table} TO {{login}}"
    if writing.updates:
        held = f"USING ({_braced(writing.may_update)}) WITH CHECK ({_braced(writing.becomes)})"
        yield _policy("site_update", table, "UPDATE", held)
        yield f"GRANT UPDATE ({', '.join(writing.updates)}) ON {table} TO {{login}}"
    if writing.may_delete:
        held = f"USING ({_braced(writing.may_delete)})"
        yield _policy("site_delete", table, "DELETE", held)
        yield f"GRANT DELETE ON {table} TO {{login}}"


def _policy(name: str, table: str, event: str, held: str) -> str:
    return f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {event} TO {{login}} {held}"


def _braced(condition: str) -> str:
    return condition.replace("{", "{{").replace("}", "}}")


def _digest(*texts: str) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:12]
