"""Find the login by which users' own questions are asked: it reads what is for users, no more.

The embedded server brings it along. On an external server somebody with the right has made it and
HSTQL_READER_URL names it, or hstql makes it, if it may; its password is then kept in the home. What
it may read is given to it here, by the owner of the tables.
"""

import secrets
from pathlib import Path

from psycopg2 import sql
from psycopg2.errors import DuplicateObject, InsufficientPrivilege
from sqlalchemy import URL

from hstql_resources.postgres.address import (
    DAGSTER_SCHEMA,
    connect,
    database_url,
    external_url,
    with_usual_options,
)
from hstql_resources.postgres.server_access import READER, write_closed
from hstql_resources.settings import Settings, SettingsError

HOW_TO_NAME_ONE = (
    "let an administrator run CREATE ROLE hstql_reader LOGIN PASSWORD '...', and set "
    "HSTQL_READER_URL to the address with that login; see docs/database.md"
)
_VARIABLE = "HSTQL_READER_URL"
_FILE = "reader.pass"
_IS_POWERFUL = """
SELECT rolsuper OR rolcreaterole OR coalesce(pg_has_role(to_regrole(%s), 'MEMBER'), false)
FROM pg_roles WHERE rolname = current_user
"""

# Of the schemas with something that is owned here, but those of Dagster.
_RELATIONS = """
    SELECT relation.oid, nspname, relname, relkind = 'S' AS is_sequence
    FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE relowner = current_user::regrole AND relkind IN ('r', 'p', 'v', 'm', 'S')
      AND nspname !~ '^pg_' AND nspname <> {dagster}
"""
_IS_GRANTED = f"""
SELECT coalesce(bool_and(has_schema_privilege({{reader_name}}, nspname, 'USAGE')
                         AND has_table_privilege({{reader_name}}, oid, 'SELECT')), false)
FROM ({_RELATIONS}) AS found
"""  # noqa: S608, made of our own words
_GRANT = f"""
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {{reader}};
ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO {{reader}};
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT DISTINCT nspname FROM ({_RELATIONS}) AS found LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', one.nspname, {{reader_name}});
    END LOOP;
    FOR one IN {_RELATIONS} LOOP
        EXECUTE format('GRANT SELECT ON %I.%I TO %I', one.nspname, one.relname, {{reader_name}});
    END LOOP;
END $$
"""  # noqa: S608, made of our own words


def reader_url(settings: Settings) -> URL:
    """Return the address of hstql's own tables for the login that can only read.

    Parameters
    ----------
    settings : Settings
        Of which `database_url`, `reader_url` and `home` are used.

    Raises
    ------
    SettingsError
        If there is no such login, and none can be made.
    """
    owner = database_url(settings)
    if settings.database_url is None:
        return owner.set(username=READER)
    reader = _find_reader(settings, owner)
    names: dict[str, sql.Composable] = {
        "reader": sql.Identifier(str(reader.username)),
        "reader_name": sql.Literal(str(reader.username)),
        "dagster": sql.Literal(DAGSTER_SCHEMA),
    }
    with connect(owner) as cursor:
        cursor.execute(sql.SQL(_IS_GRANTED).format(**names))
        if cursor.fetchone() != (True,):
            cursor.execute(sql.SQL(_GRANT).format(**names))
    return reader


def _find_reader(settings: Settings, owner: URL) -> URL:
    if settings.reader_url is not None:
        reader = external_url(settings.reader_url.get_secret_value(), _VARIABLE)
        with connect(reader, _VARIABLE) as cursor:
            cursor.execute(_IS_POWERFUL, (owner.username,))
            if cursor.fetchone() != (False,):
                raise SettingsError(
                    f"{_VARIABLE} names a login that may do more than read: {HOW_TO_NAME_ONE}."
                )
        return with_usual_options(reader)
    file = settings.home / _FILE
    try:
        if not file.exists():
            _make_login(owner, file)
        return owner.set(username=READER, password=file.read_text().strip())
    except OSError as error:
        raise SettingsError(
            f"The password of {READER} in {file} cannot be used: {error.strerror}."
        ) from None


def _make_login(owner: URL, file: Path) -> None:
    password = secrets.token_urlsafe(32)
    login = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
        sql.Identifier(READER), sql.Literal(password)
    )
    with connect(owner) as cursor:
        try:
            cursor.execute(login)
        except InsufficientPrivilege:
            raise SettingsError(
                f"The database user {owner.username} may not make the login {READER}, by which "
                f"questions are asked: {HOW_TO_NAME_ONE}."
            ) from None
        except DuplicateObject:
            raise SettingsError(
                f"The login {READER}, by which questions are asked, was not made from here: set "
                "HSTQL_READER_URL to the address with its password; see docs/database.md."
            ) from None
        # Before it is there: a login whose password nobody knows is of no use.
        write_closed(file, f"{password}\n", file.parent.stat())
