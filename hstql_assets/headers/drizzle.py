"""Take the drizzle keywords (D001VER, D001DATA ...) of a header as a row for each input image."""

import re
from collections import defaultdict
from collections.abc import Mapping

from hstql_assets.headers.other_cards import Place, encode_card_value
from hstql_resources.fits.cards import Value
from hstql_resources.header_tables.copy_lines import NULL, kind_of
from hstql_resources.header_tables.names import DRIZZLE, DRIZZLE_SUFFIXES

DRIZZLING_INSTRUMENTS = frozenset({"acs", "wfc3"})
NO_COLUMN = "no column in drizzle_data, or none that takes such a value"

_KEYWORD = re.compile(r"D(\d{3})([A-Z]+)")
_NUMBERS = frozenset({"dexp", "wtsc", "pixf", "scal", "iscl"})


def is_drizzled(instrument: str, filetype: str) -> bool:
    """Tell whether the files of a type are drizzled images: drz, drc, drw."""
    return instrument in DRIZZLING_INSTRUMENTS and filetype.startswith("dr")


def set_drizzle_apart(place: Place, values: Mapping[str, Value]) -> set[str]:
    """Add a row of `drizzle_data` for each input image, and return the keywords dealt with.

    A keyword with another ending, or whose value does not fit its column, is put aside as a card.
    """
    images: dict[str, dict[str, str]] = defaultdict(dict)
    keywords = set()
    for keyword, value in values.items():
        match = _KEYWORD.fullmatch(keyword)
        if match is None:
            continue
        keywords.add(keyword)
        number, suffix = match[1], match[2].lower()
        letter, text = encode_card_value(value)
        if suffix in DRIZZLE_SUFFIXES and (suffix not in _NUMBERS or letter in "diu"):
            images[number][suffix] = text
        else:
            place.set_card_apart(keyword, kind_of(letter), text, NO_COLUMN)
    for number, image in images.items():
        fields = (image.get(suffix, NULL) for suffix in DRIZZLE_SUFFIXES)
        place.set_apart(DRIZZLE, str(int(number)), place.rootname, *fields)
    return keywords
