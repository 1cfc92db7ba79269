"""List exposures: by what they are chosen, how they are sorted, a page at a time.

A page begins behind the last row of the one before it, by the values of that row: the thousandth
page is as quick as the first. Rows without a value come last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    any_,
    exists,
    func,
    literal,
    or_,
    select,
)

from hstql_resources import tables
from hstql_resources.filenames import INSTRUMENTS, letter_of
from hstql_resources.postgres.cones import within
from hstql_resources.site.rows import AnyRow
from hstql_resources.sky import Cone
from hstql_resources.times import day_to_mjd
from hstql_web.queries.middles import find_by_middles, list_asked
from hstql_web.queries.terms import Term, any_of, conditions_of

OBSERVATION = tables.Observation
SORTS = {
    "exp_start_mjd": OBSERVATION.exp_start_mjd,
    "rootname": OBSERVATION.rootname,
    "proposal_id": OBSERVATION.proposal_id,
    "target_name": OBSERVATION.target_name,
    "exp_time_s": OBSERVATION.exp_time_s,
    "detector": OBSERVATION.detector,
    "filter": OBSERVATION.filter,
    "first_ingest_date": OBSERVATION.first_ingest_date,
}
LOOKS = ("yes", "no")
MOST_COUNTED = 5_000  # beyond, a list says that there are more


@dataclass(frozen=True)
class Choice:
    """Which exposures; of several conditions all have to hold.

    Attributes
    ----------
    instrument, detector, proposal, visit, target, rootname, filter, opt_elem : tuple
        One of these values; in texts * is any run of characters, and ? is one.
    begin, end : date, optional
        The days between which they began, both included, UTC.
    anomaly : tuple of str
        Kinds of anomaly of which one was flagged; `any` for any.
    looked : str, optional
        Whether the person has looked at them, `yes` or `no`.
    comes_since : date, optional
        Since when hstql has them.
    cone : Cone, optional
        Where on the sky they point.
    fields : tuple of Term
        Conditions on columns of observations that have a field in the form.
    where : tuple of Term
        Conditions on any column.
    """

    instrument: tuple[str, ...] = ()
    detector: tuple[str, ...] = ()
    proposal: tuple[int, ...] = ()
    visit: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    rootname: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    opt_elem: tuple[str, ...] = ()
    begin: date | None = None
    end: date | None = None
    comes_since: date | None = None
    anomaly: tuple[str, ...] = ()
    looked: str | None = None
    cone: Cone | None = None
    fields: tuple[Term, ...] = ()
    where: tuple[Term, ...] = ()

    def to_query(self) -> dict[str, object]:
        """Return the conditions as they stand in an address."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        if self.cone is not None:
            values["cone"] = write_cone(self.cone)
        values["where"] = tuple(term.text for term in self.where)
        for term in values.pop("fields"):
            values[term.key.name] = (*values.get(term.key.name, ()), term.written)
        return {name: value for name, value in values.items() if value not in (None, ())}


def write_cone(cone: Cone) -> str:
    """Return a cone as people write it: its centre in degrees, and its radius in arcsec."""
    return f"{cone.ra_deg:.15g} {cone.dec_deg:.15g} {cone.radius_deg * 3600:.15g}"


class Order(NamedTuple):
    """How a list is sorted.

    Attributes
    ----------
    column : str
        One of `SORTS`.
    is_descending : bool
        Whether the largest value comes first.
    """

    column: str = "exp_start_mjd"
    is_descending: bool = True


class Place(NamedTuple):
    """A row of a list, behind or before which something is looked for.

    Attributes
    ----------
    value : object
        Of the column that the list is sorted by, None where it has none.
    rootname : str
        Which tells rows of the same value apart.
    """

    value: Any
    rootname: str


