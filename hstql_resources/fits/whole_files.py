"""Open whole FITS files with astropy, which takes what a header promises for granted.

Each is gone through first: nothing that would not fit into memory is handed to astropy. What is
read in pieces goes by `stream` or `file_headers` instead.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.data_files import open_buffered
from hstql_resources.fits.errors import FitsError, StructureError
from hstql_resources.fits.hdus import walk
from hstql_resources.fits.limits import LimitError
from hstql_resources.fits.structure import parse_structure

MOST_HDU_BYTES = 1 << 30  # a reference file has 0.1 GB


@contextmanager
def open_whole(path: Path) -> Iterator[Any]:
    """Open a FITS file; what is wrong with it while it is open is wrong with the file.

    Raises
    ------
    FitsError
        If it is not there, cut, no FITS file, or not what the reader expects.
    """
    try:
        # Of a file that was cut astropy only warns.
        with (
            warnings.catch_warnings(action="error", category=AstropyUserWarning),
            open_hdus(path) as hdus,
        ):
            yield hdus
    except LimitError as error:
        raise FitsError(error.detail, filename=path.name) from error
    except (OSError, LookupError, TypeError, ValueError, AstropyUserWarning) as error:
        raise FitsError(f"cannot be read: {_say(error)}", filename=path.name) from error


@contextmanager
def open_hdus(path: Path) -> Iterator[fits.HDUList]:
    """Open a FITS file of which each HDU can be held in memory.

    Raises
    ------
    LimitError
        If one cannot, or the file is beyond a limit; it continues "FILE ".
    Exception
        Whatever astropy says of what else is wrong.
    """
    _require_holdable(path)
    with open_buffered(path) as file, fits.open(file, memmap=False) as hdus:
        yield hdus


def read_primary(path: Path) -> fits.Header:
    """Return the primary header as astropy has it; FitsError or OSError if there is none."""
    with ByteSource(path) as source:
        return next(walk(source, lambda cards, _: fits.Header.fromstring(cards))).header


def _require_holdable(path: Path) -> None:
    largest = 0
    with ByteSource(path) as source:
        try:
            for hdu in walk(source, parse_structure):
                largest = max(largest, hdu.data_bytes)
        except LimitError:
            raise
        except StructureError:
            pass  # astropy says so in its own words, or can do with it
    if largest > MOST_HDU_BYTES:
        raise LimitError(f"has an HDU of {largest:,} bytes, which is too large to be held")


def _say(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).strip("'\".") or type(error).__name__
