"""Read the headers of files of an exposure, and put aside those that are not whole."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile
from hstql_resources.fits.errors import UNREADABLE

if TYPE_CHECKING:
    from hstql_resources.fits.file_headers import FileHeaders


def read_whole(files: Sequence[InputFile], bad: list[BadFile]) -> "list[FileHeaders]":
    """Return the headers of the files that are whole, and add the others to those that are bad."""
    # Imported here, because it takes astropy along: only workers need it.
    from hstql_resources.fits.file_headers import read_headers

    whole = []
    for file in files:
        headers = read_headers(file.path, file.filetype)
        if headers.fault is None:
            whole.append(headers)
        else:
            bad.append(BadFile(file.filename, UNREADABLE, headers.fault))
    return whole