def conditions(
    choice: Choice, person: str, *, flags_first: bool = False
) -> list[ColumnElement[bool]]:
    """Return what the exposures of a choice fulfil.

    Parameters
    ----------
    choice : Choice
        Which exposures.
    person : str
        Who asks, for what they have looked at.
    flags_first : bool
        Whether flags are read before exposures, rather than for one exposure after the other.
    """
    one = OBSERVATION
    found: list[ColumnElement[bool]] = [
        any_of(getattr(one, column), values) for column, values in _list_values(choice)
    ]
    if choice.cone:
        found.append(within(choice.cone, one.sky_cell, one.ra_deg, one.dec_deg))
    found += conditions_of((*choice.fields, *choice.where), one.rootname)
    if choice.begin:
        found.append(one.exp_start_mjd >= float(day_to_mjd(choice.begin)))
    if choice.end:
        found.append(one.exp_start_mjd < float(day_to_mjd(choice.end) + 1))
    if choice.comes_since:
        found.append(one.first_ingest_date >= datetime.combine(choice.comes_since, time(), UTC))
    if choice.anomaly:
        flagged = _flagged(choice)
        # Of names that differ the planner may begin with those.
        found.append(one.rootname.in_(flagged.distinct() if flags_first else flagged))
    if choice.looked in LOOKS:
        look = tables.Look
        looked = exists().where(
            look.rootname == one.rootname, look.person == person, look.withdrawn_at.is_(None)
        )
        found.append(looked if choice.looked == "yes" else ~looked)
    return found


def _list_values(choice: Choice) -> list[tuple[str, tuple[Any, ...]]]:
    """Return columns of observations with the values of which they have to have one."""
    names = {one: one for one in ("instrument", "detector", "visit", "target", "rootname", "filter",
                                  "opt_elem")} | {"proposal": "proposal_id"}  # fmt: skip
    return [(column, values) for name, column in names.items() if (values := getattr(choice, name))]


def _flagged(choice: Choice) -> Select[str]:
    flag = tables.AnomalyFlag
    statement = select(flag.rootname).where(flag.unset_at.is_(None))
    if "any" not in choice.anomaly:
        statement = statement.where(flag.kind.in_(choice.anomaly))
    if {*choice.instrument} <= {*INSTRUMENTS.values()}:
        # An index has the names of each kind, and the first letter is that of the instrument.
        letters = [letter_of(one) for one in choice.instrument]
        name = flag.rootname
        begins = [and_(name >= one, name < chr(ord(one) + 1)) for one in letters]
        statement = statement.where(or_(*begins)) if begins else statement
    return statement


def _narrow(
    connection: Connection, choice: Choice, person: str, total: int | None = None
) -> list[ColumnElement[bool]]:
    """Return what the exposures of a list fulfil, so that a page of it is found quickly.

    Postgres goes through all exposures in the order of the list until it has a page. Where few are
    in it, that may be all there are: then these few are found first, whatever the order. How many
    there are, of those choices of which it matters, is counted if it is not known.
    """
    if replace(choice, instrument=(), detector=()) == Choice():
        return conditions(choice, person)  # with an index in the usual order
    if total is None:
        total = count(connection, choice, person)
    if total > MOST_COUNTED:
        return conditions(choice, person)
    few = _select_names(connection, choice, person).correlate(None).scalar_subquery()
    return [OBSERVATION.rootname == any_(func.array(few, type_=ARRAY(Text)))]


def read_list(
    connection: Connection,
    choice: Choice,
    person: str,
    order: Order,
    limit: int,
    after: Place | None = None,
    total: int | None = None,
) -> Sequence[AnyRow]:
    """Return some rows of a list: observations from its beginning, or behind a place.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        The transaction of a person.
    choice : Choice
        Which exposures.
    person : str
        Who asks, for what they have looked at.
    order : Order
        How the list is sorted.
    limit : int
        How many rows at most.
    after : Place, optional
        The row behind which to begin.
    total : int, optional
        As `count` returns it, where it was counted already.
    """
    column, found = SORTS[order.column], _narrow(connection, choice, person, total)
    rows: list[AnyRow] = []
    if after is None or after.value is not None:
        valued = select(OBSERVATION.__table__).where(*found, column.is_not(None))
        if after is not None:
            valued = valued.where(_is_behind(column, order, after))
        rows += connection.execute(_sorted(valued, column, order).limit(limit))
    if len(rows) < limit and column is not OBSERVATION.rootname:
        others = select(OBSERVATION.__table__).where(*found, column.is_(None))
        if after is not None and after.value is None:
            others = others.where(_is_behind_name(order, after))
        rows += connection.execute(_sorted(others, None, order).limit(limit - len(rows)))
    return rows


