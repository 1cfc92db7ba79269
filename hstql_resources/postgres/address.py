"""Give the addresses of the two databases: hstql's own, and that of Dagster's storage.

The embedded server is `server`; here it is decided between that and HSTQL_DATABASE_URL, and an
external server is tried once, so that a wrong setting is refused before any work.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from hstql_resources.postgres.presence import connection_name
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import DAGSTER_DATABASE, DATABASE
from hstql_resources.settings import Settings, SettingsError

DAGSTER_SCHEMA = "dagster"
CONNECT_LIMIT_S = 4

# A crash may lose the last fraction of a second of Dagster's event log. What was made is recorded
# in hstql's own tables, which do wait for the disk, so the loss is harmless, and a run that writes
# thousands of small events does not wait for the disk after each.
_UNHURRIED = "-csynchronous_commit=off"
# Dagster writes times without a zone, by the server's clock, and reads them as UTC.
_UTC = "-ctimezone=UTC"
# A writer that was stopped in mid-transaction would hold up all others for ever.
_NEVER_IDLE = "-cidle_in_transaction_session_timeout=10min"
# Postgres looks first into a schema with the name of the user. For a user called hstlc that would
# be the schema of views, and bad_data a view that takes no rows.
_TABLES_SCHEMA = "-csearch_path=public"


def database_url(settings: Settings) -> URL:
    """Return the address of hstql's own tables; the embedded server is started if needed.

    Parameters
    ----------
    settings : Settings
        Of which `database_url` and `home` are used.

    Returns
    -------
    sqlalchemy.URL
        For the driver psycopg2.

    Raises
    ------
    SettingsError
        If the server cannot be reached or started; one sentence without the password.
    """
    if settings.database_url is None:
        url = make_url(EmbeddedPostgres(settings.home).url(DATABASE))
    else:
        url = external_url(settings.database_url.get_secret_value())
        with connect(url):
            pass
        url = _with_name(url)
    return with_usual_options(url)


def dagster_database_url(settings: Settings) -> URL:
    """Return the address of Dagster's storage: a database, or on an external server a schema.

    Parameters, errors and result are those of `database_url`.
    """
    if settings.database_url is None:
        url = make_url(EmbeddedPostgres(settings.home).url(DAGSTER_DATABASE))
        return _with_options(url, _UNHURRIED)
    url = external_url(settings.database_url.get_secret_value())
    with connect(url) as cursor:
        # Two processes that create a schema at the same moment fail in spite of IF NOT EXISTS.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hstql schema'))")
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {DAGSTER_SCHEMA}")
    # No public in the path: hstql and Dagster both have tables `runs` and `alembic_version`.
    return _with_options(_with_name(url), _UNHURRIED, _UTC, f"-csearch_path={DAGSTER_SCHEMA}")


def render_address(url: URL, *, hide_password: bool) -> str:
    """Return an address as psql and libpq read it.

    They take a plus sign in it for itself, where SQLAlchemy means a space.
    """
    text = url.set(drivername="postgresql").render_as_string(hide_password=hide_password)
    place, mark, query = text.partition("?")
    return place + mark + query.replace("+", "%20")


def external_url(text: str, variable: str = "HSTQL_DATABASE_URL") -> URL:
    """Return the address that a setting names, for the driver psycopg2.

    Raises
    ------
    SettingsError
        If it is none of a Postgres.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise SettingsError(
            f"{variable} is not an address such as postgresql://user:password@host/database."
        ) from None
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"{variable} names a {url.get_backend_name()} database: only postgresql:// can be used."
        )
    url = url.set(drivername="postgresql+psycopg2")
    if "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(CONNECT_LIMIT_S)})


def with_usual_options(url: URL) -> URL:
    """Return an address with what every connection to hstql's own tables has."""
    is_chosen = "search_path" in str(url.query.get("options", ""))
    return _with_options(url, _NEVER_IDLE, *([] if is_chosen else [_TABLES_SCHEMA]))


@contextmanager
def connect(
    url: URL, variable: str = "HSTQL_DATABASE_URL"
) -> Iterator["psycopg2.extensions.cursor"]:
    """Yield a cursor in a transaction on the server that a setting names.

    Raises
    ------
    SettingsError
        If the server refuses, or does not answer.
    """
    dsn = render_address(url, hide_password=False)
    try:
        with (
            closing(psycopg2.connect(dsn)) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            yield cursor
    except psycopg2.Error as error:
        reason = " ".join(str(error).split()).rstrip(".")
        if url.password:
            reason = reason.replace(str(url.password), "***")
        raise SettingsError(
            f"The database of {variable}, {url.render_as_string(hide_password=True)}, "
            f"cannot be used: {reason}."
        ) from error


def _with_name(url: URL) -> URL:
    """Let connections bear the name of this process, on a server that hosts share."""
    return url.update_query_dict({"application_name": connection_name()})


def _with_options(url: URL, *options: str) -> URL:
    given = url.query.get("options", ())
    given = (given,) if isinstance(given, str) else given
    return url.update_query_dict({"options": " ".join((*given, *options))})
