"""A file that pictures are drawn of."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """A FITS file of an observation.

    Attributes
    ----------
    filename : str
        Without folder and without `.gz`.
    filetype : str
        Such as `flt`.
    path : Path
        Where it is.
    instrument : str
        Such as `acs`.
    """

    filename: str
    filetype: str
    path: Path
    instrument: str
