"""Hold one header: the values of its keywords, and what else its cards say.

What belongs here is one header's text; where it lies in a file does not.
"""

from collections import Counter
from dataclasses import dataclass, field

from hstql_resources.fits.cards import (
    COMMENTARY,
    Pair,
    Value,
    ask_astropy,
    read_plain,
    read_special,
    split_cards,
)
from hstql_resources.fits.header_values import LARGEST_INTEGER


@dataclass(frozen=True, slots=True)
class Header:
    """What the cards of one HDU say.

    Attributes
    ----------
    number : int
        Of the HDU; 0 is the primary.
    values : dict
        Value of each keyword in the order of the cards, without commentary. Keywords are in upper
        case; of a record-valued card it is `DP1.AXIS.1`, of a HIERARCH card without that word.
        None if undefined or unreadable. Of a keyword that is there twice, the first value.
    repeated : tuple of pairs
        Keyword and value of the further cards of a keyword.
    commentary : tuple of pairs
        Keyword (`COMMENT`, `HISTORY`, `END` or empty) and text of the other cards.
    unreadable : tuple of pairs
        Keyword and card of the values that are no FITS.
    occurrences : tuple of int
        Which card of its keyword each of these is, from 1.
    handed_over : tuple of str
        Keywords of the cards that astropy was asked about.
    is_compressed : bool
        Whether it is the header of an image whose pixels are packed in the table that stands there.
    """

    number: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    repeated: tuple[Pair, ...] = ()
    commentary: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    occurrences: tuple[int, ...] = ()
    handed_over: tuple[str, ...] = ()
    is_compressed: bool = False

    @property
    def name(self) -> str:
        """EXTNAME in upper case, empty where there is none."""
        return str(self.values.get("EXTNAME") or "").strip().upper()

    @property
    def version(self) -> int:
        """EXTVER, 1 where there is none, or one that no extension can have."""
        version = self.values.get("EXTVER")
        if type(version) is int and abs(version) <= LARGEST_INTEGER:
            return version
        return 1

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.values

    def get(self, keyword: str, default: Value = None) -> Value:
        """Value of a keyword, given in upper case; the default if there is none that is FITS."""
        value = self.values.get(keyword)
        return default if value is None else value

    def __getitem__(self, keyword: str) -> Value:
        """Value of a keyword, given in upper case; ValueError if what stands there is no FITS."""
        value = self.values[keyword]
        if value is None and any(keyword == name for name, _ in self.unreadable):
            raise ValueError(f"{keyword} has a value that cannot be read")
        return value


def parse_header(text: str, number: int = 0) -> Header:
    """Read the cards of a header.

    Parameters
    ----------
    text : str
        All cards of 80 characters before END, one character per byte (Latin-1).
    number : int
        Of the HDU.

    Returns
    -------
    Header
        Never an error: what is no FITS is named in it.
    """
    values: dict[str, Value] = {}
    repeated: list[Pair] = []
    commentary: list[tuple[str, str]] = []
    unreadable: list[tuple[str, str]] = []
    occurrences: list[int] = []
    handed_over: list[str] = []
    further: Counter[str] = Counter()
    for image in split_cards(text):
        found = read_plain(image) or read_special(image)
        if found is None:
            found, is_readable = ask_astropy(image)
            handed_over.append(found[0])
            if not is_readable:
                unreadable.append((found[0], image))
                occurrences.append(1 + further[found[0]] + (found[0] in values))
        keyword, value = found
        if keyword in COMMENTARY:
            commentary.append((keyword, str(value)))
        elif keyword in values:
            repeated.append(found)
            further[keyword] += 1
        else:
            values[keyword] = value
    return Header(
        number,
        values,
        tuple(repeated),
        tuple(commentary),
        tuple(unreadable),
        tuple(occurrences),
        tuple(handed_over),
    )
