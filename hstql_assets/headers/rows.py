"""Turn headers into lines for the database: a field for each keyword that can have a column.

Pure and without a database: workers do this. What has no column is put aside, see `other_cards`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from hstql_assets.headers.other_cards import (
    OtherCards,
    Place,
    encode_card_value,
    is_drizzled,
    set_cards_apart,
    set_commentary_apart,
    set_drizzle_apart,
)
from hstql_resources.filenames import instrument_of
from hstql_resources.filetypes import OTHER
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import LARGEST_INTEGER
from hstql_resources.header_tables.copy_lines import (
    NUL_SIGN,
    NULL,
    EncodedHeaders,
    Shape,
    encode_line,
    escape,
    kind_of,
    share_shape,
)
from hstql_resources.header_tables.layout import INDEXED
from hstql_resources.header_tables.names import HEADERS, PRIMARY, column_name, table_name

Encoded = tuple[str, str]  # letter of the kind, and text

LONGEST_INDEXED = 1000  # characters; an index of Postgres takes up to 2,704 bytes

NO_KEYWORD = "no FITS keyword, or too long for the name of a column"
HAS_NUL = "Postgres cannot hold NUL"
TOO_LONG = "too long for a column with an index"
OF_NO_TYPE = "the file is of no type that the archive has"


def encode_headers(rootname: str, files: Iterable[tuple[str, str, FileHeaders]]) -> EncodedHeaders:
    """Encode all headers of the files of a rootname.

    Parameters
    ----------
    rootname : str
        Exposure or association.
    files : iterable of (filename, detector, headers)
        The name without `.gz`; `unknown` for a detector that nobody names.

    Returns
    -------
    EncodedHeaders
        A line per header, and the rows of the tables beside. The headers of files of no type have
        no table: all of their cards are among those beside.
    """
    other_cards: OtherCards = defaultdict(list)
    rows = []
    for filename, detector, file in files:
        kind = instrument_of(rootname), detector, file.filetype
        drizzled = is_drizzled(kind[0], file.filetype)
        for header in file.headers:
            is_other = file.filetype == OTHER
            table = HEADERS if is_other else table_name(*kind, header.name, header.number)
            place = Place(filename, header.number, rootname, table, other_cards)
            rows.append(_encode(place, header, is_drizzled=drizzled))
    joined = {name: ("\n".join(lines) + "\n").encode() for name, lines in other_cards.items()}
    return EncodedHeaders(tuple(rows), joined)


def _encode(place: Place, header: Header, *, is_drizzled: bool) -> tuple[Shape, bytes]:
    """Return the line of a header, and put aside what has no place in it."""
    unreadable = zip(header.unreadable, header.occurrences, strict=True)
    without = {keyword for (keyword, _), number in unreadable if number == 1}
    if is_drizzled:
        without |= set_drizzle_apart(place, header.values)
    if (version := _version(header)) != NULL:
        without.add("EXTVER")
    fields = [escape(place.filename), str(place.number), place.rootname, version]
    keywords = [keyword for keyword in header.values if keyword not in without]
    encoded = [encode_card_value(header.values[keyword]) for keyword in keywords]
    if place.table == HEADERS or not _are_plain(keywords, encoded):
        keywords, encoded = _set_values_apart(place, keywords, encoded)
    letters = [letter for letter, _ in encoded]
    fields += [text for _, text in encoded]
    set_cards_apart(place, header)
    set_commentary_apart(place, header)
    return share_shape(place.table, "\n".join(keywords), "".join(letters)), encode_line(fields)


def _are_plain(keywords: Sequence[str], encoded: Sequence[Encoded]) -> bool:
    """Tell at once whether each of them can have a column, as in nearly all headers."""
    longest = max((len(text) for _, text in encoded), default=0)
    return (
        longest <= LONGEST_INDEXED
        and None not in map(column_name, keywords)
        and all(text.isascii() for _, text in encoded)
    )


def _set_values_apart(
    place: Place, keywords: Sequence[str], encoded: Sequence[Encoded]
) -> tuple[list[str], list[Encoded]]:
    """Put aside what cannot have a column; return the rest."""
    kept_keywords, kept = [], []
    for keyword, (letter, text) in zip(keywords, encoded, strict=True):
        reason = _refuse(place.table, column_name(keyword), text)
        if reason is None:
            kept_keywords.append(keyword)
            kept.append((letter, text))
        else:
            place.set_card_apart(keyword, kind_of(letter), text, reason)
    return kept_keywords, kept


def _version(header: Header) -> str:
    """Return EXTVER as the fixed column takes it."""
    version = header.values.get("EXTVER")
    is_integer = type(version) is int and abs(version) <= LARGEST_INTEGER
    return str(version) if is_integer else NULL


def _refuse(table: str, column: str | None, text: str) -> str | None:
    """Return why a value cannot have a column; None if it can."""
    if table == HEADERS:
        return OF_NO_TYPE
    if column is None:
        return NO_KEYWORD
    if len(text) > LONGEST_INDEXED and column in INDEXED and table.endswith(f"_{PRIMARY}"):
        return TOO_LONG
    return HAS_NUL if NUL_SIGN in text else None