def _is_behind_name(order: Order, place: Place) -> ColumnElement[bool]:
    name = OBSERVATION.rootname
    return name < place.rootname if order.is_descending else name > place.rootname


def _is_behind(column: Any, order: Order, place: Place) -> ColumnElement[bool]:
    is_further = column < place.value if order.is_descending else column > place.value
    at_most = column <= place.value if order.is_descending else column >= place.value
    return and_(at_most, or_(is_further, _is_behind_name(order, place)))


def _sorted(statement: Select[Any], column: Any, order: Order) -> Select[Any]:
    columns = [OBSERVATION.rootname] if column is None else [column, OBSERVATION.rootname]
    return statement.order_by(
        *(one.desc() if order.is_descending else one.asc() for one in columns)
    )


def find_neighbours(
    connection: Connection, choice: Choice, person: str, order: Order, rootname: str
) -> tuple[str | None, str | None]:
    """Return the names before and behind an exposure in a list, None at its ends."""
    place = find_place(connection, order, rootname)
    if place is None:
        return None, None
    total = None if choice == Choice() else count(connection, choice, person)
    following = read_list(connection, choice, person, order, 1, place, total)
    before = _read_before(connection, _narrow(connection, choice, person, total), order, place)
    return before, following[0].rootname if following else None


def find_place(connection: Connection, order: Order, rootname: str) -> Place | None:
    """Return where an exposure stands in a list that is sorted so."""
    statement = select(SORTS[order.column]).where(OBSERVATION.rootname == rootname)
    row = connection.execute(statement).first()
    return None if row is None else Place(row[0], rootname)


def _read_before(
    connection: Connection, found: list[ColumnElement[bool]], order: Order, place: Place
) -> str | None:
    column = SORTS[order.column]
    turned = order._replace(is_descending=not order.is_descending)
    name = select(OBSERVATION.rootname).where(*found)
    if place.value is None:
        nameless = name.where(column.is_(None), _is_behind_name(turned, place))
        before: str | None = connection.scalar(_sorted(nameless, None, turned).limit(1))
        if before is not None:
            return before
        valued = name.where(column.is_not(None))
    else:
        valued = name.where(column.is_not(None), _is_behind(column, turned, place))
    last: str | None = connection.scalar(_sorted(valued, column, turned).limit(1))
    return last


def _select_names(connection: Connection, choice: Choice, person: str) -> Select[str]:
    asked = list_asked(_list_values(choice), (*choice.fields, *choice.where))
    few = [_is_one_of(names) for names in find_by_middles(connection, asked)]
    held = conditions(choice, person, flags_first=True)
    return select(OBSERVATION.rootname).where(*few, *held)


def _is_one_of(names: Sequence[str]) -> ColumnElement[bool]:
    return OBSERVATION.rootname == any_(literal(names, ARRAY(Text)))


def count(connection: Connection, choice: Choice, person: str) -> int:
    """Return how many there are; one more than `MOST_COUNTED` if more than that."""
    some = _select_names(connection, choice, person).limit(MOST_COUNTED + 1)
    return int(connection.scalar(select(func.count()).select_from(some.subquery())) or 0)


def read_names(connection: Connection, choice: Choice, person: str, limit: int) -> list[str]:
    """Return the names of the exposures of a list, in no order."""
    return list(connection.scalars(_select_names(connection, choice, person).limit(limit)))
