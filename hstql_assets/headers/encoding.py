"""Values of cards as Postgres takes them, those too that a double does not hold."""

import re
from collections.abc import Callable
from typing import Any

from hstql_assets.headers.cards import BeyondDouble, Value
from hstql_resources.header_tables.lines import ENCODERS, encode_other

_NUMBER = re.compile(r"[^Ee]*[0-9.](?:[Ee]([+-]?[0-9]+))?")
LARGEST_EXPONENT = 10_000  # numeric takes a little more


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
