"""FITS files that are what they should be, or else one error with a sentence."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class UnreadableFitsError(Exception):
    """A file that cannot be used; the message is one sentence."""


@contextmanager
def open_whole(path: Path) -> Iterator[Any]:
    """Open a FITS file; what is wrong with it while it is open is wrong with the file.

    Raises
    ------
    UnreadableFitsError
        If it is not there, cut, no FITS file, or not what the reader expects.
    """
    from astropy.io import fits  # a tenth of a second that only those who read should wait for
    from astropy.utils.exceptions import AstropyUserWarning

    try:
        # Of a file that was cut astropy only warns.
        with (
            warnings.catch_warnings(action="error", category=AstropyUserWarning),
            path.open("rb") as stream,
            fits.open(stream, memmap=False) as hdus,
        ):
            yield hdus
    except (OSError, LookupError, TypeError, ValueError, AstropyUserWarning) as error:
        raise UnreadableFitsError(f"{path.name} cannot be read: {_say(error)}.") from error


def _say(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).strip("'\".") or type(error).__name__
