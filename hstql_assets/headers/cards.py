"""The cards of a header as Python values, the same as astropy's, without an object per card.

What belongs here is one header's text; files and HDUs do not. The rules are those of the FITS
standard 4.0 (sections 4.1 and 4.2) with the conventions CONTINUE, HIERARCH and record-valued
keywords. A card of a usual shape is read by one regular expression. All others go to astropy, so
that there is one opinion about what they mean; the header names them.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from astropy.io import fits
from astropy.io.fits.verify import VerifyError
from astropy.utils.exceptions import AstropyUserWarning

from hstql_assets.fits_reading.stream import CARD

Value: TypeAlias = str | bool | int | float | complex | None
Pair: TypeAlias = tuple[str, Value]

COMMENTARY = frozenset({"", "COMMENT", "HISTORY", "END"})
_NOT_PLAIN = COMMENTARY | {"CONTINUE"}
_COMMENTARY_STARTS = {"COMMENT ": "COMMENT", "HISTORY ": "HISTORY", " " * 8: ""}

_FLOAT = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[DEde][+-]?\d+)?"
_END_OF_VALUE = r" *(?:/|\Z)"
# The end of a text is its first quote before a blank, a slash or the end of the card, even after
# another quote; where no comment follows, astropy looks further, and is asked.
_TEXT = r"'([ -&(-~]*(?:'(?![ /]|\Z)[ -&(-~]*)*)'"
_VALUE = re.compile(rf" *(?:{_TEXT}|([+-]?\d+)|({_FLOAT})|([FT]))?{_END_OF_VALUE}")
_IS_TEXT, _IS_INTEGER, _IS_FLOAT, _IS_LOGICAL = 1, 2, 3, 4
_COMPLEX = re.compile(rf"\( *({_FLOAT}) *, *({_FLOAT}) *\){_END_OF_VALUE}")
_KEYWORD = re.compile(r"([A-Z0-9_-]{1,8}) *= ")
_HIERARCH = re.compile(r"HIERARCH +([A-Z0-9_-]+(?: +[A-Z0-9_-]+)*) *=")
_FIELD = r"[a-zA-Z_][a-zA-Z0-9_]*(?:\.[0-9]+)?"
_RECORD = re.compile(
    rf" *'({_FIELD}(?:\.{_FIELD})*): +([+-]?(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?)' *(?:/[ -~]*)?$"
)


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
    handed_over : tuple of str
        Keywords of the cards that astropy was asked about.
    """

    number: int = 0
    values: dict[str, Value] = field(default_factory=dict)
    repeated: tuple[Pair, ...] = ()
    commentary: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    handed_over: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """EXTNAME in upper case, empty where there is none."""
        return str(self.values.get("EXTNAME") or "").strip().upper()

    @property
    def version(self) -> int:
        """EXTVER, 1 where there is none."""
        version = self.values.get("EXTVER")
        return version if isinstance(version, int) and not isinstance(version, bool) else 1

    def __contains__(self, keyword: str) -> bool:
        return keyword in self.values

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
    handed_over: list[str] = []
    for image in _images(text):
        found = _read_plain(image) or _read_special(image)
        if found is None:
            found, is_readable = _ask_astropy(image)
            handed_over.append(found[0])
            if not is_readable:
                unreadable.append((found[0], image))
        keyword, value = found
        if keyword in COMMENTARY:
            commentary.append((keyword, str(value)))
        elif keyword in values:
            repeated.append(found)
        else:
            values[keyword] = value
    return Header(
        number, values, tuple(repeated), tuple(commentary), tuple(unreadable), tuple(handed_over)
    )


