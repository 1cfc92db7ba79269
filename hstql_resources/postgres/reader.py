"""Find the login by which users' own questions are asked: it reads what is for users, no more.

The embedded server brings it along. On an external server somebody with the right has made it and
HSTQL_READER_URL names it, or hstql makes it, if it may; its password is then kept in the home. What
it may read is given to it here, by the owner of the tables.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from psycopg2 import sql
from psycopg2.errors import DuplicateObject, InsufficientPrivilege
from pydantic import SecretStr
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


@dataclass(frozen=True)
class Login:
    """A login beside that of the owner.

    Attributes
    ----------
    name : str
        Of the login.
    variable : str
        The setting that can name its address.
    file : str
        In the home, with its password where hstql made it.
    purpose : str
        What it is for: the end of a sentence.
    """

    name: str
    variable: str
    file: str
    purpose: str

    @property
    def how_to_name_one(self) -> str:
        """What an administrator can do, as the end of a sentence."""
        return (
            f"let an administrator run CREATE ROLE {self.name} LOGIN PASSWORD '...', and set "
            f"{self.variable} to the address with that login; see docs/database.md"
        )


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
    login = Login(READER, "HSTQL_READER_URL", "reader.pass", "questions are asked")
    reader = find_login(settings, owner, login, settings.reader_url)
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


def find_login(settings: Settings, owner: URL, login: Login, given: SecretStr | None) -> URL:
    """Return the address of a login on an external server: the one given, or one made here.

    Raises
    ------
    SettingsError
        If it may do more than it is for, or none can be made.
    """
    if given is not None:
        address = external_url(given.get_secret_value(), login.variable)
        with connect(address, login.variable) as cursor:
            cursor.execute(_IS_POWERFUL, (owner.username,))
            if cursor.fetchone() != (False,):
                raise SettingsError(
                    f"{login.variable} names a login that may do more than read: "
                    f"{login.how_to_name_one}."
                )
        return with_usual_options(address)
    file = settings.home / login.file
    try:
        if not file.exists():
            _make_login(owner, login, file)
        return owner.set(username=login.name, password=file.read_text().strip())
    except OSError as error:
        raise SettingsError(
            f"The password of {login.name} in {file} cannot be used: {error.strerror}."
        ) from None


def _make_login(owner: URL, login: Login, file: Path) -> None:
    password = secrets.token_urlsafe(32)
    statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
        sql.Identifier(login.name), sql.Literal(password)
    )
    with connect(owner) as cursor:
        try:
            cursor.execute(statement)
        except InsufficientPrivilege:
            raise SettingsError(
                f"The database user {owner.username} may not make the login {login.name}, by which "
                f"{login.purpose}: {login.how_to_name_one}."
            ) from None
        except DuplicateObject:
            raise SettingsError(
                f"The login {login.name}, by which {login.purpose}, was not made from here: set "
                f"{login.variable} to the address with its password; see docs/database.md."
            ) from None
        # Before it is there: a login whose password nobody knows is of no use.
        write_closed(file, f"{password}\n", file.parent.stat())
