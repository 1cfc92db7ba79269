"""The headers of one FITS file, without its data: each HDU in order, and whether it is whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from hstql_assets.fits_reading.keywords import FitsError
from hstql_assets.fits_reading.stream import FitsStream

UNREADABLE = "Unreadable"


class UnreadableFile(Exception):  # noqa: N818 - a verdict on a file, not an error of the program
    """A file whose headers cannot be read, or that is shorter than they say; one sentence."""


@dataclass(frozen=True)
class FileHeaders:
    """The headers of a file.

    Attributes
    ----------
    filename : str
        Without folder.
    filetype : str
        Such as `corrtag_a`.
    headers : tuple of astropy.io.fits.Header
        One per HDU, the primary first.
    """

    filename: str
    filetype: str
    headers: tuple[fits.Header, ...]

    def find(self, keyword: str) -> object | None:
        """Return the first value of a keyword over all HDUs that is not empty; None if none is."""
        return find_value(self.headers, keyword)


def find_value(headers: Sequence[fits.Header], keyword: str) -> object | None:
    """Return the first value of a keyword that is neither undefined nor blank nor unparsable."""
    for header in headers:
        try:
            value: object = header.get(keyword)
        except (ValueError, fits.VerifyError):
            continue
        if isinstance(value, str):
            value = value.strip()
        if value is not None and value != "" and not isinstance(value, fits.card.Undefined):
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

    Raises
    ------
    UnreadableFile
        If it is not FITS, ends too early, or cannot be opened.
    """
    try:
        with FitsStream(path) as stream:
            headers = tuple(extension.header for extension in stream.extensions())
    except FitsError as error:
        raise UnreadableFile(f"{path.name} {error}.") from error
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    return FileHeaders(path.name, filetype, headers)