def _images(text: str) -> Iterator[str]:
    """Yield the cards, each with those that continue it."""
    starts = list(range(0, len(text), CARD))
    if "CONTINUE" in text:
        starts = [i for i in starts if i == 0 or not text.startswith("CONTINUE", i)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[start:end]


@lru_cache(maxsize=1 << 14)
def _plain_keyword(start: str) -> str | None:
    """Return the keyword of the first ten characters of a card, if these are as usual."""
    match = _KEYWORD.fullmatch(start)
    return None if match is None or match[1] in _NOT_PLAIN else match[1]


def _read_plain(image: str) -> Pair | None:
    keyword = _plain_keyword(image[:10])
    if keyword is None or len(image) != CARD:
        return None
    match = _VALUE.match(image, 10)
    if match is None:
        return None
    kind = match.lastindex
    if kind is None:
        return keyword, None
    token = match[kind]
    if kind == _IS_TEXT:
        return None if _is_doubtful(token, image) else (keyword, _unquote(token))
    if kind == _IS_INTEGER:
        return keyword, int(token)
    if kind == _IS_FLOAT:
        return keyword, _float(token)
    return keyword, token == "T"  # noqa: S105, a letter


def _is_doubtful(token: str, image: str) -> bool:
    """Tell whether the text may be part of a record, or astropy sees a later quote as its end."""
    return ": " in token or (not token and image.count("'") > 2)


def _unquote(token: str) -> str:
    return token.replace("''", "'").rstrip()


def _float(token: str) -> float:
    return float(token.replace("D", "E").replace("d", "e"))


def _read_special(image: str) -> Pair | None:
    """Read a card that is not of the usual kind, but of a known one."""
    start = image[:8]
    if start in _COMMENTARY_STARTS:
        return _COMMENTARY_STARTS[start], image[8:].rstrip()
    if len(image) > CARD:
        return _read_continued(image)
    if start == "HIERARCH" and image[8] == " ":
        return _read_hierarch(image)
    keyword = _plain_keyword(image[:10])
    if keyword is None:
        return None
    return _read_record(keyword, image) or _read_complex(keyword, image)


def _read_record(keyword: str, image: str) -> Pair | None:
    """Read a record-valued card, such as `DP1 = 'AXIS.1: 2'`; a text that is none, too."""
    if (match := _RECORD.match(image, 10)) is not None:
        # astropy refuses an exponent after D here, and is asked.
        return None if "D" in match[2] else (f"{keyword}.{match[1]}", float(match[2]))
    match = _VALUE.match(image, 10)
    if match is None or not match[_IS_TEXT]:
        return None
    return keyword, _unquote(match[_IS_TEXT])


def _read_complex(keyword: str, image: str) -> Pair | None:
    match = _COMPLEX.match(image[10:].lstrip(" "))
    if match is None:
        return None
    real, imaginary = (_number(token) for token in match.groups())
    # As astropy has it: infinity times the imaginary unit is not complex(0, infinity).
    return keyword, real + imaginary * 1j


def _number(token: str) -> int | float:
    return int(token) if token.lstrip("+-").isdecimal() else _float(token)


def _read_hierarch(image: str) -> Pair | None:
    match = _HIERARCH.match(image)
    if match is None or match[1] in _NOT_PLAIN or match[1].startswith("HIERARCH"):
        return None
    plain = _read_plain(f"{'X':<8}= {image[match.end() :]:<70}"[:CARD])
    return None if plain is None else (match[1], plain[1])


def _read_continued(image: str) -> Pair | None:
    """Join a text over several cards; only where no quote in it makes its end a question."""
    keyword, parts = _plain_keyword(image[:10]), []
    if keyword is None:
        return None
    for start in range(0, len(image), CARD):
        part = image[start : start + CARD]
        match = None if start and part[8] != " " else _VALUE.match(part, 9 if start else 10)
        token = None if match is None else match[_IS_TEXT]
        if token is None or "'" in token or _is_doubtful(token, part):
            return None
        parts.append(token.rstrip().removesuffix("&"))
    joined = "".join(parts).rstrip()
    return (keyword, joined) if joined else None


def _ask_astropy(image: str) -> tuple[Pair, bool]:
    """Return keyword and value of a card as astropy has them, and whether it has a value."""
    card = fits.Card.fromstring(image)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyUserWarning)
        try:
            keyword = fits.Card.normalize_keyword(card.keyword)
        except ValueError:
            return (image[:8].strip().upper(), None), False
        try:
            value = card.value
        except (VerifyError, ValueError):
            return (keyword, None), False
    return (keyword, None if isinstance(value, fits.card.Undefined) else value), True
