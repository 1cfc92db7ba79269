"""Ask which commands were given, and where their logs are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from hstql_resources import tables
from hstql_resources.site.rows import AnyRow


def list_commands(
    connection: Connection, most: int, before: datetime | None = None
) -> Sequence[AnyRow]:
    """Return the last commands, those that began before a time."""
    one = tables.Run.__table__
    statement = select(one).order_by(one.c.started_at.desc()).limit(most)
    if before is not None:
        statement = statement.where(one.c.started_at < before)
    return connection.execute(statement).all()


def find_command(connection: Connection, name: str) -> AnyRow | None:
    """Return a command by its name."""
    one = tables.Run.__table__
    return connection.execute(select(one).where(one.c.id == name)).first()
