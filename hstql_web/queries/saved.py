"""Ask for the lists that people gave a name, and save and remove them."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select, update

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import SavedQuery

MOST_LISTED = 500


def list_saved(connection: Connection, person: str) -> Sequence[AnyRow]:
    """Return the lists that were saved: those of a person first, then by name."""
    one = SavedQuery.__table__
    statement = select(one).where(one.c.removed_at.is_(None))
    ordered = statement.order_by(one.c.person != person, func.lower(one.c.name), one.c.id)
    return connection.execute(ordered.limit(MOST_LISTED)).all()


def save(connection: Connection, name: str, person: str, address: str) -> None:
    """Save a list."""
    values = {"name": name, "person": person, "address": address}
    connection.execute(insert(SavedQuery).values(values))


def remove(connection: Connection, number: int) -> bool:
    """Remove a list; return whether it stood, and the person may."""
    one = SavedQuery
    statement = update(one).where(one.id == number, one.removed_at.is_(None))
    return connection.execute(statement.values(removed_at=func.now())).rowcount == 1
