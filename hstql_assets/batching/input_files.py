"""Read which files of observations there are, and where, as steps get them."""

from dataclasses import dataclass
from pathlib import Path

from hstql_resources.filenames import instrument_of

# Origins of files; a pipeline is named by its own word.
ARCHIVE = "archive"
HSTQL = "hstql"  # which makes the corrected events of STIS


@dataclass(frozen=True)
class InputFile:
    """A file to be read.

    Attributes
    ----------
    filename : str
        Without folder and without `.gz`.
    filetype : str
        Such as `flt`.
    path : Path
        Where it is.
    """

    filename: str
    filetype: str
    path: Path

    @property
    def instrument(self) -> str:
        """Such as `acs`."""
        return instrument_of(self.filename)


@dataclass(frozen=True)
class FilesTask:
    """The files of one observation, at least one."""

    key: str
    files: tuple[InputFile, ...]
