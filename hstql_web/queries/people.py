"""Ask who may what on the site, and write it; that only administrators do is for the database."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from hstql_resources.site.rows import AnyRow
from hstql_resources.tables import Person, ProposalAccess
from hstql_web.queries.program_keys import revoke_keys


def list_people(connection: Connection) -> Sequence[AnyRow]:
    """Return all people who are let in."""
    one = Person.__table__
    return connection.execute(select(one).order_by(one.c.person)).all()


def list_access(connection: Connection) -> Sequence[AnyRow]:
    """Return who may see which proposals before their release."""
    one = ProposalAccess.__table__
    return connection.execute(select(one).order_by(one.c.person, one.c.proposal_id)).all()


def write_person(
    connection: Connection, person: str, role: str, by: str, *, sees_everything: bool
) -> None:
    """Let somebody in, or change what they may."""
    values = {"role": role, "sees_everything": sees_everything, "changed_by": by}
    statement = insert(Person).values(person=person, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["person"], set_={**values, "changed_at": func.now()}
        )
    )


def remove_person(connection: Connection, person: str) -> None:
    """Let somebody in no more, nor their programs; what they wrote stays."""
    revoke_keys(connection, person)
    connection.execute(delete(ProposalAccess).where(ProposalAccess.person == person))
    connection.execute(delete(Person).where(Person.person == person))


def grant(connection: Connection, person: str, proposals: Sequence[int], by: str) -> None:
    """Let somebody see proposals before their release."""
    rows = [{"person": person, "proposal_id": one, "granted_by": by} for one in proposals]
    connection.execute(insert(ProposalAccess).values(rows).on_conflict_do_nothing())


def withdraw(connection: Connection, person: str, proposal: int) -> None:
    """Let somebody see a proposal before its release no more."""
    one = ProposalAccess
    connection.execute(delete(one).where(one.person == person, one.proposal_id == proposal))
