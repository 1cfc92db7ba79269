"""Parse cards into keywords and Python values, as astropy does, without an object per card.

What belongs here is one card with those that continue it. The rules are those of the FITS
standard 4.0 (sections 4.1 and 4.2) with the conventions CONTINUE, HIERARCH and record-valued
keywords. A card of a usual shape is read by one regular expression. What is of no known shape goes
to astropy, so that there is one opinion about what it means.
"""

import math
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from astropy.io import fits
from astropy.io.fits.verify import VerifyError
from astropy.utils.exceptions import AstropyUserWarning

from hstql_resources.fits.hdus import CARD

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
_NOT_ZERO = re.compile(r"[^Ee]*[1-9]")
_ODD_NUMBER = re.compile(rf"=(?:'[^:]*:)?({_FLOAT})")  # after blanks were taken out
_FIELD = r"[a-zA-Z_][a-zA-Z0-9_]*(?:\.[0-9]+)?"
_RECORD = re.compile(
    rf" *'({_FIELD}(?:\.{_FIELD})*): +([+-]?(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?)' *(?:/[ -~]*)?$"
)


class BeyondDouble(float):
    """A number that a double does not hold: infinite or zero here, with the text of its card.

    Attributes
    ----------
    token : str
        The number as in the card, with E as exponent.
    """

    token: str

    def __new__(cls, value: float, token: str) -> "BeyondDouble":
        """Return a float with a text."""
        number = super().__new__(cls, value)
        number.token = token
        return number

    def __reduce__(self) -> tuple[type, tuple[float, str]]:
        return BeyondDouble, (float(self), self.token)


def split_cards(text: str) -> list[str]:
    """Return the cards, each with those that continue it."""
    starts = range(0, len(text), CARD)
    if "CONTINUE" not in text:
        return [text[start : start + CARD] for start in starts]
    firsts = [i for i in starts if i == 0 or not text.startswith("CONTINUE", i)]
    ends = [*firsts[1:], len(text)]
    return [text[start:end] for start, end in zip(firsts, ends, strict=True)]


@lru_cache(maxsize=1 << 14)
def _plain_keyword(start: str) -> str | None:
    """Return the keyword of the first ten characters of a card, if these are as usual."""
    match = _KEYWORD.fullmatch(start)
    return None if match is None or match[1] in _NOT_PLAIN else match[1]


@lru_cache(maxsize=1 << 12)
def read_plain(image: str) -> Pair | None:
    """Read a card of the usual shape, or return None.

    Five of six cards are the same in many files: they are read once.
    """
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
    return keyword, _CONVERT[kind](token)


def _is_doubtful(token: str, image: str) -> bool:
    """Tell whether the text may be part of a record, or astropy sees a later quote as its end."""
    return ": " in token or (not token and image.count("'") > 2)


def _unquote(token: str) -> str:
    return token.replace("''", "'").rstrip()


def _float(token: str) -> float:
    token = token.replace("D", "E").replace("d", "e")
    value = float(token)
    if math.isinf(value) or (not value and _NOT_ZERO.match(token)):
        return BeyondDouble(value, token)
    return value


_CONVERT: dict[int, Callable[[str], Value]] = {
    _IS_INTEGER: int,
    _IS_FLOAT: _float,
    _IS_LOGICAL: "T".__eq__,
}


def read_special(image: str) -> Pair | None:
    """Read commentary, a long text, a HIERARCH or record-valued card, a complex value; or None."""
    start = image[:8]
    if start in _COMMENTARY_STARTS:
        return _COMMENTARY_STARTS[start], image[8:].rstrip()
    if len(image) > CARD:
        return _read_continued(image)
    if start == "HIERARCH" and image[8:9] == " ":
        return _read_hierarch(image)
    keyword = _plain_keyword(image[:10])
    if keyword is None:
        return None
    return _read_record(keyword, image) or _read_complex(keyword, image)


def _read_record(keyword: str, image: str) -> Pair | None:
    """Read a record-valued card, such as `DP1 = 'AXIS.1: 2'`; a text that is none, too."""
    if (match := _RECORD.match(image, 10)) is not None:
        if "D" in match[2]:  # astropy refuses such an exponent here, and is asked
            return None
        # As astropy does it, an integer is tried first: -0 is 0.
        value = _number(match[2])
        return f"{keyword}.{match[1]}", float(value) if isinstance(value, int) else value
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
    plain = read_plain(f"{'X':<8}= {image[match.end() :]:<70}"[:CARD])
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


def _keep_token(value: float, image: str) -> float:
    """Return a number with its text, where a double does not hold it."""
    match = _ODD_NUMBER.search(image.replace(" ", ""))
    if match is not None and (number := _float(match[1])) == value:
        return number
    return BeyondDouble(value, repr(value)) if math.isinf(value) else value


def ask_astropy(image: str) -> tuple[Pair, bool]:
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
    if isinstance(value, float):
        value = _keep_token(value, image)
    return (keyword, None if isinstance(value, fits.card.Undefined) else value), True
