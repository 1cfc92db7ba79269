"""Header tables read back, and held against what astropy reads from the files."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from builders.astropy_reading import REFUSED
from hstql_resources.header_tables.catalog import read_tables
from hstql_resources.header_tables.layout import HeaderTable
from hstql_resources.header_tables.names import COMMENTARY, DRIZZLE, DRIZZLE_SUFFIXES, EXTRAS
from hstql_resources.postgres.database import Database
from hstql_resources.tables import Observation

Row = Mapping[str, object]
Cards = Sequence[tuple[str, object]]


@dataclass(frozen=True)
class StoredHeader:
    """All that the database holds of one header."""

    table: HeaderTable
    row: Row
    extras: Sequence[Row]
    commentary: Row | None
    drizzle: Sequence[Row]

    def values(self) -> dict[str, tuple[str, object]]:
        """Kind and value by keyword, of the columns that are not NULL."""
        return {
            keyword: (column.kind, self.row[column.name])
            for keyword, column in self.table.by_keyword.items()
            if self.row[column.name] is not None
        }


def read_rows(database: Database, table: str) -> list[dict[str, object]]:
    """All rows of a table in a fixed order."""
    statement = text(f'SELECT * FROM "{table}" AS t ORDER BY t::text')
    return [dict(row._mapping) for row in database.read(statement)]


def read_everything(database: Database) -> dict[str, list[dict[str, object]]]:
    """All rows of all header tables and of those beside them, by table; most have none."""
    filled = text(
        "SELECT DISTINCT relname FROM headers JOIN pg_class ON pg_class.oid = headers.tableoid "
        "WHERE relname != 'headers' ORDER BY relname"
    )
    names = [str(row[0]) for row in database.read(filled)]
    names += [DRIZZLE, EXTRAS, COMMENTARY]
    return {name: rows for name in names if (rows := read_rows(database, name))}


def read_stored(database: Database) -> dict[tuple[str, int], StoredHeader]:
    """What is stored of each header, by file name and HDU number."""
    rows = read_everything(database)
    with database.engine.connect() as connection:
        tables = read_tables(connection, rows)
    other_cards: dict[str, dict[tuple[str, int], list[Row]]] = {
        name: defaultdict(list) for name in (DRIZZLE, EXTRAS, COMMENTARY)
    }
    for name, found in other_cards.items():
        for row in rows.get(name, ()):
            found[_place(row)].append(row)
    stored = {}
    for name, table in tables.items():
        for row in rows[name]:
            place = _place(row)
            assert place not in stored
            commentary = other_cards[COMMENTARY][place]
            stored[place] = StoredHeader(
                table,
                row,
                other_cards[EXTRAS][place],
                commentary[0] if commentary else None,
                other_cards[DRIZZLE][place],
            )
    return stored


def _place(row: Row) -> tuple[str, int]:
    return str(row["filename"]), int(str(row["ext"]))


def compare(stored: StoredHeader, cards: Cards, *, exact: bool = False) -> list[str]:
    """Return what differs between a stored header and its cards, one sentence each.

    Parameters
    ----------
    stored : StoredHeader
        From the database.
    cards : sequence of (keyword, value)
        From astropy; REFUSED for a value that it refuses.
    exact : bool
        Whether the kind of value must be the same too, not only hold it.
    """
    values = stored.values()
    aside = {(row["keyword"], row["occurrence"]): row for row in stored.extras}
    drizzled = {
        f"D{row['drizzle_index']:03}{column.upper()}": value
        for row in stored.drizzle
        for column, value in row.items()
        if value is not None and column in DRIZZLE_SUFFIXES
    }
    wrong, seen = [], Counter[str]()
    for keyword, value in cards:
        if keyword in ("COMMENT", "HISTORY", "") and value is not REFUSED:
            continue
        seen[keyword] += 1
        if (row := aside.pop((show(keyword), seen[keyword]), None)) is not None:
            is_same = row["kind"] == "card" if value is REFUSED else is_written(row, value)
        elif seen[keyword] > 1:
            is_same = False
        elif keyword == "EXTVER" and type(value) is int:
            is_same = stored.row["extver"] == value
        elif keyword in drizzled:
            is_same = drizzled.pop(keyword) in (value, write(value))
        else:
            is_same = value is None or holds(*values.pop(keyword, (None, None)), value, exact)
        if not is_same:
            wrong.append(f"{keyword} ({seen[keyword]}) is {value!r}, not what is stored")
    wrong += [f"{left} is stored, but in no card" for left in (*values, *aside, *drizzled)]
    return wrong + list(_compare_commentary(stored, cards))


def _compare_commentary(stored: StoredHeader, cards: Cards) -> Iterator[str]:
    for keyword in ("COMMENT", "HISTORY"):
        lines = [show(str(value)) for name, value in cards if name == keyword and value != REFUSED]
        found = None if stored.commentary is None else stored.commentary[keyword.lower()]
        if found != ("\n".join(lines) if lines else None):
            yield f"{keyword} is not what is stored"


def show(text: str) -> str:
    """Return a text as Postgres can hold it."""
    return text.replace("\0", "\u2400")


def is_written(row: Row, value: object) -> bool:
    """Tell whether a card that was put aside has this value."""
    if isinstance(value, float) and (math.isinf(value) or not value):
        return float(str(row["value"])) == value  # with the digits that a double does not hold
    written = write(value)
    return row["value"] == (None if written is None else show(written))


def holds(kind: str | None, stored: object, value: object, exact: bool) -> bool:
    """Tell whether a stored value is a card's, as far as its kind tells values apart."""
    if exact and type(stored) is not type(value):
        return False
    if (
        isinstance(value, float)
        and kind in ("text", "numeric")
        and (math.isinf(value) or not value)
    ):
        return float(str(stored)) == value  # beyond double, but with all digits here
    if kind == "text":
        return stored == write(value)
    if kind == "numeric":
        return Decimal(repr(value)) == stored
    if kind == "boolean":
        return stored is value
    return not isinstance(value, bool) and type(stored) in (int, float) and stored == value


def write(value: object) -> str | None:
    """Return a card's value as a text column has it."""
    if value is None or isinstance(value, str):
        return value
    return {True: "T", False: "F"}[value] if isinstance(value, bool) else repr(value)


def without_dates(database: Database) -> list[dict[str, object]]:
    """The table observations without the date that moves."""
    return [
        {name: value for name, value in row.items() if name != "last_ingest_date"}
        for row in read_rows(database, Observation.__tablename__)
    ]
