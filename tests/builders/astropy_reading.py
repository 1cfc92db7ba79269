"""The same headers as astropy reads them: the truth of these tests."""

import warnings
from collections.abc import Iterator
from pathlib import Path

from astropy.io import fits
from astropy.io.fits.verify import VerifyError
from astropy.utils.exceptions import AstropyUserWarning

from hstql_resources.fits.header import Header

REFUSED = "refused by astropy"
COMMENTARY = ("", "COMMENT", "HISTORY", "END")

Cards = list[tuple[str, object]]


def read_cards(header: fits.Header) -> Cards:
    """Keyword, as it is looked up, and value of each card."""
    return list(_iterate(header))


def read_text(text: str) -> Cards | None:
    """Cards of a header's text; None if astropy can make nothing of it at all."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyUserWarning)
        try:
            # As bytes: then astropy keeps characters that are not ASCII.
            return read_cards(fits.Header.fromstring(text.encode("latin-1")))
        except ValueError:
            return None


def read_file(path: Path) -> list[Cards]:
    """Cards of each HDU of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AstropyUserWarning)
        with fits.open(path, memmap=False, lazy_load_hdus=False) as hdus:
            return [read_cards(hdu.header) for hdu in hdus]


def expected(cards: Cards, number: int = 0) -> str:
    """Write out what a Header should hold; a text, so that 1, 1.0 and True differ."""
    values: dict[str, object] = {}
    repeated: Cards = []
    for keyword, value in cards:
        found = (keyword, None if value is REFUSED else value)
        if keyword in COMMENTARY:
            continue
        if keyword in values:
            repeated.append(found)
        else:
            values[keyword] = found[1]
    commentary = [
        (keyword, str(None if value is REFUSED else value))
        for keyword, value in cards
        if keyword in COMMENTARY
    ]
    refused = [keyword for keyword, value in cards if value is REFUSED]
    return repr((number, values, repeated, commentary, refused))


def found(header: Header) -> str:
    """Write out what a Header does hold."""
    return repr(
        (
            header.number,
            header.values,
            list(header.repeated),
            list(header.commentary),
            [keyword for keyword, _ in header.unreadable],
        )
    )


def _iterate(header: fits.Header) -> Iterator[tuple[str, object]]:
    for card in header.cards:
        keyword = fits.Card.normalize_keyword(card.keyword)
        try:
            value = card.value
        except (VerifyError, ValueError):
            value = REFUSED
        yield keyword, None if isinstance(value, fits.card.Undefined) else value
