"""Read the headers of one FITS file, each HDU in order, and tell whether it is whole.

Data are skipped: sought over in a plain file, read through in a gzipped one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.cards import Value
from hstql_resources.fits.compressed_images import show_image
from hstql_resources.fits.errors import FitsError, LostHdusError
from hstql_resources.fits.hdus import walk
from hstql_resources.fits.header import Header, parse_header
from hstql_resources.fits.limits import LimitError

# There is a table for each kind: the archive's files have up to eight.
MOST_KINDS = 50


@dataclass(frozen=True)
class FileHeaders:
    """The headers of a file.

    Attributes
    ----------
    filename : str
        Without folder.
    filetype : str
        Such as `corrtag_a`.
    headers : tuple of Header
        One per HDU, the primary first; of a file that ends too early those before the end.
    fault : str or None
        Why the file is unreadable, one sentence; None if it is whole.
    is_kept : bool
        Whether all data of these headers are there, whatever may be wrong with what follows.
    """

    filename: str
    filetype: str
    headers: tuple[Header, ...]
    fault: str | None = None
    is_kept: bool = field(default=True, compare=False)

    @property
    def unreadable(self) -> list[str]:
        """The keywords of the cards that are no FITS, END where it is broken."""
        ends = [card for header in self.headers for card in header.commentary if card[0] == "END"]
        cards = [card for header in self.headers for card in header.unreadable]
        return [keyword for keyword, _ in (*cards, *ends)]

    def find(self, keyword: str) -> Value:
        """Return the first value of a keyword over all HDUs that is not empty; None if none is."""
        return find_value(self.headers, keyword)

    def find_word(self, keyword: str) -> str:
        """Return a value as a word that can be compared: in capitals, empty where there is none."""
        value = self.find(keyword)
        return "" if value is None else str(value).upper()


def find_value(headers: Iterable[Header], keyword: str) -> Value:
    """Return the first value of a keyword that is neither undefined nor blank nor unreadable."""
    for header in headers:
        value = header.values.get(keyword)
        if isinstance(value, str):
            value = value.strip()
        if value is not None and value != "":
            return value
    return None


def read_headers(path: Path, filetype: str) -> FileHeaders:
    """Read all headers of a file and check that its data are all there.

    Parameters
    ----------
    path : Path
        Plain or gzipped FITS.
    filetype : str
        Such as `corrtag_a`.

    Returns
    -------
    FileHeaders
        With a `fault` if it is not FITS, ends too early, cannot be opened, or is beyond a limit.
    """
    headers: list[Header] = []
    kinds: set[str | int] = set()
    fault, is_kept = None, True
    try:
        for header, _ in iterate_hdus(path):
            headers.append(header)  # one by one, to keep those before a fault
            kinds.add(header.name or header.number)
            if len(kinds) > MOST_KINDS:
                raise LimitError(f"has more than {MOST_KINDS} kinds of extensions")
    except FitsError as error:
        fault, is_kept = f"{path.name} {error}.", isinstance(error, LostHdusError)
    except OSError as error:
        fault, is_kept = f"{path.name} cannot be opened: {error.strerror or error}.", False
    return FileHeaders(path.name, filetype, tuple(headers), fault, is_kept)


def iterate_hdus(path: Path) -> Iterator[tuple[Header, ByteSource]]:
    """Yield the header of each HDU in order, the primary first, with the file where its data begin.

    The data may be read from it, in part or as a whole, before the next header is asked for.

    Parameters
    ----------
    path : Path
        Plain or gzipped; seen in its first bytes, not in its name.

    Raises
    ------
    FitsError
        If the file is no FITS, or ends within a header or the data of an HDU; then after the
        header whose data end too early. If what follows the last HDU is none, or NEXTEND promises
        more, after the last header.
    OSError
        If the file cannot be opened or read.
    """
    with ByteSource(path) as source:
        for hdu in walk(source, parse_header):
            is_packed = hdu.header.values.get("ZIMAGE") is True
            yield show_image(hdu.cards, hdu.header.number) if is_packed else hdu.header, source
