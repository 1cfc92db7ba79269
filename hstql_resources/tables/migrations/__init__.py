"""Bring a database to the present shape of the tables, step by step, with alembic.

A migration is a module in `versions`. It only adds, and never changes once it has landed. A new
one has the next number, and names its predecessor; tests compare the result with the models, and
upgrade homes of earlier days. What a column means is said in its model alone:
comments, and the views of the older systems, are brought after the migrations.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from hstql_resources.tables.migrations.baseline import (
    BASELINE,
    OLD_REVISIONS,
    find_difference,
)
from hstql_resources.tables.migrations.comments import read_version, write_comments

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = max(path.name[1:5] for path in (Path(__file__).parent / "versions").glob("v*.py"))
_LOCK = 0x6873_746C_0001  # any number that nobody else locks in the same database


class MigrationError(Exception):
    """A database that cannot be brought to `HEAD`; one sentence for the user."""


def upgrade(engine: Engine) -> None:
    """Bring the database to `HEAD`; any number of processes may do so at once.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of the database with hstql's own tables.

    Raises
    ------
    MigrationError
        If the database was written by a newer hstql, is older than the baseline and has other
        tables, or the user may not make a schema in it.
    """
    version, is_commented = _read_version(engine)
    if version == HEAD and is_commented:
        return
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if version == HEAD:
            write_comments(connection)
        else:
            _migrate(connection, version)


def configuration(connection: Connection) -> "Config":
    """Return the configuration of alembic for a connection."""
    from alembic.config import Config  # as slow as what `_migrate` imports

    config = Config()
    # The value is interpolated, so a % in a path must be doubled.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection, version: str | None) -> None:
    # Imported here because it takes longer than all that a database at `HEAD` needs.
    from alembic import command
    from alembic.util import CommandError

    if version in OLD_REVISIONS:
        _adopt(connection, version)
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise MigrationError(
            f"The tables were written by a newer hstql ({error}): update this one."
        ) from error


def _adopt(connection: Connection, version: str) -> None:
    """Take a database from before the baseline for one that is at it, if it is."""
    if missing := find_difference(connection):
        raise MigrationError(
            f"The tables are those of an earlier hstql (revision {version}, without {missing}), "
            "which this one cannot bring up to date: keep this home, and make a new one under "
            "another HSTQL_HOME."
        )
    connection.execute(
        text("UPDATE alembic_version SET version_num = :new WHERE version_num = :old"),
        {"new": BASELINE, "old": version},
    )


def _read_version(engine: Engine) -> tuple[str | None, bool]:
    try:
        with engine.connect() as connection:
            return read_version(connection)
    except ProgrammingError:
        return None, False  # No such table: a new database.
