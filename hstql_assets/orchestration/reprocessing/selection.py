"""Select which exposures are reprocessed: by name, proposal, condition, or all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Integer

from hstql_assets.batching.decisions import any_of
from hstql_assets.orchestration.planning import PlanError
from hstql_resources import tables
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import QueryError

HOW_TO_CHOOSE = "Say what is to be reprocessed: --rootname, --proposal, --where or --all."


@dataclass(frozen=True)
class Choice:
    """What the user named; every condition that is given has to hold.

    Attributes
    ----------
    rootnames : tuple of str
        One of these exposures and associations.
    proposals : tuple of int
        Of one of these proposals.
    where : str or None
        What holds for its row of `observations`, in SQL.
    is_everything : bool
        No condition is meant. Without it there has to be one.
    """

    rootnames: tuple[str, ...] = ()
    proposals: tuple[int, ...] = ()
    where: str | None = None
    is_everything: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was named."""
        has_condition = self.rootnames or self.proposals or self.where is not None
        return not has_condition and not self.is_everything


@dataclass(frozen=True)
class Chosen:
    """Registered keys.

    Attributes
    ----------
    keys : frozenset of str
        All that are reprocessed.
    brought : tuple of str
        Those of them that no condition chose: associations of exposures that were chosen.
    """

    keys: frozenset[str]
    brought: tuple[str, ...] = ()


def choose(database: Database, registered: Iterable[str], choice: Choice) -> Chosen:
    """Return the keys that hold all conditions, with the associations that they belong to.

    The products of an association come from its members, so a member brings it. An association
    does not bring its members.

    Raises
    ------
    PlanError
        If nothing was named, a proposal is unknown, or the database refuses the condition.
    """
    if choice.is_empty:
        raise PlanError(HOW_TO_CHOOSE)
    known = frozenset(registered)
    keys = known
    if choice.rootnames:
        keys &= frozenset(choice.rootnames)
    if choice.proposals:
        keys &= _find_of_proposals(database, choice.proposals)
    if choice.where is not None:
        keys &= _find_where(database, choice.where)
    brought = (_find_associations(database, keys) & known) - keys
    return Chosen(keys | brought, tuple(sorted(brought)))


def _find_of_proposals(database: Database, proposals: tuple[int, ...]) -> frozenset[str]:
    row = tables.Observation
    numbers = any_(literal(list(proposals), ARRAY(Integer)))
    found: Mapping[str, int] = {
        str(one.rootname): one.proposal_id
        for one in database.read(
            select(row.rootname, row.proposal_id).where(row.proposal_id == numbers)
        )
    }
    for proposal in proposals:
        if proposal not in found.values():
            raise PlanError(f"There is no observation of proposal {proposal} in the database.")
    return frozenset(found)


def _find_where(database: Database, where: str) -> frozenset[str]:
    """Return what a condition of the user chooses; it is asked as `hstql query` asks."""
    # The bracket stands on a line of its own, for the condition may end in a comment.
    query = f"SELECT rootname FROM observations WHERE (\n{where}\n)"  # noqa: S608, read only
    try:
        answer = database.query_read_only(query)
    except QueryError as error:
        raise PlanError(f"The condition {where!r} cannot be used. {error}") from None
    return frozenset(str(row[0]) for row in answer.rows)


def _find_associations(database: Database, keys: frozenset[str]) -> frozenset[str]:
    row = tables.Observation
    statement = (
        select(row.association)
        .where(row.rootname == any_of(sorted(keys)), row.association.is_not(None))
        .distinct()
    )
    return frozenset(str(one.association) for one in database.read(statement))
