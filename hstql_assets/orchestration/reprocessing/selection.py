"""Select which exposures are reprocessed: as every command does, by a condition in SQL, or all."""

from dataclasses import dataclass, field

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of
from hstql_assets.orchestration.planning import PlanError, Selection
from hstql_assets.orchestration.selection import Registered, select_keys
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.postgres.database import Database
from hstql_resources.postgres.read_only_query import QueryError

HOW_TO_CHOOSE = (
    "Say what is to be reprocessed: --rootname, --target, --proposal, --instrument, --since, "
    "--where or --all."
)
NOTHING = "Nothing is selected: of what is registered no exposure holds all conditions."


@dataclass(frozen=True)
class Choice:
    """What the user named; every condition that is given has to hold.

    Attributes
    ----------
    selection : Selection
        Conditions that every command takes.
    where : str or None
        What holds for its row of `observations`, in SQL.
    is_everything : bool
        No condition is meant. Without it there has to be one.
    """

    selection: Selection = field(default_factory=Selection)
    where: str | None = None
    is_everything: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was named."""
        return self.selection.is_empty and self.where is None and not self.is_everything


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


def choose(database: Database, archive: Archive, registered: Registered, choice: Choice) -> Chosen:
    """Return the keys that hold all conditions, with the associations that they belong to.

    The products of an association come from its members, so a member brings it. An association
    does not bring its members.

    Raises
    ------
    PlanError
        If nothing was named, a name is unknown, or the database refuses the condition.
    """
    if choice.is_empty:
        raise PlanError(HOW_TO_CHOOSE)
    known = keys = registered.exposures
    if not choice.selection.is_empty:
        keys &= select_keys(database, archive, registered, choice.selection).exposures
    if choice.where is not None:
        keys &= _find_where(database, choice.where)
    brought = (_find_associations(database, keys) & known) - keys
    return Chosen(keys | brought, tuple(sorted(brought)))


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
