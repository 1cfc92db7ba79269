"""Headers of given cards, and the database with them in it."""

from collections.abc import Mapping, Sequence

from astropy.io import fits

from hstql_assets.headers.rows import encode_headers
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header import Header, parse_header
from hstql_resources.header_tables.copy_lines import EncodedHeaders
from hstql_resources.header_tables.store import replace_headers
from hstql_resources.postgres.database import Database

Cards = Sequence[str] | Mapping[str, object]

ROOTNAME, FILENAME = "jtest01aq", "jtest01aq_flt.fits"


def write_cards(values: Mapping[str, object]) -> str:
    """The text of cards with these values, as astropy writes them."""
    return "".join(str(fits.Card(keyword, value)) for keyword, value in values.items())


def make_header(cards: Cards, number: int = 0) -> Header:
    """A header of values by keyword, or of cards as they are."""
    if isinstance(cards, Mapping):
        return parse_header(write_cards(cards), number)
    return parse_header("".join(card[:80].ljust(80) for card in cards), number)


def encode(
    *headers: Cards,
    filename: str = FILENAME,
    rootname: str = ROOTNAME,
    detector: str = "WFC",
) -> EncodedHeaders:
    """The headers of one file, encoded; the first is the primary."""
    filetype = filename[10:].removesuffix(".fits")
    found = tuple(make_header(cards, number) for number, cards in enumerate(headers))
    return encode_headers(rootname, [(filename, detector, FileHeaders(filename, filetype, found))])


def store(database: Database, *encoded: EncodedHeaders, rootnames: Sequence[str] = ()) -> None:
    """Write headers as a batch does; those of other rootnames stay."""
    names = {line.split(b"\t")[2].decode() for one in encoded for _, line in one.rows}
    database.transact(
        lambda writer: replace_headers(writer.connection, sorted({*names, *rootnames}), encoded)
    )
