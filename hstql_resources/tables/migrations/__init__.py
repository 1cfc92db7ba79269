"""Bringing a database to the present shape of the tables, step by step, with alembic.

A migration is a module in `versions`, and never changes once it was released. A new one has the
next number, names its predecessor, and is put in `HEAD`; a test compares the result with the
models.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0012"
_LOCK = 0x6873_746C_0001  # any number that nobody else locks in the same database


class MigrationError(Exception):
    """A database that cannot be brought to `HEAD`; one sentence for the user."""


class NewerDatabaseError(MigrationError):
    """A database whose last migration is not known here."""


class MissingRightError(MigrationError):
    """A database in which this user may not make what is needed."""


def upgrade(engine: Engine) -> None:
    """Bring the database to `HEAD`; any number of processes may do so at once.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of the database with hstql's own tables.

    Raises
    ------
    NewerDatabaseError
        If the database was written by a newer hstql.
    MissingRightError
        If the user may not make a schema in it.
    """
    if _version(engine) == HEAD:
        return
    # Imported here because it takes longer than the whole check above.
    from alembic import command
    from alembic.util import CommandError

    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        try:
            command.upgrade(configuration(connection), "head")
        except CommandError as error:
            raise NewerDatabaseError(
                f"The tables were written by a newer hstql ({error}): update this one."
            ) from error


def configuration(connection: Connection) -> "Config":
    """Return the configuration of alembic for a connection."""
    from alembic.config import Config

    config = Config()
    # The value is interpolated, so a % in a path must be doubled.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _version(engine: Engine) -> str | None:
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        return None  # No such table: a new database.
    return None if version is None else str(version)
