"""Read the headers of a file: from the file itself, sought through, or from the header tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.hdus import CARD, walk
from hstql_resources.fits.header import parse_header
from hstql_resources.header_tables.catalog import read_tables
from hstql_resources.site.rows import AnyRow

_TABLES = text("SELECT tableoid::regclass::text, ext FROM headers WHERE filename = :f ORDER BY ext")
_ROW = 'SELECT to_jsonb(one) FROM "{}" AS one WHERE filename = :f AND ext = :e'


class Card(NamedTuple):
    """A card: its keyword, and all else that it says.

    Attributes
    ----------
    keyword : str
        Empty for a card of blanks.
    said : str
        Value and comment, as in the file.
    """

    keyword: str
    said: str


class Section(NamedTuple):
    """The header of one HDU.

    Attributes
    ----------
    number : int
        Of the HDU, 0 for the primary.
    name : str
        EXTNAME and EXTVER; empty for the primary.
    cards : tuple of Card
        In the order of the file.
    """

    number: int
    name: str
    cards: tuple[Card, ...]


def read_sections(connection: Connection, file: AnyRow) -> tuple[list[Section], str]:
    """Return the headers of a file, and a sentence on where they are from."""
    path = Path(file.path)
    if file.set_aside_at is None and path.suffix == ".fits" and path.is_file():
        try:
            return list(_read_file(path)), "As they stand in the file."
        except (FitsError, OSError):
            pass  # what could be read of it is in the tables
    return list(_read_tables(connection, file.filename)), (
        "From the header tables: the file is packed, set aside, or not whole."
    )


def _read_file(path: Path) -> Iterator[Section]:
    with ByteSource(path) as source:
        for number, hdu in enumerate(walk(source, parse_header)):
            lines = [hdu.cards[at : at + CARD] for at in range(0, len(hdu.cards), CARD)]
            version = f" {hdu.header.version}" if number else ""
            yield Section(number, f"{hdu.name}{version}", tuple(map(_split, lines)))


def _split(line: str) -> Card:
    keyword, said = line[:8].rstrip(), line[8:].rstrip()
    if said.startswith("= "):
        said = said[2:].strip()
    return Card(keyword, said.replace("''", "'") if said.startswith("'") else said)


def _read_tables(connection: Connection, filename: str) -> Iterator[Section]:
    found = connection.execute(_TABLES, {"f": filename}).all()
    names = [str(table).strip('"') for table, _ in found]
    columns = read_tables(connection, names) if names else {}
    for name, (_, ext) in zip(names, found, strict=True):
        if name not in columns:
            continue
        statement = text(_ROW.format(name.replace('"', '""')))
        values = connection.scalar(statement, {"f": filename, "e": ext}) or {}
        cards = tuple(
            Card(column.keyword, str(values[column.name]))
            for column in columns[name].columns
            if column.keyword is not None and values.get(column.name) is not None
        )
        yield Section(ext, name.rsplit("_", 1)[-1].upper(), cards)


def find_differences(ones: Sequence[Section], others: Sequence[Section]) -> dict[int, set[str]]:
    """Return by HDU the keywords whose cards are not the same in two files."""
    by_number = {section.number: section for section in others}
    found = {}
    for one in ones:
        other = by_number.get(one.number)
        cards = set(one.cards) ^ set(other.cards if other else ())
        found[one.number] = {card.keyword for card in cards}
    return found
