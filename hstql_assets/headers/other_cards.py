"""Keep what a header says beside its columns: words, odd cards, repeats, drizzled images."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hstql_resources.fits.cards import BeyondDouble, Value
from hstql_resources.fits.header import Header
from hstql_resources.header_tables.copy_lines import ENCODERS, NULL, encode_other, escape, kind_of
from hstql_resources.header_tables.kinds import TEXT
from hstql_resources.header_tables.names import COMMENTARY, DRIZZLE, DRIZZLE_SUFFIXES, EXTRAS

_NUMBER = re.compile(r"[^Ee]*[0-9.](?:[Ee]([+-]?[0-9]+))?")
LARGEST_EXPONENT = 10_000  # numeric takes a little more

CARD = "card"  # kind of a value that is the whole card

REPEATED = "repeated keyword: the column has the first value"
UNREADABLE = "the value cannot be read as FITS"
NO_VALUE = "no keyword with a value"

DRIZZLING_INSTRUMENTS = frozenset({"acs", "wfc3"})
NO_DRIZZLE_COLUMN = "no column in drizzle_data, or none that takes such a value"

_DRIZZLE_KEYWORD = re.compile(r"D(\d{3})([A-Z]+)")
_DRIZZLE_NUMBERS = frozenset({"dexp", "wtsc", "pixf", "scal", "iscl"})

OtherCards = dict[str, list[str]]


@dataclass(frozen=True)
class Place:
    """Where a header belongs: what its rows in all tables have.

    Attributes
    ----------
    filename, number, rootname
        File, HDU, exposure or association.
    table : str
        Its header table.
    other_cards : dict of str to list of str
        Lines for the other tables, by their names; they are added here.
    """

    filename: str
    number: int
    rootname: str
    table: str
    other_cards: OtherCards = field(repr=False)
    _cards: Counter[str] = field(default_factory=Counter, repr=False)

    def set_apart(self, table: str, *fields: str) -> None:
        """Add a row, of encoded fields after file and HDU."""
        self.other_cards[table].append(
            "\t".join((escape(self.filename), str(self.number), *fields))
        )

    def set_card_apart(self, keyword: str, kind: str, value: str, reason: str) -> None:
        """Add a row of `header_extras`; the cards come in their order.

        Parameters
        ----------
        kind, value, reason : str
            Kind of the encoded value, that value, and why it has no column.
        """
        self._cards[keyword] += 1
        number = str(self._cards[keyword])
        fields = (escape(keyword), number, self.rootname, self.table, kind, value, reason)
        self.set_apart(EXTRAS, *fields)

    def skip_first(self, keyword: str) -> None:
        """Count the first card of a keyword, unless it was put aside: it has a column."""
        self._cards[keyword] = max(self._cards[keyword], 1)


def set_commentary_apart(place: Place, header: Header) -> None:
    """Add COMMENT and HISTORY cards of a header as one row; blank keywords are titles only."""
    texts: dict[str, list[str]] = defaultdict(list)
    unreadable = Counter(keyword for keyword, _ in header.unreadable)
    for keyword, text in header.commentary:
        if text == "None" and unreadable[keyword]:
            unreadable[keyword] -= 1  # the card itself is put aside
        else:
            texts[keyword].append(text)
    if "COMMENT" in texts or "HISTORY" in texts:
        lines = (_join(texts, keyword) for keyword in ("COMMENT", "HISTORY"))
        place.set_apart(COMMENTARY, place.rootname, *lines)
    for text in texts["END"]:
        place.set_card_apart("END", TEXT, escape(text), NO_VALUE)


def _join(texts: Mapping[str, Sequence[str]], keyword: str) -> str:
    return escape("\n".join(texts[keyword])) if keyword in texts else NULL


def set_cards_apart(place: Place, header: Header) -> None:
    """Add the cards that cannot be read, and those of a keyword that is there already.

    Those first cards that were refused have been put aside before.
    """
    refused: dict[tuple[str, int], str] = {}
    for (keyword, card), number in zip(header.unreadable, header.occurrences, strict=True):
        if number == 1:  # and each card of commentary, which has no value
            place.set_card_apart(keyword, CARD, escape(card), UNREADABLE)
        else:
            refused[keyword, number] = card
    seen: Counter[str] = Counter()
    for keyword, value in header.repeated:
        place.skip_first(keyword)
        seen[keyword] += 1
        if (refused_card := refused.get((keyword, 1 + seen[keyword]))) is not None:
            place.set_card_apart(keyword, CARD, escape(refused_card), UNREADABLE)
        else:
            letter, text = encode_card_value(value)
            place.set_card_apart(keyword, kind_of(letter), text, REPEATED)


def encode_card_value(value: Value) -> tuple[str, str]:
    """Return the letter of the kind of a value (see `kinds.LETTERS`), and its text for COPY.

    A number that a double does not hold is numeric, as it stands on its card; one that not even
    numeric holds is a text.
    """
    return _ENCODERS.get(type(value), encode_other)(value)


def _encode_beyond_double(value: BeyondDouble) -> tuple[str, str]:
    number = _NUMBER.fullmatch(value.token)
    is_numeric = number is not None and abs(int(number[1] or 0)) <= LARGEST_EXPONENT
    return ("n" if is_numeric else "t"), value.token


_ENCODERS: dict[type, Callable[[Any], tuple[str, str]]] = {
    **ENCODERS,
    BeyondDouble: _encode_beyond_double,
}


def is_drizzled(instrument: str, filetype: str) -> bool:
    """Tell whether the files of a type are drizzled images: drz, drc, drw."""
    return instrument in DRIZZLING_INSTRUMENTS and filetype.startswith("dr")


def set_drizzle_apart(place: Place, values: Mapping[str, Value]) -> set[str]:
    """Add a row of `drizzle_data` for each input image (D001VER ...); return the keywords taken.

    A keyword with another ending, or whose value does not fit its column, is put aside as a card.
    """
    images: dict[str, dict[str, str]] = defaultdict(dict)
    keywords = set()
    for keyword, value in values.items():
        match = _DRIZZLE_KEYWORD.fullmatch(keyword)
        if match is None:
            continue
        keywords.add(keyword)
        number, suffix = match[1], match[2].lower()
        letter, text = encode_card_value(value)
        if suffix in DRIZZLE_SUFFIXES and (suffix not in _DRIZZLE_NUMBERS or letter in "diu"):
            images[number][suffix] = text
        else:
            place.set_card_apart(keyword, kind_of(letter), text, NO_DRIZZLE_COLUMN)
    for number, image in images.items():
        fields = (image.get(suffix, NULL) for suffix in DRIZZLE_SUFFIXES)
        place.set_apart(DRIZZLE, str(int(number)), place.rootname, *fields)
    return keywords
