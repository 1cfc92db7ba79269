"""Lay out the columns of header tables: what there are, and which wanted ones have room.

Postgres keeps a row on one page: 8,160 bytes, of which only texts and numerics longer than 24 bytes
can be moved elsewhere. Each table is budgeted by the longest row that its columns allow, so that
no row can ever be refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hstql_resources.header_tables.kinds import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    UNDEFINED,
    WIDE_BIGINT,
    Wanted,
    fits,
    widen_by_all,
)
from hstql_resources.header_tables.names import FIXED, column_name

# What people filter by, in tables of primary headers.
INDEXED = frozenset(
    {
        "targname", "date_obs", "proposid", "aperture", "filter", "filter1", "filter2", "expstart",
        "biasfile", "darkfile", "flashdur",
    }
)  # fmt: skip

MAX_COLUMNS = 1600  # of a table in Postgres; dropped ones count
MAX_ROW_BYTES = 8160
_HEADER_BYTES = 224  # of a row with 1,600 columns, of which some are NULL
_FIXED_BYTES = 64  # filename 24, ext 4 and 4 of padding, rootname 24, extver 4 and 4 of padding
_SHORT_BYTES = 24  # the longest text or numeric that is not moved out of a row, its length included
_PADDING_BYTES = 7  # before a number of eight bytes that follows anything else
_EIGHT_BYTES = frozenset({BIGINT, WIDE_BIGINT, DOUBLE})


@dataclass(frozen=True)
class Column:
    """A column of a header table.

    Attributes
    ----------
    name : str
        In the table.
    keyword : str or None
        The FITS keyword in it; None if the column is not hstql's.
    kind : str
        One of those in `kinds`; whatever Postgres calls it if the column is not hstql's.
    """

    name: str
    keyword: str | None
    kind: str


@dataclass(frozen=True)
class HeaderTable:
    """A header table as it is.

    Attributes
    ----------
    name : str
        In the database.
    columns : tuple of Column
        In their order, without the fixed ones.
    slots : int
        Columns that count for the limit of Postgres: the fixed and the dropped ones too.
    """

    name: str
    columns: tuple[Column, ...] = ()
    slots: int = len(FIXED)

    @property
    def by_keyword(self) -> dict[str, Column]:
        """The columns that hold keywords."""
        return {column.keyword: column for column in self.columns if column.keyword is not None}


@dataclass
class Change:
    """What has to be done to a table so that it holds more.

    Attributes
    ----------
    before, after : HeaderTable
        As it is, and as it will be.
    added : list of Column
        New columns.
    widened : list of (Column, str)
        Columns as they are, and the kind that they become.
    """

    before: HeaderTable
    after: HeaderTable
    added: list[Column] = field(default_factory=list)
    widened: list[tuple[Column, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be done."""
        return not self.added and not self.widened


def plan_change(
    table: HeaderTable, wanted: Mapping[str, Wanted], *, may_widen: bool = True
) -> Change:
    """Return how a table comes to hold more keywords, or other kinds of values.

    Parameters
    ----------
    table : HeaderTable
        As it is.
    wanted : mapping of str to Wanted
        Kinds by keyword.
    may_widen : bool
        Whether the columns that are there may change their kind.

    Returns
    -------
    Change
        Without what has no room, has no column name, or shares it with another keyword.
    """
    change = Change(table, table)
    columns = list(table.columns)
    places = {column.name: place for place, column in enumerate(columns)}
    room = MAX_ROW_BYTES - longest_row_bytes(column.kind for column in columns)
    slots = table.slots
    for keyword, kinds in wanted.items():
        name = column_name(keyword)
        if name is None:
            continue
        if (place := places.get(name)) is None:
            kind = widen_by_all(UNDEFINED, kinds)
            cost = _bytes_after(columns[-1].kind if columns else None, kind)
            if cost > room or slots == MAX_COLUMNS:
                continue
            column = Column(name, keyword, kind)
            places[name] = len(columns)
            columns.append(column)
            change.added.append(column)
            slots += 1
        else:
            column = columns[place]
            wider = Column(name, keyword, widen_by_all(column.kind, kinds))
            if column.keyword != keyword or not may_widen or fits(wider.kind, column.kind):
                continue
            others = (*columns[:place], wider, *columns[place + 1 :])
            cost = room - (MAX_ROW_BYTES - longest_row_bytes(c.kind for c in others))
            if cost > room:
                continue
            columns[place] = wider
            change.widened.append((column, wider.kind))
        room -= cost
    change.after = HeaderTable(table.name, tuple(columns), slots)
    return change


def longest_row_bytes(kinds: Iterable[str]) -> int:
    """Return the bytes of the longest row of columns in this order that stays on its page."""
    total, before = _HEADER_BYTES + _FIXED_BYTES, None
    for kind in kinds:
        total += _bytes_after(before, kind)
        before = kind
    return total


def _bytes_after(before: str | None, kind: str) -> int:
    if kind in _EIGHT_BYTES:
        return 8 + (0 if before is None or before in _EIGHT_BYTES else _PADDING_BYTES)
    return 1 if kind == BOOLEAN else _SHORT_BYTES


def merge_wanted(shapes: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Mapping[str, Wanted]:
    """Return the kinds by keyword that headers have.

    Parameters
    ----------
    shapes : iterable of (keywords, kinds)
        Those of each header, in its order.
    """
    wanted: dict[str, tuple[str, ...]] = {}
    for keywords, kinds in shapes:
        for keyword, kind in zip(keywords, kinds, strict=True):
            before = wanted.get(keyword, ())
            if kind not in before:
                wanted[keyword] = (*before, kind)
    return wanted
