"""What the workers of this domain get, and the words for files that they cannot use."""

from dataclasses import dataclass

from hstql_assets.batches import BadFile
from hstql_assets.headers.reading import UNREADABLE
from hstql_assets.input_files import InputFile

NO_SPECTRUM = "No spectrum"
NO_FLUX = "No flux"


@dataclass(frozen=True)
class FilesTask:
    """The files of one observation, at least one."""

    key: str
    files: tuple[InputFile, ...]


def unreadable(file: InputFile, error: Exception) -> BadFile:
    """Return the record of a file that reading stumbled over."""
    if isinstance(error, OSError):  # its own text would name the folder
        error = OSError(f"cannot be read: {error.strerror or error}")
    return BadFile(file.filename, UNREADABLE, f"{file.filename} {error}.")
