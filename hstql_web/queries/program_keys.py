"""Ask for the keys of a person's programs, and write them; a key itself is kept nowhere."""

import secrets
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select, update

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import ProgramKey

MOST_KEYS = 20  # that hold, of a person
_BEGINS = "hstql_"  # so that programs which look for secrets in files can tell it


def digest_key(key: str) -> str:
    """Return what is kept of a key. It has 256 random bits: there is nothing to guess by trying."""
    return sha256(key.encode()).hexdigest()


def list_keys(connection: Connection, person: str) -> Sequence[AnyRow]:
    """Return the keys of a person that hold, the last first."""
    one = ProgramKey.__table__
    statement = select(one.c.id, one.c.name, one.c.made_at).where(
        one.c.person == person, one.c.revoked_at.is_(None)
    )
    return connection.execute(statement.order_by(one.c.id.desc())).all()


def make_key(connection: Connection, person: str, name: str) -> str:
    """Make a key for the programs of a person; return it, for it cannot be read again."""
    key = _BEGINS + secrets.token_urlsafe(32)
    values = {"person": person, "name": name, "digest": digest_key(key)}
    connection.execute(insert(ProgramKey).values(values))
    return key


def revoke_keys(connection: Connection, person: str, number: int | None = None) -> int:
    """Have a key of a person hold no more, or all of them; return how many held."""
    one = ProgramKey
    statement = update(one).where(one.person == person, one.revoked_at.is_(None))
    if number is not None:
        statement = statement.where(one.id == number)
    return connection.execute(statement.values(revoked_at=func.now())).rowcount
